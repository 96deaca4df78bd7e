"""What is to be derived: an expression, a variable, and the choices that the reader made."""

from __future__ import annotations

from dataclasses import dataclass, field

from derivgen.catalog.base import Abstract
from derivgen.catalog.user_functions import UserFunction
from derivgen.expr import At, Definition, Expr, Place, Symbol
from derivgen.options import Options
from derivgen.read.reading import NOTHING_READ, Reading
from derivgen.world import World


@dataclass(frozen=True, slots=True)
class Problem:
    """The question, as it was asked.

    Attributes:
        expression: what is derived.
        wrt: the variable; several scalars together, as in the gradient by [x, y], are a tuple.
        symbols, functions: what was declared, by name.
        definitions: the reader's own names for intermediates (``--let``), in order.
        options: what the reader chose.
        source: the text that was read.
        reading: what each letter and each sign was taken for.
        places: where it is derived by an entry of the variable or by a member of a family, x_2 or X_ij, the places.
        user_functions: the functions that the reader defined by formulas and that occur, each after those that it uses.
        world: the operations that it was read with, and the rules that it is derived by.
        called: the name that the reader gives the value, y = …, or "".
    """

    expression: Expr
    wrt: Symbol | tuple[Symbol, ...]
    symbols: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, Abstract] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    options: Options = Options()
    source: str = ""
    user_functions: tuple[UserFunction, ...] = ()
    reading: Reading = NOTHING_READ
    world: World = field(default_factory=World.default, repr=False)
    places: tuple[Place, ...] = ()
    called: str = ""

    @property
    def variable(self) -> Expr:
        """What the expression is derived by, where it is one thing: a variable, an entry, a member of a family."""
        assert isinstance(self.wrt, Symbol)
        return At(self.wrt, self.places) if self.places else self.wrt
