"""Derivatives as they are written: ∂y/∂x, ∇f, ∂₁f(x, y), and values at a place."""

from __future__ import annotations

from collections.abc import Sequence as Some
from dataclasses import replace

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Abstract
from derivgen.catalog.declared import where_text
from derivgen.expr import (
    At,
    Build,
    Call,
    Expr,
    Index,
    Partial,
    Shape,
    Symbol,
    all_indices,
    depends_on,
    fresh_index,
    substitute,
)
from derivgen.read.called import dependent, derived, function_named, value
from derivgen.read.context import Context
from derivgen.read.held import hold
from derivgen.read.kinds.letters import atoms, digits
from derivgen.read.latex.names import plain_name, taken_apart
from derivgen.read.latex.scope import at_argument, of_row, reaches_far, tightly
from derivgen.read.places import place
from derivgen.read.surface import (
    Called,
    Chain,
    Derivative,
    Differential,
    Evaluated,
    Letter,
    Literal,
    Nabla,
    Scripted,
    Sequence,
    Surface,
    Transposed,
    Unsaid,
    ungrouped,
)
from derivgen.read.variables import entry_of, is_variable

_NO_VARIABLE = "a derivative is by a variable or by an entry of one"
Turns = tuple[Index, ...]
Places = tuple[Surface, ...]
Arguments = tuple[Expr, ...] | None

ALONG = Symbol("d")
"""What everything changes along under a differential."""


def scoped(read: Context, s: Nabla | Derivative) -> Expr:
    """A derivative of the whole product behind its sign, of the first factor where that alone fits."""
    close = tightly(s)
    of_all = _nabla if isinstance(s, Nabla) else _differentiated
    if close is None:
        return of_all(read, s)  # type: ignore[arg-type]
    if not reaches_far(s, read.lexicon):
        return read.expr(close)
    said = read.said(Unsaid(s.span))
    if read.chosen("closely", s):
        e = read.expr(close)
        read.note(f"the derivative in {said} is of the first factor only", s)
    else:
        e = of_all(read, s)  # type: ignore[arg-type]
    if not isinstance(s, Derivative) or read.source.startswith(r"\partial", s.span.start):
        read.note(f"the derivative in {said} is of the whole product behind its sign", s)
    return e


def _differentiated(read: Context, s: Derivative) -> Expr:
    r"""\frac{\partial y}{\partial x}: of arrays, the array of all partials in the layout of the document."""
    if s.body is None:
        raise read.fail("this derivative stands without what it is of", s, r"write \frac{\partial}{\partial x} (…)")
    if isinstance(s.by[0], Literal):
        return by_number(read, s)
    by = list(s.by)
    if len(by) == 2:
        first, second = (of_row(v) or v for v in by)
        hessian = _hessian(read, s.body, first, second, s)
        if hessian is not None:
            return hessian
    if len(by) == 1 and (column := of_row(by[0])) is not None:
        return _by_row(read, s, column)
    function = _of_function(read, s.body, by)
    if function is not None:
        return function
    e = read.expr(s.body)
    _refuse_independent(read, e, by, s.body)
    for v in reversed(by):
        e = _partial_by(read, e, v)
    return e


def _by_row(read: Context, s: Derivative, by: Surface) -> Expr:
    """∂f/∂xᵀ: of a number the transpose of ∂f/∂x, of a column its Jacobian, a row for each entry, in every layout."""
    e = read.expr(replace(s, by=(by,)))
    out = e.shape.rank - _variable(read, by).shape.rank
    turned = not out or (out == 1 and e.shape.rank == 2 and _is_turned(read, out))
    return Call(linear.transpose, (e,)) if turned and e.shape.axes else e


def _refuse_independent(read: Context, e: Expr, by: list[Surface], body: Surface) -> None:
    """Refuse the derivative of a letter of which nothing says what it depends on; in a document that is said elsewhere."""
    if not read.of.asked:
        return
    known = read.declarations.defined | read.local
    if isinstance(e, Symbol) and e.name not in known and not any(isinstance(v, Literal) for v in by):
        variables = [v.array if isinstance(v, At) else v for v in (_variable(read, v) for v in by)]
        if e not in variables:
            on = variables[0].name if isinstance(variables[0], Symbol) else read.said(by[0])
            value = where_text([e]).partition(" in ")[2]
            head = taken_apart(body)
            is_array = e.shape.axes and (
                e.name in read.of.given.symbols or (head is not None and head[0].font == "bold")
            )
            declared = f"{e.name}({on}) in {value}" if is_array else f"{e.name}: function of {on}"
            raise read.fail(f"it is not said how {read.said(body)} depends on {read.said(by[0])}", body,
                            f"declare that it does, {declared}, or give its value as an intermediate: {read.said(body)} = …")  # fmt: skip


