"""The numbers of a derivative in the axes that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

import numpy as np

from derivgen.arguments import require
from derivgen.check.scope import divided
from derivgen.derivation.jacobian import arrange
from derivgen.derivation.problem import Problem
from derivgen.errors import ArgumentError, proposal, shown
from derivgen.expr import Dim, Expr, Index, Symbol
from derivgen.options import Layout


def lengths(symbols: Iterable[Symbol], point: Mapping[str, Any]) -> dict[str, int]:
    """The lengths of symbolic sizes, as the arrays of a point have them."""
    found: dict[str, int] = {}
    products: list[tuple[Dim, int]] = []
    for s in symbols:
        if s.name not in point:
            continue
        try:
            array = np.asarray(point[s.name])
        except Exception:  # whatever an object does when it is asked to be an array
            continue  # no array: whoever computes with it says so
        have = (array.size,) if s.shape.rank == 1 else array.shape
        for dim, length in zip(s.shape.axes, have, strict=False):
            if isinstance(dim.size, str):
                found.setdefault(dim.size, length)
            elif isinstance(dim.size, tuple):
                products.append((dim, length))
    return found | divided(products, found)


def laid_out(problem: Problem, value: np.ndarray[Any, Any], layout: str) -> np.ndarray[Any, Any]:
    """The value of the answer, which has the engine's axes in the layout of ``problem``, in another layout.

    "tensor" has the axes of the expression, then those of the variable. Axes of free indices stay before them.

    Raises:
        ArgumentError: there is no such layout.
    """
    layouts = ("tensor", *get_args(Layout))
    require(layout, str, "a layout is named", proposal("", layouts))
    if layout not in layouts:
        raise ArgumentError(f"there is no layout {shown(layout)}", hint=proposal(layout, layouts))
    if problem.options.order == 2:
        return value  # a Hessian is n×n in every layout
    out, at = _axes(problem)
    indices, _ = arrange(out, at, problem.options.layout)
    tensor = _permuted(value, [indices.index(i) for i in (*out, *at)])
    if layout == "tensor":
        return np.array(tensor)
    return _as_read(np.array(tensor), out, at, layout)  # type: ignore[arg-type]


def _axes(problem: Problem) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """Placeholders for the axes of the expression and of the variable."""

    def named(prefix: str, e: Expr) -> tuple[Index, ...]:
        return tuple(Index(f"{prefix}{k}", dim) for k, dim in enumerate(e.shape.axes))

    wrt = problem.wrt
    if isinstance(wrt, tuple):
        return named("f", problem.expression), (Index("x0", Dim(len(wrt))),)
    return named("f", problem.expression), named("x", problem.variable)


def _as_read(
    tensor: np.ndarray[Any, Any], out: tuple[Index, ...], at: tuple[Index, ...], layout: Layout
) -> np.ndarray[Any, Any]:
    indices, row = arrange(out, at, layout)
    turned = _permuted(tensor, [(*out, *at).index(i) for i in indices])
    if len(indices) == 1:
        return turned[..., None, :] if row else turned[..., :, None]
    return turned


def _permuted(array: np.ndarray[Any, Any], order: list[int]) -> np.ndarray[Any, Any]:
    """The last axes of an array in another order; those before them, of free indices, as they are."""
    first = array.ndim - len(order)
    return np.transpose(array, (*range(first), *(first + k for k in order)))
