"""How a text of a type is made of smaller ones: what every type has, and what is a number."""

from __future__ import annotations

from tests.fuzz.words import ADD, ATOM, BENT, NEGATIVE, OWN, POWER, SMOOTH, TIMES, Axes, Leaves, Said


class AnyType(Leaves):
    """What goes entry by entry, and what has axes whose length is a product."""

    def two(self, axes: Axes, depth: int) -> tuple[Said, Said]:
        """Of one type, or one of them a number."""
        first, second = self.grow(axes, depth), self.grow(axes, depth)
        if axes and self.chance(0.2):
            second = self.grow((), depth)
        return (second, first) if self.chance(0.5) else (first, second)

    def sum_of_two(self, axes: Axes, depth: int) -> Said:
        a, b = self.two(axes, depth)
        sign = self.pick("+-")
        return Said(f"{a.at(ADD)} {sign} {b.at(TIMES if sign == '-' else ADD)}", ADD)

    def product_of_two(self, axes: Axes, depth: int) -> Said:
        a, b = self.two(axes, depth)
        return Said(f"{a.at(TIMES)} * {b.at(NEGATIVE)}", TIMES)

    def scaled(self, axes: Axes, depth: int) -> Said:
        a, b = self.grow((), depth - 1), self.grow(axes, depth)
        return (
            Said(f"{a.at(TIMES)} * {b.at(NEGATIVE)}", TIMES)
            if self.chance(0.8)
            else Said(f"-{b.at(NEGATIVE)}", NEGATIVE)
        )

    def positive(self, axes: Axes, depth: int) -> Said:
        inner = self.grow(axes, depth)
        shape = self.rng.random()
        if shape < 0.5:
            return Said(f"{self.pick(['1', '2', '0.5'])} + {inner.at(POWER + 1)}**2", ADD)
        if shape < 0.8:
            return Said(f"{self.pick(['exp', 'softplus', 'sigmoid'])}({inner.text})")
        return Said(f"1 + abs({inner.text})", ADD)

    def quotient(self, axes: Axes, depth: int) -> Said:
        above = self.grow(axes, depth)
        below = (self.positive if self.chance(0.7) else self.grow)(axes if self.chance(0.5) else (), depth - 1)
        if below.text in ("0", "zeros"):
            below = Said("2")
        return Said(f"{above.at(TIMES)} / {below.at(NEGATIVE)}", TIMES)

    def elementwise(self, axes: Axes, depth: int) -> Said:
        if self.chance(0.25):
            return Said(f"{self.pick(['log', 'sqrt'])}({self.positive(axes, depth).text})")
        if self.chance(0.05):
            return Said(
                f"{self.pick(['log', 'ln', 'np.exp', 'absolute', 'np.tanh', 'swish', 'ndtr'])}({self.grow(axes, depth).text})"
            )
        return Said(f"{self.pick(SMOOTH)}({self.grow(axes, depth).text})")

    def power(self, axes: Axes, depth: int) -> Said:
        draw = self.rng.random()
        if draw < 0.55:
            return Said(
                f"{self.grow(axes, depth).at(ATOM)}**{self.pick(['2'] * 6 + ['3', '3', '4', '(-1)', '(-2)', '1', '0'])}",
                POWER,
            )
        if draw < 0.8:
            base = self.positive(axes, depth)
            exponent = self.pick(["0.5", "1.5", "(1/3)", "(-1/2)", "a", "b", self.grow((), depth - 1).at(ATOM)])
            self.used.update({e: None for e in "ab" if e == exponent})
            return Said(f"{base.at(ATOM)}**{exponent}", POWER)
        if draw < 0.9:
            return Said(f"2**{self.grow(axes, depth).at(ATOM)}", POWER)
        return Said(f"{self.positive(axes, depth).at(ATOM)}**{self.grow(axes, depth - 1).at(ATOM)}", POWER)

    def bent(self, axes: Axes, depth: int) -> Said:
        return Said(f"{self.pick(BENT)}({self.grow(axes, depth).text})")

    def extreme_of_two(self, axes: Axes, depth: int) -> Said:
        a, b = self.two(axes, depth)
        more = f", {self.grow((), 0).text}" if self.chance(0.1) else ""
        return Said(f"{self.pick(['max', 'min', 'maximum', 'minimum'])}({a.text}, {b.text}{more})")

    def condition(self, axes: Axes, depth: int) -> Said:
        if not axes and self.indices and self.chance(0.4):
            names = [name for name, _ in self.indices]
            other = self.pick([*names, "0", "1", self.size("n")])
            same = dict(self.indices).get(other) == dict(self.indices)[names[-1]] or other in "01"
            return Said(f"{names[-1]} {self.pick(['==', '!='] if same else ['<', '>='])} {other}", 0)
        a, b = self.grow(axes, depth - 1), self.grow(self.pick([axes, ()]), depth - 2)
        return Said(f"{a.at(ADD)} {self.pick(['>', '<', '>=', '<='])} {b.at(ADD)}", 0)

    def cases(self, axes: Axes, depth: int) -> Said:
        whole = self.pick([axes, ()])
        yes, no = self.grow(axes, depth), self.grow(self.pick([axes, ()]), depth - 1)
        more = f"{self.condition(whole, depth).text}, {self.grow(axes, depth - 1).text}, " if self.chance(0.15) else ""
        return Said(f"where({self.condition(whole, depth).text}, {yes.text}, {more}{no.text})")

    def masked(self, axes: Axes, depth: int) -> Said:
        return Said(f"({self.condition(axes, depth).text}) * {self.grow(axes, depth).at(NEGATIVE)}", TIMES)

    def own_function(self, axes: Axes, depth: int) -> Said:
        inner = self.grow(axes, depth).text
        if self.declared and self.chance(0.7):
            name = self.pick("gh")
            self.functions[name] = None
            if name == "g":
                return Said(f"{self.pick(['g', 'g', 'D(g)', 'D(g, 0, 0)'])}({inner})")
            return Said(f"{self.pick(['h', 'h', 'D(h, 0)', 'D(h, 0, 1)'])}({inner}, {self.grow(axes, depth - 1).text})")
        if self.own:
            name = self.pick(list(OWN))
            self.functions[name] = None
            return Said(f"huber({inner}, {self.grow((), 0).text})" if name == "huber" else f"{name}({inner})")
        return self.elementwise(axes, depth)

    def product_axes(self, axes: Axes, depth: int) -> Said:
        """What has an axis whose length is a product: vec and kron, and permutations of such vectors."""
        if len(axes) == 1:
            one, two = axes[0].split("*")
            draw = self.rng.random()
            if draw < 0.45:
                return Said(f"vec({self.grow((two, one), depth - 1).text})")
            if draw < 0.8:
                return Said(f"kron({self.grow((one,), depth - 1).text}, {self.grow((two,), depth - 1).text})")
            return Said(
                f"commutation({self.size(one)}, {self.size(two)}) @ vec({self.grow((one, two), depth - 1).text})", TIMES
            )
        (one, two), (three, four) = (axis.split("*") for axis in axes)
        return Said(f"kron({self.grow((one, three), depth - 1).text}, {self.grow((two, four), depth - 1).text})")


