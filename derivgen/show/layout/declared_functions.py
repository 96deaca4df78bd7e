"""How abstract functions and their derivatives are written: f(x), f_i(w), f′, ∂f/∂x, ◯."""

from __future__ import annotations

from derivgen.catalog.base import GENERIC, Abstract
from derivgen.expr import At, Call, Expr, Place, Symbol, walk
from derivgen.expr.notation import ATOM, BIG, CIRCLE, FRACTION, POWER, SUM
from derivgen.show.layout.box import (
    PARTIAL,
    PRIME,
    THIN,
    Apply,
    Box,
    Fence,
    Frac,
    Letter,
    Num,
    Row,
    Script,
    Sign,
    Value,
    row,
    scripted,
)
from derivgen.show.layout.entries import entry
from derivgen.show.layout.names import joined, named, places
from derivgen.show.layout.term import Context, Term


def abstract(e: Call, op: Abstract, c: Context) -> Term:
    """An abstract function, or a derivative of one, applied to arrays or numbers."""
    if op.pointwise:
        return _pointwise(e, op, (), c)
    if not op.orders:
        return Term(Apply(function(op, (), c), tuple([c.box(a) for a in e.args])), ATOM)
    return Term(Apply(row(*_operators(op), function(op, (), c)), tuple([c.box(a) for a in e.args])), ATOM)


def abstract_entry(e: Call, op: Abstract, where: tuple[Place, ...], c: Context) -> Term | None:
    """An entry of an abstract function's value or Jacobian: f_i(w), ∂f_i/∂x_j; None where it is no single entry."""
    if len(where) < e.shape.rank:
        return None
    if op.pointwise:
        return _pointwise(e, op, where, c) if op.codomain.axes else None
    own = where[: op.codomain.rank]
    if not op.orders:
        return Term(Apply(function(op, own, c), tuple([c.box(a) for a in e.args])), ATOM)
    return jacobian(e, op, own, _by_argument(op, where[len(own) :]), c)


def _by_argument(op: Abstract, where: tuple[Place, ...]) -> list[tuple[Place, ...]]:
    parts: list[tuple[Place, ...]] = []
    start = 0
    for k in op.orders:
        rank = op.domain[k].rank
        parts.append(where[start : start + rank])
        start += rank
    return parts


def function(op: Abstract, where: tuple[Place, ...], c: Context) -> Box:
    """The function's name: bold where its value is a vector, with the places of a component."""
    if op.name == GENERIC.name:
        return Sign(GENERIC.name, "ordinary")
    bold = op.codomain.rank == 1 and not where
    return named(c.names[op.name], "bold" if bold else "italic", places(where))


def _operators(op: Abstract) -> list[Box]:
    return [scripted(Sign("∂", "ordinary"), sub=Num(str(k + 1))) for k in op.orders]


def numbered(box: Box) -> bool:
    """Whether it is a derivative by an argument that is said by its number: ∂₁f(x, g(x)), or an entry of it."""
    match box:
        case Script(body) | Fence(body):
            return numbered(body)
        case Apply(Row((Script(Sign("∂"), Num()), *_))):
            return True
        case _:
            return False


def _pointwise(e: Call, op: Abstract, where: tuple[Place, ...], c: Context) -> Term:
    head = function(op, where, c)
    if c.style.entire and where and not op.orders:
        return Term(Apply(head, tuple([c.box(a) for a in e.args])), ATOM)
    args = tuple([entry(a, where) for a in e.args])
    if op.name == GENERIC.name and not op.orders and len(args) == 2:
        sides = [c.term(a).within(FRACTION) for a in args]
        return Term(row(sides[0], Sign(GENERIC.name), sides[1]), CIRCLE)
    if not op.orders:
        return Term(Apply(head, tuple([c.box(a) for a in args])), ATOM)
    if len(args) == 1:
        count = len(op.orders)
        primes: Box = (
            row(*[PRIME] * count) if count < 4 else row(Sign("(", "ordinary"), Num(str(count)), Sign(")", "ordinary"))
        )
        return Term(Apply(scripted(head, sup=primes), (c.box(args[0]),)), ATOM)
    variables = [_variable(a, c) for a in args]
    distinct = all(v is not None for v in variables) and len(set(args)) == len(args)
    if not e.shape.axes and distinct and (op.name == GENERIC.name or not _moves_with_another(args)):
        value = c.term(Call(Abstract(op.name, op.domain, op.codomain, True), args))
        if op.codomain.axes:
            value = Term(Apply(head, tuple([c.box(a) for a in args])), ATOM)
        return quotient(value, [variables[k] or head for k in op.orders], short=op.name != GENERIC.name)
    return Term(Apply(row(*_operators(op), head), tuple([c.box(a) for a in args])), ATOM)


