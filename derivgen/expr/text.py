"""The text of an expression, as a NumPy user types it; the parser reads back the same tree."""

from __future__ import annotations

from fractions import Fraction

from derivgen.deadline import TooLong
from derivgen.expr.base import UNCOUNTED, Expr, Op
from derivgen.expr.nodes import (
    MINUS_ONE,
    ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Mul,
    Number,
    Partial,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)
from derivgen.expr.notation import ATOM, POWER, PRODUCT, RELATION, SIGN, SIGNED, SUM
from derivgen.expr.sizes import Binder, Dim, Index, Pair
from derivgen.expr.walks import children

HALF = Fraction(1, 2)

Written = tuple[str, int]

MOST_WRITTEN = 500_000
"""The most parts that a text is written with, those that repeat counted each time."""


def text(e: Expr) -> str:
    """``e`` as text that parses to ``e`` again, with no more parentheses than that takes.

    Raises:
        TooLong: written out, it would have too many characters.
    """
    if e.written > MOST_WRITTEN:
        count = f"{e.written:,}" if e.written < UNCOUNTED else "more than can be counted"
        raise TooLong(
            f"the expression is too long to be written out: {count} parts", hint="name its parts with --let, let="
        )
    written: dict[int, Written] = {}
    todo: list[tuple[Expr, bool]] = [(e, False)]
    while todo:  # without recursion, so that a deep chain prints
        here, ready = todo.pop()
        if id(here) in written:
            continue
        if ready:
            written[id(here)] = _write(here, written)
        else:
            todo.append((here, True))
            todo.extend((child, False) for child in children(here))
    return written[id(e)][0]


def _write(e: Expr, written: dict[int, Written]) -> Written:
    """The text of one node, that of everything below it being known."""

    def at_least(level: int, part: Expr) -> str:
        inside, own = written[id(part)]
        return inside if own >= level else f"({inside})"

    def plain(part: Expr) -> str:
        return written[id(part)][0]

    match e:
        case Number(value):
            return _number(value)
        case Size(dim):
            return (text_of_dim(dim), PRODUCT) if isinstance(dim.size, tuple) else (str(dim), ATOM)
        case Position(index):
            return f"{index} + 1", SUM
        case Symbol(name):
            return name, ATOM
        case Add(terms):
            return _sum(terms, written)
        case Mul(factors):
            return _product(factors, written), PRODUCT
        case Power(_, Number(value)) if value == HALF:
            return f"sqrt({plain(e.base)})", ATOM
        case Power() if is_quotient(e):
            return f"1 / {_denominator(e, written)}", PRODUCT
        case Power(base, exponent):
            return f"{at_least(ATOM, base)}**{at_least(SIGN, exponent)}", POWER
        case Call():
            return _call(e, written)
        case At(array, places):
            inside = ", ".join(map(str, places))
            if len(places) == 1 and isinstance(places[0], Pair):
                inside = inside[1:-1]
            if isinstance(array, At):
                return f"({plain(array)})[{inside}]", ATOM
            return f"{at_least(ATOM, array)}[{inside}]", ATOM
        case Build(indices, body, row):
            inside = plain(body)
            for binder in reversed(indices):
                inside = f"[{inside} {_over(binder)}]"
            return inside + (".T" if row else ""), ATOM
        case Sum(index, body):
            over = [_over(index)]
            while isinstance(body, Sum):
                over.append(_over(body.index))
                body = body.body
            return f"sum({plain(body)} {' '.join(over)})", ATOM
        case Delta(left, right):
            return f"{left} == {right}", RELATION
        case Partial(body, wrt):
            return f"partial({plain(body)}, {plain(wrt)})", ATOM
        case Cases():
            return f"where({', '.join(map(plain, children(e)))})", ATOM
        case _:
            raise TypeError(f"no text for {type(e).__name__}")


