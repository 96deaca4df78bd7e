"""From the tree to boxes: one ``match`` over all nodes, with no more parentheses than a reader needs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from derivgen.catalog.base import Abstract, Constant
from derivgen.catalog.declared import places_of_members
from derivgen.catalog.opaque import eye
from derivgen.expr import (
    ZERO,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Mul,
    Number,
    Partial,
    Place,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)
from derivgen.expr.notation import ATOM, BIG, POWER
from derivgen.show.layout import calls, declared_functions, derivatives, powers, products
from derivgen.show.layout.box import (
    TRANSPOSE,
    Apply,
    Big,
    Box,
    Fence,
    Font,
    Grid,
    Letter,
    Num,
    Script,
    Sign,
    Text,
    row,
    scripted,
)
from derivgen.show.layout.entries import entry
from derivgen.show.layout.names import Names, colon, dim, joined, named, names_for, place, places, ranges
from derivgen.show.layout.sizes import unsettled
from derivgen.show.layout.style import NOTES, Style
from derivgen.show.layout.term import Context, Term


def context(style: Style = NOTES, e: Expr | None = None) -> Context:
    """The context in which an expression of a document is said; a document of the same style goes on with the same."""
    return _context(style, names_for(e, style.symbols, style.functions))


@lru_cache(maxsize=32)
def _context(style: Style, names: Names) -> Context:
    return Context(style, names, term)


def notate(e: Expr, style: Style = NOTES) -> Box:
    """An expression as a box."""
    c, sized, varied = context(style, e), unsettled(e), declared_functions.varied(e)
    if sized or varied:
        c = replace(c, sized=sized, varied=varied, said={}, told={})
    return c.box(e)


def term(e: Expr, c: Context) -> Term:
    """An expression as a box with its level."""
    match e:
        case Number(value):
            return products.number(value)
        case Size(d):
            return Term(dim(d), ATOM)
        case Position(index):
            return Term(place(index), ATOM)
        case Symbol(name):
            return Term(named(c.names[name], "bold" if e.shape.rank == 1 else "italic"), ATOM)
        case Add(terms):
            return products.add(terms, c)
        case Mul():
            return products.mul(e, c)
        case Power():
            return powers.power(e, c)
        case Call():
            return calls.call(e, c)
        case At(array, where):
            return _at(array, where, c)
        case Build():
            return _build(e, c)
        case Sum(index, body):
            inner = c.under((index,))
            below = row(place(index), Sign("="), Num("1"))
            return Term(row(Big(below, dim(index.dim)), inner.term(body).within(BIG)), BIG)
        case Delta(left, right):
            if "δ" in c.names.taken:
                return Term(Apply(Letter("1", "bold"), (calls.relation(e, c),)), ATOM)
            return Term(scripted(Letter("δ"), sub=joined((place(left), place(right)))), ATOM)
        case Partial():
            return derivatives.partial(e, c)
        case Cases():
            return _cases(e, c)
        case _:
            raise TypeError(f"no notation for {type(e).__name__}")


def _at(array: Expr, where: tuple[Place, ...], c: Context) -> Term:
    if isinstance(array, At):
        return _at(array.array, (*array.places, *where), c)
    match array:
        case Symbol(name) if len(where) == array.shape.rank:
            return Term(named(c.names[name], "italic", places(where)), ATOM)
        case Symbol(name) if len(where) == places_of_members(array):
            font: Font = "bold" if array.shape.rank == len(where) + 1 else "italic"
            return Term(named(c.names[name], font, places(where)), ATOM)
        case Symbol(name) if array.shape.rank == 2:
            low = c.names.row_of(name)
            if low is not None and low.stem not in c.scope:  # of K, row k would be k with subscript k
                return Term(named(low, "bold", places(where)), ATOM)
            return Term(Script(named(c.names[name]), colon(where), TRANSPOSE), POWER)
        case Call(op) if op is eye and len(where) == 1 and array not in c.sized and "e" not in c.names.taken:
            return Term(scripted(Letter("e", "bold"), sub=joined(places(where))), ATOM)
        case Call(Abstract() as op):
            found = declared_functions.abstract_entry(array, op, where, c)
            if found is not None:
                return found
    said = c.term(array)
    base = said.within(ATOM)
    if (isinstance(base, Script) and base.sub is not None) or (
        isinstance(array, Call) and isinstance(array.op, Constant)
    ):
        base = Fence(base)  # 𝟏₃ and I₃ have a size below
    if len(where) < array.shape.rank:
        return Term(scripted(base, sub=colon(where), sup=TRANSPOSE), POWER)
    return Term(scripted(base, sub=joined(places(where))), ATOM)


def _build(e: Build, c: Context) -> Term:
    inner = c.under(e.bound)
    found = derivatives.whole(e, c)
    if found is not None:
        return found.upright()
    box = Script(Fence(inner.box(e.body), "[", "]"), ranges(e.bound) if e in c.sized else joined(places(e.indices)))
    return Term(scripted(box, sup=TRANSPOSE), POWER) if e.row else Term(box, ATOM)


def _cases(e: Cases, c: Context) -> Term:
    if any(condition.shape.axes for condition, _ in e.branches):  # each entry has a case of its own
        indices = calls.unused_indices(e, c)
        return c.term(Build(indices, entry(e, indices), e.shape.row))
    rows = [(calls.filled(value, e, c).box, calls.relation(condition, c)) for condition, value in e.branches]
    other = calls.filled(e.otherwise, e, c).box
    if len(e.branches) == 1 and calls.has_contrary(e.branches[0][0]):
        condition = e.branches[0][0]
        contrary = (other, calls.relation(condition, c, contrary=True))
        # the branch that is zero goes first, as in max(0, z); but entries off the diagonal go last
        rows = [contrary, *rows] if e.otherwise == ZERO and not isinstance(condition, Delta) else [*rows, contrary]
    else:
        rows.append((other, Text("otherwise")))
    return Term(Grid(tuple(rows), "cases"), BIG)
