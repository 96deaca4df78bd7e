"""Functions of the reader's own before their arguments: f_i(x), f′(x), D(f, 1)(x, y), f ∘ g, indicators."""

from __future__ import annotations

from collections.abc import Iterable

from derivgen.catalog import linear
from derivgen.catalog.base import GENERIC, Abstract, Elementwise
from derivgen.catalog.declared import function_declaration
from derivgen.errors import NameUnknown
from derivgen.expr import (
    At,
    Build,
    Call,
    Dim,
    Expr,
    Index,
    Place,
    all_indices,
    children,
    fresh_index,
    map_children,
    rename,
)
from derivgen.read.conditions import indicator
from derivgen.read.context import Context, Said
from derivgen.read.functions import applied, apply, named
from derivgen.read.held import hold
from derivgen.read.kinds.letters import atoms
from derivgen.read.latex.names import spelling, taken_apart
from derivgen.read.places import place
from derivgen.read.shapes import fit
from derivgen.read.surface import Apply, ApplyDerivative, Called, Infix, Letter, Primed, Surface
from derivgen.read.wording import counted, nearest


def called(read: Context, s: Called) -> Expr:
    """What is written before brackets, applied: an indicator, ◯, a composition, a declared function."""
    primes = s.head.count if isinstance(s.head, Primed) else 0
    head = s.head.base if isinstance(s.head, Primed) else s.head
    match head:
        case Letter(_, "1"):
            return indicator(read, s.args[0])
        case Letter(_, "◯"):
            parts = [(a, read.expr(a)) for a in s.args]
            if len(parts) != 2:
                raise read.fail(f"◯ takes {counted(2)}, not {len(parts)}", s)
            fit(read, "◯", parts, s)
            return Call(GENERIC, tuple([e for _, e in parts]))
        case Infix(_, "∘", left, right):
            return read.expr(Called(s.span, left, (Called(s.span, right, s.args),)))
        case Letter(_, stem, "operator"):
            return _derivative_of_known(read, s, stem, primes)
    found = taken_apart(head)
    if found is None:
        raise read.fail("this is no function that could be applied", head)
    given = read.lexicon.find(spelling(found[0].stem, found[1]))
    if given is not None and given in read.declarations.user_functions:
        if primes:
            return _derivative_of_known(read, s, given, primes)
        return apply(read, Apply(s.span, given, s.args, s.head.span))
    args = [(a, read.expr(a)) for a in s.args]
    if read.of.holds and given is None and found[0].stem != "◯" and read.lexicon.function_of(*found) is None:
        said = f"{read.said(found[0])} is of arrays of three axes or more, and is no function that is declared"
        return hold(read, s, found[0].stem, said, tuple([e for _, e in args]))
    op, own = function_named(read, *found, s)
    if primes and len(op.domain) != 1:
        raise read.fail(f"{op.name} has {len(op.domain)} arguments", s, rf"say by which one: \partial_1 {op.name}(…)")
    return value(read, derived(op, (0,) * primes), args, own, s)


def function_named(
    read: Context, head: Letter, subs: tuple[Surface, ...], s: Surface
) -> tuple[Abstract, tuple[Surface, ...]]:
    """A function by its name, and the subscripts that say which component is meant."""
    name = read.lexicon.find(spelling(head.stem, subs))
    if name is not None and name not in read.declarations.functions:
        raise read.fail(f"{read.said(s)}: {name} is a variable, not a function", s)
    found = (GENERIC, subs) if head.stem == "◯" else read.lexicon.function_of(head, subs)
    if found is None:
        raise read.fail(f"{read.said(s)} is no function that is declared", s)
    return found


def dependent(read: Context, letter: str) -> Expr:
    """A letter of which only what it depends on is said: its function of that."""
    known = read.declarations
    args = [known.symbols.get(name) or dependent(read, name) for name in known.depends[letter]]
    return Call(known.functions[letter], tuple(args))


def derived(op: Abstract, orders: Iterable[int]) -> Abstract:
    """A declared function differentiated by the arguments of these numbers, from 0."""
    for k in orders:
        op = op.derivative(k)
    return op