def _partial_by(read: Context, e: Expr, by: Surface) -> Expr:
    """All partials of ``e`` by all entries of a variable."""
    variable = _variable(read, by, holds=True)
    if not is_variable(variable):
        like = _partial_of(read, e, Symbol("d", Shape(variable.shape.axes))).shape
        return hold(read, by, "partial", _NO_VARIABLE, (e, variable), like)
    return _partial_of(read, e, variable)


def _partial_of(read: Context, e: Expr, variable: Expr) -> Expr:
    taken = {i.name for i in all_indices(e) | variable.free} | set(read.scope)
    out = _fresh(e, taken)
    at = _fresh(variable, taken)
    wrt = entry_of(variable, at) if at else variable
    return _arranged(read, Partial(At(e, out) if out else e, wrt), out, at)


def _fresh(e: Expr, taken: set[str]) -> Turns:
    found: list[Index] = []
    for dim in e.shape.axes:
        found.append(fresh_index(dim, taken))
        taken.add(found[-1].name)
    return tuple(found)


def _is_turned(read: Context, out: int) -> bool:
    """Whether the layout has the axes of the variable first, where the value has ``out`` axes."""
    return read.of.layout == "denominator" or (read.of.layout == "gradient" and not out)


def _arranged(read: Context, body: Expr, out: Turns, at: Turns) -> Expr:
    """The array of partials, its axes in the order of the layout."""
    turned = _is_turned(read, len(out))
    match len(out), len(at):
        case (0, 0):
            return body
        case (0, 1):
            return Build(at, body, row=not turned)
        case (1, 0):
            return Build(out, body, row=turned)
        case (0, 2):
            return Build(at if turned else at[::-1], body)
        case (2, 0):
            return Build(out[::-1] if turned else out, body)
        case (1, 1):
            return Build(at + out if turned else out + at, body)
        case _:
            return Build(out + at, body)


def _variable(read: Context, s: Surface, *, holds: bool = False) -> Expr:
    v = read.expr(s)
    if not is_variable(v) and not (holds and read.of.holds):
        raise read.fail(_NO_VARIABLE, s)
    return v


def _hessian(read: Context, body: Surface, first: Surface, second: Surface, s: Surface) -> Expr | None:
    """The matrix of second partials by one vector."""
    if plain_name(first) is None or plain_name(first) != plain_name(second):
        return None
    x = _variable(read, first)
    if x.shape.rank != 1 or read.lexicon.function_of(body) is not None:
        return None
    e = read.expr(body)
    if e.shape.axes:
        raise read.misfit("a second derivative by vectors is of a scalar", s)
    taken = {i.name for i in all_indices(e)} | set(read.scope)
    i = fresh_index(x.shape.axes[0], taken)
    j = fresh_index(x.shape.axes[0], taken | {i.name})
    return Build((i, j), Partial(Partial(e, At(x, (j,))), At(x, (i,))))


def by_number(read: Context, s: Derivative, *, as_entries: bool = False) -> Expr:
    r"""\partial_1 f(x, y); as entries, its axes are those of the value and then of the variable, whatever the layout."""
    orders: list[int] = []
    here: Surface = s
    while isinstance(here, Derivative) and here.body is not None and all(isinstance(b, Literal) for b in here.by):
        orders += [int(b.value) - 1 for b in here.by if isinstance(b, Literal)]
        here = here.body
    found = taken_apart(here.head) if isinstance(here, Called) else None
    if found is None or not isinstance(here, Called):
        raise read.fail("a derivative by an argument is of a function", s, r"write \partial_1 f(x, y)")
    args = [(a, read.expr(a)) for a in here.args]
    op, own = function_named(read, *found, s)
    for k in orders:
        if not 0 <= k < len(op.domain):
            raise read.fail(f"{op.name} has no argument number {k + 1}", s, "arguments count from 1")
    op = derived(op, orders)
    e = value(read, op, args, own, s)
    return e if op.pointwise or own or as_entries else _laid_out(read, op, tuple([a for _, a in args]), (), [])


# --- derivatives of declared functions ---


