"""How sums and products are written: signs, fractions, juxtaposition, the element-wise product and its inverse."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

from derivgen.catalog import linear
from derivgen.catalog.build import times
from derivgen.expr import MINUS_ONE, ONE, At, Call, Cases, Expr, Mul, Number, Power, Size, Sum, Symbol
from derivgen.expr.notation import ATOM, BIG, CIRCLE, ENTRYWISE, FRACTION, POWER, PRODUCT, SUM
from derivgen.show.layout.box import (
    DOT,
    MINUS,
    PARTIAL,
    THIN,
    TRANSPOSE,
    Apply,
    Box,
    Fence,
    Frac,
    Letter,
    Num,
    Sign,
    leading,
    row,
    scripted,
)
from derivgen.show.layout.term import Context, Term


def number(value: Fraction) -> Term:
    """A rational number."""
    size = abs(value)
    if size.denominator == 1:
        term = Term(Num(str(size.numerator)), ATOM)
    else:
        term = Term(Frac(Num(str(size.numerator)), Num(str(size.denominator))), FRACTION)
    return term if value >= 0 else Term(row(MINUS, term.box), SUM)


def unsigned(e: Expr) -> tuple[bool, Expr]:
    """Whether ``e`` is written with a minus in front, and what follows it."""
    match e:
        case Number(value) if value < 0:
            return True, Number(-value)
        case Mul((Number(value), *rest)) if value < 0 and rest:
            if value != MINUS_ONE.value:
                return True, Mul((Number(-value), *rest))
            return True, times(rest)
        case _:
            return False, e


def add(terms: tuple[Expr, ...], c: Context) -> Term:
    """Terms with + or − between them."""
    parts: list[Box] = []
    for k, term in enumerate(terms):
        negative, body = unsigned(term)
        if k:
            parts.append(Sign("−" if negative else "+"))
        elif negative:
            parts.append(MINUS)
        said = c.term(body)
        closed = said.within(BIG)
        # a brace has no other end, so what follows it would seem to belong to its last branch
        if isinstance(body, Cases) and k < len(terms) - 1:
            closed = Fence(said.box)
        parts.append(closed)
    return Term(row(*parts), SUM)


def mul(e: Mul, c: Context) -> Term:
    """An element-wise product; a leading negative number is a sign."""
    negative, rest = unsigned(e)
    if negative:
        return Term(row(MINUS, c.term(rest).within(BIG)), SUM)
    arrays = [f for f in e.factors if f.shape.axes]
    if len(arrays) > 1 or any(_inverted(f) for f in arrays):
        return _hadamard(e.factors, c)
    if len(e.factors) == 1:
        return c.term(e.factors[0])
    return juxtaposed(_scalars_first(e.factors), c)


def _inverted(f: Expr) -> Expr | None:
    """What ``f`` divides by, where it is a factor of a quotient."""
    match f:
        case Power(base, Number(value)) if value == -1:
            return base
        case Power(base, Number(value)) if value < 0:
            return Power(base, Number(-value))
        case _:
            return None


def _scalars_first(factors: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The factors with the array last, unless plain names and divisors alone follow it (𝐱z, 𝐱/‖𝐱‖)."""
    where = next((k for k, f in enumerate(factors) if f.shape.axes), None)
    if where is None:
        return factors
    after = factors[where + 1 :]
    if all(isinstance(f, Symbol | At) or _inverted(f) is not None for f in after):
        return factors
    return (*factors[:where], *after, factors[where])


def _hadamard(factors: tuple[Expr, ...], c: Context) -> Term:
    arrays = [f for f in factors if f.shape.axes]
    scalars = [f for f in factors if not f.shape.axes]
    over = [f for f in arrays if _inverted(f) is None]
    under = [d for f in arrays if (d := _inverted(f)) is not None]
    parts: list[Box] = []
    for f in over:
        parts += [Sign(c.style.times)] if parts else []
        parts.append(c.term(f).within(FRACTION))
    if not over:
        one: Box = Letter("1", "bold")
        parts.append(scripted(one, sup=TRANSPOSE) if arrays[0].shape.row else one)
    if under:
        product = times(under)
        parts += [Sign("⊘"), c.term(product).within(FRACTION)]
    alone = len(parts) == 1
    core = c.term(over[0]) if alone else Term(row(*parts), ENTRYWISE)
    if not scalars:
        return core
    last_array = max(k for k, f in enumerate(factors) if f.shape.axes)
    behind = factors[last_array + 1 :]
    if behind and len(behind) == len(scalars) and all(_inverted(f) is not None for f in behind):
        return Term(Frac(core.box, _denominator([_inverted(f) or f for f in behind], c)), FRACTION)
    front = _runs(tuple(scalars), c)
    return _joined([*front, (None, core)])


Said = tuple[Expr | None, Term]


def juxtaposed(factors: tuple[Expr, ...], c: Context) -> Term:
    """Factors side by side, of which at most one is an array; divisors go under what stands before them."""
    return _joined(_runs(factors, c))


