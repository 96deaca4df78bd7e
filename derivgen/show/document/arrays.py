"""What is said of parts of arrays where they are first printed: rows, one entry in brackets, functions by entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import GENERIC, Abstract, Operation
from derivgen.catalog.build import transposed
from derivgen.expr import At, Build, Call, Cases, Expr, Index, Symbol
from derivgen.expr.sizes import Shape
from derivgen.rules.products_of_entries import all_but_one
from derivgen.show.document.spaces import Note
from derivgen.show.layout.box import TRANSPOSE, Box, Fence, Script
from derivgen.show.layout.calls import function_name, unused_indices
from derivgen.show.layout.declared_functions import function, numbered
from derivgen.show.layout.names import dim, joined, place, places
from derivgen.show.layout.term import Context
from derivgen.show.math.latex import write


def rows(parts: Iterable[Expr], letter: str, c: Context, *, colon: bool) -> Iterator[Note]:
    """Rows of a matrix: with a small letter, or with a ``colon`` for all places where one is printed.

    ``letter`` is that of any matrix.
    """
    matrices = {s.name for s in c.style.symbols if s.shape.rank == 2 and "members" not in s.traits}
    for e in parts:
        match e:
            case At(Symbol(name) as x, (Index() | int() as i,)) if x.shape.rank == 2 and name in matrices:
                low = c.names.row_of(name)
                if colon or (low is not None and low.stem not in c.scope):
                    said = (
                        f"${write(c.box(e))}$ is row ${write(place(i))}$ of ${write(c.box(x))}$, written as a column."
                    )
                    yield f"row {name}", said
            case At(Call(op) as a, (Index() | int(),)) if colon and a.shape.rank == 2 and op is not opaque.eye:
                yield "row", rf"${letter}_{{i,:}}^{{\mathsf T}}$ is row $i$ of ${letter}$, written as a column."
            case _:
                pass


def others(parts: Iterable[Expr]) -> Iterator[Note]:
    """Products of all entries but one, by the letters of the first."""
    for e in parts:
        found = all_but_one(e)
        if found is not None:
            i, k = write(place(found[0])), write(place(found[2]))
            yield "all but one", rf"A product over ${i} \neq {k}$ is over all ${i}$ but ${k}$."


def brackets(parts: Collection[Expr], c: Context) -> Iterator[Note]:
    """Arrays that are written by one entry in brackets; that which a product is of has none, under its sign."""
    multiplied = {e.args[0] for e in parts if isinstance(e, Call) and e.op is opaque.prod}
    for e in parts:
        match e:
            case Build() if e not in multiplied and _is_bracketed(c.box(e)):
                bound, axes = e.bound, e.shape.rank
            case Cases(branches) if any(condition.shape.axes for condition, _ in branches):
                bound, axes = unused_indices(e, c), e.shape.rank
            case _:
                continue
        names, below = [write(place(i)) for i in bound], write(joined(places(bound)))
        what, where = "array", f"as entry $({', '.join(names)})$"
        if axes == 1:
            what, where = "vector", f"as entry ${below}$"
        elif axes == 2 == len(names):
            what, where = "matrix", f"in row ${names[0]}$ and column ${names[1]}$"
        yield f"brackets {axes}", rf"$[\dots]_{{{below}}}$ is the {what} with what stands in the brackets {where}."


def _is_bracketed(box: Box) -> bool:
    while isinstance(box, Script):
        box = box.base
    return isinstance(box, Fence) and box.left == "["


def of_declared(parts: Collection[Expr], c: Context) -> Iterator[Note]:
    """Entries of a function that is only declared, and its Jacobian."""
    for e in parts:
        match e:
            case At(Call(Abstract(pointwise=False) as f), (Index() as i, *_)) if f.codomain.rank == 1:
                yield _of_entry(f, i, c)
            case Call(op, (Call(Abstract(pointwise=False, orders=()) as f) as inner,)) if (
                op is linear.sum_ and f.codomain.rank == 1
            ):
                yield _of_entry(f, unused_indices(inner, c)[0], c)
            case Call(Abstract(pointwise=False, orders=(k,)) as f, args) if all(isinstance(a, Symbol) for a in args):
                if f.codomain.rank == 1 == f.domain[k].rank:
                    whole = write(function(replace(f, orders=()), (), c))
                    yield f"jacobian of {f.name}", f"${write(c.box(e))}$ is the Jacobian of ${whole}$."
            case _:
                pass


ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def of_derivatives(calls: Iterable[Call], boxes: Iterable[Box], c: Context) -> Iterator[Note]:
    """Derivatives of a function that is only declared at what is no plain variable: ∂f/∂g, ∂₁f(x, g(x)), ∂₁∂₁f(Ax)."""
    by_place: dict[Abstract, dict[int, Box]] = {}
    lines: list[str] = []
    for e in calls:
        match e:
            case Call(Abstract(pointwise=False, orders=(_, _), codomain=Shape(())) as op, (arg,)) if op.domain[
                0
            ].rank == 1 and not isinstance(arg, Symbol):
                f = replace(op, orders=())
                lines = lines or [write(box) for box in boxes]
                whole, at, shown = (write(box) for box in (function(f, (), c), c.box(arg), c.box(e)))
                if any(shown in line for line in lines):
                    yield f"second {f.name}", f"${shown}$ is the Hessian of ${whole}$ at ${at}$."
            case Call(Abstract(orders=(_, *_) as orders) as op, args) if op.name != GENERIC.name and numbered(c.box(e)):
                if len(args) > 1 or len(orders) == 1:
                    by_place.setdefault(replace(op, orders=()), {}).update(dict.fromkeys(orders, c.box(e)))
            case Call(Abstract(pointwise=False, orders=(_,)) as op, (Call(Abstract(orders=())) as inner,)):
                f = replace(op, orders=())
                yield f"jacobian {f.name}", _at_a_function(e, f, inner, c)
            case _:
                pass
    for f, found in by_place.items():
        yield f"by place {f.name}", _by_place(f, dict(sorted(found.items())), c)


def _at_a_function(e: Call, f: Abstract, inner: Call, c: Context) -> str:
    """What ∂f/∂g is: of a number by a vector it is a row or a column, as the layout has it."""
    shown, noun = c.box(e), "Jacobian" if f.codomain.axes else "gradient"
    turned = isinstance(shown, Script) and shown.sup == TRANSPOSE
    if turned:
        shown, noun = c.box(transposed(e)), "transposed Jacobian" if f.codomain.axes else noun
    which = "" if e.shape.rank != 1 else ", a row" if turned else ", a column"
    return f"${write(shown)}$ is the {noun} of ${write(function(f, (), c))}$ at ${write(c.box(inner))}${which}."


def _by_place(f: Abstract, found: dict[int, Box], c: Context) -> str:
    """What the derivatives of a function by its arguments are, of each with where it is printed."""
    whole, s = write(function(f, (), c)), "s" if len(found) > 1 else ""
    signs = listed_in_words([rf"$\partial_{{{k + 1}}} {whole}$" for k in found])
    which = listed_in_words([f"its {ORDINALS[k]}" if k < len(ORDINALS) else f"its {k + 1}th" for k in found])
    noun, kind = "Jacobian", ""
    if not f.codomain.axes:
        of_arrays = [isinstance(box, Script) and box.sup == TRANSPOSE for k, box in found.items() if f.domain[k].axes]
        noun = "gradient" if of_arrays else "derivative"
        if len(of_arrays) == len(found):
            kind = f", {'a ' if not s else ''}{'row' if all(of_arrays) else 'column'}{s}"
    return f"{signs} {'are' if s else 'is'} the {noun}{s} of ${whole}$ by {which} argument alone{kind}."


def listed_in_words(words: list[str]) -> str:
    """Words as a sentence lists them: a, b and c."""
    return " and ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])


def _of_entry(f: Abstract, i: Index, c: Context) -> Note:
    entry, whole = (write(function(replace(f, orders=()), at, c)) for at in ((i,), ()))
    last, k = write(dim(f.codomain.axes[0])), write(place(i))
    return f"entry of {f.name}", rf"${entry}$ is entry ${k}$ of ${whole}$, for ${k} = 1, \dots, {last}$."


def of_entries(calls: Iterable[Call], letter: str, said: str, c: Context) -> Iterator[Note]:
    """Functions of a matrix by its entries, whose names have a sign for that; what is ``said`` of one may tell it."""
    for e in calls:
        if isinstance(e.op, Operation) and e.op.notation.of_matrices and e.shape.rank == 2:
            name = write(function_name(e.op, c))
            known = rf"{name}_{{\circ}}" in said
            words = rf"${name}_{{\circ}}({letter})$ is ${name}$ of each entry of ${letter}$."
            yield f"{e.op.name} of a matrix", said if known else words
