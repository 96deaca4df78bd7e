"""Tests for what one adds: whether the declarations of operations and rules say what is so."""

from __future__ import annotations

from itertools import islice
from random import Random

from derivgen.catalog.base import Operation
from derivgen.check.judge import Judge
from derivgen.derivation import derive
from derivgen.errors import DerivgenError, ExtensionError
from derivgen.expr import Call, Symbol
from derivgen.read import Declarations, parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.read.question import declared_by
from derivgen.show.math.latex import latex
from derivgen.trials.operation import calls, check_operation
from derivgen.trials.rule import check_rule
from derivgen.world import World

__all__ = ["check_operation", "check_rule", "check_world"]

LOOKED_AT = 3
"""At how many combinations of shapes an operation is written and derived."""


def check_world(world: World | None = None) -> None:
    """Try all that a world has beside derivgen's own: of the default world, what installed packages bring.

    Operations and rules are tried as ``World.extended`` does. Besides, each operation is written in text and in LaTeX
    and read again, and derived by each of its arguments, every step checked.

    Raises:
        ExtensionError: something is not as it is declared.
    """
    world = world or World.default()
    operations, rules = world.added
    world.check(operations, rules)
    for op in operations:
        columns = (e for e in calls(op, Random(op.name)) if not any(a.shape.row for a in e.args))
        for e in islice(columns, LOOKED_AT):
            _check_written(op, e, world)
            for x in e.args:
                assert isinstance(x, Symbol)
                _check_derived(e, x, world)


def _check_written(op: Operation, e: Call, world: World) -> None:
    known = declared_by(e, Declarations(glossary=world.glossary))
    for written, read in ((str(e), parse_text), (latex(e), parse_latex)):
        try:
            again = read(written, known)
        except DerivgenError as wrong:
            raise ExtensionError(f"{op.name} is written {written}, which is not read: {wrong}") from wrong
        if again != e and Judge().agree(again, e).status != "verified":
            raise ExtensionError(
                f"{op.name} is written {written}, which is read as {again}",
                hint="its Notation has a sign that means that already; without one it is written by its name",
            )


def _check_derived(e: Call, x: Symbol, world: World) -> None:
    try:
        d = derive(e, x, world=world)
    except DerivgenError as wrong:
        raise ExtensionError(f"{e} is not derived by {x}: {wrong}") from wrong
    if d.verdict != "verified":
        raise ExtensionError(f"the derivative of {e} by {x} is {d.verdict}: {d.result}")
