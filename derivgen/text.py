"""The text of an expression and of a declaration, as a NumPy user types it; the parser reads back the same tree."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import Abstract, Operation
from derivgen.deadline import TooLong
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    UNCOUNTED,
    Add,
    At,
    Binder,
    Build,
    Call,
    Cases,
    Delta,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Op,
    Pair,
    Partial,
    Position,
    Power,
    Shape,
    Size,
    Sum,
    Symbol,
    children,
)

LOW, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
"""How tightly a text holds together, as Python's grammar has it."""

HALF = Fraction(1, 2)

SPELLED = {"largest": "max", "smallest": "min", "norm1": "norm"}
"""Operations whose name in text is not their own."""

Written = tuple[str, int]

MOST_WRITTEN = 500_000
"""The most parts that a text is written with, those that repeat counted each time."""


def text(e: Expr) -> str:
    """``e`` as text that parses to ``e`` again, with no more parentheses than that takes."""
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
        case Call(op, args, dims):
            if op is linear.matmul:
                return " @ ".join(at_least(POWER, a) for a in args), PRODUCT
            if op is linear.transpose:
                (arg,) = args
                if isinstance(arg, Build) and len(arg.indices) == 1 and not arg.row:
                    return f"transpose({plain(arg)})", ATOM
                return f"{at_least(ATOM, arg)}.T", ATOM
            if op is opaque.stack:
                return "[" + ", ".join(plain(_unwrapped_row(a)) for a in args) + "]", ATOM
            if op is elementwise.pi:
                return "pi", ATOM
            infix = infix_symbol(op)
            if infix == "◯":
                return f"{at_least(SIGN, args[0])} ◯ {at_least(SIGN, args[1])}", PRODUCT
            if infix and not (op is elementwise.equal and all(map(is_place_like, args))):
                return f"{at_least(SUM, args[0])} {infix} {at_least(SUM, args[1])}", COMPARISON
            listed = [*map(plain, args), *map(text_of_dim, dims)]
            if op is formulas.norm1:
                listed.append("1")
            return f"{function_name(op)}({', '.join(listed)})", ATOM
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
            return f"{left} == {right}", COMPARISON
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


def function_name(op: Op) -> str:
    """The name that stands before the arguments; that of a derivative of an abstract function is D(f)."""
    if not isinstance(op, Abstract):
        return SPELLED.get(op.name, op.name)
    if not op.orders:
        return op.name
    if op.orders == (0,) and len(op.domain) == 1:
        return f"D({op.name})"
    return f"D({', '.join([op.name, *map(str, op.orders)])})"


def infix_symbol(op: Op) -> str:
    """The symbol of an operation that is written between its operands, else ""."""
    if isinstance(op, Operation) and op.notation.form == "infix":
        return op.notation.text
    return "◯" if isinstance(op, Abstract) and op.name == "◯" and not op.orders else ""


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


def _unwrapped_row(e: Expr) -> Expr:
    """A row of a stacked matrix is written as a list of its own."""
    match e:
        case Call(op, (Call(inner, _) as row,)) if op is linear.transpose and inner is opaque.stack:
            return row
        case _:
            return e


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
        elif isinstance(factor, Call) and factor.op is linear.matmul:
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


# --- declarations --------------------------------------------------------------------------------------------------


FAMILIES = {"positive-definite": "PD", "diagonal": "Diag", "symmetric": "Sym", "simplex": "Simplex"}
"""Traits that are declared by a set of their own, with its name; the first that a symbol has is the one to say."""


def text_of_shape(shape: Shape) -> str:
    """The space of an array: R, R^n, R^(m*n)."""
    match shape.axes:
        case ():
            return "R"
        case (n,):
            return f"R^{_factor(n)}" if not isinstance(n.size, tuple) else f"R^({_factor(n)})"
        case axes:
            return f"R^({'*'.join(map(_factor, axes))})"


def _factor(dim: Dim) -> str:
    """The length of an axis in a declaration; one that is a product stands in parentheses."""
    return f"({text_of_dim(dim)})" if isinstance(dim.size, tuple) else str(dim)


def text_of_space(symbol: Symbol) -> str:
    """What a declaration says of a symbol, its name left out: "R^n", "Sym(n)"."""
    for trait, family in FAMILIES.items():
        if trait in symbol.traits and symbol.space.axes:
            return f"{family}({text_of_dim(symbol.space.axes[0])})"
    return text_of_shape(symbol.space)


def declaration(symbol: Symbol) -> str:
    """The declaration of one symbol: "w in R^n"."""
    return _declaration((symbol,))


def _declaration(group: Iterable[Symbol]) -> str:
    members = tuple(group)
    out = f"{', '.join(s.name for s in members)} in {text_of_space(members[0])}"
    if "positive" in members[0].traits:
        out += "".join(f", {s.name} > 0" for s in members)
    return out


def function_declaration(op: Abstract) -> str:
    """The declaration of an abstract function: "f: R^n -> R^m"."""
    out = f"{op.name}: {', '.join(map(text_of_shape, op.domain))} -> {text_of_shape(op.codomain)}"
    return out + (" elementwise" if op.pointwise else "")


def where_text(symbols: Iterable[Symbol], functions: Iterable[Abstract] = ()) -> str:
    """All declarations in one line, those of one space together, in the order met."""
    groups: dict[tuple[Shape, tuple[str, ...]], list[Symbol]] = {}
    for symbol in symbols:
        groups.setdefault((symbol.space, symbol.traits), []).append(symbol)
    parts = [_declaration(group) for group in groups.values()]
    parts += [function_declaration(f) for f in functions if f.name != "◯"]
    return "; ".join(parts)