def _of_function(read: Context, body: Surface, by: list[Surface]) -> Expr | None:
    """∂f/∂x, where f stands for its value at the arguments that it has throughout; ∂f(g(x))/∂g, and ∂f(x, y)/∂x of names."""
    bare = read.lexicon.function_of(ungrouped(body))
    if bare is not None:
        op, own = bare
        args = read.of.applied.get(op.name)
        if args is None and op.name in read.declarations.depends:
            of = dependent(read, op.name)
            args = of.args if isinstance(of, Call) else None
        found = _by_arguments(read, op, own, args, by, alone=op.name not in read.declarations.depends)
        if found is None:
            if op.name in read.declarations.depends:
                variable = _variable(read, by[0])
                name = variable.array if isinstance(variable, At) else variable
                if isinstance(name, Symbol) and depends_on(dependent(read, op.name), name.name):
                    return None  # by way of another letter
                known = ", ".join(read.declarations.depends[op.name])
                raise read.fail(f"{op.name} is declared as a function of {known} only", body,
                                f"name all that it depends on: {op.name}: function of {known}, …")  # fmt: skip
            raise read.fail(f"it is not known what {op.name} is of here", body,
                            f"write {read.said(body)}(…) with its arguments").marked("function", op.name)  # fmt: skip
        return found
    by_function = len(by) == 1 and read.lexicon.function_of(by[0]) is not None
    head = taken_apart(body.head) if isinstance(body, Called) else None
    if head is None or not isinstance(body, Called):
        if by_function:
            raise read.fail("a derivative by a function is of a function of it", by[0]).marked("function")
        return None
    if not by_function and (len(body.args) < 2 or read.lexicon.function_of(body.head) is None):
        return None
    args = tuple([read.expr(a) for a in body.args])
    op, own = function_named(read, *head, body)
    names = {a.name for a in args if isinstance(a, Symbol)}
    if not by_function and (op.pointwise or len(names) != len(args) or names & read.declarations.defined - read.local):
        return None
    found = _by_arguments(read, op, own, args, by)
    if found is None and by_function:
        raise read.fail(f"{read.said(body)} is no function of {read.said(by[0])}", body).marked("function")
    return found


def _by_arguments(
    read: Context, op: Abstract, own: Places, args: Arguments, by: list[Surface], *, alone: bool = False
) -> Expr | None:
    """The derivative of a function by its arguments, None where a variable is none; ``alone`` it may be of the variable."""
    orders: list[int] = []
    at: list[Surface] = []
    for v in reversed(by):
        v = (of_row(v) or v) if len(by) > 1 else v
        inner = read.lexicon.function_of(v)
        k = _argument_of(read, args, v, inner, op)
        if k is None and alone and inner is None and len(op.domain) == 1:
            args, k = (_whole_variable(read, v, op.domain[0].rank)[0],), 0
        if k is None:
            return None
        orders.append(k)
        at += inner[1] if inner is not None else _whole_variable(read, v, op.domain[k].rank)[1]
    return None if args is None else _laid_out(read, derived(op, orders), args, own, at)


def _argument_of(
    read: Context, args: Arguments, v: Surface, inner: tuple[Abstract, Places] | None, op: Abstract
) -> int | None:
    """Which argument the variable is, or the value of the function that stands for one."""
    for k, arg in enumerate(args or ()):
        if inner is None and arg == _whole_variable(read, v, op.domain[k].rank)[0]:
            return k
        of = arg.array if isinstance(arg, At) else arg
        if inner is not None and isinstance(of, Call) and of.op == inner[0]:
            return k
    return None


def _whole_variable(read: Context, s: Surface, rank: int) -> tuple[Expr, tuple[Surface, ...]]:
    """The variable of this rank that ``s`` is, or is an entry of, and the subscripts that are places of the entry."""
    v = _variable(read, s)
    head = taken_apart(s)
    strip = rank - v.shape.rank
    if strip <= 0 or not isinstance(v, At) or head is None or strip > len(v.places):
        return v, ()
    kept = v.places[: len(v.places) - strip]
    places = digits(atoms(head[1]), rank)
    return At(v.array, kept) if kept else v.array, tuple(places[len(places) - strip :])


