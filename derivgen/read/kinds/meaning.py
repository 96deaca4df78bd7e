"""What a name can be: a variable, a number, a constant, a letter that depends on others, or one still to be understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as Either

from derivgen.expr import Symbol
from derivgen.read.kinds.prices import ENTRY, FONTS, Ranks
from derivgen.read.kinds.sizes import Sign
from derivgen.read.surface import Letter, Product, Surface


@dataclass(frozen=True, slots=True)
class Variable:
    """A name whose symbol is known, and the places at which an entry of it is taken."""

    symbol: Symbol
    places: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that is no variable: "index" is where an index stands, "size" a size, "constant" one of the catalog, "e" Euler's,
    "indicator" 1 where what stands below it holds, "delta" Kronecker's of the places below it."""

    what: Either["index", "size", "constant", "e", "indicator", "delta"]
    name: str = ""
    below: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """A name that nothing declares, with the places at which an entry of it is taken; or a sign about which something is chosen.

    Attributes:
        name: the plain name.
        font: how it is set, a key of ``FONTS``.
        at: where it stands, and ``source`` in which text.
        sign: the sign, in place of a name.
        said: what each number of axes of the letter costs, where a text says what it is.
    """

    name: str
    font: str
    places: tuple[Surface, ...] = ()
    at: Letter | None = None
    source: str = ""
    sign: Sign | None = None
    said: Ranks | None = None

    @property
    def key(self) -> str | Sign:
        """By which the choice is found again."""
        return self.name if self.sign is None else self.sign

    @property
    def ranks(self) -> Ranks:
        """What it costs that the letter itself, its places not counted, has so many axes."""
        taken = len(self.places)
        prices = ENTRY.get(self.font, FONTS[self.font]) if taken else FONTS[self.font]
        looks = {rank + taken: price for rank, price in prices.items()}
        if self.said is None or not (fitting := {rank: p for rank, p in self.said.items() if rank >= taken}):
            return looks
        return {rank: p and p + looks.get(rank, 0) / 2 for rank, p in fitting.items()}


@dataclass(frozen=True, slots=True)
class ByItsSize:
    """A constant that is known by its size alone, as 𝟏 and I are; "unit" is 𝐞 at the place below it."""

    name: str
    subs: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Several:
    r"""Letters that are set side by side in one font: \mathrm{Xw}."""

    product: Product


@dataclass(frozen=True, slots=True)
class Defined:
    """A name that the question itself defines, and the places at which an entry of it is taken."""

    name: str
    places: tuple[Surface, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependent:
    """A letter of which only what it depends on is said."""

    name: str


Meaning = Variable | Numeral | Open | ByItsSize | Several | Defined | Dependent | None