def _moves_with_another(args: tuple[Expr, ...]) -> bool:
    """Whether one of them is a variable that another contains: in f(x, g(x)) the derivative by x would be that of the whole."""
    names = [{s.name for s in walk(a) if isinstance(s, Symbol)} for a in args]
    return any(
        isinstance(a, Symbol | At) and _is_plain(a) and any(own & other for j, other in enumerate(names) if j != k)
        for k, (a, own) in enumerate(zip(args, names, strict=True))
    )


def _variable(arg: Expr, c: Context) -> Box | None:
    """What stands for ``arg`` under ∂: a variable, its entry, or the name of a function of plain variables."""
    match arg:
        case Symbol() | At(Symbol()):
            return c.box(arg)
        case At(Call(Abstract(orders=()) as op, args), where) if all(isinstance(a, Symbol) for a in args):
            return function(op, where, c) if op.name != GENERIC.name else None
        case Call(Abstract(orders=()) as op, args) if not arg.shape.axes and all(_is_plain(a) for a in args):
            return function(op, (), c) if op.name != GENERIC.name else None
        case _:
            return None


def _is_plain(arg: Expr) -> bool:
    return isinstance(arg, Symbol) or (isinstance(arg, At) and isinstance(arg.array, Symbol))


def quotient(value: Term, variables: list[Box], *, short: bool = False, count: int = 0) -> Term:
    """∂ value/∂ variable; a value that is not short stands behind the operator. It is of order ``count``, or once by each."""
    count = count or len(variables)
    top = scripted(Sign("∂", "ordinary"), sup=Num(str(count))) if count > 1 else PARTIAL
    below: list[Box] = []
    for v in reversed(variables):
        below += [THIN, PARTIAL, v] if below else [PARTIAL, v]
    if short:
        return Term(Frac(row(top, value.box), row(*below)), FRACTION)
    return Term(row(Frac(top, row(*below)), value.within(POWER)), BIG)


def jacobian(e: Call, op: Abstract, own: tuple[Place, ...], by: list[tuple[Place, ...]], c: Context) -> Term:
    """∂f_i/∂x_j of an abstract function at its arguments, or with no places ∂f/∂x."""
    if len(e.args) > 1:
        return _jacobian_of_several(e, op, own, by, c)
    head = function(op, own, c)
    below: list[Box] = []
    at: list[Box] = []
    for k, where in zip(op.orders, by, strict=True):
        inner = e.args[k]
        itself = isinstance(inner, Call) and inner.op.name == op.name  # ∂f/∂f would be read as I
        variable = None if itself else _argument(e.args, k, where, c)
        if variable is None:
            letter = Letter(_unused(c), "bold" if e.args[k].shape.rank == 1 else "italic")
            variable = scripted(Letter(letter.text), sub=row(*places(where))) if where else letter
            at = [row(letter, Sign("="), c.term(e.args[k]).within(SUM))]
        below.append(variable)
    term = quotient(Term(head, ATOM), below, short=True)
    return Term(Value(term.box, at[0]), POWER) if at else term


def _jacobian_of_several(
    e: Call, op: Abstract, own: tuple[Place, ...], by: list[tuple[Place, ...]], c: Context
) -> Term:
    """∂f(x, y)/∂x: with several arguments all of them are written, and which one is meant is said by number if need be."""
    args = tuple([c.box(a) for a in e.args])
    if len({a.name for a in e.args if isinstance(a, Symbol)}) == len(e.args):
        below = [c.box(At(e.args[k], where) if where else e.args[k]) for k, where in zip(op.orders, by, strict=True)]
        return quotient(Term(Apply(function(op, own, c), args), ATOM), below, short=True)
    whole = Term(Apply(row(*_operators(op), function(op, (), c)), args), ATOM)
    all_places = (*own, *[p for where in by for p in where])
    return Term(scripted(Fence(whole.box), sub=joined(places(all_places))), ATOM) if all_places else whole


def _argument(args: tuple[Expr, ...], k: int, where: tuple[Place, ...], c: Context) -> Box | None:
    arg = args[k]
    if sum(a == arg for a in args) > 1:
        return None
    match arg:
        case Symbol():
            return c.box(At(arg, where)) if where else c.box(arg)
        case At(Symbol(), first) if not arg.shape.axes:  # by X_jk of a row x_j one would not see of which
            return c.box(At(arg.array, (*first, *where)) if where else arg)
        case Call(Abstract(orders=()) as op, inner) if op.name != GENERIC.name and all(
            isinstance(a, Symbol) for a in inner
        ):
            return function(op, where, c) if op.name not in c.varied else None
        case _:
            return None


def _unused(c: Context) -> str:
    return next(letter for letter in "uvztsrqp" + "abcdeghklmo" if letter not in c.names.taken)


def varied(e: Expr) -> frozenset[str]:
    """The functions that have different arguments in different places of ``e``."""
    seen: dict[str, tuple[Expr, ...]] = {}
    found: set[str] = set()
    for x in walk(e):
        if isinstance(x, Call) and isinstance(x.op, Abstract) and seen.setdefault(x.op.name, x.args) != x.args:
            found.add(x.op.name)
    return frozenset(found)
