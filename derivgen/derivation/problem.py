"""What is to be derived: an expression, a variable, and the choices that the reader made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from derivgen.catalog.base import Abstract
from derivgen.catalog.user_functions import UserFunction
from derivgen.derivation.chain import Method
from derivgen.derivation.jacobian import Layout
from derivgen.derivation.structured import Convention
from derivgen.expr import Definition, Expr, Symbol

Notation = Literal["notes", "modern"]


@dataclass(frozen=True, slots=True)
class Problem:
    """The question, as it was asked.

    Attributes:
        expression: what is derived.
        wrt: the variable; several scalars together, as in the gradient by [x, y], are a tuple.
        symbols, functions: what was declared, by name.
        definitions: the reader's own names for intermediates (``--let``), in order.
        order: 1, or 2 for the Hessian of a scalar.
        layout: how the derivative is written (see ``arrange`` in methods.jacobian).
        method: "scalar", "chain" or "auto".
        source, where: the texts that were read.
        remarks: what was inferred or guessed in reading, in sentences.
        user_functions: the functions that the reader defined by formulas and that occur, each after those that it uses.
        structured: what a derivative by a symmetric or diagonal matrix is (see methods.structured).
    """

    expression: Expr
    wrt: Symbol | tuple[Symbol, ...]
    symbols: dict[str, Symbol] = field(default_factory=dict)
    functions: dict[str, Abstract] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    order: int = 1
    layout: Layout = "numerator"
    method: Method = "auto"
    notation: Notation = "notes"
    source: str = ""
    where: str = ""
    user_functions: tuple[UserFunction, ...] = ()
    remarks: tuple[str, ...] = ()
    structured: Convention = "within"
