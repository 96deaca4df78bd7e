"""From the tree to Python source: shared parts are local variables, sums and lists run over indices."""

from __future__ import annotations

from fractions import Fraction

from derivgen.catalog import elementwise, linear
from derivgen.catalog.base import Abstract, Elementwise
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.scope import Pool
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
    children,
    from_below,
    walk,
)
from derivgen.show.code.calls import call, cases
from derivgen.show.code.dialect import Dialect
from derivgen.show.code.names import Names
from derivgen.show.code.sums import over
from derivgen.text import infix_symbol, is_bare_index, text

_, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(7)
"""How tightly a piece of source holds together, as Python's grammar has it."""

LONG = 64
"""A part whose source is longer than this gets a line of its own."""

LONGEST = 400
"""Characters of a product from which on what has been multiplied so far gets a name: Python reads no 200 brackets in one."""

Written = tuple[str, int]

HALF = Fraction(1, 2)
_LEAVES = Symbol | Number | Size | Position | Delta


class Block:
    """Statements of one function: the derivative itself, or the body of a sum or a list that needs lines of its own."""

    def __init__(self, outer: Block | None, bound: dict[Index, str]) -> None:
        self.outer = outer
        self.bound = bound
        self.lines: list[str] = []
        self.temporaries: dict[int, str] = {}

    def within(self, bound: dict[Index, str]) -> Block:
        """A block inside this one, in which these indices have a meaning."""
        return Block(self, bound)

    def name(self, index: Index) -> str:
        here: Block | None = self
        while here is not None:
            if index in here.bound:
                return here.bound[index]
            here = here.outer
        raise DerivgenError(f"the index {index} stands free in the answer, so there is no function for it")

    def owner(self, free: frozenset[Index]) -> Block:
        """The outermost block in which all these indices have their meaning."""
        here = self
        while here.outer is not None and not any(i in here.bound for i in free):
            here = here.outer
        return here


