"""Indices, places and sizes: what stands between brackets, and what an index runs along."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from derivgen.catalog.base import Constant
from derivgen.errors import NameUnknown
from derivgen.expr import Call, Dim, Expr, Index, Pair, Place
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.sizes import is_open
from derivgen.read.shapes import ShapeUnifier, nearest
from derivgen.read.surface import Apply, Binder, BinderPair, Infix, Literal, Name, Negated, Paired, Surface, ungrouped


class Places(ShapeUnifier, ABC):
    """What indices stand for at a place in the surface tree, whose spans point into ``source``."""

    def __init__(self, source: str, declarations: Declarations, *, free_indices: bool = False) -> None:
        super().__init__(source)
        self.declarations = declarations
        self.free_indices = free_indices
        self.scope: dict[str, Index] = dict(declarations.indices)

    @abstractmethod
    def expr(self, s: Surface) -> Expr:
        """The expression that a part of the tree says."""

    # --- sizes ---

    def dim(self, s: Surface) -> Dim:
        """A size: the name of one, or a number."""
        match ungrouped(s):
            case Literal(_, value) if value.denominator == 1 and 0 < value < 10**9:
                return Dim(int(value))
            case Name(_, name) if name in self.declarations.sizes and name not in self.scope:
                return Dim(name)
            case Infix(_, "*", left, right):
                return self.dim(left).times(self.dim(right))
            case Apply(_, "len", (array,)):
                e = self.expr(array)
                if e.shape.axes:
                    return e.shape.axes[0]
            case Name(_, name) as here if name not in self.declarations.symbols and name not in self.scope:
                known = self.declarations.sizes
                near = nearest(name, known)
                hint = (f"did you mean {near}?" if near else f"the sizes declared are {', '.join(known)}" if known else
                        f'declare something of that size, such as "x in R^{name}"')  # fmt: skip
                raise NameUnknown(f"{name} is no size that is declared", span=here.span, hint=hint, source=self.source)
        raise self.fail(f"{self.said(s)} is no size", s, "a size is a name from the declarations, or a number from 1")

    def open_constant(self, name: str, s: Surface) -> Expr:
        """A constant without its sizes; π has none."""
        op = self.declarations.glossary.constants[name]
        return Call(op, (), (self.open_dim(f"{name} {s.span.start}", s),) if isinstance(op, Constant) else ())

    # --- places ---

    def place_like(self, s: Surface) -> Place | None:
        """An index or a number that counts places, for Kronecker's delta."""
        match ungrouped(s):
            case Name(_, name) as here:
                if name in self.scope:
                    return self.scope[name]
                return self.new_index(here) if self.is_new_index(name) else None
            case Literal(_, value) if value.denominator == 1:
                return int(value)
            case Paired(_, outer, inner):
                first, second = self.place_like(outer), self.place_like(inner)
                return (
                    Pair(first, second)
                    if isinstance(first, Index | Pair) and isinstance(second, Index | Pair)
                    else None
                )
            case _:
                return None

    def place(self, s: Surface, dim: Dim) -> Place:
        inner = ungrouped(s)
        match inner:
            case Literal(_, value) if value.denominator == 1:
                if isinstance(dim.size, int) and not is_open(dim) and value >= dim.size:
                    raise self.fail(f"place {value} is outside an axis of length {dim}", s, "text counts from 0")
                return int(value)
            case Name(_, name):
                if name not in self.scope and self.is_new_index(name):
                    self.new_index(inner)
                index = self.scope.get(name)
                if index is None:
                    raise self.fail(f"{name} is no index", s, "an index is bound by a sum or a list: "
                                    f"sum(x[{name}] for {name} in range(n)); or a number from 0")  # fmt: skip
                if not self.same(index.dim, dim):
                    raise self.misfit(
                        f"{name} runs to {index.dim}, but the axis has length {dim}",
                        s,
                        f"let it run over range({dim}), or give both one size",
                    )
                return index
            case Paired():
                pair = self.place_like(inner)
                if not isinstance(pair, Pair):
                    raise self.fail(
                        "a pair of places is of two indices", s, "one number counts along the whole axis: y[3]"
                    )
                if not self.same(pair.dim, dim):
                    raise self.misfit(
                        f"{pair} runs to {pair.dim}, but the axis has length {dim}",
                        s,
                        f"let it run over range({dim}), or give both one size",
                    )
                return pair
            case Negated(_, Literal()):
                raise self.fail(
                    "a place counts from 0 at the front; it cannot be negative",
                    s,
                    "the length of the axis may be symbolic, so there is no counting from the end",
                )
            case Infix(_, operator) if operator in "+-":
                raise self.fail("an index cannot be shifted", s, "it would run over the end of the axis; an index "
                                "stands alone between the brackets")  # fmt: skip
            case _:
                raise self.fail("a place is an index or a number that counts from 0", s)

    def is_new_index(self, name: str) -> bool:
        return self.free_indices and name not in self.declarations.names

    def new_index(self, s: Name) -> Index:
        """An index that stands free, its length to be found from where it is used."""
        index = self.scope[s.name] = Index(s.name, self.open_dim(f"index {s.name}", s))
        return index

    @contextmanager
    def bound(self, binder: Binder) -> Iterator[Index]:
        name = binder.name
        if name in self.declarations.symbols or name in self.declarations.sizes:
            kind = "a size" if name in self.declarations.sizes else "declared as a variable"
            raise self.fail(f"{name} is {kind}, so it cannot be an index too", binder, "choose another letter")
        index = Index(name, self.dim(binder.length))
        outer = self.scope.get(name)
        self.scope[name] = index
        try:
            yield index
        finally:
            del self.scope[name]
            if outer is not None:
                self.scope[name] = outer

    @contextmanager
    def bound_by(self, binder: Binder | BinderPair) -> Iterator[Index | Pair]:
        if isinstance(binder, Binder):
            with self.bound(binder) as index:
                yield index
            return
        with self.bound_by(binder.outer) as outer, self.bound_by(binder.inner) as inner:
            yield Pair(outer, inner)
