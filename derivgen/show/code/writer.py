"""From the tree to Python source."""

from __future__ import annotations

from fractions import Fraction

from derivgen.errors import DerivgenError
from derivgen.expr import (
    MINUS_ONE,
    Add,
    At,
    Build,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Pair,
    Partial,
    Place,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
)
from derivgen.expr.notation import ATOM, POWER, PRODUCT, SIGN, SUM
from derivgen.expr.text import is_bare_index, text
from derivgen.show.code.calls import call, cases
from derivgen.show.code.pieces import Block, Pieces, Written, is_safe_power
from derivgen.show.code.sums import over

HALF = Fraction(1, 2)


class Writer(Pieces):
    """One function, node by node."""

    def write(self, e: Expr, block: Block) -> Written:
        """The code of an expression, with how tightly it binds."""
        match e:
            case Number(value):
                return _number(value)
            case Size(dim):
                return self.names.size(dim), PRODUCT if isinstance(dim.size, tuple) else ATOM
            case Symbol(name):
                return self.names[name], ATOM
            case Position(index):
                return f"{block.name(index)} + 1", SUM
            case Delta(left, right):
                return f"float({self._place(left, block)} == {self._place(right, block)})", ATOM
            case Add():
                return self._add(e, block)
            case Mul():
                return self._mul(e, block)
            case Power():
                return self._power(e, block)
            case At(array, places):
                inside = ", ".join(self._place(p, block) for p in places)
                return f"{self.at_least(ATOM, array, block)}[{inside}]", ATOM
            case Sum() | Build():
                return over(self, e, block)
            case Cases():
                return cases(self, e, block)
            case Call():
                return call(self, e, block)
            case Partial():
                raise DerivgenError(f"{text(e)} stands in the answer: a derivative that is still to be taken has no code",
                                    hint="give the operator a name: h: R, R -> R, and h(w, x)")  # fmt: skip
            case _:
                raise DerivgenError(f"there is no code for {text(e)}")

    def _place(self, place: Place, block: Block) -> str:
        match place:
            case Index():
                return block.name(place)
            case Pair(outer, inner):
                length = self.names.size(inner.dim)
                before = self._place(outer, block)
                before = f"({before})" if isinstance(outer, Pair) else before
                return f"{before} * {f'({length})' if ' ' in length else length} + {self._place(inner, block)}"
            case _:
                return str(place)

    def _add(self, e: Add, block: Block) -> Written:
        if is_bare_index(e):
            first = e.terms[0]
            assert isinstance(first, Position)
            return block.name(first.index), ATOM
        out = ""
        for k, term in enumerate(e.terms):
            source, level = self.piece(term, block)
            if k == 0:
                out = source if level >= SUM else f"({source})"
            elif source.startswith("-") and level in (PRODUCT, SIGN):
                out += f" - {source[1:]}"
            else:
                out += f" + {source if level >= PRODUCT else f'({source})'}"
        return out, SUM

    def _mul(self, e: Mul, block: Block) -> Written:
        """Factors with their sign in front, those with negative exponents after a slash."""
        sign, factors = "", list(e.factors)
        if factors[0] == MINUS_ONE and len(factors) > 1:
            sign, factors = "-", factors[1:]
        above = [f for f in factors if not _below(f)]
        out = ""
        for f in above:
            source, level = self.piece(f, block)
            # a product @ leans as * does: in front it stands bare, behind it would take the factors to itself
            own = level >= SIGN or (not out and level >= PRODUCT and not source.startswith("-"))
            out += (" * " if out else "") + (source if own else f"({source})")
        out = out or "1"
        for f in factors:
            if _below(f):
                assert isinstance(f, Power)
                out += f" / {self._below(f, block)}"
        return sign + out, PRODUCT if len(factors) > 1 or above != factors or not sign else SIGN

    def _below(self, e: Power, block: Block) -> str:
        assert isinstance(e.exponent, Number)
        under = e.base if e.exponent == MINUS_ONE else Power(e.base, Number(-e.exponent.value))
        return self.at_least(POWER, under, block)

    def _power(self, e: Power, block: Block) -> Written:
        base, exponent = e.base, e.exponent
        if not is_safe_power(e) and self.plain(base):
            raised = f"{self.dialect.number.format(self.source(base, block))}**{self.at_least(SIGN, exponent, block)}"
            return raised, POWER
        match exponent:
            case Number(value) if value == HALF:
                return self.call("sqrt", self.array(base, block))
            case Number(value) if value < 0:
                return f"1 / {self._below(e, block)}", PRODUCT
        return f"{self.at_least(ATOM, base, block)}**{self.at_least(SIGN, exponent, block)}", POWER


def _below(e: Expr) -> bool:
    """Whether a factor is written after a slash."""
    match e:
        case Power(base, Number(value)) if value < 0:
            return is_safe_power(e) or not isinstance(base, Number | Delta)
        case _:
            return False


def _number(value: Fraction) -> Written:
    if abs(value) >= 1 << 53 or (value.denominator & (value.denominator - 1) == 0 and 1 < value.denominator < 1 << 20):
        source = repr(float(value))
    elif value.denominator == 1:
        source = str(value.numerator)
    else:
        return f"{value.numerator} / {value.denominator}", PRODUCT
    return source, ATOM if value >= 0 else SIGN
