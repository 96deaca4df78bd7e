"""Places in texts: lines, columns, cells and files that are taken in."""

from __future__ import annotations

from pathlib import Path

from derivgen.notes.sources.source import Notes, Segment, Spot

HERE = Path("notes.md")


def test_a_place_in_one_file() -> None:
    notes = Notes(HERE, "ä∂b\n\ncd", ())
    places = [notes.spot(k) for k in range(len(notes.text) + 1)]
    assert [(p.line, p.column) for p in places] == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (3, 1), (3, 2), (3, 3)]
    assert notes.spot(99) == Spot(HERE, 3, 3)


def test_a_place_in_a_cell_and_in_a_file_taken_in() -> None:
    other = Path("inner.tex")
    text = "one\ntwo INNER\nx rest\nend"
    segments = (
        Segment(0, HERE, cell=2),
        Segment(text.index("INNER"), other),
        Segment(text.index(" rest"), HERE, line=2, column=9),
    )
    notes = Notes(HERE, text, (), segments=segments)
    assert notes.spot(4) == Spot(HERE, 2, 1, 2)
    assert notes.spot(text.index("NNER")) == Spot(other, 1, 2)
    assert notes.spot(text.index("x")) == Spot(other, 2, 1)
    assert notes.spot(text.index("rest")) == Spot(HERE, 2, 10)
    assert notes.spot(text.index("end")) == Spot(HERE, 3, 1)
    assert notes.line_at(text.index("rest")) == (text.index("x rest"), text.index("\nend"))
