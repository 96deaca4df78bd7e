"""From the surface tree to an expression: names are looked up, shapes compared, sizes that were left open inferred."""

from __future__ import annotations

from contextlib import suppress

from derivgen.catalog import linear, opaque
from derivgen.catalog.base import GENERIC
from derivgen.catalog.build import added, factors_of, negative, reciprocal, times
from derivgen.catalog.formulas import size as size_as_number
from derivgen.errors import DerivgenError, NameUnknown
from derivgen.expr import (
    MINUS_ONE,
    ONE,
    STEP,
    Add,
    At,
    Build,
    Call,
    Delta,
    Dim,
    Expr,
    Mul,
    Number,
    Partial,
    Place,
    Position,
    Power,
    Sum,
    Symbol,
)
from derivgen.read import functions
from derivgen.read.declarations import Declarations
from derivgen.read.places import Places
from derivgen.read.shapes import Said, SizeFound, nearest
from derivgen.read.surface import (
    Apply,
    ApplyDerivative,
    Binder,
    Differentiated,
    Group,
    Infix,
    Listed,
    Literal,
    Name,
    Negated,
    Paired,
    Subscript,
    Summed,
    Surface,
    Tabulated,
    Transposed,
    operands,
)


class Elaborator(Places):
    """One pass over a surface tree. ``source`` is what its spans point into."""

    def __init__(self, source: str, declarations: Declarations, *, free_indices: bool = False) -> None:
        super().__init__(source, declarations, free_indices=free_indices)
        self.depth = 0
        self.known: dict[int, Expr] = {}  # of parts that were read before their turn

    # --- the walk ---

    def run(self, s: Surface) -> Expr:
        while True:
            try:
                self.left_open.clear()
                self.known.clear()
                e = self.expr(s)
            except SizeFound as known:
                self.found[known.open_size] = known.length
                self.scope = dict(self.declarations.indices)
                continue
            for where in self.left_open.values():
                name = self.said(where)
                raise self.fail(
                    f"the size of {name} is not known here",
                    where,
                    f"write it out, such as {name.rstrip('()')}(n)" if name.isascii() else None,
                )
            return e

    def expr(self, s: Surface) -> Expr:
        known = self.known.pop(id(s), None)
        if known is not None:
            return known
        depth = self.depth
        try:
            if depth >= STEP:
                self.read_below(s)
            self.depth = depth + 1
            return self.expr_of(s)
        except DerivgenError as error:
            raise error.at(s.span, self.source) from None
        finally:
            self.depth = depth

    def read_below(self, s: Surface) -> None:
        """Find what lies deep in a part before the part itself. What is wrong there is said when its turn comes."""
        order: list[tuple[Surface, int]] = []
        todo = [(s, 0)]
        while todo:
            here, deep = todo.pop()
            order.append((here, deep))
            todo.extend((inner, deep + 1) for inner in operands(here))
        for here, deep in reversed(order):
            if deep and deep % (STEP // 2) == 0:
                self.depth = 0
                with suppress(DerivgenError):
                    self.known[id(here)] = self.expr(here)

    def expr_of(self, s: Surface) -> Expr:
        match s:
            case Literal(_, value):
                return Number(value)
            case Name():
                return self.name(s)
            case Group(_, inner):
                return self.expr(inner)
            case Infix(_, operator):
                if operator in ("+", "-"):
                    return self.total(s)
                if operator in ("*", "/", "@", "◯"):
                    return self.product(s)
                if operator == "**":
                    return self.power(s)
                return self.comparison(s)
            case Negated(_, operand):
                return negative(self.expr(operand))
            case Transposed(_, operand):
                return self.transposed(operand)
            case Apply():
                return functions.apply(self, s)
            case ApplyDerivative():
                return functions.derivative(self, s)
            case Subscript():
                return self.subscript(s)
            case Summed(_, binders, body):
                return self.summed(binders, body)
            case Tabulated():
                return self.tabulated(s)
            case Listed():
                return self.listed(s)
            case Differentiated(_, body, wrt):
                return self.partial(body, wrt)
            case _:
                raise TypeError(type(s).__name__)

    # --- names ---

    def name(self, s: Name) -> Expr:
        name = s.name
        if name in self.scope:  # text counts from 0
            return Add((Position(self.scope[name]), MINUS_ONE))
        symbol = self.declarations.symbols.get(name)
        if symbol is not None:
            return symbol
        if name in self.declarations.sizes:
            return size_as_number(Dim(name))
        if name in self.declarations.glossary.constants:
            return self.open_constant(name, s)
        raise self.unknown(s)

    def unknown(self, s: Name) -> DerivgenError:
        name = s.name
        if name == GENERIC.name:
            return self.fail("◯ stands between two operands", s, "its derivatives are D(◯, 0)(u, v) and D(◯, 1)(u, v)")
        if name in self.declarations.functions:
            return self.fail(f"{name} is a function and stands without its argument", s, f"write {name}(x)")
        if functions.is_function(self, name):
            return self.fail(f"{name} is an operation and stands without its argument", s, f"write {name}(x)")
        near = nearest(name, self.declarations.names)
        space = "R^(m*n)" if len(name) <= 2 and name[0].isupper() else "R^n"
        declare = f'declare it in the where text: "{name} in {space}", or "{name} in R" for a scalar'
        hint = f"did you mean {near}? Or {declare}" if near else declare
        return NameUnknown(f"{name} is not declared", span=s.span, hint=hint, source=self.source)

    # --- element-wise ---

    def total(self, s: Infix) -> Expr:
        """A chain of + and -."""
        chain = spine(s, ("+", "-"))
        first = chain[-1].left
        head = self.expr(first)
        terms = list(head.terms) if isinstance(head, Add) and not isinstance(first, Group) else [head]
        parts = [(first, head)]
        for here in reversed(chain):
            value = self.expr(here.right)
            parts.append((here.right, value))
            if here.operator == "-":
                value = negative(value)
            elif here.left is first and isinstance(first, Name) and first.name in self.scope and value == ONE:
                terms = [terms[0]]  # i + 1 is the position of i, counted from 1
                continue
            terms.append(value)
        self.fit(chain[0].operator, parts, s)
        return added(terms)

    def product(self, s: Infix) -> Expr:
        """A chain of * / @ and ◯, which bind alike and lean to the left."""
        chain = spine(s, ("*", "/", "@", "◯"))
        first = chain[-1].left
        factors = self.leading_factors(first, chain[-1].operator)
        parts: list[Said] = [(first, times(factors))]  # what has been multiplied entry by entry so far
        joined = False  # whether the last factor is a matrix product that may go on
        for here in reversed(chain):
            right = self.expr(here.right)
            match here.operator:
                case "*":
                    parts.append((here.right, right))
                    factors.append(right)
                case "/":
                    parts.append((here.right, right))
                    self.divide(factors, right, here.right)
                case "@":
                    self.fit("*", parts, here.left)
                    *pulled, last = factors
                    left = parts[-1][0] if pulled else here.left
                    if any(f.shape.axes for f in pulled) or not (last.shape.axes or joined):
                        pulled, left, last = [], here.left, times(factors)
                    made = self.matmul((left, last), (here.right, right), here, goes_on=joined)
                    factors = [*pulled, made]  # 2 * A @ x is 2 times A x
                    parts = [(here, times(factors))]
                case _:
                    self.fit("*", parts, here.left)
                    made = times(factors)
                    self.fit("◯", [(here.left, made), (here.right, right)], here)
                    factors = [Call(GENERIC, (made, right))]
                    parts = [(here, factors[0])]
            joined = here.operator == "@"
        self.fit(chain[0].operator if chain[0].operator in "*/" else "*", parts, s)
        return times(factors)

    def leading_factors(self, first: Surface, operator: str) -> list[Expr]:
        """The factors that a chain begins with."""
        if isinstance(first, Negated) and operator == "@":  # -(a * b) @ x is - of (a * b) @ x
            value = self.expr(first.operand)
            return [MINUS_ONE, value] if isinstance(value, Mul) else list(factors_of(negative(value)))
        head = self.expr(first)
        return [head] if isinstance(first, Group) else list(factors_of(head))

    def divide(self, factors: list[Expr], right: Expr, where: Surface) -> None:
        if isinstance(right, Number) and right.value == 0:
            raise self.fail("this divides by zero", where)
        if len(factors) == 1 and isinstance(factors[0], Number):
            if isinstance(right, Number):
                factors[0] = Number(factors[0].value / right.value)
                return
            if factors[0] == ONE:
                factors[0] = reciprocal(right)
                return
        factors.append(reciprocal(right))

    def power(self, s: Infix) -> Expr:
        base, exponent = self.expr(s.left), self.expr(s.right)
        self.fit("**", [(s.left, base), (s.right, exponent)], s)
        return Power(base, exponent)

    def comparison(self, s: Infix) -> Expr:
        if s.operator == "==":
            left, right = self.place_like(s.left), self.place_like(s.right)
            if left is not None and right is not None:
                if not isinstance(left, int) and not isinstance(right, int) and not self.same(left.dim, right.dim):
                    raise self.misfit(f"{left} runs to {left.dim}, {right} to {right.dim}", s)
                return Delta(left, right)
        left_e, right_e = self.expr(s.left), self.expr(s.right)
        self.fit(s.operator, [(s.left, left_e), (s.right, right_e)], s)
        return Call(self.declarations.glossary.comparisons[s.operator], (left_e, right_e))

    # --- arrays and entries ---

    def transposed(self, operand: Surface) -> Expr:
        e = self.expr(operand)
        if not e.shape.axes:
            return e  # as in NumPy
        if isinstance(operand, Tabulated) and isinstance(e, Build) and len(e.indices) == 1 and not e.row:
            return Build(e.indices, e.body, row=True)
        return Call(linear.transpose, (e,))

    def subscript(self, s: Subscript) -> Expr:
        whole = self.expr(s.array)
        array = whole
        before: tuple[Place, ...] = ()
        if isinstance(s.array, Subscript) and isinstance(whole, At):  # X[i][j] is X[i, j]
            array, before = whole.array, whole.places
        axes = array.shape.axes
        if len(axes) == 1 and not before and len(s.places) == 2 and isinstance(axes[0].size, tuple):
            pair = Paired(s.places[0].span | s.places[1].span, *s.places)  # y[l, k] of a vector of length nm
            return At(array, (self.place(pair, axes[0]),))
        if len(before) + len(s.places) > len(axes):
            inner = s.array
            while before and isinstance(inner, Subscript):
                inner = inner.array
            hint = None if axes else "leave the brackets out"
            if len(axes) == 1:
                hint = f"one place is enough: {self.said(inner)}[{self.said(s.places[0])}]"
            missing = "further axis" if axes else "entries"
            raise self.misfit(f"{self.shaped((inner, array))}: it has no {missing}", s, hint)
        places = [self.place(p, axes[len(before) + k]) for k, p in enumerate(s.places)]
        return At(array, (*before, *places))

    def summed(self, binders: tuple[Binder, ...], body: Surface) -> Expr:
        with self.bound(binders[0]) as index:
            inner = self.summed(binders[1:], body) if len(binders) > 1 else self.expr(body)
            return Sum(index, inner)

    def tabulated(self, s: Tabulated) -> Expr:
        with self.bound_by(s.binder) as index:
            body = self.expr(s.body)
            if isinstance(s.body, Tabulated) and isinstance(body, Build):
                return Build((index, *body.indices), body.body)
            if body.shape.axes:
                raise self.misfit(
                    f"the entries of a list are scalars: {self.shaped((s.body, body))}",
                    s.body,
                    "write an entry with its places: [[X[i, j] for j in range(n)] for i in range(m)]",
                )
            return Build((index,), body)

    def listed(self, s: Listed) -> Expr:
        parts = [(item, self.list_item(item)) for item in s.items]
        first = parts[0]
        for part in parts:
            shape = part[1].shape
            if shape.axes and not shape.row:
                hint = f"a row is {self.turned(part)}" if shape.rank == 1 else None
                raise self.misfit(f"a list is of scalars, or of rows: {self.shaped(part)}", part[0], hint)
            if not self.same_shape(first[1].shape, shape):
                raise self.misfit(f"the items of a list have one shape: {self.shaped(first)}, {self.shaped(part)}", s)
        return Call(opaque.stack, tuple([e for _, e in parts]))

    def list_item(self, item: Surface) -> Expr:
        """A list within a list is a row."""
        e = self.expr(item)
        if isinstance(item, Listed) and e.shape.rank == 1:
            return Call(linear.transpose, (e,))
        if isinstance(item, Tabulated) and isinstance(e, Build) and len(e.indices) == 1:
            return Build(e.indices, e.body, row=True)
        return e

    # --- derivatives ---

    def partial(self, body: Surface, wrt: Surface) -> Expr:
        b, v = self.expr(body), self.expr(wrt)
        variable = v.array if isinstance(v, At) else v
        if not isinstance(variable, Symbol):
            raise self.fail(
                "a partial derivative is by a variable or by an entry of one", wrt, "write partial(e, x[j])"
            )
        for part in ((body, b), (wrt, v)):
            if part[1].shape.axes:
                raise self.misfit(
                    f"a partial derivative is of a scalar by a scalar: {self.shaped(part)}",
                    part[0],
                    f"write an entry: {self.said(part[0])}[{', '.join('ij'[: part[1].shape.rank])}]",
                )
        return Partial(b, v)


def elaborate(s: Surface, source: str, declarations: Declarations, *, free_indices: bool = False) -> Expr:
    """The expression that ``s`` says. With ``free_indices``, an unknown name between brackets is an index."""
    return Elaborator(source, declarations, free_indices=free_indices).run(s)


def spine(s: Infix, operators: tuple[str, ...]) -> list[Infix]:
    """The chain of these operators that leans to the left from ``s``, the last applied first."""
    chain = [s]
    while isinstance(left := chain[-1].left, Infix) and left.operator in operators:
        chain.append(left)
    return chain
