"""What stands in blocks: groups, fences, scripts, fractions, sums."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.read.latex import commands as words
from derivgen.read.latex.grids import Grids
from derivgen.read.latex.tokens import Token
from derivgen.read.surface import Evaluated, Fenced, Grid, Letter, Literal, Product, Sequence, Surface

PSEUDO_INVERSE = (
    r"of a matrix of full column rank it is (A^{\mathsf T}A)^{-1}A^{\mathsf T}; the positive part is \max(0, x)"
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
                    raise self.unclosed(
                        token,
                        f"{shown} has no \\right",
                        "write \\right and its bracket where it ends; \\right. shows none",
                    )
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

    def unclosed(self, token: Token, message: str, hint: str = "close it where it ends") -> ParseError:
        if self.here.kind in ("end", "close", "amp", "newrow", "ending"):
            return self.fail(message, token, hint)
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
            elif self.here.value == "∘" and self.tokens[self.at + 1].kind == "close":
                found.append(self.circle())
            elif self.here.value == "*" and self.tokens[self.at + 1].kind == "close":
                found.append(self.star())
            elif self.here.kind == "opening" and self.here.value == "{":  # \mathbf 1_{\{x > 0\}}
                found += self.arguments()
            else:
                found.append(self.expression())
            if self.here.kind != "mark" or self.here.value != ",":
                break
            self.at += 1
        self.fences.pop()
        if self.here.kind != "close":
            raise (
                self.fail("this { is never closed", opened, "write } where it ends")
                if self.here.kind == "end"
                else self.left_over()
            )
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
        elif self.here.value == "+" and self.tokens[self.at + 1].kind == "close":
            raise self.fail("the pseudo-inverse is not read", Span(script.start, self.here.end), PSEUDO_INVERSE)
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
        if token.kind == "sign" and token.value == "*":
            return self.star()
        if token.kind == "sign" and token.value == "∘" and script.value == "_":
            return self.circle()
        if token.kind == "mark" and token.value in "+-":
            if token.value == "+" and script.value == "^":
                raise self.fail("the pseudo-inverse is not read", Span(script.start, token.end), PSEUDO_INVERSE)
            raise self.fail(
                f"{script.value}{token.value} is not read",
                Span(script.start, token.end),
                f"write {script.value}{{{token.value}…}}",
            )
        if token.kind not in ("letter", "command"):
            raise self.fail(f"nothing stands after this {script.value}", script)
        return self.argument(token)

    def circle(self) -> Surface:
        r"""\exp_{\circ} is taken entry by entry."""
        self.at += 1
        return Letter(self.tokens[self.at - 1].span, "∘")

    def star(self) -> Surface:
        """x^* is a name of its own."""
        self.at += 1
        return Letter(self.tokens[self.at - 1].span, "star", "upright")
