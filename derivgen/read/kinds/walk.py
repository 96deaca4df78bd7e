"""The shapes of a surface tree under one choice of kinds: sizes are made one where they must be, and what is odd costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derivgen.expr import SCALAR, STEP, Dim, Shape, Symbol
from derivgen.read.kinds import arrays, functions
from derivgen.read.kinds.accounts import Accounts, Said
from derivgen.read.kinds.letters import Written, atoms
from derivgen.read.kinds.meaning import Open
from derivgen.read.kinds.sizes import of_partials
from derivgen.read.kinds.usual import is_tensor_sign
from derivgen.read.latex.names import plain_name
from derivgen.read.latex.scope import at_argument, loosely, of_row, reaches_far, tightly
from derivgen.read.surface import (
    Apply,
    ApplyDerivative,
    Branches,
    Called,
    Chain,
    Derivative,
    Differential,
    Differentiated,
    Evaluated,
    Fenced,
    Group,
    Held,
    Infix,
    Letter,
    Listed,
    Literal,
    Multiplied,
    Nabla,
    Name,
    Negated,
    Primed,
    Product,
    Quotient,
    Raised,
    Root,
    Scripted,
    Subscript,
    Summed,
    Surface,
    Tabulated,
    Transposed,
    landings,
    ungrouped,
)

_CHAINS = (frozenset("+-"), frozenset("*/@◯"), frozenset("⊗⊘∘"))
"""Operators that stand in one chain."""


class Walk(Accounts):
    """One pass over the trees of a question."""

    # --- the walk ---

    def question(self, formulas: Sequence[Written], like: Shape | None) -> None:
        """Go through all formulas of a question: definitions, and sides of one shape, which is ``like`` where it is known."""
        for number, formula in enumerate(formulas):
            self.formula = number
            self.letters.source = formula.source
            if formula.name:
                self.local[formula.name] = self.shape(formula.tree)
                continue
            shape = self.shape(formula.tree) if like is not None else self.whole(formula.tree)
            if isinstance(formula.tree, Literal) and formula.tree.value == 0:  # it is of any shape
                continue
            if like is None:
                like = shape
            elif shape is not None and not self.sizes.same_shape(shape, like):
                self.misfit()
        if not self.undecided:
            if self.sizes.later and not self.sizes.settle():
                self.misfit()
            self.untold()

    def whole(self, s: Surface) -> Shape | None:
        """The shape of what is asked about; an array costs a little, for most questions are about a number."""
        shape = self.shape(s)
        if shape is not None and shape.axes:
            self.pay(("a column", "a matrix", "more than a matrix")[min(shape.rank, 3) - 1] + " on the whole")
        return shape

    def shape(self, s: Surface) -> Shape | None:
        """The shape of a formula; None where it is not known. Deep ones are walked from below."""
        if id(s) in self.met:
            return self.met.pop(id(s))
        depth = self.depth
        if depth >= STEP:
            for here in landings(s):
                self.depth = 0
                self.met[id(here)] = self.shape(here)
        self.depth = depth + 1
        shape = self.shape_of(s)
        self.depth = depth
        return shape

    def shape_of(self, s: Surface) -> Shape | None:
        """The shape of a formula by the shapes of its parts; None where it is not known."""
        match s:
            case Literal():
                return SCALAR
            case Name() | Letter() | Scripted():
                return self.named(s)
            case Group(_, inner, _) | Negated(_, inner):
                return self.shape(inner)
            case Infix():
                return self.infix(s)
            case Transposed(_, Tabulated() as row) if not isinstance(row.body, Tabulated):
                shape = arrays.tabulated(self, row, across=True)
                return self.transposed(row, shape) if shape is not None and shape.rank == 1 else shape
            case Transposed(_, Listed(_, items) as row):
                return arrays.across(self, row, items)
            case Transposed(_, operand):
                return self.transposed(operand, self.shape(operand))
            case Product():
                loose = loosely(s)
                if loose is None:
                    return self.product(s)
                return self.either(self.sign("loosely", s), lambda: self.product(s), lambda: self.shape(loose))
            case Quotient(_, over, under):
                return self.quotient(over, under)
            case Raised():
                return self.raised(s)
            case Root(_, body, _):
                return self.of_numbers([(body, self.shape(body))])
            case Primed(_, base, _):
                return self.transposed(base, self.shape(base))
            case Fenced():
                return self.fenced(s)
            case Apply():
                return functions.applied(self, s)
            case Called():
                return functions.called(self, s)
            case Summed(_, binders, body):
                with self.bound(binders):
                    return self.shape(body)
            case Multiplied(_, binder, body):
                with self.bound((binder,)):
                    self.shape(body)
                return SCALAR
            case Tabulated():
                return arrays.tabulated(self, s)
            case Listed(_, items):
                return arrays.listed(self, items)
            case Branches(_, rows):
                values = [(value, self.shape(value)) for value, _ in rows]
                for _, condition in rows:
                    if condition is not None:
                        self.shape(condition)
                return self.fitted(values)
            case Chain(_, (left, right), ("=",), _) if self.are_places(left, right):
                return SCALAR
            case Chain(_, sides, _, _):
                return self.fitted([(side, self.shape(side)) for side in sides])
            case Subscript(_, array, places):
                return self.entry(self.shape(array), places)
            case Derivative() | Nabla():
                return self.scoped(s)
            case Held():
                return functions.held(self, s)
            case Differential(_, body):
                return self.shape(body)
            case Differentiated(_, body, wrt):
                self.shape(body)
                self.shape(wrt)
                return SCALAR
            case ApplyDerivative():
                return functions.derivative(self, s)
            case Evaluated():
                return self.evaluated(s)
            case _:
                return None

    def row_of(self, letter: Open, whole: Symbol) -> Shape | None:
        """The shape of a letter that may be a row of a matrix."""
        return arrays.row_of(self, letter, whole)

    def scripted(self, s: Scripted) -> Shape | None:
        """The shape of what has subscripts and is no letter; None where it is not known."""
        match s.base:
            case Fenced(_, "‖", (inner,)):
                return self.reduced([(inner, self.shape(inner))], "norm of a number")
            case Group(_, inner, "["):
                outer = dict(self.scope)
                dims: list[Dim] = []
                for atom in atoms(s.subs):
                    name = plain_name(atom.sides[0] if isinstance(atom, Chain) else atom)
                    if name is None:
                        return None
                    limit = atom.sides[1] if isinstance(atom, Chain) else None
                    dims.append(self.open("built", atom) if limit is None else self.length(limit))
                    self.scope[name] = dims[-1]
                body = self.shape(inner)
                self.scope = outer
                if body is None or body.axes:
                    return self.entry(body, s.subs)
                return self.sizes.shape(Shape(tuple(dims)))
            case Group(_, Derivative(_, Called(), (Literal(), *_)) as inner):
                return self.entry(functions.by_number(self, inner, as_entries=True), s.subs)
        return self.entry(self.shape(s.base), s.subs)

    # --- entry by entry ---

    def infix(self, s: Infix) -> Shape | None:
        """A chain of operators that leans to the left, whatever its length."""
        together = next((group for group in _CHAINS if s.operator in group), frozenset({s.operator}))
        chain = [s]
        while isinstance(left := chain[-1].left, Infix) and left.operator in together:
            chain.append(left)
        first = chain[-1].left
        if s.operator == "==" and self.are_places(s.left, s.right):
            return SCALAR
        if is_tensor_sign(s, self.letters.source):
            return functions.tensor(self, [first, *(here.right for here in reversed(chain))], s)
        parts: list[Said] = [(first, self.shape(first))]
        for here in reversed(chain):
            part = here.right, self.shape(here.right)
            if here.operator == "@":
                parts = [(here, self.matmul((here.left, self.fitted(parts)), part))]
            elif here.operator == "∘" and parts[-1][1] is None:
                parts = [part]  # functions composed
            else:
                parts.append(part)
        return self.combined(parts, s.operator)

    # --- products ---

    def product(self, s: Product) -> Shape | None:
        """Numbers go where they stand, arrays make matrix products with their neighbours."""
        shapes = [self.shape(f) for f in s.factors]
        if any(shape is None for shape in shapes):
            return None
        current: Said | None = None
        for k, (factor, shape) in enumerate(zip(s.factors, shapes, strict=True)):
            sign = s.signs[k - 1] if k else ""
            assert shape is not None
            if sign == "/":
                if shape.axes:
                    self.pay("division by an array")
            elif not shape.axes:
                if current is not None and sign == "" and isinstance(factor, Letter | Scripted | Raised):
                    self.pay("number behind an array")
                elif current is not None and sign == "" and functions.is_of_numbers(self, factor):
                    self.pay("difference of numbers behind an array")
            elif current is None:
                current = factor, shape
            else:
                made = self.joined(current, (factor, shape), sign)
                if made is None:
                    return None
                current = None if made == SCALAR else (factor, made)
        return SCALAR if current is None else current[1]

    def joined(self, left: Said, right: Said, sign: str) -> Shape | None:
        """The shape of two factors side by side, or with a sign between; None where it is not known or does not fit."""
        a, b = left[1], right[1]
        if a is None or b is None:
            return None
        if a.rank == b.rank == 1 and a.row == b.row:
            if sign == "·" and not a.row:
                self.same(a.axes[0], b.axes[0])
                return SCALAR
            self.misfit()
            return None
        return self.matmul(left, right, dot=False)

    def quotient(self, over: Surface, under: Surface) -> Shape | None:
        """The shape of a quotient; None where it is not known."""
        above, below = self.shape(over), self.shape(under)
        if below is not None and below.axes:
            self.pay("division by an array")
        return self.fitted([(over, above), (under, below)])

    def raised(self, s: Raised) -> Shape | None:
        """The shape of a power, or of a transpose; None where it is not known."""
        base, exponent = s.base, s.exponent
        euler = isinstance(base, Letter) and base.stem == "e" and base.font != "bold"
        if euler and not (self.letters.is_letter_e or self.letters.lexicon.knows("e")):
            return self.of_numbers([(exponent, self.shape(exponent))])
        shape = self.shape(base)
        if isinstance(exponent, Letter) and exponent.stem in ("T", "t") and not s.sign:
            known = self.letters.lexicon.knows(exponent.stem) and exponent.stem not in self.letters.functions
            if (shape is not None and shape.axes) or (exponent.stem == "T" and not known):
                return self.transposed(base, shape)
        power = self.shape(exponent)
        if shape is None:
            return None
        if power is not None and power.axes and shape.rank == 2:
            self.misfit()
        if shape.rank == 2 and not s.sign:
            self.same(shape.axes[0], shape.axes[1])
            if not functions.is_over(exponent, 1):
                self.pay("root of a matrix" if functions.is_over(exponent, 2) else "function of a matrix")
            return self.sizes.shape(shape)
        if shape.rank == 1 and not s.sign:
            self.pay("division by an array" if isinstance(exponent, Negated) else "power of a column")
        if not shape.axes and isinstance(exponent, Negated) and isinstance(base, Letter | Scripted):
            self.pay("inverse of a number")
        return self.fitted([(base, shape), (exponent, power)])

    # --- fences, functions ---

    def fenced(self, s: Fenced) -> Shape | None:
        """The shape of what stands between bars or angles; None where it is not known."""
        match s.left, s.items:
            case "|", (inner,):
                shape = self.shape(inner)
                if shape is not None and shape.rank == 2 and self.sizes.same(*shape.axes):
                    self.pay("determinant between bars")
                    return SCALAR
                if shape is not None and shape.axes:
                    self.pay("absolute value of an array")
                return shape
            case "‖", (inner,):
                return self.reduced([(inner, self.shape(inner))], "norm of a number")
            case "⟨", (left, right):
                a, b = self.shape(left), self.shape(right)
                if a is not None and b is not None:
                    if not a.axes or not b.axes:
                        self.pay("inner product of numbers")
                    elif not self.sizes.same_shape(a, b):
                        self.misfit()
                return SCALAR
            case _:
                return None

    # --- derivatives ---

    def scoped(self, s: Derivative | Nabla) -> Shape | None:
        """A derivative of the whole product behind its sign, of the first factor where that alone fits."""
        close = tightly(s)
        if close is None:
            return self.of_all(s)
        if not reaches_far(s, self.letters.lexicon):
            return self.shape(close)
        return self.either(self.sign("closely", s), lambda: self.of_all(s), lambda: self.shape(close))

    def of_all(self, s: Derivative | Nabla) -> Shape | None:
        """The shape of a derivative, whichever way it is written; None where it is not known."""
        return self.nabla(s) if isinstance(s, Nabla) else self.derivative(s)

    def derivative(self, s: Derivative) -> Shape | None:
        """The shape of a derivative written with ∂; None where it is not known."""
        body, by = s.body, s.by
        if body is None or isinstance(by[0], Literal):
            return functions.by_number(self, s)
        bare = self.letters.lexicon.function_of(ungrouped(body))
        of = self.shape(body) if bare is None else self.entry(bare[0].codomain, bare[1])
        variables = [None if isinstance(v, Literal) else self.shape(of_row(v) or v) for v in by]
        by_row = len(by) == 1 and of_row(by[0]) is not None
        functions.differentiated(self, bare and bare[0], by, variables)
        if bare is not None and bare[0].pointwise and not bare[1]:
            return None
        if of is None or len(variables) != 1 or variables[0] is None:
            return None
        shape = of_partials(of, variables[0], self.layout)
        if shape is None or not by_row:
            return shape
        if of.rank == 1:
            return Shape(of.axes + variables[0].axes)
        return Shape(shape.axes[::-1], row=shape.rank == 1 and not shape.row)

    def evaluated(self, s: Evaluated) -> Shape | None:
        """A value at a place: the letter of the place is one for this value."""
        match s.at:
            case Chain(_, (Letter() | Scripted() as name, value), ("=",)):
                plain_letter = plain_name(name)
            case _:
                return None
        outer = self.local
        if plain_letter is not None:
            self.local = {**outer, plain_letter: self.shape(value)}
        shape = self.shape(s.body)
        self.local = outer
        return shape

    def nabla(self, s: Nabla) -> Shape | None:
        """The shape of a derivative written with ∇; None where it is not known."""
        match s.body:
            case Transposed(_, Called() as value) if not reaches_far(s, self.letters.lexicon):
                shape = self.nabla(replace(s, body=value))
                return shape if shape is None or shape.row else self.transposed(s, shape)
        of = None if s.body is None else self.shape(s.body)
        by = None if s.by is None else functions.variable(self, s.by)
        if at_argument(s, self.letters.defined | self.declarations.defined) and isinstance(s.body, Called):
            shapes = (self.shape(s.body.args[0]), by)  # of one shape, numbers too
            self.fitted([(s, Shape((Dim(1), *shape.axes))) for shape in shapes if shape is not None])
        if s.by is None and isinstance(s.body, Called) and len(s.body.args) == 1:
            by = self.shape(s.body.args[0])
        if of is None or by is None:
            return None
        square = Shape(by.axes * 2) if by.rank == 1 else None
        return square if s.order == 2 else of_partials(of, by, self.layout)
