"""LaTeX into the surface tree, by one Pratt loop; what has a structure of its own is read next door."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import BIG, CIRCLE, ENTRYWISE, POWER, PRODUCT, RELATION, SUM
from derivgen.read.latex import commands as words
from derivgen.read.latex.big_signs import STRUCTURED, quotient_of_letters
from derivgen.read.latex.calls import applied, function, is_function_word, unread
from derivgen.read.latex.cells import chain, defines, display, environment
from derivgen.read.latex.cursor import Cursor, letter
from derivgen.read.latex.fences import arguments, fence, group
from derivgen.read.latex.held import held_command, held_word
from derivgen.read.latex.names import FUNCTION_LETTERS, Lexicon, is_function_name, taken_apart
from derivgen.read.latex.runs import with_words
from derivgen.read.latex.scope import of_row
from derivgen.read.latex.scripts import lowered, raised, second, subscript
from derivgen.read.latex.tape import Token
from derivgen.read.surface import (
    Called,
    Dots,
    Evaluated,
    Held,
    Infix,
    Letter,
    Literal,
    Negated,
    Primed,
    Product,
    Scripted,
    Surface,
)

DEEPEST = 140
"""How deep operands and expressions may stand in each other, both counted."""

_BETWEEN = {"+": (SUM, BIG), "-": (SUM, BIG), "◯": (CIRCLE, PRODUCT)} | dict.fromkeys("⊗⊘∘", (ENTRYWISE, POWER))
"""Signs between two operands, with their level and that of what stands to the right."""


class Parser(Cursor):
    """One pass over the tokens of a formula."""

    def __init__(self, source: str, tokens: list[Token], lexicon: Lexicon) -> None:
        super().__init__(source, with_words(_without_inner_space(tokens), lexicon), lexicon)
        self.between = _BETWEEN | {sign: (level, level + 1) for sign, level in self.known.infixes.items()}

    # --- the loop ---

    def expression(self, level: int = RELATION) -> Surface:
        """An expression whose operators bind more tightly than ``level``.

        Raises:
            ParseError: there is none, or it is nested too deeply.
        """
        self.deeper()
        here = self.tokens[self.at]
        if here.kind == "mark" and here.value in "+-":
            self.at += 1
            operand = self.expression(max(level, BIG))
            left: Surface = operand if here.value == "+" else Negated(self.since(here), operand)
        else:
            left = self.operand()
        while True:
            token = self.tokens[self.at]
            own, right = self.between.get(token.value, (0, 0)) if token.kind in ("mark", "sign") else (0, 0)
            if token.kind == "relation" or (token.kind == "mark" and defines(self)):
                if level > RELATION:
                    break
                left = chain(self, left)
            elif right:
                if level > own:
                    break
                self.at += 1
                other = self.expression(right)
                left = Infix(self.since(left), token.value, left, other)
            elif token.kind == "sign" or self.starts_operand():
                if level > PRODUCT:
                    break
                left = self.product(left)
            else:
                break
        self.depth -= 1
        return left

    def product(self, first: Surface) -> Surface:
        """Factors side by side, or with a sign of the ordinary product between them."""
        factors, signs = [first], []
        while True:
            token = self.tokens[self.at]
            if token.kind == "sign" and token.value in "·×*/":
                signs.append(self.step().value)
            elif self.starts_operand():
                signs.append("")
            else:
                break
            factors.append(self.expression(ENTRYWISE))
        if "/" in signs:
            factors, signs = _below_slashes(factors, signs, self.lexicon)
        return Product(self.since(first), tuple(factors), tuple(signs)) if signs else factors[0]

    def deeper(self) -> None:
        """Count a level of nesting.

        Raises:
            ParseError: there are too many.
        """
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail("the formula is nested too deeply", self.here, "name its parts with --let")

    # --- operands ---

    def operand(self) -> Surface:
        """An operand with its signs, scripts and primes.

        Raises:
            ParseError: there is none.
        """
        self.deeper()
        token = self.tokens[self.at]
        match token.kind:
            case "dots":
                found: Surface = Dots(self.step().span)
            case "words":
                found = Letter(self.step().span, token.value, "words")
            case "mark" if token.value in "+-":
                found = self.expression(POWER)
            case _:
                found = self.postfix(self.bare_operand(token))
        self.depth -= 1
        return found

    def bare_operand(self, token: Token) -> Surface:
        """An operand without what stands behind it."""
        match token.kind:
            case "letter" if is_function_word(self, token):
                return function(self)
            case "letter":
                found = unread(self, token)
                if found is not None:
                    if not self.holds:
                        raise self.fail(found[0], token, found[1])
                    return held_word(self, token, *found)
                return quotient_of_letters(self, token) or self.change_of() or letter(self.step())
            case "digit":
                return self.number()
            case "open":
                return group(self)
            case "opening" | "left" | "bar":
                return fence(self)
            case "command":
                return self.command(token)
            case "begin":
                return environment(self)
            case "sign" if token.value == "◯" and self.next.value == "(":
                self.at += 1
                args = arguments(self)
                return Called(self.since(token), Letter(token.span, "◯"), args)
            case "mark" if token.value == "." and self.next.kind == "digit":
                return self.number()
            case _:
                raise self.operand_missing()

    def change_of(self) -> Surface | None:
        r"""\Delta x, a change of x: one letter, unless Δ is declared or stands alone somewhere."""
        token, of = self.here, self.next
        if token.value != "Δ" or of.kind != "letter" or of.value in FUNCTION_LETTERS or self.lexicon.knows("Δ"):
            return None
        pairs = zip(self.tokens, self.tokens[1:], strict=False)
        if any(t.value == "Δ" and after.kind != "letter" for t, after in pairs):
            return None
        self.at += 1
        return Scripted(self.since(token), letter(self.step()), (Letter(token.span, "Δ", "upright"),))

    def operand_missing(self) -> ParseError:
        """The error that an operand is missing here, and why."""
        token = self.here
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind == "mark" and token.value == "." and self.next.kind == "dots":
            start = before.start if before is not None and before.value == "," else token.start
            return self.fail("a period stands before the dots", Span(start, token.end), "leave the period out")
        if token.kind == "script":
            return self.fail(f"nothing stands before this {token.value}", token)
        if token.kind in ("end", "close", "closing", "right", "amp", "newrow", "ending"):
            if before is None:
                return self.fail("the formula is empty", Span(0, len(self.source)),
                                 r"give one, such as \mathbf{w}^{\mathsf T}\mathbf{x}")  # fmt: skip
            return self.fail(f"an operand is missing after {self.shown(before)}", before,
                             "write what follows, or take the sign out")  # fmt: skip
        where = "here" if token.kind == "quad" else f"before {self.shown(token)}"
        return self.fail(f"an operand is missing {where}", token)

    def number(self) -> Surface:
        """A number in decimals.

        Raises:
            ParseError: it has too many digits.
        """
        first, digits = self.here, ""
        while True:
            token = self.here
            point = token.value == "." and "." not in digits and self.next.kind == "digit"
            if not (token.kind == "digit" or point) or (digits and token.spaced):
                break
            digits += self.step().value
        if len(digits) > 400:
            raise self.fail("this number is too long", self.since(first))
        return Literal(self.since(first), Fraction(int(digits) if digits.isdecimal() else digits))

    def command(self, token: Token) -> Surface:
        """What begins with a command.

        Raises:
            ParseError: the command is not known, or what it needs is not there.
        """
        name = token.value
        if name in self.known.functions and name not in words.STRUCTURED:
            if self.below and self.next.value != "(":  # x_{\max} is a name
                return Letter(self.step().span, name, "upright")
            return function(self)
        self.at += 1
        if name in words.STRUCTURED:
            return STRUCTURED[words.STRUCTURED[name]](self, token)
        if name in words.ACCENTS:
            head = taken_apart(self.argument(token))
            if head is None:
                raise self.fail(f"\\{name} stands on a letter", self.since(token))
            accent = Letter(token.span, words.ACCENTS[name], "upright")
            accented = Scripted(self.since(token), head[0], (accent,))
            return Scripted(self.since(token), accented, head[1]) if head[1] else accented  # \hat{y_i} is \hat y_i
        if name in self.known.transposes:
            return Letter(token.span, "T", "upright")
        if name in words.HELD:
            return held_command(self, token)
        raise self.fail(f"\\{name} is not read here", token)

    def argument(self, command: Token) -> Surface:
        """The argument of a command: a group, a digit, a letter or a command.

        Raises:
            ParseError: something else is next.
        """
        token = self.here
        match token.kind:
            case "open":
                return group(self)
            case "digit":
                return Literal(self.step().span, Fraction(int(token.value)))
            case "letter":
                return letter(self.step())
            case "command":
                return self.command(token)
            case _:
                raise self.fail(f"{self.shown(command)} wants an argument", command, f"{self.shown(command)}{{…}}")

    # --- what stands behind an operand ---

    def postfix(self, base: Surface) -> Surface:
        """An operand with the scripts, primes, arguments and places of evaluation behind it.

        Raises:
            ParseError: there are two scripts of one kind, or a factorial.
        """
        start = base
        has = {"_": False, "^": False}
        while True:
            token = self.tokens[self.at]
            if token.value == "[" and self.document and (closed := self.end_of_slice()):
                self.tokens[closed] = token._replace(kind="close", value="}")  # X[t, :] is X_{t,:}
                self.tokens[self.at : self.at + 1] = [
                    token._replace(kind="script", value="_"),
                    token._replace(kind="open", value="{"),
                ]
            elif token.kind == "script" and self.is_blank_script():
                self.at += 3
            elif token.kind == "script" or (token.kind == "open" and self.next.kind == "script"):
                self.at += token.kind == "open"  # \mathbf w{^\mathsf T}
                sign = self.here.value
                if has[sign]:
                    raise second(self, sign == "_")
                base = lowered(self, base, start, power=has["^"]) if sign == "_" else raised(self, base, start)
                has[sign] = True
                if token.kind == "open":
                    self.expect("close", "}")
            elif token.kind == "bar" and token.value == "|" and self.next.value == "_" and self.place_behind():
                self.at += 1
                base = Evaluated(self.since(start), base, subscript(self)[0])  # f'(u) \big|_{u = 0}
            elif token.kind == "prime":
                first = self.at
                while self.here.kind == "prime":
                    self.at += 1
                base = Primed(self.since(start), base, self.at - first)
            elif self.opens() and (value := applied(self, base, start)) is not None:
                base = value
                has = {"_": False, "^": False}
            elif token.kind == "mark" and token.value == "!":
                if not self.holds:
                    raise self.fail("factorials are not read", token)
                self.at += 1
                base = Held(self.since(start), "factorial", (base,), "factorials are not read")
            else:
                return base

    def end_of_slice(self) -> int:
        """Where brackets close that hold a place and a colon, as those of an array in Python; 0 where they do not."""
        colons = commas = 0
        for k in range(self.at + 1, len(self.tokens)):
            value = self.tokens[k].value
            if value == "]":
                return k if colons == commas == 1 else 0
            if value in "[(" or self.tokens[k].kind in ("end", "amp", "newrow", "relation"):
                return 0
            colons += value == ":"
            commas += value == ","
        return 0

    def is_blank_script(self) -> bool:
        r"""Whether a script holds spacing only: x^{\,}."""
        opened, closed = self.tokens[self.at + 1 : self.at + 3] if self.next.kind == "open" else (self.here,) * 2
        return closed.kind == "close" and closed.start > opened.end

    def place_behind(self) -> bool:
        """Whether the bar that comes next has a place below it, u = e, and closes nothing."""
        inside = self.tokens[self.at + 2 : self.at + 6]
        return self.fences[-1:] != ["|"] and len(inside) > 3 and inside[0].kind == "open" and inside[2].value == "="

    # --- the whole ---

    def whole(self) -> Surface:
        """The formula, nothing left over."""
        if self.here.kind == "relation" and self.here.value == "=" and len(self.tokens) > 2:
            self.at += 1  # a row that goes on from the one before
        found = self.expression()
        if all(t.kind in ("quad", "end") or (t.kind == "mark" and t.value in ".,;") for t in self.tokens[self.at :]):
            self.at = len(self.tokens) - 1
        if self.here.kind != "end":
            raise self.left_over()
        return found

    def display(self) -> Surface:
        """A whole display.

        Raises:
            ParseError: it cannot be read.
        """
        return display(self)


def _below_slashes(factors: list[Surface], signs: list[str], lexicon: Lexicon) -> tuple[list[Surface], list[str]]:
    r"""x^T A x / x^T x: nothing is divided by a row, so a transposed letter behind a slash takes the product that it begins;
    so does a number that touches it, \|x\|^2/2\sigma^2, where no number is divided: 1/2 x is half of x."""
    kept, between = factors[:1], signs[:0]
    for sign, factor in zip(signs, factors[1:], strict=True):
        if sign == "" and between[-1:] == ["/"] and (_takes(kept, factor) or _begins_with_row(kept[-1], lexicon)):
            parts = (*kept[-1].factors, factor) if isinstance(kept[-1], Product) else (kept[-1], factor)
            kept[-1] = Product(kept[-1].span | factor.span, parts, ("",) * (len(parts) - 1))
        else:
            kept.append(factor)
            between.append(sign)
    return kept, between


def _takes(kept: list[Surface], factor: Surface) -> bool:
    """Whether a number behind a slash takes the factor that comes next."""
    match kept[-2:]:
        case [Literal(), _]:
            return False
        case [_, Product(_, (Literal(), *_), _)]:
            return True
        case [_, Literal(span, _)]:
            return factor.span.start == span.end
        case _:
            return False


def _begins_with_row(s: Surface, lexicon: Lexicon) -> bool:
    match s:
        case Product(_, (first, *_), _):
            return _begins_with_row(first, lexicon)
        case Primed(_, Letter() as letter, 1):
            return not is_function_name(lexicon, letter)
        case _:
            return of_row(s) is not None and not lexicon.knows("T")


def _without_inner_space(tokens: list[Token]) -> list[Token]:
    """Wide spaces part remarks from equations only where nothing is open."""
    if "quad" not in [t.kind for t in tokens]:
        return tokens
    depth = 0
    kept: list[Token] = []
    for t in tokens:
        depth += (t.kind in ("open", "opening", "left", "begin")) - (t.kind in ("close", "closing", "right", "ending"))
        if t.kind != "quad" or depth <= 0:
            kept.append(t)
    return kept
