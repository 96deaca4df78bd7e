"""Products, quotients and powers as mathematics writes them: side by side, entry by entry, of matrices."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from derivgen.catalog import linear, opaque
from derivgen.catalog.build import operands_of, reciprocal, times
from derivgen.errors import ShapeError
from derivgen.expr import ONE, Call, Expr, Mul, Number, Power
from derivgen.read.elaborate import Elaborator, spine
from derivgen.read.kinds.letters import is_tensor_sign
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.scope import loosely
from derivgen.read.shapes import Said
from derivgen.read.surface import (
    Called,
    Fenced,
    Infix,
    Letter,
    Product,
    Quotient,
    Raised,
    Scripted,
    Surface,
    Transposed,
    Unsaid,
    ungrouped,
)

if TYPE_CHECKING:
    from derivgen.options import Layout

MOST_FACTORS = 200
"""How many factors the power of a matrix may come to."""


class Products(Elaborator):
    """The part of the walk that multiplies."""

    lexicon: Lexicon
    given: Lexicon
    chosen: dict[str, int]
    layout: Layout
    applied_to: dict[str, tuple[Expr, ...]]

    if TYPE_CHECKING:

        def note(self, sentence: str, where: Surface) -> None: ...
        def refuse_matrix(self, s: Surface, e: Expr, entrywise: str) -> None: ...
        def atoms(self, subs: tuple[Surface, ...]) -> list[Surface]: ...

    # --- side by side ---

    def multiplied(self, s: Product) -> Expr:
        """Scalars go where they stand, arrays make matrix products with their neighbours."""
        for sign, after in pairwise(s.signs):
            if sign == "/" and not after:
                self.note(f"in {self.said(s)} only the factor behind the slash is below it", s)
        said = f"in {self.said(s)} the product"

        def close() -> Expr:
            e = self.in_turn(s)
            if any(isinstance(f, Infix) for f in s.factors) and sum(self.expr(f).shape.rank > 0 for f in s.factors) > 1:
                self.note(f"{said} entry by entry is taken before the one by juxtaposition", s)
            return e

        return self.either(close, loosely(s), f"{said} by juxtaposition is taken before the one entry by entry", s)

    def either(self, first: Callable[[], Expr], other: Surface | None, remark: str, where: Surface) -> Expr:
        """The first reading; the other one, and the remark, where that alone fits."""
        try:
            return first()
        except ShapeError as error:
            if other is None:
                raise
            with suppress(ShapeError):
                e = self.expr(other)
                self.note(remark, where)
                return e
            raise error from None

    def in_turn(self, s: Product) -> Expr:
        front: list[Expr] = []
        behind: list[Expr] = []
        current: Said | None = None
        for k, factor in enumerate(s.factors):
            sign = s.signs[k - 1] if k else ""
            e = self.expr(factor)
            if not k or sign != "":
                pass
            elif isinstance(factor, Fenced) and factor.left == "(":
                self.guessed_product(s.factors[k - 1], factor)
            if sign == "/":
                current = self.over(front, behind, current, (factor, e))
            elif not e.shape.axes:
                (front if current is None else behind).extend(_flat(factor, e))
            elif current is None:
                current = (factor, e)
                if isinstance(factor, Quotient | Product) and isinstance(e, Mul) and not e.factors[0].shape.axes:
                    front += [f for f in e.factors if not f.shape.axes]
                    arrays = [f for f in e.factors if f.shape.axes]
                    current = (factor, times(arrays))
            else:
                joined = self.joined(current, (factor, e), sign)
                front += behind
                behind = []
                where = Unsaid(current[0].span | factor.span)
                current = (where, joined) if joined.shape.axes else None
                front += [joined] if not joined.shape.axes else []
        made = [*front, *([current[1]] if current is not None else []), *behind]
        return times(made)

    def guessed_product(self, before: Surface, after: Surface) -> None:
        """a(b + c) is a product where a is no function; that is said where nothing declares it."""
        if isinstance(before, Letter) and before.font in ("", "bold") and len(before.stem) == 1 and not self.given.knows(before.stem) \
                and before.stem.isalpha() and before.stem not in ("I", "e"):  # fmt: skip
            self.note(f"{self.said(before)}{self.said(after)} is read as a product", after)

    def over(self, front: list[Expr], behind: list[Expr], current: Said | None, divisor: Said) -> Said | None:
        """What has been read so far, divided by what follows a slash."""
        e = divisor[1]
        self.refuse_divisor(*divisor)
        if e.shape.axes:
            whole = times([*front, *([current[1]] if current else []), *behind])
            front.clear()
            behind.clear()
            if current is not None:
                self.fit("/", [(current[0], whole), divisor], divisor[0])
            return divisor[0], reciprocal(e) if whole == ONE else Mul((whole, reciprocal(e)))
        if isinstance(e, Number) and e.value == 0:
            raise self.fail("this divides by zero", divisor[0])
        target = front if current is None else behind
        if target and isinstance(target[-1], Number) and (isinstance(e, Number) or target[-1] == ONE):
            last = target.pop()
            assert isinstance(last, Number)
            target.append(Number(last.value / e.value) if isinstance(e, Number) else reciprocal(e))
        else:
            target.append(reciprocal(e))
        return current

    def joined(self, left: Said, right: Said, sign: str) -> Expr:
        """Two arrays side by side, or with a dot between them."""
        a, b = left[1].shape, right[1].shape
        where = Unsaid(left[0].span | right[0].span)
        if sign == "*":
            raise self.fail(
                "* is no product of arrays",
                where,
                r"write \otimes for the product entry by entry, nothing for the matrix product",
            )
        if a.rank == b.rank == 1 and a.row == b.row:
            if sign == "·" and not a.row:
                return self.matmul(left, right, where)
            if sign == "×":
                raise self.fail("the cross product is not read", where)
            first, second = self.said(left[0]), self.said(right[0])
            raise self.misfit(f"two {'rows' if a.row else 'columns'} side by side are no product: {self.shaped(left)}, {self.shaped(right)}", where,
                              rf"write {first}^{{\mathsf T}} {second} for the dot product, {first} \otimes {second} entry by entry")  # fmt: skip
        return self.matmul(left, right, where)

    # --- entry by entry ---

    def entrywise(self, s: Infix) -> Expr:
        r"""A chain of \otimes and \oslash, or functions composed by \circ."""
        chain = spine(s, ("⊗", "⊘", "∘"))
        first = chain[-1].left
        if all(c.operator == "∘" for c in chain) and self.is_function_name(first):
            return self.composed([first, *(c.right for c in reversed(chain))], s)
        if is_tensor_sign(s, self.source) and (tensor := self.tensor([first, *(c.right for c in reversed(chain))], s)):
            return tensor
        one = _bold_one(first)
        head = self.expr(first)
        factors = list(head.factors) if isinstance(head, Mul) and isinstance(first, Infix) else [head]
        parts: list[Said] = [(first, head)]
        for here in reversed(chain):
            right = self.expr(here.right)
            parts.append((here.right, right))
            if here.operator == "⊘" and one and len(factors) == 1:
                factors = [reciprocal(right)]
            elif here.operator == "⊘":
                self.divide(factors, right, here.right)
            else:
                factors.append(right)
            one = False
        self.fit(chain[0].operator, parts, s)
        return times(factors)

    def tensor(self, factors: list[Surface], s: Infix) -> Expr | None:
        """⊗ where it is no Hadamard product; None where it is, or no array stands on either side."""
        chosen = self.chosen.get(f"⊗ {s.span.start}")
        if chosen is None:
            return None
        if not chosen:
            self.note(
                f"⊗ in {self.said(s)} is read as the Hadamard product; product: kronecker or outer reads it so", s
            )
            return None
        made, *others = [(factor, self.expr(factor)) for factor in factors]
        for other in others:
            if chosen == 1:
                value: Expr = Call(linear.kron, (made[1], other[1]))
            else:
                value = self.matmul(made, (other[0], Call(linear.transpose, (other[1],))), s)
            made = s, value
        self.note(f"⊗ in {self.said(s)} is read as the {'Kronecker' if chosen == 1 else 'outer'} product", s)
        return made[1]

    def is_function_name(self, s: Surface) -> bool:
        if not isinstance(s, Letter | Scripted):
            return False
        head = s.base if isinstance(s, Scripted) else s
        if not isinstance(head, Letter):
            return False
        from derivgen.read.latex.names import spelling

        name = self.lexicon.find(spelling(head.stem, ()))
        return name in self.declarations.functions if name is not None else head.stem in "fghFGφψ"

    def composed(self, parts: list[Surface], s: Surface) -> Expr:
        """f ∘ g(x) is f(g(x))."""
        inner = parts[-1]
        for function in reversed(parts[:-1]):
            inner = Called(s.span, function, (inner,))
        return self.expr(inner)

    # --- quotients ---

    def quotient(self, over: Surface, under: Surface) -> Expr:
        above, below = self.expr(over), self.expr(under)
        if isinstance(below, Number) and below.value == 0:
            raise self.fail("this divides by zero", under)
        self.refuse_divisor(under, below)
        if isinstance(above, Number) and isinstance(below, Number):
            return Number(above.value / below.value)
        self.fit("/", [(over, above), (under, below)], Unsaid(over.span | under.span))
        if above == ONE:
            return reciprocal(below)
        factors = list(above.factors) if isinstance(above, Mul) and isinstance(over, Product) else [above]
        return times([*factors, reciprocal(below)])

    def refuse_divisor(self, s: Surface, e: Expr) -> None:
        """Refuse to divide by a square matrix."""
        axes = e.shape.axes
        if len(axes) == 2 and axes[0] == axes[1]:
            said = self.said(s)
            raise self.fail(f"{said} is a matrix, by which nothing is divided", s,
                            rf"the inverse is written {said}^{{-1}}, division entry by entry \mathbf 1 \oslash {said}")  # fmt: skip

    # --- powers ---

    def raised(self, s: Raised) -> Expr:
        base, exponent = s.base, s.exponent
        if (
            isinstance(base, Letter)
            and base.stem == "e"
            and base.font in ("", "upright")
            and not self.lexicon.knows("e")
        ):
            from derivgen.catalog import elementwise

            e = self.expr(exponent)
            if not s.sign:
                self.refuse_matrix(s, e, r"\exp_{\circ}(X)")
            return Call(elementwise.exp, (e,))
        b = self.expr(base)
        if isinstance(exponent, Letter) and exponent.stem in ("T", "t") and not s.sign:
            known = self.lexicon.knows(exponent.stem)
            if b.shape.axes:
                if known:
                    self.note(f"{self.said(s)} is read as a transpose, though {exponent.stem} is declared", s)
                return self.transposed(base)
            if not known and exponent.stem == "T":
                return b
        e = self.expr(exponent)
        if b.shape.rank == 2 and not s.sign:
            return self.matrix_power((base, b), (exponent, e), s)
        self.fit("^", [(base, b), (exponent, e)], s)
        return Power(b, e)

    def matrix_power(self, base: Said, exponent: Said, s: Raised) -> Expr:
        """X² is XX, X⁻¹ the inverse."""
        b, e = base[1], exponent[1]
        entrywise = rf"{self.said(base[0])}^{{\otimes k}} is the power entry by entry"
        if not isinstance(e, Number) or e.value.denominator != 1:
            raise self.fail("the power of a matrix is a whole number", exponent[0], entrywise)
        if not self.same(*b.shape.axes):
            raise self.misfit(f"a power is of a square matrix: {self.shaped(base)}", s, entrywise)
        count = int(e.value)
        if count < 0:
            b, count = Call(opaque.inv, (b,)), -count
        if count == 0:
            return Call(opaque.eye, (), b.shape.axes[:1])
        factors = operands_of(b) * min(count, MOST_FACTORS + 1)
        if len(factors) > MOST_FACTORS:
            raise self.fail("this power is too large to be written out", s)
        return factors[0] if len(factors) == 1 else Call(linear.matmul, factors)

    # --- errors in the words of LaTeX ---

    def elementwise_misfit(self, what: str, left: Said, right: Said, where: Surface) -> ShapeError:
        error = super().elementwise_misfit(what, left, right, where)
        a, b = left[1].shape, right[1].shape
        if a.axes == b.axes and a.row != b.row:
            turned = right if b.row else left
            inner = ungrouped(turned[0])
            error.hint = f"transpose one of them: {self.turned(left)}"
            if isinstance(inner, Transposed):
                error.hint = f"write {self.said(inner.operand)} instead of {self.said(inner)}"
        elif a.rank == b.rank == 2 and a.axes == b.axes[::-1]:
            error.hint = f"transpose one of them: {self.turned(left)}"
        elif error.hint and ("@" in error.hint or ".T" in error.hint):
            error.hint = "the matrix product is written without a sign"
        return error

    def matmul_misfit(self, left: Said, right: Said, where: Surface) -> ShapeError:
        error = super().matmul_misfit(left, right, where)
        error.message = error.message.replace("@ needs", "a matrix product needs")
        error.args = (error.message,)
        if error.hint:
            error.hint = error.hint.replace(" @ ", " ")
        return error

    def turned(self, part: Said) -> str:
        words, inner = self.said(part[0]), ungrouped(part[0])
        if isinstance(inner, Transposed):
            return self.said(inner.operand)
        simple = isinstance(inner, Letter | Scripted | Fenced | Called)
        return rf"{words}^{{\mathsf T}}" if simple else rf"({words})^{{\mathsf T}}"


def _flat(s: Surface, e: Expr) -> tuple[Expr, ...]:
    """The factors of a scalar, where no parentheses hold them together."""
    return e.factors if isinstance(e, Mul) and isinstance(s, Quotient | Product) else (e,)


def _bold_one(s: Surface) -> bool:
    """Whether ``s`` is 𝟏 or 𝟏ᵀ, which stands over ⊘ for the number 1."""
    if isinstance(s, Transposed):
        s = s.operand
    return isinstance(s, Letter) and s.stem == "1"
