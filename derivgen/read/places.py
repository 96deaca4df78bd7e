"""Indices, places and sizes: what stands between brackets or below a letter, and what an index runs along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from derivgen.catalog.base import Constant
from derivgen.errors import NameUnknown
from derivgen.expr import Call, Dim, Expr, Index, Pair, Place, product_dim
from derivgen.read.context import Context
from derivgen.read.kinds.sizes import INDEX, Hole
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.surface import (
    Apply,
    Binder,
    BinderPair,
    Infix,
    Letter,
    Literal,
    Name,
    Negated,
    Paired,
    Product,
    Scripted,
    Surface,
    Unsaid,
    ungrouped,
)
from derivgen.read.wording import nearest

# --- sizes ---


def size(read: Context, s: Surface) -> Dim:
    """A size: the name of one, a number, or a product of such.

    Raises:
        NameUnknown, ParseError: a name in it is not declared, or it is no size.
    """
    known = read.declarations
    match ungrouped(s):
        case Literal(_, value) if value.denominator == 1 and 0 < value < 10**9:
            return Dim(int(value))
        case Name(_, name) if name in known.sizes and name not in read.scope:
            return Dim(name)
        case Letter() | Scripted() as here:
            head = taken_apart(here)
            found = read.lexicon.find(spelling(head[0].stem, head[1])) if head else None
            if found in known.sizes:
                return Dim(found)
            raise read.fail(f"{read.said(s)} is no size", s,
                            "a size is a name from the declarations, or a number from 1")  # fmt: skip
        case Infix(_, "*", left, right):
            return size(read, left).times(size(read, right))
        case Product(_, factors, signs) if "/" not in signs:
            return product_dim([size(read, factor) for factor in factors])
        case Apply(_, "len", (array,)):
            e = read.expr(array)
            if e.shape.axes:
                return e.shape.axes[0]
        case Name(_, name) as here if name not in known.symbols and name not in read.scope:
            near = nearest(name, known.sizes)
            hint = (f"did you mean {near}?" if near else f"the sizes declared are {', '.join(known.sizes)}" if known.sizes else
                    f'declare something of that size, such as "x in R^{name}"')  # fmt: skip
            raise NameUnknown(f"{name} is no size that is declared", span=here.span, hint=hint, source=read.source)
    raise read.fail(f"{read.said(s)} is no size", s,
                    "an index runs along a whole axis; a size is a name from the declarations, or a number from 1")  # fmt: skip


def open_constant(read: Context, name: str, s: Surface) -> Expr:
    """A constant without its sizes; π has none."""
    op = read.declarations.glossary.constants[name]
    axes = (2 if read.chosen(name, s) == 2 else 1) if isinstance(op, Constant) else 0
    return Call(op, (), tuple([read.length(name, s, axis) for axis in range(axes)]))


# --- places ---


def place_like(read: Context, s: Surface) -> Place | None:
    """An index or a number that counts places, for Kronecker's delta."""
    first = int(read.of.latex)
    match ungrouped(s):
        case Scripted() as here:
            name = plain_name(here)  # y_i = 1 compares numbers
            return read.scope.get(name) if name is not None else None
        case Name() | Letter() as here:
            return _index(read, here)
        case Literal(_, value) if value.denominator == 1 and value >= first:
            return int(value) - first
        case Paired(_, outer, inner):
            one, other = place_like(read, outer), place_like(read, inner)
            return Pair(one, other) if isinstance(one, Index | Pair) and isinstance(other, Index | Pair) else None
        case _:
            return None


def places_like(read: Context, left: Surface, right: Surface) -> tuple[Place | None, Place | None]:
    """Two places that are compared; a letter that is compared with a number is one only if something else says so."""
    sides = tuple(map(ungrouped, (left, right)))
    if any(isinstance(s, Literal) for s in sides):
        for s in sides:
            if isinstance(s, Letter) and plain_name(s) not in read.scope and free_index(read, s) is None:
                return None, None
    return place_like(read, left), place_like(read, right)