def value(read: Context, op: Abstract, args: list[Said], own: tuple[Surface, ...], s: Surface) -> Expr:
    """A function of its arguments, or the component of it that ``own`` says."""
    if len(args) != len(op.domain):
        declared = f"it is declared as {function_declaration(op)}"
        raise read.fail(f"{op.name} takes {counted(len(op.domain))}, not {len(args)}", s, declared)
    places: list[Place] = []
    if own:
        if not op.codomain.axes:
            raise read.misfit(f"{op.name} has one value, no components", s)
        places = [place(read, a, d) for a, d in zip(atoms(own), op.codomain.axes, strict=False)]
        if op.pointwise and not any(e.shape.axes for _, e in args):  # f_i(w_i)
            args = [(a, _gathered(e, places[0], op.codomain.axes[0])) for a, e in args]
    whole = applied(read, op, args, s)
    return At(whole, tuple(places)) if places else whole


def _derivative_of_known(read: Context, s: Called, name: str, count: int) -> Expr:
    """The derivative of a function of the catalog, σ′(z)."""
    op = read.declarations.user_functions.get(name) or next(iter(named(read, name)), None)
    if count != 1 or not isinstance(op, Elementwise) or not len(s.args) == len(op.derivatives) == 1:
        raise read.fail("this derivative is not read", s, r"write \frac{\partial}{\partial x}")
    return op.derivatives[0](read.expr(s.args[0]))


def primed(read: Context, s: Primed) -> Expr:
    """x′ of an array is its transpose."""
    if taken_apart(s.base) is not None and read.lexicon.function_of(s.base) is not None:
        said = read.said(s)
        raise read.fail(f"{read.said(s.base)} stands without its argument", s, f"write {said}(x)").marked("letter")
    e = read.expr(s.base)
    if not e.shape.axes or s.count > 1:
        raise read.fail("a prime is read as the derivative of a function, or as the transpose of an array", s,
                        "a derivative is written f'(x)").marked("letter")  # fmt: skip
    return Call(linear.transpose, (e,))


def apply_derivative(read: Context, s: ApplyDerivative) -> Expr:
    """D(f, 0, 1)(x, y).

    Raises:
        NameUnknown, ParseError: the function is not declared, or has other arguments.
    """
    name, where = s.function, s.named
    op = GENERIC if name == "◯" else read.declarations.functions.get(name)
    if op is None:
        near = nearest(name, tuple(read.declarations.functions))
        hint = f"did you mean {near}?" if near else f'declare it in the where text: "{name}: R^n -> R^m"'
        raise NameUnknown(f"{name} is no function that is declared", span=where, hint=hint, source=read.source)
    if not s.orders and len(op.domain) > 1:
        raise read.fail(f"{op.name} has {len(op.domain)} arguments", where,
                        f"say by which one, counting from 0: D({op.name}, 0) or D({op.name}, 1)")  # fmt: skip
    for k in s.orders:
        if k >= len(op.domain):
            raise read.fail(f"{op.name} has no argument number {k}", where, "arguments count from 0")
    return applied(read, derived(op, s.orders or (0,)), [(a, read.expr(a)) for a in s.args], s)


def _gathered(e: Expr, place: Place, dim: Dim) -> Expr:
    """The vector whose entry at ``place`` is ``e``: of w_i it is w."""
    match e:
        case At(array, (*before, last)) if last == place and array.shape.axes[len(before)] == dim:
            if not (isinstance(place, Index) and (place in array.free or place in before)):
                return At(array, tuple(before)) if before else array
    index = fresh_index(dim, {i.name for i in all_indices(e)})
    if isinstance(place, Index):
        return Build((index,), rename(e, {place: index}))
    assert isinstance(place, int)
    return Build((index,), _with_place(e, place, index))


def _with_place(e: Expr, place: int, index: Index) -> Expr:
    """``e`` with the entries at ``place`` taken at ``index``."""
    if isinstance(e, At):
        places = tuple(
            index if p == place and d == index.dim else p for p, d in zip(e.places, e.array.shape.axes, strict=False)
        )
        return At(_with_place(e.array, place, index), places)
    return map_children(lambda child: _with_place(child, place, index), e) if children(e) else e
