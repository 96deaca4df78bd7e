"""The code of a derivative against the code of the value, which the library itself differentiates."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import derivgen
from tests.code.test_code import INSTALLED, function
from tests.test_faces import derive, every_question, point_of

Function = Callable[[Any], Any]


def by_differences(f: Function, x: Any) -> Any:
    """Central differences: what NumPy has to differentiate with."""
    step = 1e-6
    moves = step * np.eye(np.size(x)).reshape(-1, *np.shape(x))
    columns = [(f(x + move) - f(x - move)) / (2 * step) for move in moves]
    return np.moveaxis(np.array(columns), 0, -1).reshape((*np.shape(columns[0]), *np.shape(x)))


def by_jax(f: Function, x: Any) -> Any:
    return np.asarray(importlib.import_module("jax").jacfwd(f)(x))


def by_torch(f: Function, x: Any) -> Any:
    torch = importlib.import_module("torch")
    return torch.autograd.functional.jacobian(f, torch.from_numpy(np.array(x, dtype=float))).numpy()


JACOBIANS: dict[str, tuple[Callable[[Function, Any], Any], float]] = {
    "numpy": (by_differences, 1e-5), "jax": (by_jax, 1e-8), "torch": (by_torch, 1e-8),
}  # fmt: skip
"""How a library differentiates, and how exactly."""


@pytest.mark.parametrize("library", INSTALLED)
@every_question
def test_the_library_finds_the_same_derivative(asked: dict[str, Any], library: str) -> None:
    d = derive(asked, check=False)
    if d.problem.functions:
        return
    if asked["order"] == 2:
        lower = derivgen.derive(asked["text"], wrt=asked["wrt"], where=asked["where"], check=False)
    else:  # the derivative of unit * f by unit is f
        where = f"{asked['where']}; unit in R"
        lower = derivgen.derive(f"unit * ({asked['text']})", wrt="unit", where=where, check=False)
    point = point_of(d, np.random.default_rng(0)) | {"unit": 1.0}
    expected = d.evaluate(point)
    if not (np.isfinite(expected).all() and np.isfinite(d.value(point)).all()):
        return
    value = function(lower, library, raw=True)
    jacobian, exactly = JACOBIANS[library]
    found = jacobian(lambda x: value(**{**point, asked["wrt"]: x}), point[asked["wrt"]])
    scale = np.abs(expected).max(initial=1)
    np.testing.assert_allclose(found.reshape(expected.shape), expected, rtol=exactly, atol=exactly * scale)