def place(read: Context, s: Surface, dim: Dim) -> Place:
    """A place on an axis of this length: an index, or a number that text counts from 0 and LaTeX from 1."""
    latex = read.of.latex
    first = int(latex)
    inner = s if latex else ungrouped(s)
    match inner:
        case Literal(_, value) if value.denominator == 1 and value >= first:
            if isinstance(dim.size, int) and value - first >= dim.size:
                hint = None if latex else "text counts from 0"
                raise read.fail(f"place {value} is outside an axis of length {dim}", s, hint)
            return int(value) - first
        case Name() | Letter() | Scripted():
            index = _index(read, inner)
            if index is None:
                said = read.said(inner)
                if latex and said in read.declarations.sizes:
                    hint = "take an index for any entry, as k, or give the length as a number: x in R^3 has x_3"
                    raise read.fail(f"{said} is a length, and the last entry has no name while it is open", s, hint)
                if latex:
                    hint = rf"an index is bound by a sum, such as \sum_{{{said}=1}}^{{n}}"
                    raise read.fail(f"{said} is no index here", s, hint).marked("letter")
                raise read.fail(f"{said} is no index", s, "an index is bound by a sum or a list: "
                                f"sum(x[{said}] for {said} in range(n)); or a number from 0")  # fmt: skip
            return _along(read, index, dim, s)
        case Paired():
            pair = place_like(read, inner)
            if not isinstance(pair, Pair):
                raise read.fail("a pair of places is of two indices", s,
                                "one number counts along the whole axis: y[3]")  # fmt: skip
            return _along(read, pair, dim, s)
        case Negated(_, Literal()) if not latex:
            raise read.fail("a place counts from 0 at the front; it cannot be negative", s,
                            "the length of the axis may be symbolic, so there is no counting from the end")  # fmt: skip
        case Infix(_, "+" | "-") if latex:
            raise read.fail("an index cannot be shifted: it would run over the end of the axis", s,
                            "an index stands alone below its letter")  # fmt: skip
        case Infix(_, "+" | "-"):
            raise read.fail("an index cannot be shifted", s, "it would run over the end of the axis; an index "
                            "stands alone between the brackets")  # fmt: skip
        case _:
            raise read.fail(f"a place is an index, or a number that counts from {first}", s)


def _along(read: Context, index: Index | Pair, dim: Dim, s: Surface) -> Index | Pair:
    if index.dim == dim:
        return index
    hint = f"let it run {'to' if read.of.latex else 'over'} {dim if read.of.latex else f'range({dim})'}, or give both one size"
    said = f"{index} runs to {index.dim}, but the axis has length {dim}"
    raise read.misfit(said, s, hint).marked("lengths", str(index.dim), str(dim))


def _index(read: Context, s: Name | Letter | Scripted) -> Index | None:
    """The index of this name; one that stands free is as long as the axis that it is used at."""
    name = s.name if isinstance(s, Name) else plain_name(s)
    if name is None:
        return None
    if name not in read.scope and read.of.free_indices and name not in read.declarations.names:
        read.scope[name] = Index(name, read.filled(Hole(name, INDEX), s))
    return read.scope.get(name)


def free_index(read: Context, s: Name | Letter | Scripted) -> Index | None:
    """The index of a document that stands as a number before it stands below a letter: (-1)^i M_i."""
    name = plain_name(s) if read.of.free_indices and isinstance(s, Letter) else None
    return _index(read, s) if name is not None and Hole(name, INDEX) in read.understood.lengths else None


@contextmanager
def bound(read: Context, binder: Binder | BinderPair) -> Iterator[Index | Pair]:
    """Let what a binder says run; a pair of indices makes one axis."""
    if isinstance(binder, BinderPair):
        with bound(read, binder.outer) as outer, bound(read, binder.inner) as inner:
            yield Pair(outer, inner)
        return
    name, known = binder.name, read.declarations
    if name in known.symbols or name in known.sizes:
        kind = "a size" if name in known.sizes else "declared as a variable"
        raise read.fail(f"{name} is {kind}, so it cannot be an index too", binder, "choose another letter")
    length = binder.length
    index = Index(name, read.length(f"length of {name}", length) if isinstance(length, Unsaid) else size(read, length))
    with read.running(index):
        yield index
