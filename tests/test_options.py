"""The options are declared once: the flags, the engine's own defaults and the manual's table all agree with them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest

from derivgen.cli import program
from derivgen.derivation import derive
from derivgen.formats import FORMATS, format_of, suffixes
from derivgen.options import PYTHON, Choices, Comparing, Options, Showing, chosen, declared, plain, table
from derivgen.show.formats import find

COMMANDS = ("derive", "equal", "eval", "rules", "run", "exercise", "render", "check", "serve")
FACES = (*COMMANDS, "notes", "list", "block", "page", "site", "json")


def test_every_option_is_shown_somewhere() -> None:
    assert {o.name for o in declared()} == {f.name for f in fields(Options)}
    assert all(f.metadata["faces"] and f.metadata["faces"] <= set(FACES) for f in fields(Options))


@pytest.mark.parametrize("face", COMMANDS)
def test_the_command_has_the_flags_of_its_face(face: str) -> None:
    made = {flag for p in program.commands[face].params for flag in p.opts if flag.startswith("-")}
    assert made == {flag for o in declared(face) for flag in o.flags}


@pytest.mark.parametrize("face", ["", *FACES, *PYTHON])
def test_defaults_are_values_as_they_are_read(face: str) -> None:
    for o in declared(face):
        if o.default not in (None, "", ()):
            assert o.value(list(o.default) if isinstance(o.default, tuple) else o.default) == o.default
            assert o.typed or o.value(", ".join(o.default) if o.many else str(o.default)) == o.default


def test_keywords_are_typed_as_the_record_is() -> None:
    """What Python's functions take is written once more, for those who check types; some are wider there."""
    types = get_type_hints(Options)
    for record in (Choices, Comparing, Showing):
        for name, hint in get_type_hints(record).items():
            wider = {"let": Sequence[str], "define": Sequence[str], "order": int}
            assert hint == wider.get(name, types[name]), name


def test_a_derivation_is_the_same_from_the_command_line_as_from_python() -> None:
    question = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    defaults = {o.name: o.default for o in declared("derive") if o.name in PYTHON["derivgen.derive"]}
    assert derive(*question) == derive(*question, **defaults)
    assert plain(derive(*question).problem.options) == plain(Options(where=question[2]))


def test_what_is_plain_is_read_back() -> None:
    options = Options(
        wrt=("[x, y]", "z"), where="x, y, z in R", order=2, check=False, seed=3, samples=32, show=("graph", "code")
    )
    for face in ("", "block"):
        assert chosen(json.loads(json.dumps(plain(options, face)))) == options


def test_formats_are_those_that_are_printed() -> None:
    assert {v for o in declared("derive") if o.name == "to" for v in o.values} == set(FORMATS)
    for name in FORMATS:
        module = import_module(f"derivgen.show.formats.{name}")
        assert (find(name), suffixes(name)) == (module.FORMAT, module.SUFFIXES)
    every = [suffix for name in FORMATS for suffix in suffixes(name)]
    assert len(set(every)) == len(every)


@pytest.mark.parametrize(
    ("file", "form"),
    [
        ("a.tex", "tex"),
        ("b/c.MD", "markdown"),
        ("d.json", "json"),
        ("e.txt", "text"),
        ("f.png", None),
        ("talk.beamer.tex", "beamer"),
        (".tex", None),
        ("tex", None),
    ],
)
def test_format_of_a_suffix(file: str, form: str | None) -> None:
    assert format_of(file) == form


def test_format_asked_for_wins() -> None:
    assert Options(output="a.tex").format() == "tex"
    assert Options(output="a.tex", to="latex").format() == "latex"
    assert Options().format() == "text"


def test_manual_has_the_table(root: Path) -> None:
    page = root / "docs" / "options.md"
    wanted = page.read_text(encoding="utf-8").partition("\n| Option")[0] + "\n" + table("derive")
    if os.environ.get("DERIVGEN_REWRITE"):
        page.write_text(wanted, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == wanted, "run the tests once with DERIVGEN_REWRITE=1"
