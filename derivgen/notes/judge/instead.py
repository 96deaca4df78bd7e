"""What speaks against a reading: what the equality would say if letters had another trait, or what was not declared."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from derivgen.catalog.base import GENERIC
from derivgen.catalog.declared import MEMBERS
from derivgen.catalog.elementwise import absolute
from derivgen.catalog.linear import sum_
from derivgen.check.judge import Judge
from derivgen.expr import (
    MINUS_ONE,
    ZERO,
    Add,
    At,
    Build,
    Call,
    Expr,
    Index,
    Mul,
    Number,
    Partial,
    Power,
    Symbol,
    substitute,
    symbols,
    walk,
)
from derivgen.notes.judge.court import Court, Outcome
from derivgen.notes.judge.timely import agreement, agreement_with
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.question import Meant
from derivgen.notes.meaning.trees import Name, unwrapped
from derivgen.read.surface import Called, Group, Letter, Surface


def holds_with(
    outcome: Outcome, i: int, j: int, trait: Literal["symmetric", "simplex", "positive", "unit", "zero", "sign"]
) -> bool:
    """Whether members that differ are equal where square matrices are symmetric, a vector sums to 1, has length 1 or is 0,
    the entries of a letter are 1 or -1, or numbers are positive."""
    if outcome.status != "refuted":
        return False
    return any(_holds_in(meant, a, b, trait) for meant, a, b in outcome.tried(i, j))


def _holds_in(meant: Meant, a: Expr, b: Expr, trait: str) -> bool:
    """Whether members are so in one reading."""
    named = {d.symbol.name for d in meant.definitions}
    by = {name for e in (a, b) for p in walk(e) if isinstance(p, Partial) for name in symbols(p.wrt)}
    given: dict[str, Expr] = {}
    for e in (a, b, *(d.value for d in meant.definitions)):
        for name, s in symbols(e).items():
            axes = s.space.axes
            fits = {
                "symmetric": "vectors" not in s.traits
                and len(axes) in (2, 3)
                and axes[-2] == axes[-1]
                and name not in by,
                "simplex": len(axes) == 1 and not s.space.row,
                "unit": len(axes) == 1 and not s.space.row,
                "zero": True,
                "sign": len(axes) < 2 and name not in by,
                "positive": not axes,
            }[trait]
            if fits and set(s.traits) <= MEMBERS.keys() and name not in named:
                changed = trait in ("unit", "zero", "sign") or len(axes) == 3
                given[name] = _other(s, trait) if changed else Symbol(name, s.space, (trait,))
    if trait in ("unit", "zero") and (a.kinds | b.kinds) & Partial.bit:
        return False
    if trait in ("simplex", "unit", "zero", "sign"):
        return any(agreement_with(meant, a, b, {name: s}) == "verified" for name, s in given.items())
    return bool(given) and agreement_with(meant, a, b, given) in (
        "verified",
        "unchecked" if trait == "positive" else "",
    )


def _other(s: Symbol, trait: str) -> Expr:
    """A vector divided by its length, 0 in place of a letter, the signs of its entries, or matrices with their transposes."""
    if trait == "symmetric":  # Σ_k, one of several
        k, i, j = (Index(f"{name}_", dim) for name, dim in zip("kij", s.space.axes, strict=True))
        return Build((k, i, j), Add((At(s, (k, i, j)), At(s, (k, j, i)))))
    if trait == "zero":
        return Mul((ZERO, s))
    if trait == "sign":
        return Mul((s, Power(Call(absolute, (s,)), MINUS_ONE)))
    return Mul((s, Power(Call(sum_, (Power(s, Number(Fraction(2))),)), Number(Fraction(-1, 2)))))


def is_constant(court: Court, outcome: Outcome, side: int) -> bool:
    """Whether a side has one value whatever its letters are."""
    meant = outcome.meant
    if meant is None:
        return False
    values = [e for e in meant.values if isinstance(e, Expr)]
    if not values or any(e.shape.axes for e in values):
        return True
    e = values[side] if side < len(values) else values[0]
    other: dict[str, Expr] = {name: Symbol(f"{name}_other", s.space, s.traits) for name, s in symbols(e).items()}
    if meant.definitions:
        return True
    return agreement(court.judge(meant), e, substitute(e, other)) == "verified"


def lengths_of(outcome: Outcome) -> set[Name]:
    """The letters that say how long something is, which are not to be found."""
    spaces = (
        [s.space for s in outcome.meant.understood.declarations.symbols.values()] if outcome.meant is not None else []
    )
    return {
        (factor, False) for space in spaces for dim in space.axes for factor in dim.factors if isinstance(factor, str)
    }


def unsaid_numbers(outcome: Outcome) -> set[str]:
    """The letters that were taken for numbers, though nothing says what they are."""
    meant = outcome.meant
    symbols_of = meant.understood.symbols.values() if meant is not None else ()
    return {s.name for s, letter in symbols_of if letter.said is None and not s.space.axes}


def is_never(outcome: Outcome, i: int, j: int) -> bool:
    """Whether two numbers differ that do not change with any letter, so that no values of these make them equal."""
    meant = outcome.meant
    if meant is None or outcome.status != "refuted":
        return False
    for side in (meant.values[i], meant.values[j]):
        if not isinstance(side, Expr) or side.shape.axes or side.free:
            return False
        whole: Expr = side
        for d in reversed(meant.definitions):
            whole = substitute(whole, {d.symbol.name: d.value})
        other: dict[str, Expr] = {n: Symbol(f"{n}_other", s.space, s.traits) for n, s in symbols(whole).items()}
        if agreement(Judge(), whole, substitute(whole, other)) != "verified":
            return False
    return True


def is_tensor(outcome: Outcome) -> bool:
    """Whether a member has more than two axes, so that sides do not fit."""
    values = outcome.meant.values if outcome.meant is not None else ()
    return any(isinstance(e, Expr) and e.shape.rank > 2 for e in values) and outcome.status == "shape"


def is_settled(outcome: Outcome, i: int, j: int) -> bool:
    """Whether all letters of both sides stand for numbers that the text gives, so that nothing is to be found."""
    meant = outcome.meant
    if meant is None or outcome.status != "refuted":
        return False
    given = {d.symbol.name: d.value for d in meant.definitions}
    left = [name for side in (meant.values[i], meant.values[j]) if isinstance(side, Expr) for name in symbols(side)]
    met: set[str] = set()
    while left:
        name = left.pop()
        if name not in given:
            return False
        if name not in met:
            met.add(name)
            left += symbols(given[name])
    return bool(met)


def is_another(chain: Chain, court: Court, i: int) -> bool:
    """Whether a chain begins with a defined function that is not what it goes on with: another one has its name by now."""
    first = court.question.sides[0].tree
    if not i or len(court.latexes) != len(chain.links) or not isinstance(first, Group | Called):
        return False
    applied = re.match(r"\s*\\?[A-Za-z]+(?:_\w)?\s*(?:\\left)?\(", court.latexes[0]) is not None
    return applied and bool(court.question.needed) and court.compare(0, 1).status == "refuted"


def is_strange(outcome: Outcome, sides: tuple[Surface, Surface], *, settled: bool) -> bool:
    """Whether lengths that nothing declares do not fit, a long name is an index, or a bold 1 stands where a matrix does.

    ``settled`` says that a header declares all lengths.
    """
    if outcome.about == "lengths" and not settled:
        return True
    values = [e for e in outcome.meant.values if isinstance(e, Expr)] if outcome.meant is not None else []
    if any(len(index.name) > 1 for e in values for index in e.free) or counts_by_capital(outcome):
        return True
    bare_sides = map(unwrapped, sides)
    lone = any(isinstance(s, Letter) and s.stem == "1" for s in bare_sides)
    return lone and any(e.shape.rank == 2 for e in values)


def has_generic(outcome: Outcome) -> bool:
    """Whether any operation may stand between two operands, ◯, in a member."""
    values = [e for e in outcome.meant.values if isinstance(e, Expr)] if outcome.meant is not None else []
    return any(isinstance(x, Call) and x.op.name == GENERIC.name for e in values for x in walk(e))


_VARIABLES = frozenset("uvwxyz")
"""Letters by which nobody counts who says nothing of it."""


def counts_by_capital(outcome: Outcome) -> bool:
    """Whether a capital letter below another was taken for an index, as in P_X, which is more often a part of the name; so are
    the letters of variables, as in the block Σ_xy that belongs to x and y."""
    values = [e for e in outcome.meant.values if isinstance(e, Expr)] if outcome.meant is not None else []
    return any(index.name[:1].isupper() or index.name in _VARIABLES for e in values for index in e.free)


ROUNDED = 0.06
"""How far, for their size, numbers may be apart that an author may have rounded."""


def is_far_off(outcome: Outcome) -> bool:
    """Whether two numbers differ by more than what is lost when one rounds."""
    v = outcome.verdict
    try:
        a, b = float(v.left if v is not None else ""), float(v.right if v is not None else "")
    except ValueError:
        return False
    return abs(a - b) > ROUNDED * max(abs(a), abs(b))
