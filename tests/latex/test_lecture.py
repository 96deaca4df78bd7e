"""The displays of a real lecture, where it lies beside the project: all parse but the one with a typo, which is placed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derivgen.catalog import GLOSSARY
from derivgen.errors import DerivgenError
from derivgen.read import Declarations
from derivgen.read.latex.grammar import Parser
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.tokens import tokenise
from derivgen.read.surface import Surface

LECTURE = Path(__file__).resolve().parents[3] / "shared" / "notes.md"
TEXT = LECTURE.read_text(encoding="utf-8") if LECTURE.exists() else ""
DISPLAYS = list(re.finditer(r"\$\$(.+?)\$\$", TEXT, re.DOTALL))


def displayed(tex: str) -> Surface:
    """The tree of a display as it is written: its rows and pictures need not mean anything."""
    return Parser(tex, tokenise(tex, 0, len(tex), {}, GLOSSARY), Lexicon(Declarations())).display()


@pytest.mark.parametrize(
    "found", [pytest.param(m, id=f"line {TEXT.count(chr(10), 0, m.start()) + 1}") for m in DISPLAYS] or [None]
)
def test_displays(found: re.Match[str] | None) -> None:
    if found is None:
        return  # the lecture is not here
    line = TEXT.count("\n", 0, found.start()) + 1
    if line != 25:
        displayed(found[1])
        return
    with pytest.raises(DerivgenError) as caught:
        displayed(found[1])
    assert caught.value.span is not None
    column = found.start(1) + caught.value.span.start - TEXT.rfind("\n", 0, found.start())
    assert column == 32
