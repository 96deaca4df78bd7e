"""LaTeX into the surface tree, by one Pratt loop; what stands in blocks is read next door."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import BIG, CIRCLE, ENTRYWISE, POWER, PRODUCT, RELATION, SUM
from derivgen.read.latex import commands as words
from derivgen.read.latex.calls import Calls
from derivgen.read.latex.commands import words_of
from derivgen.read.latex.grids import without_inner_space
from derivgen.read.latex.names import Lexicon, sub_text, taken_apart
from derivgen.read.latex.runs import with_words
from derivgen.read.latex.tokens import Token
from derivgen.read.surface import (
    Called,
    Chain,
    Dots,
    Evaluated,
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

DEEPEST = 140
"""How deep operands and expressions may stand in each other, both counted."""

_OPENS = frozenset({"letter", "digit", "open", "opening", "left", "begin", "dots", "words"})


class Parser(Calls):
    """One pass over the tokens of a formula. ``lexicon`` says which names are functions."""

    def __init__(self, source: str, tokens: list[Token], lexicon: Lexicon) -> None:
        self.source = source
        self.tokens = with_words(without_inner_space(tokens), lexicon)
        self.lexicon = lexicon
        self.known = words_of(lexicon.declarations.glossary)
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
            operand = self.expression(max(level, BIG))
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
                    right = self.expression(BIG)
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
                    right = self.expression(POWER)
                    left = Infix(self.since(left), token.value, left, right)
                case "sign", sign if sign in self.known.infixes:
                    own = self.known.infixes[sign]
                    if level > own:
                        break
                    self.at += 1
                    right = self.expression(own + 1)
                    left = Infix(self.since(left), sign, left, right)
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
        return token.kind == "command" and token.value not in self.known.transposes

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
                self.refuse_unread(token)
                self.refuse_condition(token)
                quotient = self.jacobian_letter(token) or self.differential_letter(token)
                if quotient is not None:
                    return self.postfix(quotient)
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
                return self.expression(POWER)
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
            return self.fail(
                f"an operand is missing after {self.shown(before)}", before, "write what follows, or take the sign out"
            )
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
        if name in self.known.functions and name not in words.STRUCTURED:
            if self.below and self.tokens[self.at + 1].value != "(":  # x_{\max} is a name
                self.at += 1
                return Letter(token.span, name, "upright")
            return self.function(token)
        self.at += 1
        if name in words.STRUCTURED:
            return self.structured(token)
        if name in words.ACCENTS:
            inner = self.argument(token)
            head = taken_apart(inner)
            if head is None:
                raise self.fail(f"\\{name} stands on a letter", self.since(token))
            accent = Letter(token.span, words.ACCENTS[name], "upright")
            accented = Scripted(self.since(token), head[0], (accent,))
            return Scripted(self.since(token), accented, head[1]) if head[1] else accented  # \hat{y_i} is \hat y_i
        if name in self.known.transposes:
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
            elif token.kind == "script" and self.tokens[self.at + 1].kind == "open" and self.is_blank_script():
                self.at += 3
            elif (
                token.kind == "bar"
                and token.value == "|"
                and self.tokens[self.at + 1].value == "_"
                and self.place_behind()
            ):
                self.at += 1
                base = Evaluated(self.since(start), base, self.items_below()[0])  # f'(u) \big|_{u = 0}
            elif token.kind == "script":
                base, lowered, raised = self.script(base, start, lowered, raised)
            elif token.kind == "prime":
                count = 0
                while self.here.kind == "prime":
                    count += 1
                    self.at += 1
                base = Primed(self.since(start), base, count)
            elif token.kind in ("opening", "left") and self.refuse_extreme(base) and self.is_called(base):
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
            match base, subs:
                case Letter(_, "0" | "1"), (Product(_, (rows, Literal(_, columns)), ("×",)),) if columns == 1:
                    subs = (rows,)
                case Letter(_, stem), (Product(_, (_, _), ("×",)),) if stem not in ("I", "0", "1", "K", "e"):
                    return base, True, raised  # X_{n\times p}: the sizes are read with the declarations
            if isinstance(base, Fenced) and base.left == "⟨" and isinstance(subs[0], Letter):
                return base, True, raised  # \langle A, B\rangle_F
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
            case Fenced(_, "(" | "[", (Literal() | Letter() | Infix(_, "+" | "-") as item,)) if (
                taken_apart(base) is not None and sub_text(item) is not None
            ):
                return Scripted(span, base, (item,))  # x^{(i)} is the i-th of several, W^{[l-1]} that of a layer
            case Letter(_, "l") | Infix(_, "+" | "-", Letter(_, "l"), Literal()) if (
                taken_apart(base) is not None and not self.lexicon.knows("l") and sub_text(exponent) is not None
            ):
                return Scripted(span, base, (exponent,))  # a^{l-1} of the layer before
            case Letter(_, "star"):
                if taken_apart(base) is None or self.shown_letter(base).isupper():
                    raise self.fail(
                        "^* is not read: numbers here are real", span, r"the transpose is written ^{\mathsf T}"
                    )
                return Scripted(span, base, (exponent,))
            case _:
                return Raised(span, base, exponent, sign)

    # --- the whole ---

    def is_blank_script(self) -> bool:
        r"""Whether a script holds spacing only: x^{\,}."""
        opened, closed = self.tokens[self.at + 1 : self.at + 3]
        return closed.kind == "close" and closed.start > opened.end

    def place_behind(self) -> bool:
        """Whether the bar that comes next has a place below it, u = e, and closes nothing."""
        if "|" in self.fences[-1:]:
            return False
        inside = self.tokens[self.at + 2 : self.at + 6]
        return len(inside) > 3 and inside[0].kind == "open" and inside[2].value == "="

    def last_but(self, at: int) -> bool:
        """Whether only wide spaces and a mark stand between here and the end."""
        return all(t.kind in ("quad", "mark", "end") and t.value not in ("+", "-", ":") for t in self.tokens[at:])

    def whole(self) -> Surface:
        """The formula, nothing left over."""
        if self.here.kind == "relation" and self.here.value == "=" and len(self.tokens) > 2:
            self.at += 1  # a row that goes on from the one before
        found = self.expression()
        while (self.here.kind == "quad" or self.here.value in (".", ",", ";")) and self.last_but(self.at + 1):
            self.at += 1
        if self.here.kind != "end":
            raise self.left_over()
        return found