def _number(value: Fraction) -> Written:
    if value.denominator != 1:
        return f"{value.numerator} / {value.denominator}", PRODUCT
    return str(value.numerator), ATOM if value >= 0 else SIGN


def _over(index: Binder) -> str:
    if isinstance(index, Index):
        return f"for {index} in range({text_of_dim(index.dim)})"
    return f"for {index} in range{_extents(index)}"


def _extents(binder: Binder) -> str:
    if isinstance(binder, Index):
        return text_of_dim(binder.dim)
    return f"({_extents(binder.outer)}, {_extents(binder.inner)})"


def text_of_dim(dim: Dim) -> str:
    """A size: n, 3, m*n."""
    return "*".join(map(str, dim.factors))


def _call(e: Call, written: dict[int, Written]) -> Written:
    """An operation of its arguments, in the form that it has in text."""
    op, said = e.op, e.op.notation

    def at_least(level: int, part: Expr) -> str:
        inside, own = written[id(part)]
        return inside if own >= level else f"({inside})"

    match said.form:
        case "juxtaposed":
            return f" {said.text} ".join([at_least(POWER, a) for a in e.args]), PRODUCT
        case "postfix" if said.text and not _is_column_by_entries(e.args[0]):
            return at_least(ATOM, e.args[0]) + said.text, ATOM
        case "grid":
            return f"[{', '.join([written[id(_unwrapped_row(a))][0] for a in e.args])}]", ATOM
        case "letter" if not e.dims:
            return op.name, ATOM
        case "infix" if said.text:
            return f"{at_least(SIGN, e.args[0])} {said.text} {at_least(SIGN, e.args[1])}", PRODUCT
        case "relation" if said.text and not (said.text == "==" and all(map(is_place_like, e.args))):
            return f"{at_least(SUM, e.args[0])} {said.text} {at_least(SUM, e.args[1])}", RELATION
    listed = [*(written[id(a)][0] for a in e.args), *map(text_of_dim, e.dims)]
    if said.form == "fence" and said.under[0]:
        listed.append(said.under[0])
    return f"{name_of(op)}({', '.join(listed)})", ATOM


def name_of(op: Op) -> str:
    """The name that stands before the arguments."""
    return op.name if op.notation.form in SIGNED else op.notation.text or op.name


def _is_column_by_entries(e: Expr) -> bool:
    """Whether ``e`` is a list over an index, whose transpose is a row by entries."""
    return isinstance(e, Build) and len(e.indices) == 1 and not e.row


def _unwrapped_row(e: Expr) -> Expr:
    """A row of a stacked matrix is written as a list of its own."""
    match e:
        case Call(op, (Call(inner) as row,)) if op.notation.text == ".T" and inner.notation.form == "grid":
            return row
        case _:
            return e


def is_quotient(e: Expr) -> bool:
    """Whether ``e`` is written below a fraction bar: a negative power, unless that would read back as another tree."""
    match e:
        case Power(base, Number(value)) if value < 0:
            if value != -1:
                return True
            # 1 / 2 is a number, and u / v**2 is u v^-2: (v**2)**-1 and 2**-1 are written as powers
            return not isinstance(base, Number) and not (
                isinstance(base, Power) and isinstance(base.exponent, Number) and base.exponent.value > 0
            )
        case _:
            return False


def _denominator(e: Expr, written: dict[int, Written]) -> str:
    """What stands after the slash for a negative power."""
    assert isinstance(e, Power)
    assert isinstance(e.exponent, Number)
    inside, level = written[id(e.base)]
    value = -e.exponent.value
    if value == HALF:
        return f"sqrt({inside})"
    if value == 1:
        return inside if level >= POWER else f"({inside})"
    base = inside if level == ATOM else f"({inside})"
    return f"{base}**{value}" if value.denominator == 1 else f"{base}**({value.numerator} / {value.denominator})"


