"""Points: values for what a declaration declares, at given lengths."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

_PRODUCT = re.compile(r"\s*\*\s*")


@dataclass(frozen=True, slots=True)
class Declared:
    """A variable: the set it is from, the lengths of its axes (names, numbers or products of them), its sign."""

    family: str
    axes: tuple[str, ...]
    positive: bool = False

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(length(axis, sizes) for axis in self.axes)


def length(axis: str, sizes: Mapping[str, int]) -> int:
    out = 1
    for factor in _PRODUCT.split(axis.strip("() ")):
        out *= int(factor) if factor.isdigit() else sizes[factor]
    return out


def declared(where: str) -> dict[str, Declared]:
    """The variables of a declaration, in the forms that these tests use; functions are passed over."""
    found: dict[str, Declared] = {}
    for clause in where.split(";"):
        if ":" in clause or not clause.strip():
            continue
        said, *signs = re.split(r",\s*(?=\w+\s*>)", clause)
        names, _, space = said.partition(" in ")
        positive = {s.partition(">")[0].strip() for s in signs}
        for name in (n.strip() for n in names.split(",")):
            found[name] = _space(space.strip(), name in positive)
    return found


def _space(space: str, positive: bool) -> Declared:
    family, _, inner = space.partition("(") if not space.startswith("R") else ("R", "", space.removeprefix("R"))
    inner = inner.removesuffix(")") if family != "R" else inner.removeprefix("^")
    if family != "R":
        return Declared(family, (inner,) if family == "Simplex" else (inner, inner))
    if inner.startswith("((") or not inner.startswith("("):
        return Declared("R", (inner.strip("()"),) if inner else (), positive)
    axes = re.findall(r"\([^()]*\)|[^*()]+", inner[1:-1])
    return Declared("R", tuple(a.strip("() ") for a in axes), positive)


def size_names(where: str) -> list[str]:
    """The sizes that a declaration names, in order."""
    spaces = re.findall(r"R\^\(?[^;:,>]*|(?:Sym|PD|Diag|Simplex)\([^)]*\)", where)
    names: dict[str, None] = {}
    for space in spaces:
        for word in re.findall(r"[A-Za-z]\w*", re.sub(r"^(R|Sym|PD|Diag|Simplex)\b", "", space)):
            if word not in ("R", "elementwise", "in"):
                names[word] = None
    return list(names)


def draw(where: str, sizes: Mapping[str, int], rng: np.random.Generator, scale: float = 1.0) -> dict[str, Any]:
    """A value for every variable: normal entries, times ``scale``, with the declared structure."""
    return {name: _value(d, d.shape(sizes), rng, scale) for name, d in declared(where).items()}


def _value(d: Declared, shape: tuple[int, ...], rng: np.random.Generator, scale: float) -> Any:
    plain = scale * rng.normal(size=shape)
    match d.family:
        case "Simplex":
            parts = rng.exponential(size=shape)
            return parts / parts.sum()
        case "Sym":
            return (plain + plain.T) / 2
        case "Diag":
            return np.diag(np.diag(plain))
        case "PD":
            return plain @ plain.T + (0.1 + rng.random()) * scale**2 * np.eye(shape[0])
        case _:
            return np.abs(plain) + 1e-3 if d.positive else plain


def exactly(value: Any) -> Any:
    """The floats of an array as fractions, for arithmetic of many digits."""
    return np.frompyfunc(lambda u: Fraction(float(u)), 1, 1)(value)
