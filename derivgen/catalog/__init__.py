"""What operations there are. ``OPERATIONS`` collects every declaration of the chapters by its name."""

from __future__ import annotations

from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import Operation
from derivgen.catalog.glossary import Glossary

CHAPTERS = (elementwise, linear, formulas, opaque)

OPERATIONS: dict[str, Operation] = {
    op.name: op for chapter in CHAPTERS for op in vars(chapter).values() if isinstance(op, Operation)
}

GLOSSARY = Glossary(tuple(OPERATIONS.values()))


def operation(name: str) -> Operation:
    """The operation called ``name`` in the catalog; KeyError where there is none."""
    return OPERATIONS[name]
