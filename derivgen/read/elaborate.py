"""From the surface tree to an expression: one reader for each kind of part, in text and in LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivgen.catalog.build import negative
from derivgen.expr import Expr, Number
from derivgen.read import arrays, calculus, called, conditions, functions, held, names, operators, partials, products
from derivgen.read import surface as part
from derivgen.read.context import Circumstances, Context
from derivgen.read.declarations import Declarations
from derivgen.read.kinds.letters import Written
from derivgen.read.kinds.understand import Understood, understand
from derivgen.read.reading import Choice
from derivgen.read.surface import Dots, Group, Literal, Negated, Sequence, Surface


def _literal(read: Context, s: Literal) -> Expr:
    return Number(s.value)


def _group(read: Context, s: Group) -> Expr:
    return read.expr(s.inner)


def _negated(read: Context, s: Negated) -> Expr:
    return negative(read.expr(s.operand))


def _dots(read: Context, s: Dots) -> Expr:
    raise read.fail("it is not clear what these dots leave out", s,
                    r"they are read in a + b_1 + \ldots + b_n, in a matrix, in brackets and in \operatorname{diag}; a sum may be written \sum_{i=1}^{n}")  # fmt: skip


def _sequence(read: Context, s: Sequence) -> Expr:
    raise read.fail("a comma stands between arguments and entries only", s, r"a row is written [f, g]")


READERS: dict[type[Surface], Callable[[Context, Any], Expr]] = {
    Literal: _literal,
    Group: _group,
    Negated: _negated,
    Dots: _dots,
    Sequence: _sequence,
    part.Name: names.word,
    part.Letter: names.name,
    part.Scripted: names.scripted,
    part.Subscript: names.subscript,
    part.Infix: operators.infix,
    part.Transposed: operators.transposed,
    part.Product: products.product,
    part.Quotient: products.quotient,
    part.Raised: products.raised,
    part.Root: products.root,
    part.Fenced: products.fenced,
    part.Primed: called.primed,
    part.Called: called.called,
    part.Apply: functions.application,
    part.ApplyDerivative: called.apply_derivative,
    part.Summed: arrays.summed,
    part.Multiplied: arrays.multiplied_over,
    part.Tabulated: arrays.tabulated,
    part.Listed: arrays.listed,
    part.Branches: conditions.branches,
    part.Chain: conditions.indicator,
    part.Derivative: calculus.scoped,
    part.Nabla: calculus.scoped,
    part.Differential: calculus.differential,
    part.Held: held.held,
    part.Evaluated: calculus.evaluated,
    part.Differentiated: partials.partial,
}
"""What reads each kind of part."""


def elaborate(
    s: Surface,
    source: str,
    declarations: Declarations,
    *,
    free_indices: bool = False,
    told: list[Choice] | None = None,
) -> Expr:
    """The expression that text says. With ``free_indices``, an unknown name between brackets is an index.

    What could be read otherwise is added to ``told``.

    Lengths that text leaves open, as in A @ ones, are understood where one is met.
    """

    def understood() -> Understood:
        return understand(declarations, (Written(source, s),), free_indices=free_indices)

    read = context(source, declarations, Circumstances(free_indices=free_indices), understood)
    e = read.run(s)
    if told is not None:
        told.extend(read.notes.values())
    return e


def context(
    source: str, declarations: Declarations, of: Circumstances, understood: Callable[[], Understood]
) -> Context:
    """What a walk over a surface tree begins with."""
    return Context(source, declarations, of, READERS, understood)
