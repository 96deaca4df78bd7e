"""How operations of the catalog are written: functions, fences, relations, transposes, constants, stacks."""

from __future__ import annotations

from typing import TypeGuard

from derivgen.catalog import GLOSSARY, elementwise, linear, opaque
from derivgen.catalog.base import Abstract, Constant, Operation
from derivgen.expr import (
    ONE,
    ZERO,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Pair,
    Sum,
    all_indices,
    fresh_index,
)
from derivgen.expr.notation import ATOM, BIG, POWER, PRODUCT, SUM, Notation
from derivgen.show.layout import declared_functions, derivatives, latex_to_box, pictures
from derivgen.show.layout.box import (
    MINUS,
    TRANSPOSE,
    Apply,
    Big,
    Box,
    Fence,
    Grid,
    Letter,
    Name,
    Num,
    Script,
    Sign,
    Text,
    listed,
    row,
    scripted,
)
from derivgen.show.layout.entries import entry
from derivgen.show.layout.names import dim, joined, place, sign_of
from derivgen.show.layout.products import matrix_product
from derivgen.show.layout.term import Context, Term


def call(e: Call, c: Context) -> Term:
    """An operation applied to its arguments."""
    op = e.op
    if isinstance(op, Abstract):
        derivative = derivatives.whole(e, c)
        return declared_functions.abstract(e, op, c) if derivative is None else derivative.upright()
    assert isinstance(op, Operation)
    said = op.notation
    match said.form:
        case "relation":  # used as a number it is the indicator
            return Term(Apply(Letter("1", "bold"), (relation(e, c),)), ATOM)
        case "fence":
            return Term(_fence(e, said, c), ATOM)
        case "juxtaposed":
            return matrix_product(e.args, c)
        case "postfix":
            return transposed(e.args[0], c) if op is linear.transpose else _postfix(e, said, c)
        case "summed":
            return _summed(e.args[0], c)
        case "multiplied":
            return _multiplied(e.args[0], c)
        case "grid":
            return _grid(e, c)
        case "letter":
            return _letter(e, op, c)
        case "infix" if said.unicode != c.style.times:
            left, right = (c.term(a).within(said.level + 1) for a in e.args)
            return Term(row(left, sign_of(op), right), said.level)
        case "listed" if _is_series(e.args[0], c):
            return Term(Apply(function_name(op, c), (listed(pictures.sequence(e.args[0], c)),)), ATOM)
        case _:
            # log det X² would be that of X²
            level = said.level if said.form == "function" else ATOM
            name = function_name(op, c)
            if said.of_matrices and e.shape.rank == 2:
                name = scripted(name, sub=Sign("∘", "ordinary"))
            return Term(Apply(name, (*map(c.box, e.args), *map(dim, e.dims))), level)


def function_name(op: Operation, c: Context) -> Box:
    """The name of a function, or the letter that is written for it where nothing else has that letter."""
    said = op.notation
    if not said.unicode:
        name = Name(said.word, said.latex)
        return scripted(name, sub=Letter(said.under[0], "upright")) if said.under[0] else name
    if said.form == "infix" or said.unicode in c.names.taken:
        return Name(op.name, rf"\operatorname{{{op.name}}}")
    return Letter(said.unicode)


# --- relations -----------------------------------------------------------------------------------------------------


def relation(e: Expr, c: Context, *, contrary: bool = False) -> Box:
    """A condition as a relation; anything else holds where it is not 0."""
    match e:
        case Call(Operation() as op, (left, right)) if op.notation.form == "relation":
            sides = c.term(left).within(SUM), c.term(right).within(SUM)
        case Delta(a, b):
            op, sides = elementwise.equal, (place(a), place(b))
        case _:
            op, sides = elementwise.not_equal, (c.term(e).within(SUM), Num("0"))
    return row(sides[0], sign_of(GLOSSARY.relations[op.notation.contrary] if contrary else op), sides[1])


def has_contrary(e: Expr) -> bool:
    """Whether the contrary of a condition is one relation too (of arrays it is not: it holds for some entries)."""
    return isinstance(e, Delta) or (isinstance(e, Call) and bool(e.op.notation.contrary) and not e.shape.axes)


# --- the forms --------------------------------------------------------------------------------------------------


def _fence(e: Call, said: Notation, c: Context) -> Box:
    if e.op is elementwise.absolute and e.shape.rank == 2:  # |X| is the determinant
        return Apply(Name(e.op.name, r"\operatorname{abs}"), (c.box(e.args[0]),))
    fenced = Fence(c.box(e.args[0]), said.unicode, said.unicode)
    under = (said.under_matrix if e.args[0].shape.rank == 2 else ()) or said.under
    if not under[0]:
        return fenced
    return scripted(fenced, sub=Num(under[0]) if under[0].isdigit() else Letter(under[0], "upright"))


def transposed(e: Expr, c: Context) -> Term:
    """The transpose of ``e``; of what is written with a transpose already, that without it."""
    match e:
        case Call(op, (arg,), _) if op is opaque.inv:
            base = c.term(arg)
            return Term(scripted(base.within(ATOM), sup=row(MINUS, TRANSPOSE)), POWER)
        case Call(op, args, _) if op is opaque.stack and not args[0].shape.axes:
            return Term(Grid((tuple([c.box(a) for a in args]),)), ATOM)
    derivative = derivatives.whole(e, c)
    if derivative is not None and derivative.flipped:
        return derivative.term
    said = c.term(e)
    match said.box:
        case Script(written, sub, sup) if isinstance(e, At) and sub is not None and sup is TRANSPOSE:
            return Term(Script(written, sub), ATOM)  # row i of A as it stands there, A_i:
        case _:
            return Term(scripted(said.within(ATOM), sup=TRANSPOSE), POWER)