class Numbers(AnyType):
    """Products, norms, sums, extremes, determinants, losses."""

    def dot(self, axes: Axes, depth: int) -> Said:
        along = (self.axis(),)
        a, b = self.grow(along, depth), self.grow(along, depth)
        if self.chance(0.1):
            return Said(f"{self.pick(['dot', 'matmul', 'np.dot'])}({a.text}, {b.text})")
        return Said(
            f"{a.at(ATOM)}.T @ {b.at(NEGATIVE)}" if self.chance(0.8) else f"{a.at(TIMES)} @ {b.at(NEGATIVE)}", TIMES
        )

    def quadratic(self, axes: Axes, depth: int) -> Said:
        rows, columns = self.matrix_axes()
        a, middle, b = self.grow((rows,), depth), self.grow((rows, columns), depth - 1), self.grow((columns,), depth)
        return Said(f"{a.at(ATOM)}.T @ {middle.at(NEGATIVE)} @ {b.at(NEGATIVE)}", TIMES)

    def reduced(self, axes: Axes, depth: int) -> Said:
        name = self.pick(["sum", "sum", "mean", "logsumexp", "var", "std", "prod"])
        along = (self.axis(),) if self.chance(0.6) else self.matrix_axes()
        inner = self.grow(along, depth)
        return Said(
            f"{inner.at(ATOM)}.{name}()" if name != "logsumexp" and self.chance(0.05) else f"{name}({inner.text})"
        )

    def norm(self, axes: Axes, depth: int) -> Said:
        if self.chance(0.6):
            inner = self.grow((self.axis(),), depth).text
            length = Said(f"norm({inner}, 1)" if self.chance(0.2) else f"norm({inner})")
        else:
            length = Said(f"norm({self.grow(self.matrix_axes(), depth).text})")
        return length if self.chance(0.5) else Said(f"{length.text}**2", POWER)

    def extreme(self, axes: Axes, depth: int) -> Said:
        along = (self.axis(),) if self.chance(0.6) else self.matrix_axes()
        return Said(f"{self.pick(['max', 'min', 'max', 'min', 'amax', 'amin'])}({self.grow(along, depth).text})")

    def traced(self, axes: Axes, depth: int) -> Said:
        rows, columns = self.matrix_axes()
        if rows == columns and self.chance(0.4):
            return Said(f"{self.pick(['trace', 'tr'])}({self.grow((rows, rows), depth).text})")
        a, b = self.grow((rows, columns), depth), self.grow((rows, columns), depth)
        return Said(f"trace({a.at(ATOM)}.T @ {b.at(NEGATIVE)})")

    def definite(self, depth: int) -> Said:
        """A positive definite n×n matrix."""
        draw = self.rng.random()
        if draw < 0.3 and self.structured:
            self.used["P"] = None
            return Said("P")
        inner = self.grow(self.pick([("m", "n"), ("n", "n"), ("N", "n")]), depth).at(ATOM)
        return Said(f"{inner}.T @ {inner} + eye({self.size('n')})", ADD)

    def volume(self, axes: Axes, depth: int) -> Said:
        if self.chance(0.3):
            return Said(f"det({self.grow(('n', 'n'), depth).text})")
        return Said(f"{self.pick(['det', 'logdet', 'logdet'])}({self.definite(depth - 1).text})")

    def summed(self, axes: Axes, depth: int) -> Said:
        if len(self.indices) > 2:
            return self.leaf(axes)
        along = self.axis()
        name = self.bound(along)
        inner = self.grow(axes, depth)
        self.indices.pop()
        return Said(f"sum({inner.text} for {name} in range({self.size(along)}))")

    def loss(self, axes: Axes, depth: int) -> Said:
        """A sum over the rows of X."""
        if len(self.indices) > 1:
            return self.leaf(axes)
        self.used.update(dict.fromkeys(("X", "t")))
        name = self.bound("N")
        score = f"{self.grow(('n',), depth).at(ATOM)}.T @ X[{name}]" + self.pick([" + b", " - a", ""])
        self.used.update({v: None for v in "ab" if score.endswith(f" {v}")})
        term = self.pick([f"(t[{name}] - ({score}))**2", f"softplus(-t[{name}] * ({score}))", f"abs(t[{name}] - relu({score}))",
                          f"max(0, 1 - t[{name}] * ({score}))", f"(t[{name}] - sigmoid({score}))**2 / 2"])  # fmt: skip
        self.indices.pop()
        total = f"sum({term} for {name} in range({self.size('N')}))"
        return Said(f"{total} / {self.size('N')}", TIMES) if self.chance(0.5) else Said(total)

    def of_product_axes(self, axes: Axes, depth: int) -> Said:
        along: Axes = self.pick([("n*m",), ("m*n",), ("n*n",), ("n*m", "n*m"), ("m*n", "n*n")])
        inner = self.product_axes(along, depth)
        if len(along) == 1:
            return Said(self.pick([f"sum({inner.text})", f"norm({inner.text})", f"max({inner.text})",
                                   f"{inner.at(ATOM)}.T @ {self.product_axes(along, depth).at(NEGATIVE)}"]), TIMES)  # fmt: skip
        return Said(self.pick([f"sum({inner.text})", f"norm({inner.text})**2"]), POWER)

    def declared_number(self, axes: Axes, depth: int) -> Said:
        if not self.declared:
            return self.norm(axes, depth)
        self.functions["q"] = None
        return Said(f"q({self.grow(('n',), depth).text})")
