"""Whether a refutation stands whatever a letter is of which the text says something that is not read."""

from __future__ import annotations

import re
from dataclasses import replace

from derivgen.notes.faults.linked import makes_links
from derivgen.notes.faults.placed import is_told_by_its_place
from derivgen.notes.faults.repair import Repair
from derivgen.notes.judge.letters import unread_in
from derivgen.notes.judge.ways import Heard
from derivgen.notes.meaning.edits import Edit
from derivgen.notes.meaning.scope import Defined
from derivgen.notes.meaning.trees import Name

_ARRAY = re.compile(
    r"\s*(?:\\(?:left|big|Big)\s*)?[(\[]?\s*(?:\\begin\s*\{\s*(?:[pbvBV]?(?:small)?matrix|array)\s*\}"
    r"|(?:\\(?:text|operatorname|mathrm|rm)\s*\{?\s*)?diag(?![A-Za-z]))"
)
"""The meaning of a letter that is not read since an entry of a matrix is not."""


def unread_letters(heard: Heard) -> dict[Name, bool]:
    """The letters of both sides of which the meaning is not read, each with whether it stands there for what it is."""
    question = heard.court.question
    trees = [tree for k in (heard.i, heard.j) if (tree := question.sides[k].tree) is not None]
    return unread_in(question, *trees)


def stands_all_the_same(heard: Heard, repair: Repair | None, letters: dict[Name, bool]) -> bool:
    """Whether what does not hold is wrong whatever ``letters`` are, of which the meaning is not read.

    So it is where the shapes of letters do not fit that are all declared; where a repair is told by its place, or makes the
    links of a chain rule go on in which the letters are only differentiated; and where the letters are matrices of any
    entries, in place of which the identity makes it no truer.
    """
    known = heard.court.scope.declared.symbols
    if heard.outcome.status == "shape" and all(name in known for name, _ in letters):
        return True
    if repair is not None:
        latexes = heard.court.latexes
        side, other = latexes[repair.side], latexes[heard.i if repair.side == heard.j else heard.j]
        edit = Edit(repair.start, repair.end, repair.text, "letter")
        linking = repair.kind == "letter" and makes_links(edit, side, other)
        if is_told_by_its_place(repair, side, other) or (linking and not any(letters.values())):
            return True
    return _fails_for_the_identity(heard, letters)


def _fails_for_the_identity(heard: Heard, letters: dict[Name, bool]) -> bool:
    """Whether all of them are matrices written by their entries, and it does not hold where the identity is in their place:
    what holds for all matrices that are symmetric, diagonal or positive definite does."""
    court = heard.court
    meanings = {**court.scope.unread, **court.question.unread}
    if not all(_ARRAY.match(meanings[name]) for name in letters):
        return False
    row = heard.chain.row
    identity = {name: Defined(name, "I", row, 0, stem=name[0]) for name in letters}
    latexes = [court.latexes[k] for k in (heard.i, heard.j)]
    scope = replace(court.scope, definitions={**court.scope.definitions, **identity})
    return court.of(latexes, scope=scope).compare(0, 1).status in ("refuted", "shape")