def _runs(factors: tuple[Expr, ...], c: Context) -> list[Said]:
    said: list[Said] = []
    over: list[Expr] = []
    under: list[Expr] = []

    def close(last: bool = False) -> None:
        if under and last and over and _leads_with_sum(over[-1]) and all(_is_plain(d) for d in under):
            # (1/N) Σ … rather than a fraction with all of Σ … on top
            said.append((None, _fraction(over[:-1], under, c)))
            said.append((over[-1], c.term(over[-1])))
        elif under:
            said.append((None, _fraction(over, under, c)))
        else:
            said.extend(_with_number(over, c))
        over.clear()
        under.clear()

    for f in factors:
        divisor = None if f.shape.axes else _inverted(f)
        if divisor is not None:
            under.append(divisor)
            continue
        if under:
            close()
        over.append(f)
    close(last=True)
    return said


def _with_number(over: list[Expr], c: Context) -> list[Said]:
    """Factors above no line, of which plain letters take a fraction before them: N/2 rather than 1/2 N."""
    plain = next((k for k, f in enumerate(over) if k and not isinstance(f, Symbol | Size)), len(over))
    if plain < 2 or plain == len(over) or over[1].shape.axes or not _is_broken(over[0]):
        return [(f, c.term(f)) for f in over]
    letters = [f for f in over[1:plain] if not f.shape.axes]
    rest = over[1 + len(letters) :]
    return [(None, _fraction([over[0], *letters], [], c)), *((f, c.term(f)) for f in rest)]


def _is_broken(e: Expr) -> bool:
    return isinstance(e, Number) and e.value > 0 and e.value.denominator > 1


def _leads_with_sum(e: Expr) -> bool:
    return isinstance(e, Sum) or (isinstance(e, Call) and e.op is linear.sum_)


def _is_plain(e: Expr) -> bool:
    return isinstance(e, Symbol | Size | Number)


def _fraction(over: list[Expr], under: list[Expr], c: Context) -> Term:
    above: list[Expr] = []
    below: list[Expr] = []
    for f in over:  # 1/2 over N is 1/(2N)
        if isinstance(f, Number) and _is_broken(f):
            above += [Number(Fraction(f.value.numerator))] if f.value.numerator > 1 else []
            below.append(Number(Fraction(f.value.denominator)))
        else:
            above.append(f)
    if len(above) > 1 and above[0] == ONE:
        above = above[1:]
    return Term(Frac(_denominator(above or [ONE], c), _denominator([*below, *under], c)), FRACTION)


def _denominator(factors: list[Expr], c: Context) -> Box:
    return c.box(factors[0]) if len(factors) == 1 else _joined([(f, c.term(f)) for f in factors]).box


def _joined(said: list[Said]) -> Term:
    if len(said) == 1:
        return said[0][1]
    parts: list[Box] = []
    level = PRODUCT
    for k, (e, term) in enumerate(said):
        last = k == len(said) - 1
        box = term.box
        if (
            term.level < BIG
            or term.level == CIRCLE
            or (not last and (term.level in (BIG, ENTRYWISE) or _is_dot_product(e)))
        ):
            box = Fence(box)
        elif term.level == BIG:
            level = BIG
        parts += [*_between(parts[-1], box), box] if parts else [box]
    return Term(row(*parts), level)


def _is_dot_product(e: Expr | None) -> bool:
    return isinstance(e, Call) and e.op is linear.matmul and not e.shape.axes


def _between(left: Box, right: Box) -> list[Box]:
    """What keeps two factors apart: a dot between numbers, a thin space beside a word or an indicator."""
    before, after = leading(left), leading(right)
    number_after = isinstance(after, Num) or (isinstance(after, Frac) and isinstance(leading(after.over), Num))
    one_after = isinstance(after, Letter) and after.text.isdigit()
    if isinstance(left, Num) and (number_after or one_after or left.digits in ("0", "1")):
        return [DOT]
    if isinstance(after, Num) or (isinstance(left, Frac) and number_after):
        return [DOT]
    if isinstance(after, Frac) and (isinstance(left, Frac) or after.over == PARTIAL):
        return [THIN]
    if one_after or _wordy(before) or _wordy(after) or _is_indicator(left):
        return [THIN]
    return []


def _wordy(box: Box) -> bool:
    return isinstance(box, Letter) and len(box.text) > 1


def _is_indicator(box: Box) -> bool:
    return isinstance(box, Apply) and isinstance(box.head, Letter) and box.head.text == "1"


def matrix_product(args: tuple[Expr, ...], c: Context) -> Term:
    """The matrix product by juxtaposition; a square matrix times itself is a power."""
    runs = [(arg, len(list(equal))) for arg, equal in groupby(args)]
    parts: list[Box] = []
    level = PRODUCT
    for k, (arg, count) in enumerate(runs):
        term = c.term(arg)
        if count > 1:
            term = Term(scripted(term.within(ATOM), sup=Num(str(count))), POWER)
        last = k == len(runs) - 1
        box = term.box
        loose = term.level < BIG or term.level in (CIRCLE, ENTRYWISE) or (term.level == BIG and not last)
        if loose or (isinstance(arg, Mul) and term.level == PRODUCT and k > 0):
            box = Fence(box)
        elif term.level == BIG:
            level = BIG
        parts += [*_between(parts[-1], box), box] if parts else [box]
    return Term(row(*parts), level if len(runs) > 1 else POWER)
