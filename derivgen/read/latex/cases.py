"""Rows, matrices, case distinctions and indicators; dots are read as what goes on in the same way."""

from __future__ import annotations

from derivgen.catalog import elementwise, linear
from derivgen.catalog.build import times
from derivgen.expr import Call, Cases, Delta, Expr
from derivgen.read import functions
from derivgen.read.latex.dots import diagonal_of, series, table
from derivgen.read.latex.products import Products
from derivgen.read.shapes import Said
from derivgen.read.surface import Apply, Branches, Chain, Dots, Fenced, Grid, Listed, Sequence, Surface, Transposed


class Choices(Products):
    """The part of the walk that reads conditions and cells."""

    # --- conditions ---

    def indicator(self, s: Surface) -> Expr:
        """1 where a relation holds, else 0; a chain holds where all of it does."""
        if not isinstance(s, Chain):
            return Call(elementwise.not_equal, (self.expr(s), self.expr(s)))
        made: list[Expr] = []
        for k, sign in enumerate(s.signs):
            relation = self.declarations.glossary.relations.get(sign)
            if relation is None:
                raise self.fail(f"{sign} has no value", s, "conditions are made of =, <, > and their kin")
            if sign == "=" and k == 0 and len(s.signs) == 1:
                places = self.place_like(s.sides[0]), self.place_like(s.sides[1])
                if places[0] is not None and places[1] is not None and not all(isinstance(p, int) for p in places):
                    return Delta(*places)  # type: ignore[arg-type]
            left, right = s.sides[k], s.sides[k + 1]
            parts: list[Said] = [(left, self.expr(left)), (right, self.expr(right))]
            self.fit(sign, parts, s)
            made.append(Call(relation, (parts[0][1], parts[1][1])))
        return times(made)

    def branches(self, s: Branches) -> Expr:
        values = [(value, self.expr(value)) for value, _ in s.rows]
        conditions = [None if c is None else (c, self.condition(c)) for _, c in s.rows]
        if any(c is None for c in conditions[:-1]):
            where = s.rows[[c is None for c in conditions].index(True)][0]
            raise self.fail("a case without a condition is the last", where, r"value & condition \\")
        if len(values) < 2:
            raise self.fail("a case distinction has at least two cases", s)
        self.fit("a case distinction", values, s)
        shaped = next((v for v in values if v[1].shape.axes), None)
        for part in conditions:
            if part is not None and part[1].shape.axes:
                if shaped is None:
                    raise self.misfit(f"scalars are chosen by a scalar: {self.shaped(part)}", s)
                self.fit("a case distinction", [part, shaped], s)
        last = s.rows[-1][1]
        if last is not None and not (len(s.rows) == 2 and self.is_contrary(s.rows[0][1], last)):
            self.note(f"the case {self.said(last)} is read as all that the cases before it leave", s)
        pairs = tuple((c[1], v) for c, (_, v) in zip(conditions, values, strict=True) if c is not None)
        return Cases(pairs[: len(values) - 1], values[-1][1])

    def condition(self, s: Surface) -> Expr:
        if isinstance(s, Sequence):  # x > 0, y > 0
            return times([self.condition(item) for item in s.items])
        if isinstance(s, Fenced) and len(s.items) == 1:
            return self.condition(s.items[0])
        return self.indicator(s) if isinstance(s, Chain) else self.expr(s)

    # --- rows and matrices ---

    def row(self, s: Fenced) -> Expr:
        """[a, b, …, c] is a row."""
        return self.expr(Transposed(s.span, self.listed_or_series(s, s.items)))

    def listed_or_series(self, s: Surface, items: tuple[Surface, ...]) -> Surface:
        if any(isinstance(i, Dots) for i in items):
            found = series(items, frozenset(self.scope) | frozenset(self.declarations.names))
            if found is None:
                raise self.fail(
                    "it is not clear what goes on here", s, r"write the first, dots and the last: x_1, \ldots, x_n"
                )
            return found
        return Listed(s.span, items)

    def grid(self, s: Grid) -> Expr:
        """A matrix by its cells: a column, a row, or a full table."""
        if any(isinstance(c, Dots) for r in s.rows for c in r):
            taken = frozenset(self.scope) | frozenset(self.declarations.names)
            found = diagonal_of(s, taken) or table(s, taken)
            if found is None:
                raise self.fail("it is not clear what goes on in this matrix", s)
            return self.expr(found)
        diagonal = diagonal_of(s, frozenset())
        if diagonal is not None:
            return self.expr(diagonal)
        width = {len(r) for r in s.rows}
        if len(width) > 1:
            raise self.fail("the rows of this matrix are not of one length", s)
        cells: list[list[Surface]] = []
        for r in s.rows:
            if None in r:
                raise self.fail("a cell of this matrix is empty", s, "a zero is written 0")
            cells.append([c for c in r if c is not None])
        for cell in (c for r in cells for c in r):
            if isinstance(cell, Chain):
                raise self.fail("an equation is no entry", cell)
        if len(cells) == 1 and len(cells[0]) == 1 and isinstance(cells[0][0], Sequence):
            return self.expr(self.listed_or_series(s, cells[0][0].items))
        if width == {1}:
            return self.expr(Listed(s.span, tuple([r[0] for r in cells])))
        rows = [Listed(s.span, tuple(r)) for r in cells]
        if len(rows) == 1:
            return self.expr(Transposed(s.span, rows[0]))
        return self.expr(Listed(s.span, tuple(rows)))

    def diagonal(self, s: Apply) -> Expr:
        r"""\operatorname{diag} of a vector, of its entries, of entries with dots between them."""
        if len(s.args) > 1:
            entries = self.listed_or_series(s, s.args)
            return Call(linear.diag, (self.expr(entries),))
        return functions.apply(self, s)

    def is_contrary(self, first: Surface | None, last: Surface) -> bool:
        """Whether one relation holds where the other does not, by their signs."""
        match first, last:
            case Chain(_, a, (p,)), Chain(_, b, (q,)):
                relation = self.declarations.glossary.relations.get(p)
                return relation is not None and relation.notation.contrary == q and len(a) == len(b)
            case _:
                return False
