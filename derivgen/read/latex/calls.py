"""Functions before their arguments: which word is one, how far an argument without parentheses goes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from derivgen.errors import Span
from derivgen.expr.notation import PRODUCT
from derivgen.read.latex import commands as words
from derivgen.read.latex.big_signs import Signs
from derivgen.read.latex.names import spelling, taken_apart
from derivgen.read.latex.tokens import Token
from derivgen.read.surface import (
    Apply,
    Called,
    Fenced,
    Infix,
    Letter,
    Literal,
    Negated,
    Primed,
    Product,
    Raised,
    Scripted,
    Surface,
    Transposed,
)


def ends(s: Surface) -> Iterator[Surface]:
    """What ∘ stands between."""
    while isinstance(s, Infix) and s.operator == "∘":
        yield s.right
        s = s.left
    yield s


class Calls(Signs):
    """The part of the parser that reads functions."""

    # --- functions of the catalog ---

    def is_function_word(self, token: Token) -> bool:
        """Whether a letter is a function of the catalog: a word such as tr, or σ before parentheses."""
        if self.below and self.tokens[self.at + 1].value != "(":
            return False  # a word in a subscript is part of a name
        named = (
            token.font == "operator"
            and self.tokens[self.at + 1].value == "("
            and self.lexicon.declared_function(token.value) is None
        )
        if self.lexicon.knows(token.value) and not named:
            return False
        if token.font in ("upright", "operator") and token.value in self.known.functions:
            return True
        if token.value not in self.known.letters:
            return False
        k = self.at + 1
        while self.tokens[k].kind == "prime":
            k += 1
        return self.tokens[k].kind in ("opening", "left") and self.tokens[k].value == "("

    def refuse_unread(self, token: Token) -> None:
        r"""Refuse \operatorname{rank}(A), \mathbb E[…] and p(y | x), where nothing declares such a name."""
        name, after = token.value, self.tokens[self.at + 1]
        if name not in words.UNREAD or self.below or (self.lexicon.knows(name) and token.font != "blackboard"):
            return
        if len(name) > 1:
            stands = token.font in ("upright", "operator")
        else:
            stands = token.font in ("blackboard", "script", "operator", "upright") or after.value == "["
        if stands and not (
            len(name) == 1 and token.font in ("script", "upright") and after.kind not in ("opening", "left")
        ):
            said, instead = words.UNREAD[name]
            raise self.fail(said.replace("{0}", name), token, instead.replace("{0}", name))

    def refuse_condition(self, token: Token) -> None:
        """Refuse p(y|x), a density under a condition."""
        if token.value not in ("p", "P", "q", "E") or self.tokens[self.at + 1].value not in ("(", "["):
            return
        depth = bars = 0
        for t in self.tokens[self.at + 1 :]:
            depth += (t.kind in ("opening", "left")) - (t.kind in ("closing", "right"))
            bars += t.kind == "bar" and depth == 1
            if depth <= 0:
                break
        if bars == 1:
            raise self.fail("conditional probabilities are not read", token, "write out the density, or its logarithm")

    def refuse_extreme(self, base: Surface) -> bool:
        r"""Refuse \lambda_{\max}(A), where nothing declares it; True for all else."""
        match taken_apart(base):
            case Letter(_, "λ" | "σ" | "κ"), (Letter(_, "max" | "min"),) if not self.lexicon.knows(
                self.shown_letter(base)
            ):
                raise self.fail("eigenvalues and singular values are not read", base.span,
                                'declare a function of its own: "g: R^(n*n) -> R"')  # fmt: skip
        return True

    def function(self, token: Token) -> Surface:
        """A function of the catalog: its name, a power of it, its arguments with or without parentheses."""
        self.at += 1
        declared = self.lexicon.declared_function(token.value)
        name = declared or self.known.letters.get(token.value) or self.known.functions[token.value]
        power: Surface | None = None
        turned = False
        below: tuple[Surface, ...] = ()
        primes = 0
        while True:
            here = self.here
            if here.kind == "script" and here.value == "_" and not below:
                below = self.subscript()
            elif here.kind == "script" and here.value == "^" and power is None and not turned:
                exponent, _ = self.superscript()
                turned = isinstance(exponent, Letter) and exponent.stem == "T"
                power = None if turned else exponent
            elif here.kind == "prime":
                primes += 1
                self.at += 1
            else:
                break
        if self.here.kind in ("opening", "left") and self.here.value in "([{":
            args = self.arguments()
        else:
            args = (self.bare_argument(token, name),)
        span = self.since(token)
        match below:
            case (Letter(_, "∘"),):
                name, below = f"{name}∘", ()
        made: Surface = Apply(span, name, args, token.span)
        if primes:
            made = Called(span, Primed(token.span, Letter(token.span, name, "operator"), primes), args)
        elif below:
            made = self.with_subscript(token, name, below, args)
        if power is not None:
            if power == Negated(power.span, Literal(Span(power.span.end - 1, power.span.end), Fraction(1))):
                raise self.fail("the inverse function is not read", span, "write the reciprocal as a fraction")
            made = Raised(span, made, power, "⊗")
        return Transposed(span, made) if turned else made

    def bare_argument(self, token: Token, name: str) -> Surface:
        r"""The argument of \log x, \sin 2x, \log\det X, \operatorname{tr} AB, where no parentheses say how far it goes."""
        here = self.here
        if here.kind == "mark" and here.value == "-":
            self.at += 1
            return Negated(self.since(here), self.bare_argument(token, name))
        if not self.starts_operand():
            raise self.fail(f"{self.shown(token)} stands without its argument", token, f"{self.shown(token)}(…)")
        if name in self.known.whole:
            return self.expression(PRODUCT)
        first = self.operand()
        if not isinstance(first, Literal):
            return first
        factors = [first]
        while self.here.kind == "letter" and not self.is_function_word(self.here):  # \sin 2x
            factors.append(self.operand())  # type: ignore[arg-type]
        return first if len(factors) == 1 else Product(self.since(first), tuple(factors), ("",) * (len(factors) - 1))

    # --- declared functions ---

    def may_be_function(self, s: Surface) -> bool:
        """Whether one of the two around ∘ is a function, as far as its name says it."""
        head = taken_apart(s)
        if head is None:
            return False
        own = self.lexicon.find(spelling(head[0].stem, head[1]))
        return own is None or self.lexicon.is_function(*head, several=False, lone=False)

    def shown_letter(self, base: Surface) -> str:
        head = taken_apart(base)
        return head[0].stem[:1] if head is not None else ""

    def is_called(self, base: Surface) -> bool:
        """Whether ``base``, which parentheses follow, is a function of what stands in them."""
        if isinstance(base, Letter) and base.stem == "1":  # the indicator of a relation, in fences of any kind
            return self.holds_relation()
        if self.here.value != "(":
            return False
        match base:
            case Primed(_, inner, _) | Transposed(_, inner) | Raised(_, inner):
                head = taken_apart(inner)
                return head is not None and head[0].font != "operator" and self.is_called(inner)
            case Fenced(_, "(", (Infix(_, "∘") as inner,)):
                return all(map(self.may_be_function, ends(inner)))
            case Letter() | Scripted():
                head = taken_apart(base)
                return head is not None and self.lexicon.is_function(
                    *head, several=self.several(), lone=self.lone_letter()
                )
            case _:
                return False

    def called(self, base: Surface, start: Surface, args: tuple[Surface, ...]) -> Surface:
        """A function before its arguments; a power or a transpose on its name is that of its value."""
        span = self.since(start)
        match base:
            case Raised(_, inner, exponent, sign):
                return Raised(span, self.called(inner, start, args), exponent, sign)
            case Transposed(_, inner):
                return Transposed(span, self.called(inner, start, args))
            case Fenced(_, _, (inner,)):
                return Called(span, inner, args)
            case _:
                return Called(span, base, args)
