"""What Python's calls say besides a function and its arguments: along which axis, and which of two versions."""

from __future__ import annotations

import ast
from dataclasses import replace

from derivgen.errors import ParseError
from derivgen.read.along import KNOWN
from derivgen.read.surface import Apply, Literal, Negated, Surface
from derivgen.read.text.characters import OPTIONS

MODULES = frozenset(
    {"np", "numpy", "jnp", "jax", "torch", "math", "linalg", "scipy", "special", "stats", "nn", "functional"}
)
"""Names that may stand before a function, as in np.exp(x) and np.linalg.norm(x); they are left out."""

_OF_THE_NORMAL = {"cdf": "normcdf", "pdf": "normpdf", "logcdf": "log_ndtr"}
"""What SciPy's standard normal is asked for, norm.cdf(x), with the name of the function."""

_VERSIONS = {
    ("gelu", "tanh"): "gelu_tanh",
    ("gelu", True): "gelu_tanh",
    ("gelu", "none"): "gelu",
    ("gelu", False): "gelu",
}
"""Functions with an option, and what they are then."""

_BY_PLACE = KNOWN - {"norm", "max", "min"}
"""Functions whose second argument is an axis, where it is a number."""


def with_options(made: Surface, keywords: list[ast.keyword], source: str) -> Surface:
    """A function as its options say.

    Raises:
        ParseError: it has no such option.
    """
    if not isinstance(made, Apply):
        return made
    if (
        not keywords
        and made.function in _BY_PLACE
        and len(made.args) == 2
        and (axis := _number(made.args[1])) is not None
    ):
        return replace(made, args=made.args[:1], axis=axis)
    for k in keywords:
        value = ast.literal_eval(k.value)
        if k.arg in ("axis", "dim") and made.function in KNOWN and made.axis is None:
            made = replace(made, axis=value)
        elif k.arg == "approximate" and (made.function, value) in _VERSIONS:
            made = replace(made, function=_VERSIONS[made.function, value])
        else:
            raise ParseError(f"the option {k.arg} is not read", span=made.span, source=source,
                             hint=OPTIONS.get(k.arg or "", OPTIONS[""]))  # fmt: skip
    return made


def _number(s: Surface) -> int | None:
    match s:
        case Literal(_, value) if value.denominator == 1:
            return int(value)
        case Negated(_, Literal(_, value)) if value.denominator == 1:
            return -int(value)
        case _:
            return None


def is_module(node: ast.expr) -> bool:
    """Whether it is a module, or a module of one: np, torch.nn."""
    while isinstance(node, ast.Attribute) and node.attr in MODULES:
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def of_the_normal(value: ast.expr, attr: str) -> str | None:
    """The function that norm.cdf or stats.norm.pdf is; None of anything else."""
    alone = isinstance(value, ast.Name) and value.id == "norm"
    found = alone or (isinstance(value, ast.Attribute) and value.attr == "norm" and is_module(value.value))
    return _OF_THE_NORMAL.get(attr) if found else None
