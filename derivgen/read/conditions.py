"""Relations, what is 1 where they hold, and case distinctions."""

from __future__ import annotations

from derivgen.catalog import elementwise
from derivgen.catalog.build import times
from derivgen.expr import Call, Cases, Delta, Expr, Index, Pair
from derivgen.read.context import Context, Said
from derivgen.read.places import place_like, places_like
from derivgen.read.shapes import fit
from derivgen.read.surface import Branches, Chain, Group, Infix, Sequence, Surface


def comparison(read: Context, s: Infix) -> Expr:
    """a < b in text; i == j of two places is Kronecker's delta."""
    if s.operator == "==":
        left, right = place_like(read, s.left), place_like(read, s.right)
        if left is not None and right is not None:
            if isinstance(left, Index | Pair) and isinstance(right, Index | Pair) and left.dim != right.dim:
                raise read.misfit(f"{left} runs to {left.dim}, {right} to {right.dim}", s).marked("lengths")
            return Delta(left, right)
    parts = [(s.left, read.expr(s.left)), (s.right, read.expr(s.right))]
    fit(read, s.operator, parts, s)
    return Call(read.declarations.glossary.comparisons[s.operator], (parts[0][1], parts[1][1]))


def indicator(read: Context, s: Surface) -> Expr:
    """1 where a relation holds, else 0; a chain holds where all of it does."""
    if not isinstance(s, Chain):
        return Call(elementwise.not_equal, (read.expr(s), read.expr(s)))
    made: list[Expr] = []
    for k, sign in enumerate(s.signs):
        relation = read.declarations.glossary.relations.get(sign)
        if relation is None:
            raise read.fail(f"{sign} has no value", s, "conditions are made of =, <, > and their kin")
        if s.signs == ("=",):
            left, right = places_like(read, *s.sides)
            if left is not None and right is not None and not (isinstance(left, int) and isinstance(right, int)):
                return Delta(left, right)
        parts: list[Said] = [(side, read.expr(side)) for side in s.sides[k : k + 2]]
        fit(read, sign, parts, s)
        made.append(Call(relation, (parts[0][1], parts[1][1])))
    return times(made)


def branches(read: Context, s: Branches) -> Expr:
    """A case distinction: what no case before it takes is the last one's."""
    values = [(value, read.expr(value)) for value, _ in s.rows]
    conditions = [None if c is None else (c, _condition(read, c)) for _, c in s.rows]
    if None in conditions[:-1]:
        raise read.fail(
            "a case without a condition is the last", s.rows[conditions.index(None)][0], r"value & condition \\"
        )
    if len(values) < 2:
        raise read.fail("a case distinction has at least two cases", s)
    fit(read, "a case distinction", values, s)
    shaped = next((v for v in values if v[1].shape.axes), None)
    for part in conditions:
        if part is not None and part[1].shape.axes:
            if shaped is None:
                raise read.misfit(f"scalars are chosen by a scalar: {read.shaped(part)}", s)
            fit(read, "a case distinction", [part, shaped], s)
    last = s.rows[-1][1]
    if last is not None and not (len(s.rows) == 2 and _are_contrary(read, s.rows[0][1], last)):
        read.note(f"the case {read.said(last)} is read as all that the cases before it leave", s)
    pairs = tuple((c[1], v) for c, (_, v) in zip(conditions, values, strict=True) if c is not None)
    return Cases(pairs[: len(values) - 1], values[-1][1])


def _condition(read: Context, s: Surface) -> Expr:
    match s:
        case Sequence(_, items):  # x > 0, y > 0
            return times([_condition(read, item) for item in items])
        case Group(_, inner):
            return _condition(read, inner)
        case Chain():
            return indicator(read, s)
        case _:
            return read.expr(s)


def _are_contrary(read: Context, first: Surface | None, last: Surface) -> bool:
    """Whether one relation holds where the other does not, by their signs."""
    match first, last:
        case Chain(_, a, (p,)), Chain(_, b, (q,)):
            relation = read.declarations.glossary.relations.get(p)
            return relation is not None and relation.notation.contrary == q and len(a) == len(b)
        case _:
            return False
