"""A court that is made of another has all that it does not change, and nothing that the other has found."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from derivgen.notes.check import _Checker
from derivgen.notes.find import notes_of
from derivgen.notes.meaning.chains import chains
from derivgen.notes.meaning.context import Context
from derivgen.options import Options


def test_a_court_that_is_made_of_another_has_all_that_it_does_not_change() -> None:
    checker = _Checker(Context(notes_of(Path("text.md"), "$$a = b = c$$"), Options()), 2.0)
    (chain,) = chains(checker.context.rows)
    court = checker.court(chain, einstein=True).of(columns=True)
    for other, changed in ((court.of(("a", "b")), "latexes"), (court.of(layouts=("gradient",)), "layouts")):
        for f in fields(court):
            if f.init and f.name != changed:
                assert getattr(other, f.name) is getattr(court, f.name), f.name
    assert (court.question.einstein, court.question.columns) == (True, True)
    assert court.of(("a", "b")).question is not court.question
