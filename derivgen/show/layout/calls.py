"""How operations of the catalog are written: functions, fences, relations, transposes, constants, stacks."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import Abstract, Operation
from derivgen.expr import ONE, ZERO, At, Build, Call, Delta, Dim, Expr, Index, Mul, Sum, all_indices, fresh_index
from derivgen.show.layout import declared_functions, derivatives, pictures
from derivgen.show.layout.box import (
    MINUS,
    TRANSPOSE,
    Apply,
    Box,
    Fence,
    Grid,
    Letter,
    Name,
    Num,
    Script,
    Sign,
    listed,
    row,
    scripted,
)
from derivgen.show.layout.entries import entry
from derivgen.show.layout.names import dim, joined, place
from derivgen.show.layout.products import matrix_product
from derivgen.show.layout.term import ADD, ATOM, FRACTION, HADAMARD, POSTFIX, PRODUCT, Context, Term


def call(e: Call, c: Context) -> Term:
    """An operation applied to its arguments."""
    op = e.op
    if isinstance(op, Abstract):
        derivative = derivatives.whole(e, c)
        return declared_functions.abstract(e, op, c) if derivative is None else derivative.upright()
    own = _OWN.get(op.name)
    if own is not None:
        return own(e, c)
    assert isinstance(op, Operation)
    match op.notation.form:
        case "infix":  # a relation used as a number is the indicator of it
            return Term(Apply(Letter("1", "bold"), (relation(e, c),)), ATOM)
        case "fence":
            return Term(_fence(e, op, c), ATOM)
        case _:
            if not e.args:
                return Term(Letter("π"), ATOM)
            said = Apply(function_name(op, c), tuple([c.box(a) for a in e.args]))
            return Term(said, POSTFIX if op is opaque.logdet else ATOM)  # log det X² would be that of X²


def function_name(op: Operation, c: Context) -> Box:
    """The name of a function; σ gives way to a variable of that name."""
    if op.notation.unicode:
        if op.notation.unicode in c.names.taken:
            return Name(op.name, rf"\operatorname{{{op.name}}}")
        return Letter(op.notation.unicode)
    return Name(_PLAIN.get(op.name, op.name), op.notation.latex)


_PLAIN = {"logdet": "log det", "largest": "max", "smallest": "min", "trace": "tr"}


# --- relations -----------------------------------------------------------------------------------------------------

_RELATIONS = {
    "greater": ">", "less": "<", "greater_equal": "≥", "less_equal": "≤", "equal": "=", "not_equal": "≠",
}  # fmt: skip
_CONTRARY = {">": "≤", "<": "≥", "≥": "<", "≤": ">", "=": "≠", "≠": "="}


def relation(e: Expr, c: Context, *, contrary: bool = False) -> Box:
    """A condition as a relation; anything else holds where it is not 0."""
    match e:
        case Call(op, (left, right)) if op.name in _RELATIONS:
            sign, sides = _RELATIONS[op.name], (c.term(left).within(ADD), c.term(right).within(ADD))
        case Delta(a, b):
            sign, sides = "=", (place(a), place(b))
        case _:
            sign, sides = "≠", (c.term(e).within(ADD), Num("0"))
    return row(sides[0], Sign(_CONTRARY[sign] if contrary else sign), sides[1])


def has_contrary(e: Expr) -> bool:
    """Whether the contrary of a condition is one relation too (of arrays it is not: it holds for some entries)."""
    return isinstance(e, Delta) or (isinstance(e, Call) and e.op.name in _RELATIONS and not e.shape.axes)


# --- operations with a notation of their own -----------------------------------------------------------------------


def _fence(e: Call, op: Operation, c: Context) -> Box:
    body = c.box(e.args[0])
    if op is elementwise.absolute:
        return Fence(body, "|", "|")
    fenced = Fence(body, "‖", "‖")
    if op is formulas.norm1:
        return scripted(fenced, sub=Num("1"))
    if e.args[0].shape.rank == 2:
        return scripted(fenced, sub=Letter("F", "upright"))
    return fenced


def _matmul(e: Call, c: Context) -> Term:
    return matrix_product(e.args, c)


def transposed(e: Expr, c: Context) -> Term:
    """The transpose of ``e``; of what is written with a transpose already, that without it."""
    match e:
        case Call(op, (arg,), _) if op is opaque.inv:
            base = c.term(arg)
            return Term(scripted(base.within(ATOM), sup=row(MINUS, TRANSPOSE)), POSTFIX)
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
            return Term(scripted(said.within(ATOM), sup=TRANSPOSE), POSTFIX)


def _transpose(e: Call, c: Context) -> Term:
    return transposed(e.args[0], c)


def _inverse(e: Call, c: Context) -> Term:
    match e.args[0]:
        case Call(op, (arg,), _) if op is linear.transpose:
            return Term(scripted(c.term(arg).within(ATOM), sup=row(MINUS, TRANSPOSE)), POSTFIX)
        case arg:
            return Term(scripted(c.term(arg).within(ATOM), sup=row(MINUS, Num("1"))), POSTFIX)


def _total(e: Call, c: Context) -> Term:
    """The sum of all entries, as a Σ over entries."""
    arg = e.args[0]
    indices = unused_indices(arg, c)
    body = entry(arg, indices)
    for index in reversed(indices):
        body = Sum(index, body)
    return c.term(body)


def unused_indices(e: Expr, c: Context) -> tuple[Index, ...]:
    """An index for each axis of ``e``, under letters that nothing around it uses."""
    taken = {i.name for i in all_indices(e)} | c.scope | c.names.taken | _sizes(e)
    indices: list[Index] = []
    for axis in e.shape.axes:
        indices.append(fresh_index(axis, taken))
        taken.add(indices[-1].name)
    return tuple(indices)


def _sizes(e: Expr) -> set[str]:
    return {str(axis) for axis in e.shape.axes}


def _eye(e: Call, c: Context) -> Term:
    letter = Letter("I", "upright" if "I" in c.names.taken else "italic")
    if len(set(e.dims)) == 1:
        return Term(scripted(letter, sub=dim(e.dims[0])) if e in c.sized else letter, ATOM)
    return Term(scripted(letter, sub=_by(e.dims)), ATOM)


def _by(dims: tuple[Dim, ...]) -> Box:
    return row(dim(dims[0]), Sign("×"), dim(dims[1]))


def _ones(e: Call, c: Context) -> Term:
    if not e.shape.axes:
        return Term(Num("1"), ATOM)
    one = Letter("1", "bold")
    each = [scripted(one, sub=dim(d)) if e in c.sized else one for d in e.shape.axes]
    if len(each) == 2:
        return Term(row(each[0], scripted(each[1], sup=TRANSPOSE)), PRODUCT)
    return Term(each[0], ATOM)


def _zeros(e: Call, c: Context) -> Term:
    if not e.shape.axes:
        return Term(Num("0"), ATOM)
    zero = Letter("0", "bold")
    if e in c.sized:
        return Term(scripted(zero, sub=_by(e.shape.axes) if e.shape.rank == 2 else dim(e.shape.axes[0])), ATOM)
    return Term(zero, ATOM)


def _stack(e: Call, c: Context) -> Term:
    rows: list[tuple[Box | None, ...]] = []
    for arg in e.args:
        match arg:
            case Call(op, (Call(inner, cells, _),), _) if op is linear.transpose and inner is opaque.stack:
                rows.append(tuple([c.box(cell) for cell in cells]))
            case _:
                rows.append((c.box(arg),))
    return Term(Grid(tuple(rows)), ATOM)


def _diag(e: Call, c: Context) -> Term:
    """A diagonal matrix; entries that have no array form are listed."""
    arg = e.args[0]
    name = function_name(linear.diag, c)
    by_entries = isinstance(arg, Build) and len(arg.indices) == 1 and arg.indices[0] in arg.body.free
    if by_entries and isinstance(arg, Build) and derivatives.whole(arg, c) is None:
        return Term(Apply(name, (listed(pictures.sequence(arg, c)),)), ATOM)
    return Term(Apply(name, (c.box(arg),)), ATOM)


def _kron(e: Call, c: Context) -> Term:
    """A ⊗ B where ⊗ does not mean the element-wise product; by its name where it does."""
    left, right = e.args
    if c.style.notation == "notes":
        return Term(Apply(function_name(linear.kron, c), (c.box(left), c.box(right))), ATOM)
    return Term(row(c.term(left).within(FRACTION), Sign("⊗"), c.term(right).within(FRACTION)), HADAMARD)


def _commutation(e: Call, c: Context) -> Term:
    """K with the sizes of the matrices that it is for: K_mn."""
    letter = Letter("K", "upright" if "K" in c.names.taken else "italic")
    m, n = e.dims * 2 if len(e.dims) == 1 else e.dims
    return Term(scripted(letter, sub=joined((dim(m), dim(n)))), ATOM)


_OWN: dict[str, Callable[[Call, Context], Term]] = {
    "matmul": _matmul, "transpose": _transpose, "inv": _inverse, "sum": _total, "stack": _stack, "diag": _diag,
    "kron": _kron, "commutation": _commutation, "eye": _eye, "ones": _ones, "zeros": _zeros,
}  # fmt: skip


def filled(e: Expr, like: Expr, c: Context) -> Term:
    """A scalar where an array like ``like`` is meant: 0 as 𝟎, in its orientation, and c as c𝟏."""
    if e.shape.axes or not like.shape.axes:
        return c.term(e)
    letter: Box = Letter("0" if e == ZERO else "1", "bold")
    box = scripted(letter, sup=TRANSPOSE) if like.shape.row else letter
    if e in (ZERO, ONE):
        return Term(box, POSTFIX if like.shape.row else ATOM)
    array: Expr = Call(opaque.ones, (), like.shape.axes)
    if like.shape.row:
        array = Call(linear.transpose, (array,))
    return c.term(Mul((e, array)))
