"""How derivatives are written: ∂y_i/∂w_j, and the arrays of them as ∂𝐲/∂𝐰 in the layout of the document."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derivgen.catalog import linear
from derivgen.catalog.base import GENERIC, Abstract
from derivgen.expr import At, Binder, Build, Call, Expr, Number, Pair, Partial, Place, Power, Symbol, indices_in
from derivgen.expr.notation import ATOM, BIG, FRACTION, POWER
from derivgen.show.layout import declared_functions
from derivgen.show.layout.box import PARTIAL, THIN, TRANSPOSE, Apply, Frac, Num, Sign, row, scripted
from derivgen.show.layout.term import Context, Term


@dataclass(frozen=True, slots=True)
class Whole:
    """An array of derivatives as a quotient of names; ``flipped`` where it is the transpose of that quotient."""

    term: Term
    flipped: bool

    def upright(self) -> Term:
        """The array itself."""
        return Term(scripted(self.term.within(ATOM), sup=TRANSPOSE), POWER) if self.flipped else self.term


def partial(e: Partial, c: Context) -> Term:
    """A partial derivative of a scalar; of a partial derivative it is a second one, twice by one letter with its square."""
    variables = [e.wrt]
    body = e.body
    while isinstance(body, Partial):
        variables.insert(0, body.wrt)
        body = body.body
    count = len(variables)
    if count > 1 and len({*variables}) == 1:
        variables = [Power(e.wrt, Number(Fraction(count)))]
    boxes = [c.box(v) for v in variables]
    return declared_functions.quotient(c.term(body), boxes, short=_is_short(body), count=count)


def _is_short(e: Expr) -> bool:
    """Whether ``e`` fits on top of a fraction: a name, an entry, or a function of names."""
    match e:
        case Symbol() | At(Symbol()):
            return True
        case Call(Abstract(name) as op, args) | At(Call(Abstract(name) as op, args)):
            return name != GENERIC.name and not op.orders and all(isinstance(a, Symbol | At) for a in args)
        case _:
            return False


def whole(e: Expr, c: Context) -> Whole | None:
    """``e`` as ∂𝐲/∂𝐰 or its transpose, where it is the array of all these partials."""
    match e:
        case Build(indices, Partial(Partial(body, inner), outer)):
            return _hessian(indices, body, inner, outer, c)
        case Build(indices, Partial(body, wrt), row):
            return _first_order(indices, body, wrt, row, c)
        case Call(Abstract(orders=(_, *_)) as op) if not op.pointwise:
            return _of_function(e, op, c)
        case _:
            return None


def _first_order(indices: tuple[Binder, ...], body: Expr, wrt: Expr, as_row: bool, c: Context) -> Whole | None:
    bound: set[Place] = set(indices)
    if any(isinstance(b, Pair) for b in indices):
        stacked = _stacked(indices, body, wrt, c)
        if stacked is not None:
            return stacked
    variable, at = _split(wrt, bound)
    value, out = _split(body, bound)
    named = [p for p in (*out, *at) if p in bound]
    if (
        (value.free | variable.free) & set(indices_in(indices))
        or len(named) != len(out) + len(at)
        or set(named) != bound
    ):
        return None
    if len(named) != len(bound) or variable.shape.rank != len(at) or (out and value.shape.rank != len(out)):
        return None
    numerator = _is_numerator(indices, out, at, as_row)
    if numerator is None:
        return None
    term = declared_functions.quotient(c.term(value), [c.box(variable)], short=_is_short(value))
    return Whole(term, _flipped(numerator, len(out), c))


def _stacked(indices: tuple[Binder, ...], body: Expr, wrt: Expr, c: Context) -> Whole | None:
    """∂vec(Y)/∂vec(X), which has the entries of Y down and those of X across in every layout."""
    if len(indices) == 1 and not body.free & set(indices_in(indices)):
        variable = _stacked_name(wrt, indices[0])
        return (
            None
            if variable is None
            else Whole(declared_functions.quotient(c.term(body), [c.box(variable)], short=_is_short(body)), False)
        )
    if len(indices) != 2:
        return None
    sides = [_stacked_name(e, b) for e, b in zip((body, wrt), indices, strict=True)]
    value, variable = sides
    if value is None or variable is None or not any(isinstance(s, Call) for s in sides):
        return None
    return Whole(declared_functions.quotient(c.term(value), [c.box(variable)], short=True), False)


def _stacked_name(e: Expr, along: Binder) -> Expr | None:
    """vec(Y) of Y_ij along (j, i), y of y_i along i."""
    match e, along:
        case At(Symbol() as y, (i, j)), Pair() if along == Pair(j, i):  # type: ignore[arg-type]
            return Call(linear.vec, (y,))
        case At(Symbol() as y, (i,)), _ if i == along:
            return y
        case _:
            return None


def _split(e: Expr, bound: set[Place]) -> tuple[Expr, tuple[Place, ...]]:
    """An array and the places at its end that are bound: 𝐮_i and k of u_ik, where k is bound."""
    if not isinstance(e, At):
        return e, ()
    keep = len(e.places)
    while keep and e.places[keep - 1] in bound:
        keep -= 1
    if keep == len(e.places):
        return e, ()
    return At(e.array, e.places[:keep]) if keep else e.array, e.places[keep:]


def _is_numerator(
    indices: tuple[Binder, ...], out: tuple[Place, ...], at: tuple[Place, ...], as_row: bool
) -> bool | None:
    """Whether the array is the derivative in numerator layout, or its transpose (False); None where it is neither."""
    match len(out), len(at):
        case (0, 1):
            return as_row
        case (1, 0):
            return not as_row
        case (1, 1):
            return indices == (*out, *at)
        case (0, 2):
            return indices == at[::-1]
        case (2, 0):
            return indices == out or None
        case _:
            return None


def _flipped(numerator: bool, rank_of_value: int, c: Context) -> bool:
    match c.style.layout:
        case "numerator":
            return not numerator
        case "denominator":
            return numerator
        case _:
            return numerator if rank_of_value == 0 else not numerator


def _hessian(indices: tuple[Binder, ...], body: Expr, inner: Expr, outer: Expr, c: Context) -> Whole | None:
    match inner, outer:
        case At(Symbol() as x, (i,)), At(Symbol() as y, (j,)):
            if x != y or {i, j} != set(indices) or len(indices) != 2 or body.free & set(indices):
                return None
        case _:
            return None
    top = scripted(Sign("∂", "ordinary"), sup=Num("2"))
    below = row(PARTIAL, c.box(x), THIN, PARTIAL, scripted(c.box(x), sup=TRANSPOSE))
    value = c.term(body)
    if _is_short(body):
        return Whole(Term(Frac(row(top, value.box), below), FRACTION), False)
    return Whole(Term(row(Frac(top, below), value.within(POWER)), BIG), False)


def _of_function(e: Expr, op: Abstract, c: Context) -> Whole | None:
    assert isinstance(e, Call)
    ranks = (op.codomain.rank, *[op.domain[k].rank for k in op.orders])
    term = declared_functions.jacobian(e, op, (), [() for _ in op.orders], c)
    match ranks:
        case (0, 1, 1) if op.orders[0] == op.orders[1]:
            return None if term.level != FRACTION else Whole(_second(e, op, c), False)
        case (0, 1):  # the tree holds a column; the row is the numerator layout
            return Whole(term, _flipped(False, 0, c))
        case (1, 0):
            return Whole(term, _flipped(True, 1, c))
        case (2, 0):  # of the shape of the function in every layout
            return Whole(term, False)
        case (1, 1):
            return Whole(term, _flipped(True, 1, c))
        case (0, 2):
            return Whole(term, _flipped(False, 0, c))
        case (0, 0):
            return Whole(term, False)
        case _:
            return None


def _second(e: Call, op: Abstract, c: Context) -> Term:
    x = c.box(e.args[op.orders[0]])
    head = declared_functions.function(op, (), c)
    if len(e.args) > 1:
        head = Apply(head, tuple([c.box(a) for a in e.args]))
    top = row(scripted(Sign("∂", "ordinary"), sup=Num("2")), head)
    return Term(Frac(top, row(PARTIAL, x, THIN, PARTIAL, scripted(x, sup=TRANSPOSE))), FRACTION)
