"""The page on the language keeps its word: what it calls the same is read as the same, what it calls refused is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import derivgen

PAGE = Path(__file__).resolve().parent.parent / "docs" / "language.md"


def rows(*heading: str) -> list[tuple[str, ...]]:
    """The cells of all tables with this heading, without their code marks."""
    found, inside = [], False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = tuple(c.strip().strip("`") for c in re.split(r"(?<!\\)\|(?!\||_|X|A\\)", line)[1:-1])
        inside = line.startswith("|") and (inside or cells == heading)
        if inside and cells != heading and not cells[0].startswith("---"):
            found.append(cells)
    return found


SAME = rows("Text", "LaTeX", "With", "Meaning")
WRITTEN = rows("LaTeX", "By", "With", "The answer is that of")
REFUSED = rows("Written", "By", "With", "What is said")
DECLARED = rows("Declaration", "Meaning")


def test_the_page_has_these_tables() -> None:
    assert (len(SAME), len(WRITTEN), len(REFUSED), len(DECLARED)) >= (35, 4, 10, 12)


@pytest.mark.parametrize(("text", "latex", "where", "meaning"), SAME)
def test_two_ways_of_writing_are_one(text: str, latex: str, where: str, meaning: str) -> None:
    assert meaning
    assert derivgen.equal(text, latex, where=where).status == "verified"


@pytest.mark.parametrize(("latex", "by", "where", "text"), WRITTEN)
def test_a_derivative_that_is_written_is_the_one_asked_for(latex: str, by: str, where: str, text: str) -> None:
    assert derivgen.derive(latex, by, where).result == derivgen.derive(text, by, where).result


@pytest.mark.parametrize(("written", "by", "where", "said"), REFUSED)
def test_what_is_refused_is_named(written: str, by: str, where: str, said: str) -> None:
    with pytest.raises(derivgen.DerivgenError, match=re.escape(said)) as refused:
        derivgen.derive(written, by, where)
    assert refused.value.hint


@pytest.mark.parametrize("declaration", [cells[0] for cells in DECLARED])
def test_declarations_are_read(declaration: str) -> None:
    name = re.match(r"\w+", declaration)
    assert name
    letter = "x" if ":" in declaration else name[0]
    d = derivgen.derive(
        f"2 * {letter}" if "_i" not in letter else rf"\sum_i {letter}^\top {letter}",
        letter,
        f"{declaration}; x in R^n" if ":" in declaration else declaration,
    )
    assert d.check().passed


def test_every_sign_has_its_row() -> None:
    from derivgen.mkdocs.manual import TABLES
    from derivgen.world import World

    made = TABLES["signs"]()
    for sign in World.default().glossary.signs:
        assert f"`{sign}`" in made or f"`\\{sign}`" in made
