"""Fractions, derivatives, roots, and the signs that run over an index."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import ParseError, Span
from derivgen.expr.notation import BIG
from derivgen.read.latex import commands as words
from derivgen.read.latex.blocks import Blocks
from derivgen.read.latex.limits import Limits, limits
from derivgen.read.latex.tokens import Token
from derivgen.read.surface import (
    Apply,
    Called,
    Derivative,
    Differential,
    Letter,
    Literal,
    Multiplied,
    Nabla,
    Quotient,
    Raised,
    Root,
    Scripted,
    Sequence,
    Summed,
    Surface,
    Tabulated,
    Transposed,
)


class Signs(Blocks):
    r"""The part of the parser that reads what stands above, below and behind a sign.

    ``running`` are the indices that run around the place where it stands; ``differentials`` says whether d\mathbf X that
    stands alone is read.
    """

    running: frozenset[str] = frozenset()
    differentials = False

    def structured(self, token: Token) -> Surface:
        """A command that stands over, under or before something."""
        match words.STRUCTURED[token.value]:
            case "fraction":
                return self.fraction(token)
            case "root":
                return self.root(token)
            case "over index":
                return self.over_index(token)
            case "nabla":
                return self.nabla(token)
            case "partial":
                return self.partial_sign(token)
            case _:
                return Letter(token.span, "′", "upright")

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
            and token.value in ("d", "δ")
            and token.font in ("", "upright")
            and not self.lexicon.knows(token.value)
            and self.tokens[at + 2].kind in ("letter", "close", "script", "command", "open", "opening", "left", "bar")
            and self.tokens[at + 2].value != "_"
        )

    def derivative(self, token: Token) -> Surface:
        r"""\frac{\partial y}{\partial x}, and \frac{\partial}{\partial x} before what it is of."""
        self.at += 2
        if self.here.kind == "script" and self.here.value == "^":
            self.superscript()
        body = None if self.here.kind == "close" else self.expression(BIG)
        self.expect("close", "}")
        self.expect("open", "{")
        by: list[Surface] = []
        while self.here.kind != "close":
            sign = self.here
            if not (sign.value == "partial" or (sign.kind == "letter" and sign.value in "dδ")):
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
            body = self.expression(BIG) if self.starts_operand() else None
        return Derivative(self.since(token), body, tuple(by))

    def partial_sign(self, token: Token) -> Surface:
        r"""\partial_1 f(x, y), the derivative by the first argument, and \partial_x f."""
        if self.here.kind != "script" or self.here.value != "_":
            found = self.leibniz(token) if self.starts_operand() else None
            if found is not None:
                return found
            raise self.fail("∂ stands alone here", token, r"a derivative is written \frac{\partial …}{\partial x}")
        by = self.subscript()
        if not all(isinstance(b, Literal) for b in by):
            return Derivative(self.since(token), self.expression(BIG), by)
        return _under(self.operand(), by, self.since(token))

    def leibniz(self, token: Token) -> Surface | None:
        r"""dy/dx and \partial J/\partial W on the line, behind the first sign; None where no quotient of two stands here."""
        body = self.operand()
        slash, sign, after = self.tokens[self.at : self.at + 3] if len(self.tokens) > self.at + 3 else (token,) * 3
        if slash.value != "/" or sign.value != token.value or after.kind not in ("letter", "command", "open"):
            return None
        self.at += 2
        return Derivative(self.since(token), body, (self.operand(),))

    def differential_letter(self, token: Token) -> Surface | None:
        r"""dy/dx; a differential that stands alone, d\mathbf X, is refused. None where d is a letter like others."""
        after = self.tokens[self.at + 1]
        touches = after.start == token.end or token.font == "upright"
        touches = touches or (
            self.differentials and (after.kind in ("command", "bar") or after.font in ("bold", "operator"))
        )
        kinds = ("letter", "opening", "left", "command", "bar", "open") if self.differentials else ("letter",)
        if token.value != "d" or token.font not in ("", "upright") or after.kind not in kinds or not touches:
            return None
        if self.below or self.lexicon.knows("d") or (after.kind == "opening" and self.several_behind()):
            return None
        if after.kind == "bar" and "|" in self.fences[-1:]:
            return None
        self.at += 1
        start = self.at
        found = self.leibniz(token)
        if found is None and self.differentials:
            self.at = start
            return Differential(self.since(token), self.operand())
        if found is None:
            raise self.fail("differentials are not read", self.since(token),
                            r"write the derivative, \frac{\partial y}{\partial x}; if d is a variable, declare it: d in R")  # fmt: skip
        return found

    def several_behind(self) -> bool:
        """Whether d(x, y) is a function of several arguments."""
        self.at += 1
        found = self.several()
        self.at -= 1
        return found

    def jacobian_letter(self, token: Token) -> Surface | None:
        r"""D_x f(x), where D is no letter of the reader's."""
        at = self.after_argument(self.at + 2) if self.tokens[self.at + 1].value == "_" else len(self.tokens)
        if token.value != "D" or token.font == "bold" or self.below or self.lexicon.knows("D"):
            return None
        after = [(t.kind, t.value) for t in self.tokens[at : at + 2]]
        if len(after) < 2 or after[0][0] != "letter" or after[1][1] != "(" or self.tokens[self.at + 2].kind == "digit":
            return None
        self.at += 1
        by = self.subscript()
        body = self.operand()
        return Derivative(self.since(token), body, by)

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
        body: Surface | None = None
        if by is not None and (self.starts_operand() or self.here.value == "-"):
            body = self.expression(BIG)
        elif self.starts_operand():
            body = self.operand()
        return Nabla(self.since(token), body, by, order)

    def root(self, token: Token) -> Surface:
        degree: Surface | None = None
        if self.here.kind == "opening" and self.here.value == "[":
            degree = self.arguments()[0]
        body = self.argument(token)
        return Root(self.since(token), body, degree)

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
        found = self.limits(below, above, named)
        around = self.running
        self.running = around | {binder.name for binder in found.binders}
        body = self.expression(BIG)
        self.running = around
        span = self.since(token)
        if token.value == "sum":
            return Summed(span, found.binders, found.held(body))
        if found.conditions:
            raise self.fail("a product over a part of an axis is not read", found.conditions[0])
        for binder in reversed(found.binders):
            body = Multiplied(span, binder, body)
        return body

    def limits(self, below: tuple[Surface, ...], above: Surface | None, named: str) -> Limits:
        try:
            return limits(below, above, self.running, f"{named}_{{i=1}}^{{n}}")
        except ParseError as error:
            error.source = self.source
            raise

    def with_subscript(self, token: Token, name: str, below: tuple[Surface, ...], args: tuple[Surface, ...]) -> Surface:
        r"""\max_i x_i is the largest of all; \log_2 is by its base."""
        span = self.since(token)
        if name in words.EXTREMES and len(args) == 1:
            body = args[0]
            found = self.limits(below, None, self.shown(token))
            if found.conditions:
                raise self.fail("the largest of a part of an axis is not read", found.conditions[0])
            for binder in reversed(found.binders):
                body = Tabulated(span, binder, body)
            return Apply(span, name, (body,), token.span)
        if name == "log" and len(below) == 1 and isinstance(below[0], Literal):
            return Quotient(span, Apply(span, name, args, token.span), Apply(span, name, below, token.span))
        raise self.fail(f"a subscript on {self.shown(token)} is not read", below[0])


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
