"""What operations there are. ``OPERATIONS`` collects every declaration of the chapters by its name."""

from __future__ import annotations

from derivgen.arguments import require
from derivgen.catalog import elementwise, formulas, linear, opaque
from derivgen.catalog.base import Operation
from derivgen.catalog.glossary import Glossary
from derivgen.errors import NameUnknown, proposal, shown

CHAPTERS = (elementwise, linear, formulas, opaque)

OPERATIONS: dict[str, Operation] = {
    op.name: op for chapter in CHAPTERS for op in vars(chapter).values() if isinstance(op, Operation)
}

GLOSSARY = Glossary(tuple(OPERATIONS.values()))


def operation(name: str) -> Operation:
    """The operation called ``name`` in the catalog.

    Raises:
        NameUnknown: there is none.
    """
    require(name, str, "an operation is named", 'such as operation("exp")')
    found = OPERATIONS.get(name)
    if found is None:
        raise NameUnknown(f"the catalog has no operation {shown(name)}", hint=proposal(name, OPERATIONS))
    return found
