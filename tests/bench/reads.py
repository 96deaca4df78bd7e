"""How much of authors' texts is read: members of equalities by file, and by what is said of those that are not.

``python -m tests.bench.reads FILE…`` prints the shares; ``--unread`` lists each member that is not read with its place,
``--sample 100 --seed 1`` draws members that are read, with what they were read as.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from derivgen.deadline import bounded
from derivgen.errors import DerivgenError
from derivgen.expr import Expr
from derivgen.expr.text import text
from derivgen.notes.check import SIGNS, check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.judge.court import LAYOUTS, Court
from derivgen.notes.judge.wording import unread_code
from derivgen.notes.meaning.chains import Chain, Link, chains
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.looks import plain_kind
from derivgen.notes.meaning.prose import has_differentials, words_of
from derivgen.notes.meaning.question import Meant
from derivgen.notes.meaning.scope import Scope
from derivgen.notes.sources.source import Notes
from derivgen.options import Layout, Options
from derivgen.read.reading import Reading

SECONDS = 5.0
"""What one chain may take."""


@dataclass(frozen=True, slots=True)
class Side:
    """A member of an equality.

    Attributes:
        place: file, line and column.
        latex: as written.
        value: what it was read as; None where it was not.
        letters: how its letters were read.
        trouble: why it was not read.
        held: whether something in it is held abstract.
        lean: whether definitions, sizes or kinds that the text gives had to be left out.
    """

    place: str
    latex: str
    value: str | None = None
    letters: str = ""
    trouble: str = ""
    held: bool = False
    lean: bool = False

    @property
    def is_trivial(self) -> bool:
        """Whether it is a number or a single letter, with what stands below it."""
        return re.fullmatch(r"[-\s]*(?:\\[A-Za-z]+\s*\{)?\\?[\w.]+\}?(?:_\{?\w+\}?)?", self.latex.strip()) is not None


def sides(notes: Notes) -> Iterator[Side]:
    """Every member of an equality in a text, as it is read with the text around it."""
    context = Context(notes, Options())
    layouts = layouts_of(notes)
    differentials = has_differentials(notes.text)
    seen: set[tuple[int, int]] = set()
    for chain in chains(context.rows):
        fresh = [k for k in range(len(chain.links)) if _is_side(chain, k) and _key(chain.links[k]) not in seen]
        if not fresh:
            continue
        seen |= {_key(chain.links[k]) for k in fresh}
        product = str(notes.options.get("product", "")) or context.words.product or context.options.product
        scope = context.scope(chain.row)
        settings = [k for k in fresh if _is_setting(context, chain, k)]
        fresh = [k for k in fresh if k not in settings]
        for k in settings:
            yield Side(_place(notes, chain.links[k]), chain.links[k].member.text, "a setting")
        latexes = tuple(link.member.text for link in chain.links)
        courts = [
            Court(latexes, s, dict(notes.macros), differentials, product, layouts) for s in (scope, *leaner(scope))
        ]
        for k in fresh:
            found = _side(notes, chain.links[k], courts[0], k)
            for court in courts[1:] if found.value is None else ():
                found = replace(_side(notes, chain.links[k], court, k), lean=True)
                if found.value is not None:
                    break
            yield found


def layouts_of(notes: Notes) -> tuple[Layout, ...]:
    """The layouts of derivatives, that of the text first: the one that it names, or in which most of its claims hold."""
    own = words_of(notes).layout or dict(check_notes(notes).declared).get("layout")
    return tuple(sorted(LAYOUTS, key=lambda layout: layout != own))


def _is_setting(context: Context, chain: Chain, k: int) -> bool:
    """Whether a member says over which places an index runs: i = 1, …, n."""
    return any(plain_kind(context, chain, j) == "setting" for j in (k, k + 1) if 0 < j < len(chain.links))


def _place(notes: Notes, link: Link) -> str:
    spot = notes.spot(link.formula.start + link.member.start)
    return f"{spot.path.name}:{spot.line}:{spot.column}"


def _key(link: Link) -> tuple[int, int]:
    return link.formula.start, link.member.start


def _is_side(chain: Chain, k: int) -> bool:
    signs = [link.sign for link in chain.links[k : k + 2]]
    own = bool(k) and signs[0] in SIGNS
    return bool(chain.links[k].member.text) and (own or (len(signs) == 2 and signs[1] in SIGNS))


def leaner(scope: Scope) -> Iterator[Scope]:
    """A scope with less taken for granted: without definitions of letters, without any, without sizes, without kinds."""
    functions = {name: d for name, d in scope.definitions.items() if d.params}
    if len(functions) < len(scope.definitions):
        yield replace(scope, definitions=functions)
    if functions:
        yield replace(scope, definitions={})
    if len(scope.declared.names) > len(scope.given.names):
        yield replace(scope, definitions={}, declared=scope.given)
    if scope.said:
        yield replace(scope, definitions={}, declared=scope.given, said={}, traits={}, square=frozenset())


def _side(notes: Notes, link: Link, court: Court, k: int) -> Side:
    place, latex = _place(notes, link), " ".join(link.member.text.split())
    try:
        with bounded(SECONDS):
            error = court.question.sides[k].error
            if error is not None:
                return Side(place, latex, trouble=error.message)
            found = [m for layout in court.layouts for m in court.meant(layout)]
            for meant in sorted(found, key=lambda m: (m.apart, m.layout != court.layouts[0], m.cost)):
                value = meant.held.get(k, meant.values[k])
                if isinstance(value, Expr):
                    return Side(place, latex, text(value), _letters(meant), held=k in meant.held)
                error = value
            error = error or court.question.failure
    except DerivgenError as late:
        error = late
    return Side(place, latex, trouble=error.message if error is not None else "no reading fits")


def _letters(meant: Meant) -> str:
    said = list(Reading(meant.understood.letters, meant.choices).sentences())
    return " | ".join([*said, *(f"{d.symbol.name} := {text(d.value)}" for d in meant.definitions)])


_BY_NAME = re.compile(r"power of a matrix|function of a matrix|has no derivative|product over an index")
_MALFORMED = re.compile(r"closes? nothing|does not close|never closed|nothing stands before")


def _is_known(trouble: str) -> bool:
    """Whether a refusal says by its name what is not read, or what is wrong in the source."""
    named = unread_code(trouble) in ("random", "limit", "operator", "words") or _BY_NAME.search(trouble) is not None
    return named or _MALFORMED.search(trouble) is not None


def _kind(trouble: str) -> str:
    """What is said, without the letters of which it is said."""
    kind = re.sub(r"\\\S+|\S*[_^{}]\S*|\b[A-Za-z]\b|\d+", "…", trouble)
    return f"{unread_code(trouble)}: {kind}"[:100]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--unread", action="store_true")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    everything: list[Side] = []
    for file in given.files:
        found = list(sides(notes_of(file)))
        everything += found
        print(_share(file.name, found))
        for kind, count in Counter(_kind(s.trouble) for s in found if s.value is None).most_common():
            print(f"    {count:4d}  {kind}")
        for side in found if given.unread else ():
            if side.value is None:
                print(f"  {side.place} | {side.latex} | {side.trouble}")
    print(_share("all", everything))
    drawn = [s for s in everything if s.value != "a setting" and s.value is not None and not s.is_trivial]
    for side in random.Random(given.seed).sample(drawn, min(given.sample, len(drawn))):
        print(f"{side.place}\n    {side.latex}\n    {side.value}\n    {side.letters}")


def _share(name: str, found: list[Side]) -> str:
    read = sum(s.value is not None for s in found)
    known = sum(s.value is None and _is_known(s.trouble) for s in found)
    lean = sum(s.value is not None and s.lean for s in found)
    held = sum(s.held for s in found)
    return (f"{name}: {len(found)} members, {read} read, {read / max(1, len(found)):.1%} ({held} of them held abstract, {lean} without what "
            f"the text says elsewhere); {known} refused by name or malformed, {read / max(1, len(found) - known):.1%} of the rest read")  # fmt: skip


if __name__ == "__main__":
    main()
