"""The corpus in SymPy, as its users write it: with matrix symbols of symbolic size, and entry by entry at a fixed size.

The first is the counterpart of what derivgen prints; where SymPy has no matrix form for an operation the encoding
says so, and the case counts as failed. The second always works, at one size, and its answer is a table of entries.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp
from sympy import Lambda, MatrixSymbol, Symbol

from tests.bench.corpus import Case

# --- matrix symbols --------------------------------------------------------------------------------------------------


def each(function: Callable[[Any], Any], array: Any) -> Any:
    """A function applied to every entry."""
    z = sp.Dummy("z", real=True)
    return array.applyfunc(Lambda(z, function(z)))


def power(array: Any, exponent: Any) -> Any:
    return sp.HadamardPower(array, exponent)


def ones(rows: Any) -> Any:
    return sp.OneMatrix(rows, 1)


def scalar(product: Any) -> Any:
    """A 1×1 product as a number."""
    return product[0, 0]


def softmax(array: Any) -> Any:
    e = each(sp.exp, array)
    return e / scalar(ones(array.shape[0]).T * e)


def norm(array: Any) -> Any:
    return sp.sqrt(scalar(array.T * array))


def sigmoid(z: Any) -> Any:
    return 1 / (1 + sp.exp(-z))


ARRAYS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda v: v.x,
    "add": lambda v: v.w + v.x,
    "sub": lambda v: v.w - v.x,
    "hadamard": lambda v: sp.HadamardProduct(v.w, v.x),
    "divide-num": lambda v: sp.HadamardProduct(v.w, power(v.x, -1)),
    "divide-den": lambda v: sp.HadamardProduct(v.w, power(v.x, -1)),
    "power-base": lambda v: power(v.w, v.x),
    "power-exp": lambda v: power(v.w, v.x),
    "scalar-add-x": lambda v: v.x + v.z * ones(v.n),
    "scalar-add-z": lambda v: v.x + v.z * ones(v.n),
    "scalar-mul-x": lambda v: v.z * v.x,
    "scalar-mul-z": lambda v: v.z * v.x,
    "sum": lambda v: ones(v.n).T * v.x,
    "sum-scaled": lambda v: scalar(ones(v.n).T * (v.z * v.x)),
    "dot": lambda v: v.w.T * v.x,
    "affine-w": lambda v: scalar(v.w.T * v.x) + v.b,
    "affine-b": lambda v: scalar(v.w.T * v.x) + v.b,
    "neuron-w": lambda v: sp.Max(0, scalar(v.w.T * v.x) + v.b),
    "neuron-b": lambda v: sp.Max(0, scalar(v.w.T * v.x) + v.b),
    "exp": lambda v: each(sp.exp, v.x),
    "log": lambda v: each(sp.log, v.x),
    "tanh-affine": lambda v: each(sp.tanh, v.W * v.x + v.b),
    "sigmoid-affine": lambda v: sigmoid(scalar(v.w.T * v.x) + v.b),
    "nested-elementwise": lambda v: each(sp.sin, power(v.x, 2)),
    "exp-hadamard": lambda v: sp.HadamardProduct(each(sp.exp, sp.HadamardProduct(v.w, v.x)), power(v.x, -1)),
    "abs": lambda v: ones(v.n).T * each(sp.Abs, v.x),
    "softplus-sum": lambda v: ones(v.n).T * each(lambda z: sp.log(1 + sp.exp(z)), v.x),
    "quadratic": lambda v: v.x.T * v.A * v.x,
    "least-squares": lambda v: (v.A * v.x - v.b).T * (v.A * v.x - v.b),
    "ridge": lambda v: (v.A * v.x - v.b).T * (v.A * v.x - v.b) + v.lam * v.x.T * v.x,
    "norm": lambda v: norm(v.x),
    "normalize": lambda v: v.x / norm(v.x),
    "linear": lambda v: v.A * v.x,
    "outer-times": lambda v: scalar(v.x.T * v.y) * v.x,
    "diag-quadratic": lambda v: sp.DiagMatrix(v.x) * v.A * v.x,
    "softmax": lambda v: softmax(v.x),
    "logsumexp": lambda v: sp.log(scalar(ones(v.n).T * each(sp.exp, v.x))),
    "logistic-loss": lambda v: ones(v.N).T * each(lambda z: sp.log(1 + sp.exp(z)), -sp.HadamardProduct(v.y, v.X * v.w)),
    "cross-entropy": lambda v: -v.y.T * each(sp.log, softmax(v.W * v.x)),
    "two-layer-x": lambda v: v.v.T * each(lambda z: sp.Max(0, z), v.W * v.x + v.b),
    "mse": lambda v: (v.y - v.X * v.w).T * (v.y - v.X * v.w) / v.N,
    "trace-linear": lambda v: sp.Trace(v.A * v.X),
    "trace-quadratic": lambda v: sp.Trace(v.X.T * v.A * v.X),
    "logdet": lambda v: sp.log(sp.Determinant(v.X)),
    "det": lambda v: sp.Determinant(v.X),
    "inverse-form": lambda v: v.a.T * v.X.I * v.b,
    "frobenius": lambda v: sp.Trace(v.X.T * v.X),
    "bilinear-matrix": lambda v: v.a.T * v.X * v.b,
    "two-layer-W": lambda v: v.v.T * each(lambda z: sp.Max(0, z), v.W * v.x + v.b),
    "hess-quadratic": lambda v: v.x.T * v.A * v.x,
    "hess-least-squares": lambda v: (v.A * v.x - v.b).T * (v.A * v.x - v.b),
    "hess-logsumexp": lambda v: sp.log(scalar(ones(v.n).T * each(sp.exp, v.x))),
    "neuron-w-active": lambda v: sp.Max(0, scalar(v.w.T * v.x) + v.b),
    "neuron-b-clipped": lambda v: sp.Max(0, scalar(v.w.T * v.x) + v.b),
}
ARRAYS["hess-logistic"] = ARRAYS["logistic-loss"]


def _symbols(case: Case) -> SimpleNamespace:
    sizes = {name: Symbol(name, integer=True, positive=True) for name in case.dims}
    found = SimpleNamespace(**sizes)
    for name, axes in case.spaces().items():
        shape = [sizes[a] for a in axes]
        symbol = MatrixSymbol(name, shape[0], shape[1] if len(shape) > 1 else 1) if shape else Symbol(name, real=True)
        setattr(found, name, symbol)
    return found


def derive_arrays(case: Case, form: Callable[[Any], Any] | None = None) -> Any:
    """The derivative with matrix symbols of symbolic size; the ``form`` of the corpus's own cases is known."""
    form = form or ARRAYS.get(case.id)
    if form is None:
        raise NotImplementedError(f"no matrix form in SymPy for {case.text}")
    v = _symbols(case)
    wrt = getattr(v, case.wrt)
    found = form(v)
    for _ in range(case.order):
        found = found.diff(wrt)
    return found


