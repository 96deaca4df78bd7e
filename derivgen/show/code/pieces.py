"""What has been written of a function: parts that are shared or long are local variables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from derivgen.catalog import elementwise, linear
from derivgen.catalog.base import Abstract
from derivgen.catalog.user_functions import UserFunction
from derivgen.check.pool import Pool
from derivgen.errors import DerivgenError
from derivgen.expr import (
    Add,
    At,
    Call,
    Cases,
    Delta,
    Expr,
    Index,
    Mul,
    Number,
    Position,
    Power,
    Size,
    Sum,
    Symbol,
    children,
    from_below,
    walk,
)
from derivgen.expr.notation import ATOM
from derivgen.show.code.dialect import Dialect
from derivgen.show.code.names import Names

LONG = 64
"""A part whose source is longer than this gets a line of its own."""

LONGEST = 400
"""Characters of a product from which on what has been multiplied so far gets a name: Python reads no 200 brackets in one."""

Written = tuple[str, int]

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
        """The name that an index has in the code here.

        Raises:
            DerivgenError: no loop around binds it.
        """
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


class Pieces(ABC):
    """The pieces of one function: ``letters`` for parts that a derivation has named, ``places`` for indices that are given."""

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

    def within(self, op: UserFunction) -> Self:
        """The same for the body of a reader's own function."""
        names = Names(self.dialect.words, [p.name for p in op.parameters])
        return type(self)(self.dialect, names, op.formula, names[op.parameters[0].name], {}, {})

    # --- pieces ---

    def at_least(self, level: int, e: Expr, block: Block) -> str:
        """The code of an expression, in brackets where it binds less tightly than ``level``."""
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
        """The code of an expression."""
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
                    self._plain[key] = is_safe_power(e) and all(map(self.plain, children(e)))
                case Sum(_, body):
                    self._plain[key] = self.plain(body)
                case Cases():
                    self._plain[key] = not e.shape.axes and all(map(self.plain, children(e)))
                case Call(op) if op.notation.form == "relation":
                    self._plain[key] = all(map(self.plain, e.args))
                case _:
                    self._plain[key] = False
        return self._plain[key]

    def call(self, function: str, *arguments: str) -> Written:
        """A call of a function of the array library."""
        return f"{self.dialect.module}.{function}({', '.join(arguments)})", ATOM

    @abstractmethod
    def write(self, e: Expr, block: Block) -> Written:
        """The source of ``e``, of whose parts each is a piece."""


def is_safe_power(e: Power) -> bool:
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