def is_bare_index(e: Expr) -> bool:
    """Whether ``e`` is an index as text counts it, from 0: Position(i) - 1, written i."""
    return isinstance(e, Add) and len(e.terms) == 2 and isinstance(e.terms[0], Position) and e.terms[1] == MINUS_ONE


def is_place_like(e: Expr) -> bool:
    """Whether ``e`` would be read as a place, so that comparing two of them reads as Kronecker's delta."""
    return is_bare_index(e) or (isinstance(e, Number) and e.value >= 0 and e.value.denominator == 1)


def _sum(terms: tuple[Expr, ...], written: dict[int, Written]) -> Written:
    first, *rest = terms
    if isinstance(first, Position) and rest[:1] == [MINUS_ONE]:
        if len(rest) == 1:
            return str(first.index), ATOM
        if rest[1] != ONE:  # i + 1 is read as the position; i + 2, as i and 2
            return str(first.index) + "".join(_signed(t, written) for t in rest[1:]), SUM
    inside, level = written[id(first)]
    nested = isinstance(first, Add) or level < SUM
    return (f"({inside})" if nested else inside) + "".join(_signed(t, written) for t in rest), SUM


def _signed(term: Expr, written: dict[int, Written]) -> str:
    """A term that is not the first, with its sign."""
    match term:
        case Number(value) if value < 0:
            return f" - {_number(-value)[0]}"
        case Mul((Number(value), *rest)) if value < 0 and rest:
            if value == -1 and (is_quotient(rest[0]) or _minus_suffices(rest[0])):
                if len(rest) > 1:
                    return f" - {_product(tuple(rest), written)}"
                inside, level = written[id(rest[0])]
                bare = level >= PRODUCT and not inside.startswith("-")
                return f" - {inside if bare else f'({inside})'}"
            return f" - {_product((Number(-value), *rest), written)}"
        case _:
            inside, level = written[id(term)]
            return f" + {inside if level >= PRODUCT else f'({inside})'}"


def _minus_suffices(factor: Expr) -> bool:
    """Whether -1 before ``factor`` may be written as the sign alone: it would go into another number."""
    match factor:
        case Number():
            return False
        case Mul((Number(value), *_)) if value < 0:
            return True
        case Mul():
            return False
        case _:
            return not is_quotient(factor)


def _product(factors: tuple[Expr, ...], written: dict[int, Written]) -> str:
    out = ""
    start = 0
    first = factors[0]
    if first == MINUS_ONE and len(factors) > 1 and _minus_suffices(factors[1]):
        out, start = "-", 1
    scalars = True  # nothing but scalars so far: a matrix product may follow without parentheses
    for k, factor in enumerate(factors):
        if k < start:
            continue
        inside, level = written[id(factor)] if id(factor) in written else _write(factor, written)
        below = _below(factors, k)
        if below:
            out += f" / {_denominator(factor, written)}"
        elif isinstance(factor, Call) and factor.op.notation.form == "juxtaposed":
            last = k + 1 == len(factors) or _below(factors, k + 1)
            free = scalars and last
            out += (" * " if k > start else "") + (inside if free else f"({inside})")
        elif k == start:
            leads = isinstance(factor, Number) or is_quotient(factor)  # 2 / 3 * x, 1 / x * y
            out += inside if level >= SIGN or (leads and not start) else f"({inside})"
        else:
            out += f" * {inside if level >= POWER else f'({inside})'}"
        scalars = scalars and not factor.shape.axes
    return out


def _below(factors: tuple[Expr, ...], k: int) -> bool:
    """Whether factor k is written after a slash."""
    factor = factors[k]
    if not k or not isinstance(factor, Power):
        return False
    alone = k == 1 and isinstance(factors[0], Number)  # 1 / v is a power, 3 / 2 a number
    if isinstance(factor.base, Number) and factor.exponent == MINUS_ONE:
        return not alone
    return is_quotient(factor) and not (alone and factors[0] == ONE)


Expr.__str__ = text  # type: ignore[method-assign,assignment]
