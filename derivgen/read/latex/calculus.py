"""Functions and derivatives as mathematics writes them: f_i(x), f′(x), ∂y/∂x, ∇f, and values at a place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import Abstract
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
from derivgen.read.latex.functions import Functions
from derivgen.read.latex.names import plain_name, spelling, taken_apart
from derivgen.read.latex.scope import reaches_far, tightly
from derivgen.read.surface import (
    Called,
    Chain,
    Derivative,
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

Turns = tuple[Index, ...]

ALONG = Symbol("d")
"""What everything changes along under a differential."""


class Calculus(Functions):
    """The part of the walk that applies functions and differentiates. ``local`` are letters for a place;
    ``layout_counts`` is False within an entry, whose places are those of the value and then of the variable;
    ``asked`` says that the formula is a question by itself."""

    local: frozenset[str] = frozenset()
    layout_counts = True
    asked = False

    if TYPE_CHECKING:

        def open_constant(self, name: str, s: Surface) -> Expr: ...
        def digits(self, atoms: list[Surface], rank: int) -> list[Surface]: ...

    # --- derivatives ---

    def scoped(self, s: Nabla | Derivative) -> Expr:
        """A derivative of the whole product behind its sign, of the first factor where that alone fits."""
        close = tightly(s)
        if close is None:
            return self.of_all(s)
        said = self.said(Unsaid(s.span))
        if not reaches_far(s, self.lexicon):
            return self.expr(close)
        e = self.either(lambda: self.of_all(s), close, f"the derivative in {said} is of the first factor only", s)
        if not isinstance(s, Derivative) or self.source.startswith(r"\partial", s.span.start):
            self.note(f"the derivative in {said} is of the whole product behind its sign", s)
        return e

    def of_all(self, s: Nabla | Derivative) -> Expr:
        return self.nabla(s) if isinstance(s, Nabla) else self.differentiated(s)

    def differentiated(self, s: Derivative) -> Expr:
        r"""\frac{\partial y}{\partial x}: of arrays, the array of all partials in the layout of the document."""
        if s.body is None:
            raise self.fail("this derivative stands without what it is of", s, r"write \frac{\partial}{\partial x} (…)")
        if isinstance(s.by[0], Literal):
            return self.by_number(s, s.by)
        by = list(s.by)
        if len(by) == 2:
            first, second = (v.operand if isinstance(v, Transposed) else v for v in by)
            hessian = self.hessian(s.body, first, second, s)
            if hessian is not None:
                return hessian
        function = self.of_function(s.body, by, s) or self.of_value(s.body, by)
        if function is not None:
            return function
        e = self.expr(s.body)
        self.refuse_independent(e, by, s.body)
        for v in reversed(by):
            e = self.partial_by(e, v, s.body)
        return e

    def refuse_independent(self, e: Expr, by: list[Surface], body: Surface) -> None:
        """Refuse the derivative of a letter of which nothing says what it depends on; in a document that is said elsewhere."""
        if not self.asked:
            return
        known = self.declarations.defined | self.local
        if isinstance(e, Symbol) and e.name not in known and all(not isinstance(v, Literal) for v in by):
            variables = [self.variable(v) for v in by]
            if all((v.array if isinstance(v, At) else v) != e for v in variables):
                raise self.fail(f"it is not said how {self.said(body)} depends on {self.said(by[0])}", body,
                                f"give its value as an intermediate: {self.said(body)} = …, or declare a function and write {self.said(body)}({self.said(by[0])})")  # fmt: skip

    def partial_by(self, e: Expr, by: Surface, body: Surface) -> Expr:
        """All partials of ``e`` by all entries of a variable."""
        variable = self.variable(by)
        taken = {i.name for i in all_indices(e) | variable.free} | set(self.scope)
        out = self.fresh(e, taken)
        at = self.fresh(variable, taken)
        wrt = variable
        if at:
            wrt = At(variable.array, (*variable.places, *at)) if isinstance(variable, At) else At(variable, at)
        return self.arranged(Partial(At(e, out) if out else e, wrt), out, at)

    def differential(self, body: Surface) -> Expr:
        """d e, the change of e along one number that all letters may depend on, which is called d itself."""
        e = self.expr(body)
        out = self.fresh(e, {i.name for i in all_indices(e)} | set(self.scope))
        changed = Partial(At(e, out) if out else e, ALONG)
        return Build(out, changed, row=e.shape.row) if out else changed

    def fresh(self, e: Expr, taken: set[str]) -> Turns:
        found: list[Index] = []
        for dim in e.shape.axes:
            found.append(fresh_index(dim, taken))
            taken.add(found[-1].name)
        return tuple(found)

    def arranged(self, body: Expr, out: Turns, at: Turns) -> Expr:
        """The array of partials, its axes in the order of the layout."""
        if not out and not at:
            return body
        transposed = self.layout == "denominator" or (self.layout == "gradient" and not out)
        match len(out), len(at):
            case (0, 1):
                return Build(at, body, row=not transposed)
            case (1, 0):
                return Build(out, body, row=transposed)
            case (0, 2):
                return Build(at if transposed else at[::-1], body)
            case (2, 0):
                return Build(out[::-1] if transposed else out, body)
            case (1, 1):
                return Build(at + out if transposed else out + at, body)
            case _:
                return Build(out + at, body)

    def variable(self, s: Surface) -> Expr:
        v = self.expr(s)
        if not isinstance(v.array if isinstance(v, At) else v, Symbol):
            raise self.fail("a derivative is by a variable or by an entry of one", s)
        return v

    def hessian(self, body: Surface, first: Surface, second: Surface, s: Surface) -> Expr | None:
        """The matrix of second partials by one vector."""
        if plain_name(first) is None or plain_name(first) != plain_name(second):
            return None
        x = self.variable(first)
        if x.shape.rank != 1 or self.is_bare_function(body) is not None:
            return None
        e = self.expr(body)
        if e.shape.axes:
            raise self.misfit("a second derivative by vectors is of a scalar", s)
        taken = {i.name for i in all_indices(e)} | set(self.scope)
        i, j = fresh_index(x.shape.axes[0], taken), fresh_index(x.shape.axes[0], taken | {"i"})
        if i == j:
            j = fresh_index(x.shape.axes[0], taken | {i.name})
        return Build((i, j), Partial(Partial(e, At(x, (j,))), At(x, (i,))))

    def by_number(self, s: Derivative, by: tuple[Surface, ...]) -> Expr:
        r"""\partial_1 f(x, y)."""
        orders: list[int] = []
        here: Surface = s
        while isinstance(here, Derivative) and here.body is not None and all(isinstance(b, Literal) for b in here.by):
            orders += [int(b.value) - 1 for b in here.by if isinstance(b, Literal)]
            here = here.body
        found = taken_apart(here.head) if isinstance(here, Called) else None
        if found is None or not isinstance(here, Called):
            raise self.fail("a derivative by an argument is of a function", s, r"write \partial_1 f(x, y)")
        args = [(a, self.expr(a)) for a in here.args]
        op, own = self.function_named(*found, tuple([e for _, e in args]), s)
        for k in orders:
            if not 0 <= k < len(op.domain):
                raise self.fail(f"{op.name} has no argument number {k + 1}", s, "arguments count from 1")
        op = _derived(op, tuple(orders))
        if op.pointwise or own:
            return self.value(op, args, own, s)
        e = self.value(op, args, (), s)
        return self.laid_out(op, tuple([a for _, a in args]), (), []) if self.layout_counts else e

    # --- derivatives of functions that stand without their arguments ---

    def is_bare_function(self, s: Surface) -> tuple[Abstract, tuple[Surface, ...]] | None:
        """A declared function that stands without its arguments, and which component of it."""
        found = taken_apart(s)
        if found is None:
            return None
        head, subs = found
        for own in range(len(subs), -1, -1):
            name = self.lexicon.find(spelling(head.stem, subs[:own]))
            op = self.declarations.functions.get(name or "")
            if op is not None:
                return op, subs[own:]
        return None

    def of_function(self, body: Surface, by: list[Surface], s: Surface) -> Expr | None:
        """∂f/∂x, where f stands for its value at the arguments that it has throughout."""
        bare = self.is_bare_function(ungrouped(body))
        if bare is None:
            return self.by_function(body, by, s)
        op, own = bare
        given = self.applied_to.get(op.name)
        orders: list[int] = []
        at: list[Surface] = []
        for v in reversed(by):
            v = v.operand if isinstance(v, Transposed) and len(by) > 1 else v
            inner = self.is_bare_function(v)
            k = self.argument_of(given, v, inner, op)
            if k is None and inner is None and len(op.domain) == 1:
                given, k = (self.whole_variable(v, op.domain[0].rank)[0],), 0
            if given is None or k is None:
                raise self.fail(
                    f"it is not known what {op.name} is of here", body, f"write {self.said(body)}(…) with its arguments"
                )
            orders.append(k)
            at += inner[1] if inner is not None else self.whole_variable(v, op.domain[k].rank)[1]
        if given is None:
            return None
        return self.laid_out(_derived(op, tuple(orders)), given, own, at)

    def of_value(self, body: Surface, by: list[Surface]) -> Expr | None:
        """∂f(x, y)/∂x of a declared function of names, one of which is x, is the derivative of f itself."""
        found = taken_apart(body.head) if isinstance(body, Called) else None
        if found is None or not isinstance(body, Called) or len(body.args) < 2:
            return None
        bare = self.is_bare_function(body.head)
        args = tuple([self.expr(a) for a in body.args])
        names = {a.name for a in args if isinstance(a, Symbol)}
        if (
            bare is None
            or bare[0].pointwise
            or len(names) != len(args)
            or names & self.declarations.defined - self.local
        ):
            return None
        op, own = bare
        orders: list[int] = []
        at: list[Surface] = []
        for v in reversed(by):
            v = v.operand if isinstance(v, Transposed) and len(by) > 1 else v
            k = self.argument_of(args, v, None, op)
            if k is None:
                return None
            orders.append(k)
            at += self.whole_variable(v, op.domain[k].rank)[1]
        return self.laid_out(_derived(op, tuple(orders)), args, own, at)

    def by_function(self, body: Surface, by: list[Surface], s: Surface) -> Expr | None:
        """∂f(g(x))/∂g: by the argument that is a value of g."""
        inner = self.is_bare_function(by[0]) if len(by) == 1 else None
        if inner is None:
            return None
        found = taken_apart(body.head) if isinstance(body, Called) else None
        if found is None or not isinstance(body, Called):
            raise self.fail("a derivative by a function is of a function of it", s)
        args = tuple([self.expr(a) for a in body.args])
        op, own = self.function_named(*found, args, s)
        k = self.argument_of(args, by[0], inner, op)
        if k is None:
            raise self.fail(f"{self.said(body)} is no function of {self.said(by[0])}", s)
        return self.laid_out(_derived(op, (k,)), args, own, list(inner[1]))

    def whole_variable(self, s: Surface, rank: int) -> tuple[Expr, tuple[Surface, ...]]:
        """The variable of this rank that ``s`` is, or is an entry of, and the subscripts that are places of the entry."""
        v = self.variable(s)
        head = taken_apart(s)
        strip = rank - v.shape.rank
        if strip <= 0 or not isinstance(v, At) or head is None or strip > len(v.places):
            return v, ()
        kept = v.places[: len(v.places) - strip]
        atoms = self.digits(self.atoms(head[1]), rank)
        return At(v.array, kept) if kept else v.array, tuple(atoms[len(atoms) - strip :])

    def argument_of(
        self,
        given: tuple[Expr, ...] | None,
        v: Surface,
        inner: tuple[Abstract, tuple[Surface, ...]] | None,
        op: Abstract,
    ) -> int | None:
        """Which argument the variable is."""
        for k, arg in enumerate(given or ()):
            if inner is None and arg == self.whole_variable(v, op.domain[k].rank)[0]:
                return k
            if inner is not None and isinstance(arg, Call | At) and _value_of(arg) == inner[0]:
                return k
        return None

    def laid_out(self, op: Abstract, args: tuple[Expr, ...], own: tuple[Surface, ...], at: list[Surface]) -> Expr:
        """An entry of a Jacobian, or the whole of it as a reader sees it: a row of a scalar."""
        for arg, wanted in zip(args, op.domain, strict=True):
            if wanted.axes and arg.shape.rank == wanted.rank:
                self.same_shape(wanted, Shape(arg.shape.axes))
        whole = Call(op, args)
        axes = whole.shape.axes
        surfaces = [*self.atoms(own), *self.atoms(tuple(at))]
        if surfaces:
            return At(whole, tuple([self.place(a, d) for a, d in zip(surfaces, axes, strict=False)]))
        out = op.codomain.rank
        transposed = self.layout == "denominator" or (self.layout == "gradient" and not out)
        turned = {(0, 1): not transposed, (1, 0): transposed, (1, 1): transposed, (0, 2): not transposed}
        if turned.get((out, len(axes) - out)) and len(op.orders) == 1 and not op.pointwise:
            return Call(linear.transpose, (whole,))
        return whole

    # --- nabla, and values at a place ---

    def nabla(self, s: Nabla) -> Expr:
        """∇f is a row, as the notes have it: all partials side by side."""
        if s.body is None:
            raise self.fail("∇ stands without what it is of", s)
        if isinstance(s.body, Transposed) and isinstance(s.body.operand, Called) and not reaches_far(s, self.lexicon):
            e = self.nabla(replace(s, body=s.body.operand))  # \nabla f(x)^T v: whoever transposes it means a column
            return e if e.shape.row else Call(linear.transpose, (e,))
        by: tuple[Surface, ...] = ()
        if s.by is not None:
            by = s.by.items if isinstance(s.by, Sequence) else (s.by,)
        elif isinstance(s.body, Called):
            by = s.body.args
            if len(by) == 1 and plain_name(by[0]) is None:
                return self.at_argument(s.body, s.order)
        if not by:
            raise self.fail("it is not said by which variable", s, r"write \nabla_{\mathbf{x}}")
        if s.order == 2 and len(by) == 1:
            found = self.hessian(s.body, by[0], by[0], s)
            return self.expr(Derivative(s.span, s.body, (by[0], by[0]))) if found is None else found
        if s.order == 2:
            raise self.fail("a Hessian is by one vector", s)
        e = self.expr(s.body)
        self.refuse_independent(e, list(by), s.body)
        if not e.shape.axes:
            self.note(
                "∇ is read as the row of all partials"
                if self.layout == "numerator"
                else "∇ is read in the layout of the document",
                s,
            )
        if len(by) == 1:
            return self.partial_by(e, by[0], s.body)
        if e.shape.axes:
            raise self.misfit(f"a gradient is of a scalar: {self.shaped((s.body, e))}", s)
        stacked = Call(opaque.stack, tuple([Partial(e, self.variable(v)) for v in by]))
        return Call(linear.transpose, (stacked,)) if self.layout == "numerator" else stacked

    def at_argument(self, s: Called, order: int) -> Expr:
        """∇f(Az) is ∇f at Az."""
        found = taken_apart(s.head)
        if found is None:
            raise self.fail("it is not said by which variable", s, r"write \nabla_{\mathbf{x}}")
        args = (self.expr(s.args[0]),)
        op, own = self.function_named(*found, args, s)
        return self.laid_out(_derived(op, (0,) * order), args, own, [])

    def evaluated(self, s: Evaluated) -> Expr:
        r"""\left. ∂f/∂u \right|_{u = e}."""
        match s.at:
            case Chain(_, (Letter() | Scripted() as name, value), ("=",)):
                plain = plain_name(name)
            case _:
                plain = None
        if plain is None or not isinstance(s.at, Chain):
            raise self.fail("the place of a value is said as u = …", s.at, r"\left. … \right|_{u = …}")
        if plain in self.declarations.names:
            raise self.fail(f"{plain} has a meaning already", s.at, "take another letter for the place")
        e = self.expr(value)
        outer = self.declarations, self.lexicon
        self.local = self.local | {plain}
        self.declarations = self.declarations.with_definition(Symbol(plain, e.shape))
        self.lexicon = type(self.lexicon)(self.declarations)
        try:
            body = self.expr(s.body)
        finally:
            self.declarations, self.lexicon = outer
            self.local = self.local - {plain}
        made = substitute(body, {plain: e})
        if depends_on(made, plain):
            raise self.fail("a value at a place is read of the derivative of a function only", s)
        return made


def _derived(op: Abstract, orders: tuple[int, ...]) -> Abstract:
    for k in orders:
        op = op.derivative(k)
    return op


def _value_of(e: Expr) -> object:
    """The function that ``e`` is a value of."""
    return _value_of(e.array) if isinstance(e, At) else e.op if isinstance(e, Call) else None