def _laid_out(read: Context, op: Abstract, args: tuple[Expr, ...], own: Some[Surface], at: Some[Surface]) -> Expr:
    """An entry of a Jacobian, or the whole of it as a reader sees it: a row of a scalar."""
    whole = Call(op, args)
    axes = whole.shape.axes
    places = [*atoms(tuple(own)), *atoms(tuple(at))]
    if places:
        return At(whole, tuple([place(read, a, d) for a, d in zip(places, axes, strict=False)]))
    out = op.codomain.rank
    turned = _is_turned(read, out)
    is_turned = {(0, 1): not turned, (1, 0): turned, (1, 1): turned, (0, 2): not turned}.get((out, len(axes) - out))
    return Call(linear.transpose, (whole,)) if is_turned and len(op.orders) == 1 and not op.pointwise else whole


# --- differentials, nabla, and values at a place ---


def differential(read: Context, s: Differential) -> Expr:
    """d e, the change of e along one number that all letters may depend on, which is called d itself."""
    e = read.expr(s.body)
    out = _fresh(e, {i.name for i in all_indices(e)} | set(read.scope))
    changed = Partial(At(e, out) if out else e, ALONG)
    return Build(out, changed, row=e.shape.row) if out else changed


def _nabla(read: Context, s: Nabla) -> Expr:
    """∇f is a row, as the notes have it: all partials side by side."""
    if s.body is None:
        raise read.fail("∇ stands without what it is of", s)
    if isinstance(s.body, Transposed) and isinstance(s.body.operand, Called) and not reaches_far(s, read.lexicon):
        e = _nabla(read, replace(s, body=s.body.operand))  # \nabla f(x)^T v: whoever transposes it means a column
        return e if e.shape.row else Call(linear.transpose, (e,))
    if isinstance(s.body, Called) and at_argument(s, read.declarations.defined):
        read.note(f"{read.said(s)} is read as the gradient of the function at its argument", s)
        return _at_argument(read, s.body, s.order)
    by = () if s.by is None else s.by.items if isinstance(s.by, Sequence) else (s.by,)
    if s.by is None and isinstance(s.body, Called):
        by = s.body.args
        if len(by) == 1 and plain_name(by[0]) is None:
            return _at_argument(read, s.body, s.order)
    if not by:
        raise read.fail("it is not said by which variable", s, r"write \nabla_{\mathbf{x}}").marked("letter")
    if s.order == 2:
        if len(by) > 1:
            raise read.fail("a Hessian is by one vector", s)
        found = _hessian(read, s.body, by[0], by[0], s)
        return read.expr(Derivative(s.span, s.body, (by[0], by[0]))) if found is None else found
    e = read.expr(s.body)
    _refuse_independent(read, e, list(by), s.body)
    if not e.shape.axes:
        said = "as the row of all partials" if read.of.layout == "numerator" else "in the layout of the document"
        read.note(f"∇ is read {said}", s)
    if len(by) == 1:
        return _partial_by(read, e, by[0])
    if e.shape.axes:
        raise read.misfit(f"a gradient is of a scalar: {read.shaped((s.body, e))}", s)
    stacked = Call(opaque.stack, tuple([Partial(e, _variable(read, v)) for v in by]))
    return Call(linear.transpose, (stacked,)) if read.of.layout == "numerator" else stacked


def _at_argument(read: Context, s: Called, order: int) -> Expr:
    """∇f(Az) is ∇f at Az."""
    found = taken_apart(s.head)
    if found is None:
        raise read.fail("it is not said by which variable", s, r"write \nabla_{\mathbf{x}}").marked("letter")
    op, own = function_named(read, *found, s)
    return _laid_out(read, derived(op, (0,) * order), (read.expr(s.args[0]),), own, [])


def evaluated(read: Context, s: Evaluated) -> Expr:
    r"""\left. ∂f/∂u \right|_{u = e}."""
    match s.at:
        case Chain(_, (Letter() | Scripted() as letter, at), ("=",)) if (plain := plain_name(letter)) is not None:
            pass
        case _:
            raise read.fail("the place of a value is said as u = …", s.at, r"\left. … \right|_{u = …}")
    if plain in read.declarations.names:
        raise read.fail(f"{plain} has a meaning already", s.at, "take another letter for the place")
    e = read.expr(at)
    outer, local = read.declarations, read.local
    read.local = local | {plain}
    read.declare(outer.with_definition(Symbol(plain, e.shape)))
    try:
        body = read.expr(s.body)
    finally:
        read.declare(outer)
        read.local = local
    made = substitute(body, {plain: e})
    if depends_on(made, plain):
        raise read.fail("a value at a place is read of the derivative of a function only", s)
    return made