class Writer:
    """Writes one function: ``letters`` for parts that a derivation has named, ``places`` for indices that are given."""

    def __init__(self, dialect: Dialect, names: Names, root: Expr, like: str, letters: dict[Expr, str],
                 places: dict[Index, str]) -> None:  # fmt: skip
        self.dialect = dialect
        self.names = names
        self.like = like
        self.body = Block(None, places)
        self.helpers: dict[str, str] = {}  # functions that it calls, with their source
        self.functions: dict[str, Abstract] = {}
        self._pool = Pool()
        self._letters = {self._number(e): name for e, name in letters.items()}
        self._uses: dict[int, int] = {}
        self._plain: dict[int, bool] = {}
        self._count(root)

    def _number(self, e: Expr) -> int:
        """Equal expressions have one number; a row and its column are one array."""
        while isinstance(e, Call) and e.op is linear.transpose and e.shape.rank == 1:
            e = e.args[0]
        return self._pool.number(e)

    def _count(self, root: Expr) -> None:
        seen: set[int] = set()
        for here in walk(root):
            number = self._number(here)
            if number not in seen:
                seen.add(number)
                for kid in children(self._pool.nodes[number]):
                    used = self._number(kid)
                    self._uses[used] = self._uses.get(used, 0) + 1

    def is_shared(self, e: Expr) -> bool:
        """Whether ``e`` is used more than once, so that it is computed by itself."""
        return self._uses.get(self._number(e), 0) > 1

    def within(self, op: UserFunction) -> Writer:
        """A writer for the body of a reader's own function."""
        names = Names(self.dialect.words, [p.name for p in op.parameters])
        return Writer(self.dialect, names, op.formula, names[op.parameters[0].name], {}, {})

    # --- pieces ---

    def at_least(self, level: int, e: Expr, block: Block) -> str:
        source, own = self.piece(e, block)
        return source if own >= level else f"({source})"

    def whole(self, root: Expr) -> str:
        """The source of the answer. What lies deep in it is computed by itself before, so that no line nests deep."""
        for part in from_below(root):
            if not part.free and not self._trivial(part):
                self._uses[self._number(part)] = 2
                self.piece(part, self.body)
        return self.source(root, self.body)

    def shortened(self, written: Written, block: Block) -> Written:
        """What has become too long for a line, under a name."""
        if len(written[0]) <= LONGEST:
            return written
        name = self.names.fresh(None)
        block.lines.append(f"{name} = {written[0]}")
        return name, ATOM

    def source(self, e: Expr, block: Block) -> str:
        return self.piece(e, block)[0]

    def kind(self) -> str:
        """What makes an array of single numbers one of the kind of the arguments."""
        return self.dialect.kind.format(like=self.like)

    def array(self, e: Expr, block: Block) -> str:
        """For a function that takes arrays only: a plain number as a number of the library."""
        source = self.source(e, block)
        return self.dialect.number.format(source) if self.dialect.picky and self.plain(e) else source

    def piece(self, e: Expr, block: Block) -> Written:
        """The source of ``e``: a name where it has one, or gets one because it is shared or long."""
        while isinstance(e, Call) and e.op is linear.transpose and e.shape.rank == 1:
            e = e.args[0]  # vectors have one axis
        if self._trivial(e):
            return self.write(e, block)
        owner = block.owner(e.free)
        number = self._number(e)
        known = owner.temporaries.get(number)
        if known is not None:
            return known, ATOM
        shared = self._uses.get(number, 0) > 1 or owner is not block
        written = self.write(e, owner)
        if not shared and len(written[0]) <= LONG:
            return written
        name = self.names.fresh(self._letters.get(number))
        owner.lines.append(f"{name} = {written[0]}")
        owner.temporaries[number] = name
        return name, ATOM

    def _trivial(self, e: Expr) -> bool:
        """Whether ``e`` is as short as a name for it would be."""
        match e:
            case Call(op, (arg,)) if op is linear.transpose:
                return isinstance(arg, Symbol)
            case Call(op, ()) if op is elementwise.pi:
                return True
            case At(array):
                return isinstance(array, Symbol)
            case Mul((Number(), rest)) | Add((rest, Number())):
                return isinstance(rest, _LEAVES)
            case Power(base, Number()):
                return isinstance(base, Number | Size)
            case _:
                return isinstance(e, _LEAVES)

    def plain(self, e: Expr) -> bool:
        """Whether ``e`` comes out as a number of Python's own, not of the library."""
        key = self._number(e)
        if key not in self._plain:
            match e:
                case Number() | Size() | Position() | Delta():
                    self._plain[key] = True
                case Call(op, ()) if op is elementwise.pi:
                    self._plain[key] = True
                case Add() | Mul():
                    self._plain[key] = all(map(self.plain, children(e)))
                case Power():
                    self._plain[key] = _safe_power(e) and all(map(self.plain, children(e)))
                case Sum(_, body):
                    self._plain[key] = self.plain(body)
                case Cases():
                    self._plain[key] = not e.shape.axes and all(map(self.plain, children(e)))
                case Call() if infix_symbol(e.op) and isinstance(e.op, Elementwise):
                    self._plain[key] = all(map(self.plain, e.args))
                case _:
                    self._plain[key] = False
        return self._plain[key]

    def call(self, function: str, *arguments: str) -> Written:
        return self.dialect.functions[function].format(*arguments), ATOM

    # --- nodes ---

    def write(self, e: Expr, block: Block) -> Written:
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
                return self._over(e, block)
            case Cases():
                return self._cases(e, block)
            case Call():
                return self._call(e, block)
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
        if not _safe_power(e) and self.plain(base):
            raised = f"{self.dialect.number.format(self.source(base, block))}**{self.at_least(SIGN, exponent, block)}"
            return raised, POWER
        match exponent:
            case Number(value) if value == HALF:
                return self.call("sqrt", self.array(base, block))
            case Number(value) if value < 0:
                return f"1 / {self._below(e, block)}", PRODUCT
        return f"{self.at_least(ATOM, base, block)}**{self.at_least(SIGN, exponent, block)}", POWER

    # --- sums, lists, cases and calls: see code_sums and code_calls ---

    def _over(self, e: Sum | Build, block: Block) -> Written:
        return over(self, e, block)

    def _cases(self, e: Cases, block: Block) -> Written:
        return cases(self, e, block)

    def _call(self, e: Call, block: Block) -> Written:
        return call(self, e, block)


def _safe_power(e: Power) -> bool:
    """Whether Python's own numbers may be raised so: no zero below a slash, no root of a negative number."""
    match e.base, e.exponent:
        case (Number(base), Number(exponent)):
            return base > 0 or (exponent.denominator == 1 and exponent >= 0)
        case (base, Number()):
            return _positive(base)
        case _:
            return False


def _positive(e: Expr) -> bool:
    """Whether a constant is seen to be positive."""
    match e:
        case Number(value):
            return value > 0
        case Mul(factors):
            return all(map(_positive, factors))
        case _:
            return isinstance(e, Size | Position) or (isinstance(e, Call) and e.op is elementwise.pi)


def _below(e: Expr) -> bool:
    """Whether a factor is written after a slash."""
    match e:
        case Power(base, Number(value)) if value < 0:
            return _safe_power(e) or not isinstance(base, Number | Delta)
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
