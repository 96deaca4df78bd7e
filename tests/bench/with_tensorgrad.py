"""The corpus in tensorgrad, a package on PyPI, where it is installed: axes are named after their sizes.

A square matrix has the axes n and n_. Its answer is a tensor network; ``@`` contracts the axes of the same name.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp
import tensorgrad as tg
import tensorgrad.functions as F
from tensorgrad.extras.to_latex import to_latex

from tests.bench.corpus import Case


def turned(vector: Any) -> Any:
    """A vector along the second axis of a square matrix."""
    return vector.rename(n="n_")


def square(vector: Any) -> Any:
    return vector @ vector


def log_one_plus_exp(z: Any) -> Any:
    return F.log(F.exp(z) + 1)


def neuron(v: Any) -> Any:
    return F.relu(v.w @ v.x + v.b)


def loss(v: Any) -> Any:
    error = v.y - F.relu(v.X @ v.w + v.b * tg.Ones(N=v.N))
    return F.mean(error * error)


def logistic(v: Any) -> Any:
    return F.sum(log_one_plus_exp(-(v.y * (v.X @ v.w))))


ENCODED: dict[str, Callable[[Any], Any]] = {
    "identity": lambda v: v.x,
    "add": lambda v: v.w + v.x,
    "sub": lambda v: v.w - v.x,
    "hadamard": lambda v: v.w * v.x,
    "divide-num": lambda v: v.w / v.x,
    "divide-den": lambda v: v.w / v.x,
    "max-elementwise": lambda v: F.maximum(v.w, v.x),
    "scalar-add-x": lambda v: v.x + v.z * tg.Ones(n=v.n),
    "scalar-add-z": lambda v: v.x + v.z * tg.Ones(n=v.n),
    "scalar-mul-x": lambda v: v.x * v.z,
    "scalar-mul-z": lambda v: v.x * v.z,
    "sum": lambda v: F.sum(v.x),
    "sum-scaled": lambda v: F.sum(v.x * v.z),
    "dot": lambda v: v.w @ v.x,
    "affine-w": lambda v: v.w @ v.x + v.b,
    "affine-b": lambda v: v.w @ v.x + v.b,
    "neuron-w": neuron,
    "neuron-b": neuron,
    "neuron-w-active": neuron,
    "neuron-b-clipped": neuron,
    "loss-w": loss,
    "loss-b": loss,
    "exp": lambda v: F.exp(v.x),
    "log": lambda v: F.log(v.x),
    "tanh-affine": lambda v: F.tanh(v.W @ v.x + v.b),
    "sigmoid-affine": lambda v: F.sigmoid(v.w @ v.x + v.b),
    "exp-hadamard": lambda v: F.exp(v.w * v.x) / v.x,
    "abs": lambda v: F.sum(F.abs(v.x)),
    "softplus-sum": lambda v: F.sum(log_one_plus_exp(v.x)),
    "quadratic": lambda v: v.x @ v.A @ turned(v.x),
    "hess-quadratic": lambda v: v.x @ v.A @ turned(v.x),
    "least-squares": lambda v: square(v.A @ v.x - v.b),
    "hess-least-squares": lambda v: square(v.A @ v.x - v.b),
    "ridge": lambda v: square(v.A @ v.x - v.b) + v.lam * square(v.x),
    "norm": lambda v: F.sqrt(square(v.x)),
    "normalize": lambda v: v.x / F.sqrt(square(v.x)),
    "linear": lambda v: v.A @ v.x,
    "outer-times": lambda v: v.x * (v.x @ v.y),
    "diag-quadratic": lambda v: v.x * (v.A @ turned(v.x)),
    "softmax": lambda v: F.softmax(v.x, dim="n"),
    "logsumexp": lambda v: F.log(F.sum(F.exp(v.x))),
    "hess-logsumexp": lambda v: F.log(F.sum(F.exp(v.x))),
    "logistic-loss": logistic,
    "hess-logistic": logistic,
    "cross-entropy": lambda v: -(v.y @ F.log(F.softmax(v.W @ v.x, dim="m"))),
    "two-layer-x": lambda v: v.v @ F.relu(v.W @ v.x + v.b),
    "two-layer-W": lambda v: v.v @ F.relu(v.W @ v.x + v.b),
    "mse": lambda v: F.mean((v.y - v.X @ v.w) * (v.y - v.X @ v.w)),
    "trace-linear": lambda v: v.A @ v.X,
    "trace-quadratic": lambda v: v.X @ v.A @ v.X.rename(m="m_"),
    "logdet": lambda v: F.log(F.det(v.X)),
    "det": lambda v: F.det(v.X),
    "inverse-form": lambda v: turned(v.a) @ F.inverse(v.X) @ v.b,
    "frobenius": lambda v: F.frobenius2(v.X),
    "bilinear-matrix": lambda v: v.a @ v.X @ v.b,
}


def _variables(case: Case) -> SimpleNamespace:
    sizes = {name: sp.Symbol(name) for name in case.dims}
    found = SimpleNamespace(**sizes)
    for name, axes in case.spaces().items():
        edges = dict(zip(_distinct(axes), (sizes[a] for a in axes), strict=True))
        setattr(found, name, tg.Variable(name, **edges))
    return found


def _distinct(axes: tuple[str, ...]) -> tuple[str, ...]:
    return (axes[0], axes[0] + "_") if len(axes) == 2 and axes[0] == axes[1] else axes


def derive(case: Case) -> Any:
    """The derivative, simplified as far as tensorgrad does."""
    if case.id not in ENCODED:
        raise NotImplementedError(f"no form in tensorgrad for {case.text}")
    v = _variables(case)
    wrt = getattr(v, case.wrt)
    found = ENCODED[case.id](v)
    for k in range(case.order):
        found = found.grad(wrt, {edge: f"{edge}{'jk'[k]}" for edge in wrt.edges})
    return found.full_simplify()


def numbers(case: Case, derivative: Any) -> Any:
    """The numbers of a derivative, by tensorgrad's own evaluator."""
    import torch
    from tensorgrad.extras.evaluate import evaluate

    if not hasattr(torch.Tensor, "names"):
        raise NotImplementedError("tensorgrad's evaluator needs a torch with named tensors")
    v = _variables(case)
    values = {}
    for name, axes in case.spaces().items():
        tensor = torch.tensor(case.point[name], dtype=torch.float64)
        values[getattr(v, name)] = tensor.rename(*_distinct(axes)) if axes else tensor
    found = evaluate(derivative, values, {getattr(v, name): size for name, size in case.dims.items()})
    order = sorted(derivative.edges, key=lambda edge: edge.endswith(("j", "k")))
    return np.asarray((found.align_to(*order) if order else found).rename(None))


def typeset(derivative: Any) -> str:
    return str(to_latex(derivative))
