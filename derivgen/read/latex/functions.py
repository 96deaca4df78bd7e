"""Functions as mathematics writes them: log det X, f_i(x), f′(x), and products over an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivgen.catalog import elementwise, linear, opaque
from derivgen.catalog.base import GENERIC, Abstract, Elementwise, is_pointwise_scalar
from derivgen.catalog.build import times
from derivgen.catalog.declared import function_declaration
from derivgen.expr import (
    At,
    Build,
    Call,
    Dim,
    Expr,
    Index,
    Mul,
    Number,
    Place,
    Power,
    all_indices,
    children,
    fresh_index,
    map_children,
    rename,
)
from derivgen.read import functions
from derivgen.read.latex.names import spelling, taken_apart
from derivgen.read.latex.products import Products
from derivgen.read.shapes import counted, described
from derivgen.read.surface import Apply, Called, Fenced, Infix, Letter, Multiplied, Primed, Surface, Unsaid

MOST_FACTORS = 400
"""How many factors a product over an index may come to."""


class Functions(Products):
    """The part of the walk that applies functions."""

    if TYPE_CHECKING:

        def indicator(self, s: Surface) -> Expr: ...
        def diagonal(self, s: Apply) -> Expr: ...

    # --- functions of the catalog ---

    def function_of(self, s: Apply) -> Expr:
        if s.function in self.declarations.functions or s.function in self.declarations.user_functions:
            return functions.apply(self, s)
        spelled = self.source[s.named.start : s.named.end]
        if len(spelled) > 1 and spelled.isalpha():
            self.note(f"{spelled} in {self.said(s)} is read as the function", s)
        if s.function.endswith("∘"):
            return functions.apply(self, Apply(s.span, s.function[:-1], s.args, s.named))
        match s.function, s.args:
            case "log", (Fenced(_, "|", (inner,)) as bars,) if self.is_square(inner):
                self.note(f"{self.said(bars)} is read as the determinant", s)
                return Call(opaque.logdet, (self.expr(inner),))
            case "log", (Apply(_, "det", inner),):
                return functions.apply(self, Apply(s.span, "logdet", inner, s.named))
            case "log10", _:
                natural = functions.apply(self, Apply(s.span, "log", s.args, s.named))
                return Mul((natural, Power(Call(elementwise.log, (Number(10),)), Number(-1))))  # type: ignore[arg-type]
            case "diag", _:
                return self.diagonal(s)
            case "trace", (inner,) if not (number := self.expr(inner)).shape.axes:
                self.note(f"{self.said(s)} is the trace of a number, which is the number", s)
                return number
            case _:
                e = functions.apply(self, s)
        if isinstance(e, Call) and isinstance(e.op, Elementwise) and e.op.notation.of_matrices:
            self.refuse_matrix(s, e, rf"\{e.op.name}_{{\circ}}(X)")
        return e

    def is_square(self, s: Surface) -> bool:
        """Whether a part is a square matrix, as far as its sizes are known, or may be one where they are open."""
        axes = self.expr(s).shape.axes
        return len(axes) == 2 and self.same(*axes)

    def refuse_matrix(self, s: Surface, e: Expr, entrywise: str) -> None:
        """Refuse a function of a square matrix, which is another than that of its entries; say so of other matrices."""
        axes = e.shape.axes
        if len(axes) == 2 and axes[0] == axes[1]:
            raise self.fail(f"{self.said(s)} is a function of a matrix, which is not read", s,
                            f"entry by entry it is written {entrywise}")  # fmt: skip
        if len(axes) == 2:
            self.note(f"{self.said(s)} is taken entry by entry", s)

    def primed(self, s: Surface, base: Surface, count: int) -> Expr:
        """x′ of an array is its transpose."""
        head = taken_apart(base)
        if head is not None and self.lexicon.find(spelling(*_of(head))) in self.declarations.functions:
            raise self.fail(f"{self.said(base)} stands without its argument", s, f"write {self.said(s)}(x)")
        e = self.expr(base)
        if not e.shape.axes or count > 1:
            raise self.fail("a prime is read as the derivative of a function, or as the transpose of an array", s,
                            "a derivative is written f'(x)")  # fmt: skip
        return Call(linear.transpose, (e,))

    # --- abstract functions ---

    def called(self, s: Called) -> Expr:
        primes = s.head.count if isinstance(s.head, Primed) else 0
        head = s.head.base if isinstance(s.head, Primed) else s.head
        match head:
            case Letter(_, "1"):
                return self.indicator(s.args[0])
            case Letter(_, "◯"):
                parts = [(a, self.expr(a)) for a in s.args]
                if len(parts) != 2:
                    raise self.fail(f"◯ takes {counted(2)}, not {len(parts)}", s)
                self.fit("◯", parts, s)
                return Call(GENERIC, tuple([e for _, e in parts]))
            case Infix(_, "∘", left, right):
                return self.expr(Called(s.span, left, (Called(s.span, right, s.args),)))
            case Letter(_, stem, "operator"):
                return self.derived(s, stem, primes)
        found = taken_apart(head)
        if found is None:
            raise self.fail("this is no function that could be applied", head)
        given = self.lexicon.find(spelling(*_of(found)))
        if given is not None and given in self.declarations.user_functions:
            return self.of_own(given, primes, s)
        args = [(a, self.expr(a)) for a in s.args]
        op, own = self.function_named(*found, tuple([e for _, e in args]), s)
        if primes and len(op.domain) != 1:
            raise self.fail(
                f"{op.name} has {len(op.domain)} arguments", s, rf"say by which one: \partial_1 {op.name}(…)"
            )
        op = _derived(op, (0,) * primes)
        return self.value(op, args, own, s)

    def function_named(
        self, head: Letter, subs: tuple[Surface, ...], args: tuple[Expr, ...], s: Surface
    ) -> tuple[Abstract, tuple[Surface, ...]]:
        """A function by its name, and the subscripts that say which component is meant."""
        for own in range(len(subs), -1, -1):
            name = self.lexicon.find(spelling(head.stem, subs[:own]))
            op = GENERIC if head.stem == "◯" else self.declarations.functions.get(name or "")
            if op is not None:
                return op, subs[own:]
            if name is not None and own == len(subs):
                raise self.fail(f"{self.said(s)}: {name} is a variable, not a function", s)
        raise self.fail(f"{self.said(s)} is no function that is declared", s)

    def value(self, op: Abstract, args: list[tuple[Surface, Expr]], own: tuple[Surface, ...], s: Surface) -> Expr:
        """A function of its arguments, or the component of it that ``own`` says."""
        if len(args) != len(op.domain):
            declared = f"it is declared as {function_declaration(op)}"
            raise self.fail(f"{op.name} takes {counted(len(op.domain))}, not {len(args)}", s, declared)
        places: list[Place] = []
        if own:
            if not op.codomain.axes:
                raise self.misfit(f"{op.name} has one value, no components", s)
            places = [self.place(a, d) for a, d in zip(self.atoms(own), op.codomain.axes, strict=False)]
            if op.pointwise and not any(e.shape.axes for _, e in args):  # f_i(w_i)
                args = [(a, gathered(e, places[0], op.codomain.axes[0])) for a, e in args]
        if is_pointwise_scalar(op):
            self.fit(op.name, args, s)
        else:
            for (a, e), wanted in zip(args, op.domain, strict=True):
                if e.shape.rank != wanted.rank or not all(map(self.same, e.shape.axes, wanted.axes)):
                    said = f"{op.name} is declared on {described(wanted)}: {self.shaped((a, e))}"
                    raise self.misfit(said, a, f"it is declared as {function_declaration(op)}")
        whole = Call(op, tuple([e for _, e in args]))
        return At(whole, tuple(places)) if places else whole

    def of_own(self, name: str, primes: int, s: Called) -> Expr:
        """A function that the reader has defined."""
        if primes:
            return self.derived(s, name, primes)
        return functions.apply(self, Apply(s.span, name, s.args, s.head.span))

    def derived(self, s: Called, name: str, count: int) -> Expr:
        """The derivative of a function of the catalog, σ′(z)."""
        op = self.declarations.user_functions.get(name) or next(iter(functions.named(self, name)), None)
        if count != 1 or not isinstance(op, Elementwise) or not len(s.args) == len(op.derivatives) == 1:
            raise self.fail("this derivative is not read", s, r"write \frac{\partial}{\partial x}")
        return op.derivatives[0](self.expr(s.args[0]))

    # --- products over an index ---

    def product_over(self, s: Multiplied) -> Expr:
        """Π over as many factors as a number says, written out."""
        length = self.dim(s.binder.length) if not isinstance(s.binder.length, Unsaid) else Dim("?")
        if not isinstance(length.size, int) or length.size > 100:
            raise self.fail("a product over an index is read where it runs to a number, and is written out then", s,
                            r"write \exp\sum\log for a product of positive factors")  # fmt: skip
        with self.bound(s.binder) as index:
            body = self.expr(s.body)
        if body.shape.axes:
            raise self.misfit(f"a product over an index is of scalars: {self.shaped((s.body, body))}", s.body)
        if self.weight(body) * length.size > MOST_FACTORS:
            raise self.fail("this product is too long to be written out", s)
        return times([rename(body, {index: k}) for k in range(length.size)])

    def weight(self, e: Expr) -> int:
        return 1 if not isinstance(e, Mul) else sum(map(self.weight, e.factors))


def _of(head: tuple[Letter, tuple[Surface, ...]]) -> tuple[str, tuple[Surface, ...]]:
    return head[0].stem, head[1]


def _derived(op: Abstract, orders: tuple[int, ...]) -> Abstract:
    for k in orders:
        op = op.derivative(k)
    return op


def _value_of(e: Expr) -> object:
    """The function that ``e`` is a value of."""
    return _value_of(e.array) if isinstance(e, At) else e.op if isinstance(e, Call) else None


def gathered(e: Expr, place: Place, dim: Dim) -> Expr:
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
