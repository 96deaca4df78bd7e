"""The array libraries that code is written for: how each spells the operations, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """One array library.

    Attributes:
        name: as asked for, "numpy".
        title: as said in a sentence.
        module: the name that it is imported under.
        imports: the lines that import it.
        reads: what makes an argument an array of real numbers, with a hole for it.
        reads_number: the same for an argument that is one number.
        functions: functions of arrays by the name of the operation in the catalog, each with a hole for every argument.
        constants: eye, ones and zeros, with a hole for the sizes and, where ``like`` is used, for an array of the kind.
        indicator: 1 where a condition holds, else 0, with a hole for the condition and one as above.
        kind: what stands behind an array that is made of single numbers, to make it one of the kind.
        helpers: functions that are defined below the derivative where it uses them, by operation.
        picky: whether functions take arrays only, so that a plain number must be made one.
        number: a plain number as a number of the library.
    """

    name: str
    title: str
    module: str
    imports: tuple[str, ...]
    reads: str
    reads_number: str
    functions: Mapping[str, str]
    constants: Mapping[str, str]
    helpers: Mapping[str, str]
    indicator: str
    number: str
    kind: str = ""
    picky: bool = False

    @property
    def words(self) -> frozenset[str]:
        """Names that no variable may have."""
        return frozenset({self.module, "jax", "math", "sum", "range", "float"})


def _common(module: str, *, low: str = "max", high: str = "min") -> dict[str, str]:
    """What is spelled alike in all of them."""
    alike = ("exp", "log", "sin", "cos", "tan", "tanh", "sign", "abs", "sqrt", "trace", "diag", "sum")
    return {name: f"{module}.{name}({{0}})" for name in alike} | {
        "max": f"{module}.maximum({{0}}, {{1}})",
        "min": f"{module}.minimum({{0}}, {{1}})",
        "inv": f"{module}.linalg.inv({{0}})",
        "solve": f"{module}.linalg.solve({{0}}, {{1}})",
        "det": f"{module}.linalg.det({{0}})",
        "logdet": f"{module}.linalg.slogdet({{0}})[1]",
        "largest": f"{module}.{low}({{0}})",
        "smallest": f"{module}.{high}({{0}})",
        "norm": f"{module}.linalg.norm({{0}})",
        "norm1": f"{module}.sum({module}.abs({{0}}))",
        "mean": f"{module}.mean({{0}})",
        "where": f"{module}.where({{0}}, {{1}}, {{2}})",
        "outer": f"{module}.outer({{0}}, {{1}})",
        "kron": f"{module}.kron({{0}}, {{1}})",
    }


NUMPY = Dialect(
    name="numpy",
    title="NumPy",
    module="np",
    imports=("import numpy as np",),
    reads="np.asarray({}, dtype=float)",
    reads_number="np.asarray({}, dtype=float)",
    functions=_common("np") | {
        "relu": "np.maximum({0}, 0)",
        "erf": "_erf({0})",
        "sigmoid": "_sigmoid({0})",
        "softplus": "np.logaddexp(0, {0})",
        "softmax": "_softmax({0})",
        "logsumexp": "np.logaddexp.reduce({0}, axis=None)",
        "array": "np.array({0}, dtype=float)",
        "stack": "np.stack({0})",
        "einsum": "np.einsum({0})",
    },
    constants={"eye": "np.eye({})", "ones": "np.ones({})", "zeros": "np.zeros({})"},
    helpers={
        "erf": '''def _erf(u):
    """The error function, entry by entry."""
    import math

    return np.vectorize(math.erf, otypes=[float])(u)''',
        "sigmoid": '''def _sigmoid(u):
    """1 / (1 + exp(-u)), without overflow."""
    return np.exp(-np.logaddexp(0, -u))''',
        "softmax": '''def _softmax(u):
    """exp(u) over the sum of its entries, without overflow."""
    e = np.exp(u - np.max(u))
    return e / np.sum(e)''',
    },
    indicator="np.where({0}, 1.0, 0.0)",
    number="np.float64({})",
)  # fmt: skip

JAX = Dialect(
    name="jax",
    title="JAX",
    module="jnp",
    imports=("import jax", "import jax.numpy as jnp"),
    reads="jnp.asarray({}, dtype=float)",
    reads_number="jnp.asarray({}, dtype=float)",
    functions=_common("jnp") | {
        "relu": "jnp.maximum({0}, 0)",
        "erf": "jax.scipy.special.erf({0})",
        "sigmoid": "jax.nn.sigmoid({0})",
        "softplus": "jax.nn.softplus({0})",
        "softmax": "jax.nn.softmax({0})",
        "logsumexp": "jax.nn.logsumexp({0})",
        "array": "jnp.array({0}, dtype=float)",
        "stack": "jnp.stack({0})",
        "einsum": "jnp.einsum({0})",
    },
    constants={"eye": "jnp.eye({})", "ones": "jnp.ones({})", "zeros": "jnp.zeros({})"},
    helpers={},
    indicator="jnp.where({0}, 1.0, 0.0)",
    number="jnp.asarray({}, dtype=float)",
)  # fmt: skip

TORCH = Dialect(
    name="torch",
    title="PyTorch",
    module="torch",
    imports=("import torch",),
    reads="torch.as_tensor({}) * 1.0",  # of integers too
    reads_number="torch.as_tensor({}, dtype=torch.float64)",  # beside an array it takes on the precision of that
    functions=_common("torch") | {
        "relu": "torch.relu({0})",
        "erf": "torch.special.erf({0})",
        "sigmoid": "torch.sigmoid({0})",
        "softplus": "torch.logaddexp(torch.zeros_like({0}), {0})",
        "kron": "torch.kron(({0}).contiguous(), ({1}).contiguous())",  # of a transpose it fails
        "softmax": "torch.softmax({0}, dim=0)",
        "logsumexp": "torch.logsumexp(({0}).reshape(-1), dim=0)",
        "array": "torch.stack({0})",
        "stack": "torch.stack({0})",
        "einsum": "torch.einsum({0})",
    },
    constants={"eye": "torch.eye({}).to({like})", "ones": "{like}.new_ones({})", "zeros": "{like}.new_zeros({})"},
    helpers={},
    indicator="({0}).to({like})",
    number="torch.tensor({}, dtype=torch.float64)",
    kind=".to({like})",
    picky=True,
)  # fmt: skip

DIALECTS = (NUMPY, JAX, TORCH)
