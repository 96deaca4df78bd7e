"""What stands in blocks: groups, fences, scripts, fractions, sums."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.parse import latex_words as words
from derivgen.parse.latex_grids import Grids
from derivgen.parse.latex_names import plain_name
from derivgen.parse.latex_tokens import Token
from derivgen.parse.surface import (
    Apply,
    Binder,
    Chain,
    Derivative,
    Evaluated,
    Fenced,
    Grid,
    Letter,
    Literal,
    Multiplied,
    Nabla,
    Product,
    Quotient,
    Raised,
    Root,
    Sequence,
    Summed,
    Surface,
    Tabulated,
    Unsaid,
)

_FENCE_NAMES = {"‖": r"\|", "⟨": r"\langle", "⟩": r"\rangle", "{": r"\{", "}": r"\}"}


class Blocks(Grids):
    """The part of the parser that reads what has a beginning and an end."""

    # --- groups and fences ---

    def group(self) -> Surface:
        """What stands in braces."""
        token = self.here
        self.at += 1
        if self.here.kind == "close":
            self.at += 1
            if self.starts_operand():
                return self.operand()
            raise self.fail("nothing stands between these braces", self.since(token))
        if self.here.kind == "script":
            raise self.fail(f"nothing stands before this {self.here.value}", self.here)
        self.fences.append("{")
        inner = self.items()
        self.fences.pop()
        self.expect("close", "}")
        return inner[0] if len(inner) == 1 else Sequence(self.since(token), tuple(inner))

    def items(self) -> list[Surface]:
        """Expressions with commas between them."""
        found = [self.expression()]
        while self.here.kind == "mark" and self.here.value in ",;":
            self.at += 1
            if self.here.kind in ("close", "closing", "right", "amp", "newrow", "ending") and self.fences[-1:] == [
                "cell"
            ]:
                break
            found.append(self.expression())
        return found

    def fence(self) -> Surface:
        """What stands between fences of any kind."""
        token = self.here
        self.at += 1
        value = token.value
        if value in ("⌊", "⌈"):
            raise self.fail("rounding is not read", token)
        doubled = (
            token.kind == "bar"
            and value == "|"
            and self.here.kind == "bar"
            and self.here.value == "|"
            and not self.here.spaced
        )
        if doubled:
            self.at += 1
            value = "‖"
        if self.here.kind in ("closing", "right"):
            self.at += 1
            raise self.fail("nothing stands between these fences", self.since(token))
        shown = self.shown(token)
        self.fences.append("|" if doubled else value if token.kind == "bar" else shown)
        found = self.items()
        closing = self.here
        match token.kind:
            case "left":
                if closing.kind != "right":
                    raise self.unclosed(token, f"{shown} has no \\right")
            case "bar":
                if closing.kind != "bar" or closing.value != token.value:
                    raise self.unclosed(token, f"this {_FENCE_NAMES.get(value, value)} is never closed")
                self.at += int(doubled)
            case _:
                if closing.kind != "closing" or closing.value != words.CLOSING[value]:
                    raise self.unclosed(token, f"this {shown} is never closed")
        self.fences.pop()
        self.at += 1
        span = self.since(token)
        if token.kind == "left":
            return self.paired(token, closing, span, tuple(found))
        return Fenced(span, value, tuple(found))

    def unclosed(self, token: Token, message: str) -> ParseError:
        if self.here.kind in ("end", "close", "amp", "newrow", "ending"):
            return self.fail(message, token)
        return self.left_over()

    def paired(self, left: Token, right: Token, span: Span, items: tuple[Surface, ...]) -> Surface:
        r"""\left and \right of any kind, one of which may be a period."""
        value = left.value
        match items:
            case (Grid(_, rows),) if value == "{" and right.value == "." and all(len(r) in (1, 2) for r in rows):
                return self.branches(span, rows)
            case _ if value == "." and right.value == "|":
                if self.here.kind == "script" and self.here.value == "_":
                    at = self.items_below()
                    if len(items) == 1 and len(at) == 1:
                        return Evaluated(self.since(left), items[0], at[0])
                raise self.fail("this bar wants the place behind it", right, r"\left. … \right|_{u = …}")
        if right.value != words.CLOSING[value] and not (value in "[]" and right.value in "[]"):
            raise self.fail(f"{self.shown(right)} does not close the {self.shown(left)}", right)
        return Fenced(span, value, items)

    def arguments(self) -> tuple[Surface, ...]:
        """What stands in the parentheses after a function."""
        found = self.fence()
        assert isinstance(found, Fenced)
        return found.items

    def several(self) -> bool:
        """Whether the parentheses that come next hold more than one argument."""
        depth = 0
        for k in range(self.at, len(self.tokens)):
            token = self.tokens[k]
            if token.kind in ("opening", "left", "open", "begin"):
                depth += 1
            elif token.kind in ("closing", "right", "close", "ending"):
                depth -= 1
                if not depth:
                    return False
            elif token.kind == "mark" and token.value == "," and depth == 1:
                return True
        return False

    def lone_letter(self) -> bool:
        """Whether the parentheses that come next hold one letter, with nothing but a subscript."""
        after = self.tokens[self.at + 1 : self.at + 3]
        return len(after) == 2 and after[0].kind == "letter" and after[1].kind in ("closing", "right")

    def holds_relation(self) -> bool:
        """Whether a relation stands in the fences that come next."""
        depth = 0
        for k in range(self.at, len(self.tokens)):
            token = self.tokens[k]
            if token.kind in ("opening", "left", "open", "begin"):
                depth += 1
            elif token.kind in ("closing", "right", "close", "ending"):
                depth -= 1
                if not depth:
                    return False
            elif token.kind == "relation" and depth == 1:
                return True
        return False

    # --- scripts ---

    def subscript(self) -> tuple[Surface, ...]:
        """What stands below: items with commas between them; : is a whole axis."""
        self.below += 1
        found = self.items_below()
        self.below -= 1
        return found

    def items_below(self) -> tuple[Surface, ...]:
        script = self.here
        self.at += 1
        if self.here.kind != "open":
            return (self.one_token(script),)
        opened = self.here
        self.at += 1
        if self.here.kind == "close":
            raise self.fail("nothing stands in this subscript", Span(script.start, self.here.end))
        found: list[Surface] = []
        self.fences.append("{")
        while True:
            if self.here.kind == "mark" and self.here.value == ":":
                found.append(Letter(self.here.span, ":"))
                self.at += 1
            elif self.here.kind == "opening" and self.here.value == "{":  # \mathbf 1_{\{x > 0\}}
                found += self.arguments()
            else:
                found.append(self.expression())
            if self.here.kind != "mark" or self.here.value != ",":
                break
            self.at += 1
        self.fences.pop()
        if self.here.kind != "close":
            raise self.fail("this { is never closed", opened) if self.here.kind == "end" else self.left_over()
        self.at += 1
        return tuple(found)

    def superscript(self) -> tuple[Surface, str]:
        """What stands above, and ⊗ where a sign before it says that a power is taken entry by entry."""
        script = self.here
        self.at += 1
        if self.here.kind != "open":
            return self.one_token(script), ""
        self.at += 1
        if self.here.kind == "close":
            raise self.fail("nothing stands in this superscript", Span(script.start, self.here.end))
        sign = ""
        if self.here.kind == "sign" and self.here.value in "⊗∘":
            sign = "⊗"
            self.at += 1
        if self.here.kind == "prime":
            first = self.here
            while self.here.kind == "prime":
                self.at += 1
            count = self.since(first).end - first.start
            exponent: Surface = Product(
                self.since(first), (Letter(first.span, "′", "upright"),) * count, ("",) * (count - 1)
            )
        elif self.here.kind == "sign" and self.here.value == "*":
            exponent = self.star()
        else:
            self.fences.append("{")
            exponent = self.expression()
            self.fences.pop()
        self.expect("close", "}")
        return exponent, sign

    def one_token(self, script: Token) -> Surface:
        """A script without braces: TeX takes one token."""
        token = self.here
        if token.kind == "digit":
            after = self.tokens[self.at + 1]
            if after.kind == "digit" and not after.spaced and after.start == token.end:
                raise self.fail(
                    f"without braces only the {token.value} is meant by this {script.value}",
                    Span(script.start, after.end),
                    f"write {script.value}{{{token.value}{after.value}}}",
                )
            self.at += 1
            return Literal(token.span, Fraction(token.value))
        if token.kind == "mark" and token.value == ":":
            self.at += 1
            return Letter(token.span, ":")
        if token.kind == "sign" and token.value == "*" and script.value == "^":
            return self.star()
        if token.kind == "mark" and token.value in "+-":
            raise self.fail(
                f"{script.value}{token.value} is not read",
                Span(script.start, token.end),
                f"write {script.value}{{{token.value}…}}",
            )
        if token.kind not in ("letter", "command"):
            raise self.fail(f"nothing stands after this {script.value}", script)
        return self.argument(token)

    def star(self) -> Surface:
        """x^* is a name of its own."""
        self.at += 1
        return Letter(self.tokens[self.at - 1].span, "star", "upright")

    # --- fractions and roots ---

    def fraction(self, token: Token) -> Surface:
        top = self.at
        bottom = self.after_argument(top)
        if self.differential(top) and self.differential(bottom):
            return self.derivative(token)
        over = self.argument(token)
        under = self.argument(token)
        return Quotient(self.since(token), over, under)

    def after_argument(self, at: int) -> int:
        """Where the token stands that follows the argument at ``at``."""
        depth = 0
        for k in range(at, len(self.tokens)):
            depth += {"open": 1, "close": -1}.get(self.tokens[k].kind, 0)
            if depth <= 0:
                return k + 1
        return len(self.tokens) - 1

    def differential(self, at: int) -> bool:
        """Whether an argument of a fraction begins with ∂, or with a d that is no variable."""
        if self.tokens[at].kind != "open":
            return False
        token = self.tokens[at + 1]
        if token.kind == "command" and token.value == "partial":
            return not (self.tokens[at + 2].kind == "script" and self.tokens[at + 2].value == "_")
        return (
            token.kind == "letter"
            and token.value == "d"
            and token.font in ("", "upright")
            and not self.lexicon.knows("d")
        )

    def derivative(self, token: Token) -> Surface:
        r"""\frac{\partial y}{\partial x}, and \frac{\partial}{\partial x} before what it is of."""
        self.at += 2
        if self.here.kind == "script" and self.here.value == "^":
            self.superscript()
        body = None if self.here.kind == "close" else self.expression(2)
        self.expect("close", "}")
        self.expect("open", "{")
        by: list[Surface] = []
        while self.here.kind != "close":
            sign = self.here
            if not (sign.value == "partial" or (sign.kind == "letter" and sign.value == "d")):
                raise self.fail("a derivative is by ∂ of a variable", sign, r"\frac{\partial y}{\partial x}")
            self.at += 1
            if self.here.kind == "close":
                raise self.fail("the variable is missing here", sign)
            match self.operand():
                case Raised(_, base, Literal(_, value)) if value in (2, 3, 4):
                    by += [base] * int(value)
                case variable:
                    by.append(variable)
        if not by:
            raise self.fail("the variable is missing here", self.here)
        self.expect("close", "}")
        if body is None:
            body = self.expression(2) if self.starts_operand() else None
        return Derivative(self.since(token), body, tuple(by))

    def nabla(self, token: Token) -> Surface:
        by: Surface | None = None
        order = 1
        while self.here.kind == "script":
            if self.here.value == "_":
                found = self.subscript()
                by = found[0] if len(found) == 1 else Sequence(self.since(token), found)
            else:
                exponent, _ = self.superscript()
                if exponent != Literal(exponent.span, Fraction(2)):
                    raise self.fail("∇ is read with no power but 2", self.since(token))
                order = 2
        body = self.operand() if self.starts_operand() else None
        return Nabla(self.since(token), body, by, order)

    def root(self, token: Token) -> Surface:
        degree: Surface | None = None
        if self.here.kind == "opening" and self.here.value == "[":
            degree = self.arguments()[0]
        return Root(self.since(token), self.argument(token), degree)

    # --- sums ---

    def over_index(self, token: Token) -> Surface:
        """Σ or Π with its limits, and all up to the next + or −."""
        below: tuple[Surface, ...] = ()
        above: Surface | None = None
        while self.here.kind == "script":
            if self.here.value == "_":
                below = self.subscript()
            else:
                above, _ = self.superscript()
        named = self.shown(token)
        if not below:
            raise self.fail(f"{named} wants an index", token, f"{named}_{{i=1}}^{{n}}")
        binders = [self.binder(s, above, named) for s in self.bound(below)]
        body = self.expression(2)
        span = self.since(token)
        if token.value == "sum":
            return Summed(span, tuple(binders), body)
        for binder in reversed(binders):
            body = Multiplied(span, binder, body)
        return body

    def bound(self, below: tuple[Surface, ...]) -> list[Surface]:
        """The indices below a Σ: i=1; i,j=1 for both; 1≤i≤n."""
        last = below[-1]
        if len(below) > 1 and isinstance(last, Chain):
            return [*(Chain(s.span, (s, last.sides[1]), last.signs) for s in below[:-1]), last]
        return list(below)

    def binder(self, s: Surface, above: Surface | None, named: str) -> Binder:
        name: Surface = s
        length: Surface = Unsaid(s.span) if above is None else above
        match s:
            case Chain(_, (index, low), ("=",)):
                name = index
                if low != Literal(low.span, Fraction(1)):
                    raise self.fail("an index runs along a whole axis, from 1", low, f"{named}_{{i=1}}^{{n}}")
            case Chain(_, (low, index, high), ("<=", "<=")) if above is None and low == Literal(low.span, Fraction(1)):
                name, length = index, high
        plain = plain_name(name)
        if plain is None or not plain[0].isalpha():
            raise self.fail("this is no index", s, f"{named}_{{i=1}}^{{n}}")
        return Binder(s.span, plain, length)

    def with_subscript(self, token: Token, name: str, below: tuple[Surface, ...], args: tuple[Surface, ...]) -> Surface:
        r"""\max_i x_i is the largest of all; \log_2 is by its base."""
        span = self.since(token)
        if name in words.EXTREMES and len(args) == 1:
            body = args[0]
            for s in reversed(self.bound(below)):
                body = Tabulated(span, self.binder(s, None, self.shown(token)), body)
            return Apply(span, name, (body,), token.span)
        if name == "log" and len(below) == 1 and isinstance(below[0], Literal):
            return Quotient(span, Apply(span, name, args, token.span), Apply(span, name, below, token.span))
        raise self.fail(f"a subscript on {self.shown(token)} is not read", below[0])