def number_arrays(case: Case, derivative: Any) -> Any:
    """The numbers of a derivative with matrix symbols."""
    v = _symbols(case)
    sizes = {getattr(v, name): size for name, size in case.dims.items()}
    values: dict[Any, Any] = {}
    for name, axes in case.spaces().items():
        symbol = getattr(v, name).subs(sizes) if axes else getattr(v, name)
        values[symbol] = sp.Matrix(case.point[name]) if axes else case.point[name]
    found = derivative.subs(sizes).subs(values).doit()
    found = found.as_explicit() if hasattr(found, "as_explicit") else found
    return np.array(found.tolist() if hasattr(found, "tolist") else found.evalf(), dtype=float)


# --- entry by entry --------------------------------------------------------------------------------------------------


def _each(function: Callable[..., Any]) -> Callable[..., Any]:
    return np.frompyfunc(function, function.__code__.co_argcount, 1) if hasattr(function, "__code__") else function


def _sum(terms: Any) -> Any:
    return terms.sum() if isinstance(terms, np.ndarray) else builtins.sum(terms)


def _softmax(x: Any) -> Any:
    e = WORDS["exp"](x)
    return e / e.sum()


WORDS: dict[str, Any] = {
    **{
        name: np.frompyfunc(getattr(sp, spelled), 1, 1)
        for name, spelled in {"exp": "exp", "log": "log", "sin": "sin", "tanh": "tanh", "abs": "Abs"}.items()
    },
    "sigmoid": np.frompyfunc(sigmoid, 1, 1),
    "maximum": np.frompyfunc(sp.Max, 2, 1),
    "max": np.frompyfunc(sp.Max, 2, 1),
    "sum": _sum,
    "mean": lambda x: x.sum() / x.size,
    "norm": lambda x: sp.sqrt((x * x).sum()),
    "diag": np.diag,
    "softmax": _softmax,
    "trace": np.trace,
    "det": lambda x: sp.Matrix(x).det(),
    "logdet": lambda x: sp.log(sp.Matrix(x).det()),
    "inv": lambda x: np.array(sp.Matrix(x).inv().tolist(), dtype=object),
    "range": range,
}


def _entries(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in case.point.items():
        array = np.empty(np.shape(value), dtype=object)
        for place in np.ndindex(array.shape):
            array[place] = Symbol("_".join([name, *map(str, place)]), real=True)
        found[name] = array if array.shape else array[()]
    return found


def derive_entries(case: Case) -> Any:
    """The table of all partial derivatives at the case's sizes."""
    variables = _entries(case)
    value = eval(case.text, {"__builtins__": {}, **WORDS, **case.dims, **variables})  # the text is our own corpus
    wrt = np.asarray(variables[case.wrt], dtype=object)
    found = np.asarray(value, dtype=object)
    for _ in range(case.order):
        found = np.array(
            [sp.diff(entry, symbol) for entry in found.ravel() for symbol in wrt.ravel()], dtype=object
        ).reshape(found.shape + wrt.shape)
    return found


def number_entries(case: Case, derivative: Any) -> Any:
    """The numbers of a table of partial derivatives."""
    values: dict[Any, Any] = {}
    for name, array in _entries(case).items():
        for place in np.ndindex(np.shape(array)):
            values[np.asarray(array, dtype=object)[place]] = np.asarray(case.point[name])[place]
    return np.vectorize(lambda e: float(sp.N(sp.sympify(e).subs(values))), otypes=[float])(derivative)


def typeset(derivative: Any) -> str:
    if isinstance(derivative, np.ndarray):
        derivative = sp.Array(derivative) if derivative.shape else derivative[()]
    return str(sp.latex(derivative))
