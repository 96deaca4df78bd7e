"""The options are declared once: the flags, the engine's own defaults and the manual's table all agree with them."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import cast

import pytest

from derivgen.cli import program
from derivgen.derivation import Checking, derive
from derivgen.options import FORMATS, Options, declared, format_of, table
from derivgen.show import FORMATS as PRINTERS

COMMANDS = ("derive", "equal", "eval", "rules", "run", "render")
FACES = (*COMMANDS, "list", "block", "site")


def test_every_option_is_shown_somewhere() -> None:
    assert {o.name for o in declared()} == {f.name for f in fields(Options)}
    assert all(o.choice.faces and set(o.choice.faces) <= set(FACES) for o in declared())


@pytest.mark.parametrize("face", COMMANDS)
def test_the_command_has_the_flags_of_its_face(face: str) -> None:
    made = {flag for p in program.commands[face].params for flag in p.opts if flag.startswith("-")}
    assert made == {flag for o in declared(face) for flag in o.choice.flags}


def test_choices_and_defaults_are_those_of_the_engine() -> None:
    """A derivation is the same from the command line as from Python."""
    shown = {o.name: o.default for o in declared("derive")}
    assert Checking.__annotations__.keys() <= shown.keys()
    defaults = cast(Checking, {name: shown[name] for name in Checking.__annotations__})
    question = ("max(0, w.T @ x + b)", "w", "w, x in R^n; b in R")
    assert derive(*question) == derive(*question, **defaults)


def test_formats_are_those_that_are_printed() -> None:
    assert FORMATS.keys() == PRINTERS.keys()
    assert {v for o in declared("derive") if o.name == "to" for v in o.values} == FORMATS.keys()


@pytest.mark.parametrize(
    ("file", "form"), [("a.tex", "tex"), ("b/c.MD", "markdown"), ("d.json", "json"), ("e.txt", "text"), ("f.png", None)]
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