def _postfix(e: Call, said: Notation, c: Context) -> Term:
    sup = latex_to_box.read(said.latex) or Text(said.latex)
    match e.args[0]:
        case Call(inner, (arg,)) if inner is linear.transpose and e.op is opaque.inv:
            return Term(scripted(c.term(arg).within(ATOM), sup=row(MINUS, TRANSPOSE)), said.level)
        case arg:
            return Term(scripted(c.term(arg).within(ATOM), sup=sup), said.level)


def _summed(arg: Expr, c: Context) -> Term:
    """The sum of all entries, as a Σ over entries."""
    indices = unused_indices(arg, c)
    body = entry(arg, indices)
    for index in reversed(indices):
        body = Sum(index, body)
    return c.term(body)


def _multiplied(arg: Expr, c: Context) -> Term:
    """The product of all entries, as a Π over entries; with 1 in one place it is over all others."""
    index, body = (arg.indices[0], arg.body) if isinstance(arg, Build) else (unused_indices(arg, c)[0], None)
    if isinstance(index, Pair):
        index, body = unused_indices(arg, c)[0], None
    body = entry(arg, (index,)) if body is None else body
    inner = c.under((index,))
    match body:
        case Cases(((Delta(i, k) as same, one),), other) if one == ONE and index in (i, k):
            sign: Box = scripted(Sign("∏", "prefix"), sub=relation(same, inner, contrary=True))
            body = other
        case _:
            sign = Big(row(place(index), Sign("="), Num("1")), dim(index.dim), "∏")
    return Term(row(sign, inner.term(body).within(BIG + 1)), BIG)


def unused_indices(e: Expr, c: Context) -> tuple[Index, ...]:
    """An index for each axis of ``e``, under letters that nothing around it uses."""
    taken = {i.name for i in all_indices(e)} | c.scope | c.names.taken | _sizes(e)
    indices: list[Index] = []
    for axis in e.shape.axes:
        known = sorted([name for name, d in c.ranges.items() if d == axis and name not in taken])
        indices.append(Index(known[0], axis) if known else fresh_index(axis, {*taken, *c.ranges}))
        taken.add(indices[-1].name)
    return tuple(indices)


def _sizes(e: Expr) -> set[str]:
    return {str(axis) for axis in e.shape.axes}


def _letter(e: Call, op: Operation, c: Context) -> Term:
    """A constant; its sizes stand below it where nothing else says them, and where they are what it is."""
    said = op.notation
    if not e.shape.axes:
        return Term(Num(said.unicode) if said.unicode.isdigit() else Letter(said.unicode), ATOM)
    letter = Letter(said.unicode, "bold" if said.latex.startswith(r"\mathbf") else "italic")
    if letter.font == "italic" and letter.text in c.names.taken:
        letter = Letter(letter.text, "upright")
    axes, matrices = e.shape.axes, isinstance(op, Constant) and op.rank == 2
    if op is opaque.commutation:  # of matrices with these sizes
        return Term(scripted(letter, sub=joined(tuple([dim(d) for d in (e.dims * 2)[:2]]))), ATOM)
    if op is opaque.ones and len(axes) == 2:
        left, right = (scripted(letter, sub=dim(d)) if e in c.sized else letter for d in axes)
        return Term(row(left, scripted(right, sup=TRANSPOSE)), PRODUCT)
    if e not in c.sized and not (matrices and len(set(axes)) > 1):
        return Term(letter, ATOM)
    one = len(axes) == 1 or (matrices and len(set(axes)) == 1)
    return Term(scripted(letter, sub=dim(axes[0]) if one else row(dim(axes[0]), Sign("×"), dim(axes[1]))), ATOM)


def _grid(e: Call, c: Context) -> Term:
    rows: list[tuple[Box | None, ...]] = []
    for arg in e.args:
        match arg:
            case Call(op, (Call(inner, cells),)) if op is linear.transpose and inner is e.op:
                rows.append(tuple([c.box(cell) for cell in cells]))
            case _:
                rows.append((c.box(arg),))
    return Term(Grid(tuple(rows)), ATOM)


def _is_series(e: Expr, c: Context) -> TypeGuard[Build]:
    """Whether a vector has no array form, so that its entries are listed."""
    return (
        isinstance(e, Build) and len(e.indices) == 1 and e.indices[0] in e.body.free and derivatives.whole(e, c) is None
    )


def filled(e: Expr, like: Expr, c: Context) -> Term:
    """A scalar where an array like ``like`` is meant: 0 as 𝟎, in its orientation, and c as c𝟏."""
    if e.shape.axes or not like.shape.axes:
        return c.term(e)
    letter: Box = Letter("0" if e == ZERO else "1", "bold")
    box = scripted(letter, sup=TRANSPOSE) if like.shape.row else letter
    if e in (ZERO, ONE):
        return Term(box, POWER if like.shape.row else ATOM)
    array: Expr = Call(opaque.ones, (), like.shape.axes)
    if like.shape.row:
        array = Call(linear.transpose, (array,))
    return c.term(Mul((e, array)))
