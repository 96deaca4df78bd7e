"""What is kept between runs: verdicts of formulas that did not change are taken again, however they were reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivgen.notes.check import check_notes
from derivgen.notes.find import notes_of
from derivgen.notes.judge.court import Court, Outcome


class Kept(dict[str, str]):
    """A memory."""

    put = dict.__setitem__


TEXT = r"""
$$\nabla_p (p^\top C p) = (C + C^\top) p$$

$$\nabla_P \operatorname{tr}(P^\top C P) = (C + C^\top) P$$

$$\frac{\partial}{\partial W} \log\det(W + 2 C) = (W + 2 C)^{-\top}$$

$$\frac{\partial}{\partial W} \operatorname{tr}(C W) = C$$

$$\frac{d}{dt} t^3 = 3 t$$
"""
"""Some hold in one layout, one in another, and one in none."""


def test_nothing_is_compared_again_where_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    compare = Court.compare

    def counted(court: Court, i: int, j: int) -> Outcome:
        nonlocal compared
        compared += 1
        return compare(court, i, j)

    monkeypatch.setattr(Court, "compare", counted)
    kept = Kept()
    first = check_notes(notes_of(Path("notes.md"), TEXT), memo=kept)
    assert [f.code for f in first.findings] == ["layout"]
    assert [e.verdict for e in first.equalities].count("refuted") == 1
    once = compared
    again = check_notes(notes_of(Path("notes.md"), TEXT), memo=kept)
    assert (again.equalities, again.findings) == (first.equalities, first.findings)
    assert once > 0
    assert compared == once
