"""LaTeX into the surface tree, by one Pratt loop; what stands in blocks is read next door."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.parse import latex_words as words
from derivgen.parse.latex_blocks import Blocks
from derivgen.parse.latex_names import Lexicon, taken_apart
from derivgen.parse.latex_tokens import Token
from derivgen.parse.surface import (
    Apply,
    Called,
    Chain,
    Derivative,
    Dots,
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

RELATION, SUM, BODY, CIRCLE, PRODUCT, ENTRYWISE, OPERAND = range(7)
"""How tightly signs bind, loosest first: relations; + and −; the body of Σ and of a derivative; ◯; products by
juxtaposition; ⊗ ⊘ ∘; what has no sign."""

DEEPEST = 300
"""How deep operands and expressions may stand in each other, both counted."""

_OPENS = frozenset({"letter", "digit", "open", "opening", "left", "begin", "dots", "words"})
_WHOLE_PRODUCT = frozenset({"trace", "det", "logdet", "inv"})
"""Functions that, written without parentheses, are of the whole product after them."""


class Parser(Blocks):
    """One pass over the tokens of a formula. ``lexicon`` says which names are functions."""

    def __init__(self, source: str, tokens: list[Token], lexicon: Lexicon) -> None:
        self.source = source
        self.tokens = _without_inner_space(tokens)
        self.lexicon = lexicon
        self.at = 0
        self.depth = 0
        self.fences: list[str] = []
        self.below = 0

    # --- the loop ---

    def expression(self, level: int = RELATION) -> Surface:
        self.deeper()
        here = self.here
        if here.kind == "mark" and here.value in "+-":
            self.at += 1
            operand = self.expression(max(level, BODY))
            left: Surface = operand if here.value == "+" else Negated(self.since(here), operand)
        else:
            left = self.operand()
        while True:
            token = self.here
            match token.kind, token.value:
                case "relation", _:
                    if level > RELATION:
                        break
                    left = self.chain(left)
                case "mark", "+" | "-":
                    if level > SUM:
                        break
                    self.at += 1
                    right = self.expression(BODY)
                    left = Infix(self.since(left), token.value, left, right)
                case "sign", "◯":
                    if level > CIRCLE:
                        break
                    self.at += 1
                    right = self.expression(PRODUCT)
                    left = Infix(self.since(left), "◯", left, right)
                case "sign", "⊗" | "⊘" | "∘":
                    if level > ENTRYWISE:
                        break
                    self.at += 1
                    right = self.expression(OPERAND)
                    left = Infix(self.since(left), token.value, left, right)
                case _ if token.kind == "sign" or self.starts_operand():
                    if level > PRODUCT:
                        break
                    left = self.product(left)
                case "mark", ":" if level <= RELATION and self.tokens[self.at + 1].value == "=":
                    left = self.chain(left)
                case _:
                    break
        self.depth -= 1
        return left

    def chain(self, first: Surface) -> Surface:
        """Sides with relations between them."""
        sides, signs = [first], []
        while True:
            token = self.here
            if token.kind == "mark" and token.value == ":" and self.tokens[self.at + 1].value == "=":
                self.at += 1
                signs.append(":=")
            elif token.kind == "relation":
                signs.append(token.value)
            else:
                return Chain(self.since(first), tuple(sides), tuple(signs))
            self.at += 1
            sides.append(self.expression(SUM))

    def product(self, first: Surface) -> Surface:
        """Factors side by side, or with a sign of the ordinary product between them."""
        factors, signs = [first], []
        while True:
            if self.here.kind == "sign" and self.here.value in "·×*/":
                signs.append(self.here.value)
                self.at += 1
            elif self.starts_operand():
                signs.append("")
            else:
                return Product(self.since(first), tuple(factors), tuple(signs))
            factors.append(self.expression(ENTRYWISE))

    def starts_operand(self) -> bool:
        """Whether the next token begins another factor."""
        token = self.here
        if token.kind in _OPENS:
            return True
        if token.kind == "bar":
            return not self.fences or self.fences[-1] != token.value
        return token.kind == "command" and token.value not in words.TRANSPOSES

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail("the formula is nested too deeply", self.here, "name its parts with --let")

    # --- operands ---

    def operand(self) -> Surface:
        """One operand with its scripts, its primes and its arguments."""
        self.deeper()
        found = self.operand_here()
        self.depth -= 1
        return found

    def operand_here(self) -> Surface:
        token = self.here
        match token.kind:
            case "letter":
                if self.is_function_word(token):
                    return self.postfix(self.function(token))
                self.at += 1
                return self.postfix(
                    Letter(token.span, token.value, "upright" if token.font == "operator" else token.font)
                )
            case "digit":
                return self.postfix(self.number())
            case "open":
                return self.postfix(self.group())
            case "opening" | "left" | "bar":
                return self.postfix(self.fence())
            case "command":
                return self.postfix(self.command(token))
            case "begin":
                return self.postfix(self.environment())
            case "dots":
                self.at += 1
                return Dots(token.span)
            case "words":
                self.at += 1
                return Letter(token.span, token.value, "words")
            case "sign" if token.value == "◯" and self.tokens[self.at + 1].value == "(":
                self.at += 1
                args = self.arguments()
                return self.postfix(Called(self.since(token), Letter(token.span, "◯"), args))
            case "mark" if token.value in "+-":
                return self.expression(OPERAND)
            case "mark" if token.value == "." and self.tokens[self.at + 1].kind == "digit":
                return self.postfix(self.number())
            case _:
                raise self.operand_missing()

    def operand_missing(self) -> ParseError:
        token = self.here
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind == "mark" and token.value == "." and self.tokens[self.at + 1].kind == "dots":
            start = before.start if before is not None and before.value == "," else token.start
            return self.fail("a period stands before the dots", Span(start, token.end), "leave the period out")
        if token.kind == "script":
            return self.fail(f"nothing stands before this {token.value}", token)
        if token.kind in ("end", "close", "closing", "right", "amp", "newrow", "ending"):
            if before is None:
                return self.fail(
                    "the formula is empty",
                    Span(0, len(self.source)),
                    r"give one, such as \mathbf{w}^{\mathsf T}\mathbf{x}",
                )
            return self.fail(f"an operand is missing after {self.shown(before)}", before)
        if token.kind == "quad":
            return self.fail("an operand is missing here", token)
        return self.fail(f"an operand is missing before {self.shown(token)}", token)

    def number(self) -> Surface:
        first = self.here
        digits = ""
        while True:
            token = self.here
            point = token.value == "." and "." not in digits and self.tokens[self.at + 1].kind == "digit"
            if not (token.kind == "digit" or point) or (digits and token.spaced):
                break
            digits += token.value
            self.at += 1
        if len(digits) > 400:
            raise self.fail("this number is too long", self.since(first))
        return Literal(self.since(first), Fraction(digits))

    def command(self, token: Token) -> Surface:
        name = token.value
        if name in words.FUNCTIONS and name not in ("sqrt", "sum"):
            if self.below and self.tokens[self.at + 1].value != "(":  # x_{\max} is a name
                self.at += 1
                return Letter(token.span, name, "upright")
            return self.function(token)
        self.at += 1
        if name in words.FRACTIONS:
            return self.fraction(token)
        if name in words.ACCENTS:
            inner = self.argument(token)
            if taken_apart(inner) is None:
                raise self.fail(f"\\{name} stands on a letter", self.since(token))
            return Scripted(self.since(token), inner, (Letter(token.span, words.ACCENTS[name], "upright"),))
        match name:
            case "sqrt":
                return self.root(token)
            case "sum" | "prod":
                return self.over_index(token)
            case "nabla":
                return self.nabla(token)
            case "partial":
                return self.partial_sign(token)
            case "prime":
                return Letter(token.span, "′", "upright")
            case _ if name in words.TRANSPOSES:
                return Letter(token.span, "T", "upright")
        raise self.fail(f"\\{name} is not read here", token)

    def argument(self, command: Token) -> Surface:
        """What a command is of: a group, or one token."""
        token = self.here
        if token.kind == "open":
            return self.group()
        if token.kind == "digit":
            self.at += 1
            return Literal(token.span, Fraction(token.value))
        if token.kind == "letter":
            self.at += 1
            return Letter(token.span, token.value, "upright" if token.font == "operator" else token.font)
        if token.kind == "command":
            return self.command(token)
        raise self.fail(f"{self.shown(command)} wants an argument", command, f"{self.shown(command)}{{…}}")

    # --- functions ---

    def is_function_word(self, token: Token) -> bool:
        """Whether a letter is a function of the catalog: a word such as tr, or σ before parentheses."""
        if self.below and self.tokens[self.at + 1].value != "(":
            return False  # a word in a subscript is part of a name
        named = (
            token.font == "operator"
            and self.tokens[self.at + 1].value == "("
            and not self.lexicon.is_declared_function(token.value)
        )
        if self.lexicon.knows(token.value) and not named:
            return False
        if token.font in ("upright", "operator") and token.value in words.FUNCTIONS:
            return True
        if token.value != "σ":
            return False
        k = self.at + 1
        while self.tokens[k].kind == "prime":
            k += 1
        return self.tokens[k].kind in ("opening", "left") and self.tokens[k].value == "("

    def function(self, token: Token) -> Surface:
        """A function of the catalog: its name, a power of it, its arguments with or without parentheses."""
        self.at += 1
        name = "sigmoid" if token.value == "σ" else words.FUNCTIONS[token.value]
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
        if name in _WHOLE_PRODUCT:
            return self.expression(PRODUCT)
        first = self.operand()
        if not isinstance(first, Literal):
            return first
        factors = [first]
        while self.here.kind == "letter" and not self.is_function_word(self.here):  # \sin 2x
            factors.append(self.operand())  # type: ignore[arg-type]
        return first if len(factors) == 1 else Product(self.since(first), tuple(factors), ("",) * (len(factors) - 1))

    # --- what stands behind an operand ---

    def postfix(self, base: Surface) -> Surface:
        start = base
        lowered = raised = False
        while True:
            token = self.here
            if token.kind == "open" and self.tokens[self.at + 1].kind == "script":  # \mathbf w{^\mathsf T}
                self.at += 1
                base, lowered, raised = self.script(base, start, lowered, raised)
                self.expect("close", "}")
            elif token.kind == "script":
                base, lowered, raised = self.script(base, start, lowered, raised)
            elif token.kind == "prime":
                count = 0
                while self.here.kind == "prime":
                    count += 1
                    self.at += 1
                base = Primed(self.since(start), base, count)
            elif token.kind in ("opening", "left") and self.is_called(base):
                base = self.called(base, start, self.arguments())
                lowered = raised = False
            elif token.kind == "mark" and token.value == "!":
                raise self.fail("factorials are not read", token)
            else:
                return base

    def script(self, base: Surface, start: Surface, lowered: bool, raised: bool) -> tuple[Surface, bool, bool]:
        """One subscript or superscript on ``base``."""
        token = self.here
        if token.value == "_":
            if lowered:
                raise self.fail(
                    "a second subscript on one letter", token, "braces say which belongs to which: {x_1}_i or x_{1,i}"
                )
            subs = self.subscript()
            if (
                isinstance(base, Raised) and raised and not isinstance(base.exponent, Negated)
            ):  # x^2_i is the square of x_i
                return (
                    Raised(self.since(start), Scripted(base.span, base.base, subs), base.exponent, base.sign),
                    True,
                    True,
                )
            return Scripted(self.since(start), base, subs), True, raised
        if raised:
            raise self.fail("a second superscript on one letter", token, "braces say which belongs to which: {x^2}^2")
        exponent, sign = self.superscript()
        return self.raised(base, exponent, sign, self.since(start)), lowered, True

    def raised(self, base: Surface, exponent: Surface, sign: str, span: Span) -> Surface:
        match exponent:
            case Letter(_, "T", font) if font and not sign:
                return Transposed(span, base)
            case Letter(_, "′"):
                return Primed(span, base, 1)
            case Product(_, factors) if all(isinstance(f, Letter) and f.stem == "′" for f in factors):
                return Primed(span, base, len(factors))
            case Negated(_, Letter(_, "T")) if not sign:
                return Transposed(span, Raised(span, base, Negated(exponent.span, Literal(exponent.span, Fraction(1)))))
            case Fenced(_, "(", (Literal(_, order),)) if (
                order.denominator == 1 and 0 < order < 1000 and self.here.value == "("
            ):
                return Primed(span, base, int(order))  # f^{(4)}(x)
            case Fenced(_, "(", (Literal() | Letter() as item,)) if taken_apart(base) is not None:
                return Scripted(span, base, (item,))  # x^{(i)} is the i-th of several
            case Letter(_, "star"):
                if taken_apart(base) is None or self.shown_letter(base).isupper():
                    raise self.fail(
                        "^* is not read: numbers here are real", span, r"the transpose is written ^{\mathsf T}"
                    )
                return Scripted(span, base, (exponent,))
            case _:
                return Raised(span, base, exponent, sign)

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
            case Fenced(_, "(", (Infix(_, "∘"),)):
                return True
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

    def partial_sign(self, token: Token) -> Surface:
        r"""\partial_1 f(x, y), the derivative by the first argument, and \partial_x f."""
        if self.here.kind != "script" or self.here.value != "_":
            raise self.fail("∂ stands alone here", token, r"a derivative is written \frac{\partial …}{\partial x}")
        by = self.subscript()
        body = self.operand()
        if not all(isinstance(b, Literal) for b in by):
            return Derivative(self.since(token), body, by)
        return _under(body, by, self.since(token))

    # --- the whole ---

    def whole(self) -> Surface:
        """The formula, nothing left over."""
        found = self.expression()
        while self.here.kind == "mark" and self.here.value in ".,;" and self.tokens[self.at + 1].kind == "end":
            self.at += 1
        if self.here.kind != "end":
            raise self.left_over()
        return found


def _under(body: Surface, by: tuple[Surface, ...], span: Span) -> Surface:
    """The derivative of a function by the number of an argument; scripts behind the arguments are on its value."""
    match body:
        case Transposed(_, inner):
            return Transposed(span, _under(inner, by, span))
        case Raised(_, inner, exponent, sign):
            return Raised(span, _under(inner, by, span), exponent, sign)
        case Scripted(_, Called() | Derivative() as inner, subs):
            return Scripted(span, _under(inner, by, span), subs)
        case _:
            return Derivative(span, body, by)


def _without_inner_space(tokens: list[Token]) -> list[Token]:
    """Wide spaces part remarks from equations only where nothing is open."""
    if not any(t.kind == "quad" for t in tokens):
        return tokens
    depth = 0
    kept: list[Token] = []
    for t in tokens:
        if t.kind in ("open", "opening", "left", "begin"):
            depth += 1
        elif t.kind in ("close", "closing", "right", "ending"):
            depth -= 1
        if t.kind != "quad" or depth <= 0:
            kept.append(t)
    return kept
