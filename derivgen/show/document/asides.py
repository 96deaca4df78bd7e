"""What may stand beside a derivation, each by an option."""

from __future__ import annotations

from collections.abc import Iterator

from derivgen.derivation.derivation import Derivation
from derivgen.show.document.blocks import Aside
from derivgen.show.document.example import by_entries
from derivgen.show.document.numbers import in_numbers
from derivgen.show.document.second_way import second_way
from derivgen.show.document.sense import in_sense
from derivgen.show.formats import Wishes
from derivgen.show.layout.term import Context


def first(d: Derivation, wishes: Wishes) -> Iterator[Aside]:
    """What stands before the steps.

    Raises:
        DerivgenError: it cannot be had of this derivation.
    """
    if wishes.options.example is not None:
        yield by_entries(d, wishes.options.example)


def asides(d: Derivation, c: Context, wishes: Wishes) -> Iterator[Aside]:
    """What stands behind the answer, in the order in which it helps.

    Raises:
        DerivgenError: it cannot be had of this derivation.
    """
    options = wishes.options
    if options.compare:
        yield second_way(d, wishes)
    if options.sense:
        yield in_sense(d, c)
    if options.numbers:
        yield in_numbers(d, c, options.numbers)
