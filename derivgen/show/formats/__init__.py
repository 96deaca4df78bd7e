"""The formats that derivations are printed in: a file each, which has the name of its format.

Such a file declares its ``FORMAT``, and ``SUFFIXES``, a tuple on one line (see ``derivgen.formats``); nothing else names it.
One that shows the blocks of a document does it by a ``Writer``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from derivgen.errors import DerivgenError
from derivgen.formats import FORMATS
from derivgen.options import Detail, Options

if TYPE_CHECKING:
    from derivgen.derivation.derivation import Derivation


@dataclass(frozen=True, slots=True)
class Wishes:
    """What one may ask of a format.

    Attributes:
        options: what the reader chose.
        color: whether a terminal is to show colours.
        own: whether each derivation is shown by the options that it was made with.
        folds: whether the format can fold sub-steps away; it gets them unless the detail is "brief".
    """

    options: Options = Options()
    color: bool = False
    folds: bool = False
    own: bool = False

    def of(self, d: Derivation) -> Wishes:
        """What is asked for a derivation: where nothing was, what it was made with."""
        return replace(self, options=d.problem.options, own=False) if self.own else self

    @property
    def detail(self) -> Detail:
        """ "brief" merges the steps of a stage, "full" shows what was folded."""
        return self.options.detail

    @property
    def title(self) -> str:
        """The heading; without one the page says what is derived by what."""
        return self.options.title

    @property
    def opened(self) -> bool:
        """Whether sub-steps are part of the page."""
        return self.detail == "full" or (self.folds and self.detail == "normal")


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what writes derivations as one document, and whether that is bytes and no text."""

    write: Callable[[Sequence[Derivation], Wishes], str | bytes]
    binary: bool = False


def each(write: Callable[[Derivation, Wishes], str]) -> Format:
    """A format in which several derivations stand one under the other, each by itself."""
    return Format(lambda ds, wishes: "\n\n".join([write(d, wishes).strip("\n") for d in ds]) + "\n")


def alone(write: Callable[[Derivation, Wishes], str]) -> Format:
    """A format that shows one derivation, as a picture does.

    Raises:
        DerivgenError: the format is given several.
    """

    def written(ds: Sequence[Derivation], wishes: Wishes) -> str:
        if len(ds) != 1:
            raise DerivgenError("a picture shows one derivation", hint="differentiate by one variable at a time")
        return write(ds[0], wishes)

    return Format(written)


def find(name: str) -> Format:
    """The format of that name.

    Raises:
        DerivgenError: there is none.
    """
    if name not in FORMATS:
        raise DerivgenError(f"there is no format {name!r}", hint=f"the formats are {', '.join(FORMATS)}")
    found: Format = import_module(f"{__name__}.{name}").FORMAT
    return found
