"""What random questions are made of: variables, functions, and the simplest texts of each type.

A type is the axes and whether it is a row: () is a number, ("n",) a column, ("m", "n") a matrix. Axes are names of sizes
here, or products such as "n*m"; in the text a size may be a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

ADD, TIMES, NEGATIVE, POWER, ATOM = range(1, 6)
"""How tightly what stands outermost in a text binds."""

Axes = tuple[str, ...]


class Said(NamedTuple):
    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        return self.text if self.level >= level else f"({self.text})"


@dataclass(frozen=True, slots=True)
class Question:
    """What derivgen is asked, and the lengths at which the answer is looked at."""

    expression: str
    wrt: str
    where: str
    order: int = 1
    method: str = "auto"
    let: tuple[str, ...] = ()
    define: tuple[str, ...] = ()
    sizes: dict[str, int] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        return {"order": self.order, "method": self.method, "let": self.let, "define": self.define}


VARIABLES: dict[str, tuple[str, Axes]] = {
    "a": ("R", ()), "b": ("R", ()), "c": ("positive", ()), "w": ("R", ("n",)), "x": ("R", ("n",)), "y": ("R", ("n",)),
    "z": ("positive", ("n",)), "p": ("Simplex", ("n",)), "u": ("R", ("m",)), "v": ("R", ("m",)), "t": ("R", ("N",)),
    "A": ("R", ("m", "n")), "B": ("R", ("m", "n")), "C": ("R", ("n", "n")), "H": ("R", ("n", "n")), "X": ("R", ("N", "n")),
    "S": ("Sym", ("n", "n")), "P": ("PD", ("n", "n")), "E": ("Diag", ("n", "n")),
}  # fmt: skip

FUNCTIONS = {
    "f": "f: R^{n} -> R^{m}", "k": "k: R^{n} -> R^{n} elementwise", "q": "q: R^{n} -> R", "g": "g: R -> R elementwise",
    "h": "h: R, R -> R elementwise",
}  # fmt: skip
OWN = {
    "ramp": "ramp(z) = z*(1 + erf(z/sqrt(2)))/2",
    "huber": "huber(u, c) = where(abs(u) < 1 + c**2, u**2/2, (1 + c**2)*abs(u))",
    "clip": "clip(z) = min(max(z, -1), 1)",
}

SMOOTH = (
    "exp",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "softplus",
    "erf",
    "square",
    "tan",
    "sinh",
    "cosh",
    "coth",
    "gelu",
    "silu",
    "normcdf",
)
BENT = ("abs", "relu", "sign")


class Leaves:
    """What has no parts, and what a question has drawn so far; all chance comes from ``rng``."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.numbers = {axis: rng.choice([2, 3, 4, 5]) if rng.random() < 0.15 else None for axis in ("n", "m", "N")}
        self.indices: list[tuple[str, str]] = []
        self.lets: list[tuple[str, Axes, str]] = []
        self.own = rng.random() < 0.15
        self.declared = rng.random() < 0.15
        self.structured = rng.random() < 0.35
        self.used: dict[str, None] = {}
        self.functions: dict[str, None] = {}
        self.deepest = dict.fromkeys(("n", "m", "N"), 0)

    def pick(self, choices: Any) -> Any:
        return self.rng.choice(choices)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def size(self, axis: str) -> str:
        return "*".join(str(self.numbers[part] or part) for part in axis.split("*"))

    def variable(self, axes: Axes) -> Said | None:
        plain = [v for v, (family, own) in VARIABLES.items() if own == axes and (self.structured or family == "R")]
        plain += [name for name, own, _ in self.lets if own == axes]
        if not plain:
            return None
        name = self.pick(plain)
        self.used[name] = None
        return Said(name)

    def array(self, axes: Axes) -> str:
        return self.grow(axes, 0).at(ATOM)

    def place(self, axis: str) -> str:
        """An index that runs along the axis, or a number."""
        bound = [name for name, along in self.indices if along == axis]
        if bound and self.chance(0.85):
            return str(self.pick(bound))
        top = self.numbers[axis]
        k = self.rng.randrange(min(top, 4)) if top else self.pick([0, 0, 0, 1, 1, 2, 3])
        self.deepest[axis] = max(self.deepest[axis], k + 1)
        return str(k)

    def number(self) -> Said:
        draw = self.rng.random()
        if draw < 0.5:
            return Said(str(self.pick([1, 2, 3, 4, 10])))
        if draw < 0.65:
            return Said(self.pick(["0.5", "1.5", "0.1", "1e-3"]))
        if draw < 0.8:
            return Said(self.pick(["1/2", "2/3", "5/4"]), TIMES)
        if draw < 0.9:
            return Said(self.pick(["-1", "-2"]), NEGATIVE)
        return Said(self.pick(["pi", self.size("n"), self.size("m"), "0", "len(A)"]))

    def leaf(self, axes: Axes) -> Said:
        if not axes:
            options: list[Callable[[], Said | None]] = [lambda: self.variable(()), self.number, self.entry]
            if self.indices:
                options += [self.entry] * 3 + [lambda: Said(str(self.pick(self.indices)[0]))]
            made: Said | None = self.pick(options)()
            return made or self.number()
        found = self.variable(axes)
        if found and self.chance(0.93):
            return found
        if axes in (("m",), ("N",)) and self.chance(0.7):
            name = "A" if axes == ("m",) else "X"
            self.used[name] = None
            return Said(f"{name}[:, {self.place('n')}]")
        if axes == ("n",) and self.chance(0.5):
            name, along = self.pick([("A", "m"), ("X", "N"), ("C", "n")])
            self.used[name] = None
            return Said(f"{name}[{self.place(along)}]")
        turned = self.variable(axes[::-1]) if len(axes) == 2 and not found else None
        if turned:
            return Said(f"{turned.text}.T")
        sizes = ", ".join(map(self.size, axes))
        if len(set(axes)) == 1 and len(axes) == 2 and self.chance(0.6):
            return Said(f"eye({self.size(axes[0])})")
        return Said(f"{self.pick(['ones'] * 5 + ['zeros'])}({sizes})")

    def entry(self) -> Said:
        name, axes = self.pick([(v, own) for v, (f, own) in VARIABLES.items() if own and (self.structured or f == "R")])
        self.used[name] = None
        return Said(f"{name}[{', '.join(self.place(axis) for axis in axes)}]")

    def axis(self) -> str:
        return str(self.pick(["n", "n", "n", "m", "N"]))

    def matrix_axes(self) -> Axes:
        return self.pick([("m", "n"), ("m", "n"), ("n", "n"), ("n", "n"), ("n", "m"), ("N", "n")])  # type: ignore[no-any-return]

    def bound(self, along: str) -> str:
        taken = {name for name, _ in self.indices}
        name = next(i for i in "ijlors" if i not in taken)
        self.indices.append((name, along))
        return name

    def grow(self, axes: Axes, depth: int) -> Said:
        """A text of this type, so many levels deep at most."""
        raise NotImplementedError
