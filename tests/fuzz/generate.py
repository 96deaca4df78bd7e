"""Random well-typed questions as text, over everything that the dialect has."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.ways import Numbers
from tests.fuzz.words import ATOM, FUNCTIONS, NEGATIVE, OWN, TIMES, VARIABLES, Axes, Question, Said


class Generator(Numbers):
    """One question: columns, matrices, and the choice among all ways."""

    def grow(self, axes: Axes, depth: int) -> Said:
        if depth <= 0 or self.chance(0.12):
            if any("*" in axis for axis in axes):
                return self.product_axes(axes, depth)
            return self.leaf(axes)
        ways = list(self.everywhere)
        if any("*" in axis for axis in axes):
            ways = [self.sum_of_two, self.scaled, self.elementwise, self.product_axes, self.product_axes]
            return self.one_of(ways, axes, depth - 1)
        if not axes:
            ways += self.numbers_only
        elif len(axes) == 1:
            ways += self.columns_only
        else:
            ways += self.matrices_only
        return self.one_of(ways, axes, depth - 1)

    def one_of(self, ways: list[Callable[[Axes, int], Said]], axes: Axes, depth: int) -> Said:
        return self.rng.choice(ways)(axes, depth)

    @property
    def everywhere(self) -> list[Callable[[Axes, int], Said]]:
        return [self.sum_of_two, self.sum_of_two, self.product_of_two, self.quotient, self.elementwise, self.elementwise,
                self.power, self.bent, self.extreme_of_two, self.cases, self.scaled, self.masked, self.own_function]  # fmt: skip

    @property
    def numbers_only(self) -> list[Callable[[Axes, int], Said]]:
        return [self.dot, self.dot, self.quadratic, self.reduced, self.reduced, self.norm, self.norm, self.extreme, self.traced,
                self.volume, self.summed, self.summed, self.loss, self.of_product_axes, self.declared_number]  # fmt: skip

    @property
    def columns_only(self) -> list[Callable[[Axes, int], Said]]:
        return [self.times_column, self.times_column, self.solved, self.softmax, self.listed, self.row_turned,
                self.normalised, self.summed_columns, self.diagonal, self.declared_column, self.spelled_out]  # fmt: skip

    @property
    def matrices_only(self) -> list[Callable[[Axes, int], Said]]:
        return [self.matrix_product, self.matrix_product, self.outer, self.turned, self.tabulated, self.square_ones,
                self.square_ones, self.rows_spelled_out, self.softmax_of_rows]  # fmt: skip

    def softmax_of_rows(self, axes: Axes, depth: int) -> Said:
        return Said(f"{self.pick(['softmax_rows', 'row_softmax'])}({self.grow(axes, depth).text})")

    # --- columns ---

    def times_column(self, axes: Axes, depth: int) -> Said:
        (along,) = axes
        other = {"n": self.pick("nmN"), "m": "n", "N": "n"}.get(along, "n")
        matrix = self.grow((along, other), depth - 1)
        return Said(f"{matrix.at(TIMES)} @ {self.grow((other,), depth).at(NEGATIVE)}", TIMES)

    def solved(self, axes: Axes, depth: int) -> Said:
        if axes != ("n",):
            return self.times_column(axes, depth)
        return Said(f"inv({self.definite(depth - 1).text}) @ {self.grow(axes, depth).at(NEGATIVE)}", TIMES)

    def softmax(self, axes: Axes, depth: int) -> Said:
        return Said(f"softmax({self.grow(axes, depth).text})")

    def listed(self, axes: Axes, depth: int) -> Said:
        if len(self.indices) > 1:
            return self.leaf(axes)
        name = self.bound(axes[0])
        inner = self.grow((), depth)
        self.indices.pop()
        return Said(f"[{inner.text} for {name} in range({self.size(axes[0])})]")

    def row_turned(self, axes: Axes, depth: int) -> Said:
        (along,) = axes
        other = {"n": self.pick("mn"), "m": "n", "N": "n"}[along]
        row = f"{self.grow((other,), depth).at(ATOM)}.T @ {self.grow((other, along), depth - 1).at(NEGATIVE)}"
        return Said(f"({row}).T")

    def normalised(self, axes: Axes, depth: int) -> Said:
        inner = self.grow(axes, depth - 1)
        length = self.pick(
            [f"norm({inner.text})", f"sum({inner.text})", f"(1 + norm({inner.text}))", f"max({inner.text})"]
        )
        return Said(f"{inner.at(TIMES)} / {length}", TIMES)

    def summed_columns(self, axes: Axes, depth: int) -> Said:
        if len(self.indices) > 1:
            return self.leaf(axes)
        along = self.pick("Nn")
        name = self.bound(along)
        inner = self.grow(axes, depth)
        weight = self.grow((), depth - 1)
        self.indices.pop()
        return Said(f"sum({weight.at(TIMES)} * {inner.at(NEGATIVE)} for {name} in range({self.size(along)}))")

    def diagonal(self, axes: Axes, depth: int) -> Said:
        return Said(f"diag({self.grow(axes * 2, depth).text})")

    def declared_column(self, axes: Axes, depth: int) -> Said:
        if not self.declared or axes[0] not in "nm":
            return self.elementwise(axes, depth)
        name = self.pick(["k", "D(q)"]) if axes == ("n",) else "f"
        self.functions[name.strip("D()")] = None
        return Said(f"{name}({self.grow(('n',), depth).text})")

    def spelled_out(self, axes: Axes, depth: int) -> Said:
        length = self.numbers[axes[0]]
        if not length or length > 3:
            return self.leaf(axes)
        return Said(f"[{', '.join(self.grow((), depth - 1).text for _ in range(length))}]")

    # --- matrices ---

    def matrix_product(self, axes: Axes, depth: int) -> Said:
        inner = self.pick("nnm") if "N" not in axes else "n"
        a, b = self.grow((axes[0], inner), depth), self.grow((inner, axes[1]), depth)
        return Said(f"{a.at(TIMES)} @ {b.at(NEGATIVE)}", TIMES)

    def outer(self, axes: Axes, depth: int) -> Said:
        a, b = self.grow(axes[:1], depth), self.grow(axes[1:], depth)
        return (
            Said(f"outer({a.text}, {b.text})") if self.chance(0.3) else Said(f"{a.at(TIMES)} @ {b.at(ATOM)}.T", TIMES)
        )

    def turned(self, axes: Axes, depth: int) -> Said:
        return Said(f"{self.grow(axes[::-1], depth).at(ATOM)}.T")

    def tabulated(self, axes: Axes, depth: int) -> Said:
        if self.indices:
            return self.leaf(axes)
        i, j = (self.bound(axis) for axis in axes)
        inner = self.grow((), depth)
        self.indices.clear()
        rows, columns = map(self.size, axes)
        return Said(f"[[{inner.text} for {j} in range({columns})] for {i} in range({rows})]")

    def square_ones(self, axes: Axes, depth: int) -> Said:
        if axes[0] != axes[1]:
            return self.turned(axes, depth)
        if axes == ("n", "n") and self.chance(0.4):
            return Said(f"inv({self.definite(depth - 1).text})")
        return Said(f"diag({self.grow(axes[:1], depth).text})")

    def rows_spelled_out(self, axes: Axes, depth: int) -> Said:
        length = self.numbers[axes[0]]
        if not length or length > 3:
            return self.outer(axes, depth)
        return Said(f"[{', '.join(self.grow(axes[1:], depth - 1).at(ATOM) + '.T' for _ in range(length))}]")


TYPES: tuple[tuple[Axes, int], ...] = (
    ((), 60), (("n",), 14), (("m",), 5), (("N",), 3), (("n", "n"), 5), (("m", "n"), 6), (("n*m",), 2), (("m*n", "n*n"), 1),
)  # fmt: skip


def question(rng: Random) -> Question:
    """An expression of any type in which at least one variable occurs, by one of its variables."""
    while True:
        g = Generator(rng)
        axes = rng.choices([t for t, _ in TYPES], [weight for _, weight in TYPES])[0]
        if rng.random() < 0.12:
            own: Axes = rng.choice([(), ("n",), ("m",), ("n", "n")])
            value = g.grow(own, rng.choice([1, 2]))
            g.lets.append(("k1", own, f"k1 = {value.text}"))
        said = g.grow(axes, rng.choice([1, 2, 3, 3, 4, 4, 5]))
        if len(axes) == 1 and rng.random() < 0.15:
            said = Said(f"{said.at(ATOM)}.T")
        written = set(re.findall(r"\w+", " ".join((said.text, *(let for _, _, let in g.lets)))))
        variables = [name for name in VARIABLES if name in written]
        if variables and len(said.text) < 180 and (said.text not in VARIABLES or rng.random() < 0.01):
            return _asked(g, said.text, axes, variables)


def _asked(g: Generator, text: str, axes: Axes, variables: list[str]) -> Question:
    rng = g.rng
    wrt = rng.choice(variables)
    twice = not axes and len(VARIABLES[wrt][1]) < 2 and rng.random() < 0.25
    sizes = {a: rng.randint(max(1, g.deepest[a]), max(6, g.deepest[a])) for a in ("n", "m", "N") if not g.numbers[a]}
    return Question(
        text,
        wrt,
        _where(g, variables),
        2 if twice else 1,
        rng.choices(["auto", "scalar", "chain"], [6, 2, 2])[0],
        tuple(said for name, _, said in g.lets if name in g.used),
        tuple(OWN[name] for name in g.functions if name in OWN),
        sizes,
    )


def _where(g: Generator, variables: list[str]) -> str:
    """What is declared; every size is the length of something, so that it is known."""
    clauses = []
    for name in dict.fromkeys((*variables, "A", "X")):
        family, axes = VARIABLES[name]
        inner = "*".join(map(g.size, axes))
        match family, len(axes):
            case (("Sym" | "PD" | "Diag" | "Simplex"), _):
                clauses.append(f"{name} in {family}({g.size(axes[0])})")
            case _, 0:
                clauses.append(f"{name} in R" + (f", {name} > 0" if family == "positive" else ""))
            case _, 1:
                clauses.append(f"{name} in R^{inner}" + (f", {name} > 0" if family == "positive" else ""))
            case _:
                clauses.append(f"{name} in R^({inner})")
    sizes = {axis: g.size(axis) for axis in ("n", "m", "N")}
    clauses += [FUNCTIONS[name].format(**sizes) for name in g.functions if name in FUNCTIONS]
    return "; ".join(clauses)
