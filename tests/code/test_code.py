"""The code that is written runs, and gives what the derivation gives, in every library that is installed."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import derivgen
from derivgen.errors import DerivgenError, NoRule
from derivgen.expr import Dim, Expr, walk
from derivgen.render.code_dialect import DIALECTS
from derivgen.text import text
from tests.strategies import BRANCHES, DIFFERENTIABLE, INVERSE, expressions

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent.parent / "data" / "cases.json").read_text(encoding="utf-8"))
INSTALLED = [one.name for one in DIALECTS if importlib.util.find_spec(one.name)]
"""NumPy always; JAX and PyTorch are no dependencies of the tests, and are run where they happen to be."""

SIZES = {"n": 3, "m": 4, "N": 5, "k": 2}


def function(d: derivgen.Derivation, library: str = "numpy") -> Callable[..., Any]:
    """The function that the code defines, called with arrays by name; it gives a NumPy array."""
    source = d.to(library)
    space: dict[str, Any] = {}
    exec(compile(source, "<code>", "exec"), space)
    name = next(line for line in source.split("\n") if line.startswith("def ")).removeprefix("def ").partition("(")[0]
    convert = _converter(library)

    def called(**point: Any) -> Any:
        wanted = space[name].__code__.co_varnames[: space[name].__code__.co_argcount]
        found = {k: v for k, v in point.items() if k in wanted}
        with np.errstate(all="ignore"):
            return np.asarray(space[name](**{k: convert(v) if isinstance(v, np.ndarray) else v for k, v in found.items()}))

    return called


def _converter(library: str) -> Callable[[Any], Any]:
    if library == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    if library == "torch":
        import torch

        return lambda array: torch.from_numpy(np.array(array, dtype=float))
    return lambda array: array


def at_hand(case: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(value, dtype=float) for name, value in case["point"].items()} | case["dims"]


@pytest.mark.parametrize("library", INSTALLED)
@pytest.mark.parametrize("method", ["scalar", "chain"])
@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"]) for c in CASES])
def test_the_corpus(case: dict[str, Any], method: Any, library: str) -> None:
    for layout in ("numerator", "denominator", "gradient") if library == "numpy" else ("numerator",):
        d = derivgen.derive(case["text"], case["wrt"], case["where"], order=case["order"], method=method,
                            layout=layout, check=False)  # type: ignore[arg-type] # fmt: skip
        found = function(d, library)(**at_hand(case))
        expected = d.evaluate(at_hand(case))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found, np.array(case["jacobian"]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("library", INSTALLED)
@given(data=st.data())
def test_random_expressions(library: str, data: st.DataObject) -> None:
    parts = data.draw(st.sampled_from([DIFFERENTIABLE, DIFFERENTIABLE | {BRANCHES}, DIFFERENTIABLE | {INVERSE}]))
    e, declarations = data.draw(expressions(parts=parts))
    if not declarations.symbols:
        return
    name = data.draw(st.sampled_from(list(declarations.symbols)))
    draw = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    try:
        d = derivgen.derive(e, name, str(declarations), check=False, method=data.draw(st.sampled_from(["auto", "scalar"])))
    except NoRule:
        return
    point = _point(draw, declarations.symbols)
    expected = d.evaluate(point)
    if not np.isfinite(expected).all() or np.abs(expected).max(initial=0) > 1e12:
        return
    found = function(d, library)(**point)
    assert found.shape == expected.shape, d.to(library)
    scale = np.abs(expected).max(initial=1)
    ok = np.isfinite(found).all()
    if ok or not _overflows(d.result, point):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * scale, err_msg=f"{text(e)}\n{d.to(library)}")


def _point(draw: np.random.Generator, symbols: Any) -> dict[str, Any]:
    arrays = {s.name: draw.normal(size=[_length(n) for n in s.shape.axes]) for s in symbols.values()}
    return arrays | SIZES


def _length(dim: Dim) -> int:
    return dim.size if isinstance(dim.size, int) else SIZES[dim.size]


def _overflows(e: Expr, point: dict[str, Any]) -> bool:
    """Whether a part of the answer leaves the floats, so that only the judge's numbers get past it."""
    from derivgen.check.evaluate import evaluate

    for part in walk(e):
        if not part.free:
            value = evaluate(part, point)
            if not np.isfinite(value).all() or np.abs(value).max(initial=0) > 1e150:
                return True
    return False
