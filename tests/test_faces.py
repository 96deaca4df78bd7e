"""Every identity of the manual and every case of the corpus, on every face: all formats, a block of a page, LaTeX in.

A sample runs each time; all of them run by ``-m slow``.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from math import prod
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import derivgen
from derivgen.catalog.linear import kron
from derivgen.check.judge import Judge
from derivgen.errors import CheckError
from derivgen.expr import Call, Dim, Expr, Symbol, walk
from derivgen.formats import FORMATS
from derivgen.options import Options
from derivgen.read import parse_text
from derivgen.read.latex.formula import parse_latex
from derivgen.show import render_all
from derivgen.show.document.context import style_of
from derivgen.show.math.latex import latex
from derivgen.site.answer import make
from derivgen.site.block import read_block
from derivgen.site.record import question
from tests.code.test_code import INSTALLED, function

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = jsonschema.Draft202012Validator(
    json.loads((ROOT / "docs" / "data" / "derivation.schema.json").read_text(encoding="utf-8"))
)
SIZES = {"n": 3, "m": 4, "N": 5, "k": 2, "p": 2, "q": 6}
EACH = 7
"""One in so many is in the sample."""


def questions() -> list[dict[str, Any]]:
    identities = json.loads((ROOT / "docs" / "data" / "identities.json").read_text(encoding="utf-8"))
    cases = json.loads((ROOT / "tests" / "data" / "cases.json").read_text(encoding="utf-8"))
    keys = ("wrt", "where", "order")
    found = [{"text": q["expression"], **{k: q[k] for k in keys}} for q in identities]
    return found + [{"text": q["text"], **{k: q[k] for k in keys}} for q in cases]


QUESTIONS = [
    pytest.param(q, id=f"{q['text']} by {q['wrt']} ({q['order']})", marks=[pytest.mark.slow] if k % EACH else [])
    for k, q in enumerate(questions())
]
every_question = pytest.mark.parametrize("asked", QUESTIONS)


def derive(asked: dict[str, Any], text: str = "", **choices: Any) -> derivgen.Derivation:
    found: derivgen.Derivation = derivgen.derive(
        text or asked["text"], wrt=asked["wrt"], where=asked["where"], order=asked["order"], **choices
    )
    return found


def is_whole(_: derivgen.Derivation, shown: str) -> None:
    """What is asked of a format of which nothing is said above: a text, with a line end."""
    assert shown.strip()
    assert shown.endswith("\n")


@every_question
def test_every_format(asked: dict[str, Any]) -> None:
    d = derive(asked)
    assert d.verdict == "verified"
    assert SOUND.keys() <= set(FORMATS)
    for name in FORMATS:
        if name == "pdf":  # the same document as "tex"; TeX itself has a test of its own
            continue
        try:
            shown = render_all([d], name)
        except CheckError as refused:
            assert name == "pattern"
            assert refused.message  # noqa: PT017
            continue
        assert isinstance(shown, str)
        SOUND.get(name, is_whole)(d, shown)


def operation(e: Expr) -> object:
    return e.op if isinstance(e, Call) else None


@every_question
@pytest.mark.parametrize("notation", ["notes", "modern"])
def test_latex_reads_back(asked: dict[str, Any], notation: str) -> None:
    """Question and answer as they are printed are read as what they are, and derived to the same answer."""
    d = derive(asked, notation=notation)
    style = style_of(d)
    if notation == "modern" and any(kron in map(operation, walk(e)) for e in (d.problem.expression, d.result)):
        return  # ⊗ is read as the element-wise product, whichever notation wrote it
    for e in (d.problem.expression, d.result):
        tex = latex(e, style)
        again = parse_latex(tex, asked["where"], shape=e.shape, layout="numerator")
        assert Judge().agree(e, again).status == "verified", tex
    tex = latex(d.problem.expression, style)
    if not re.search(r"\\mathbf\{?[1I0]\}?|\bI\b", tex):  # of these the size is known from an equation only
        twin = derive(asked, tex, dialect="latex")
        assert twin.verdict == "verified"
        assert Judge().agree(d.result, twin.result).status == "verified", tex


@every_question
def test_a_block_of_a_page(asked: dict[str, Any]) -> None:
    d = derive(asked, check=False)
    for expression in (asked["text"], latex(d.problem.expression, style_of(d))):
        if expression != asked["text"] and re.search(r"\\mathbf\{?[1I0]\}?|\bI\b", expression):
            continue
        lines = [expression, f"wrt: {asked['wrt']}", f"where: {asked['where']}", f"order: {asked['order']}",
                 "show: steps, answer, graph, pattern, code"]  # fmt: skip
        if expression != asked["text"]:
            lines.append("from: latex")
        block = read_block(lines, Options())
        assert block.error is None
        record = make(question(block.expression, block.options, "mathml"))
        assert record.trouble is None, record.trouble
        assert record.verdict == "verified"
        assert record.doubts == ()
        assert_nests(record.html)
        assert not re.search(r"\b(?:None|nan)\b", record.said)


@pytest.mark.parametrize("library", INSTALLED)
@every_question
def test_code_gives_the_numbers_of_the_answer(asked: dict[str, Any], library: str) -> None:
    d = derive(asked, check=False)
    if d.problem.functions:
        return
    for seed in range(3):
        point = point_of(d, np.random.default_rng(seed))
        expected = d.evaluate(point)
        if np.isfinite(expected).all():
            np.testing.assert_allclose(function(d, library)(**point), expected, rtol=1e-8, atol=1e-9)


def point_of(d: derivgen.Derivation, draw: np.random.Generator) -> dict[str, Any]:
    """Arrays that are what they are declared to be; of what may be anything, large enough to be invertible."""
    sizes = {str(dim): SIZES[str(dim)] for s in d.problem.symbols.values() for dim in s.shape.axes if str(dim) in SIZES}
    return {name: value_of(s, draw) for name, s in d.problem.symbols.items()} | sizes


def value_of(s: Symbol, draw: np.random.Generator) -> Any:
    shape = tuple(length(dim) for dim in s.shape.axes)
    value = draw.uniform(0.5, 1.5, size=shape)
    if "diagonal" in s.traits:
        return np.diag(np.diag(value))
    if "positive-definite" in s.traits or (len(shape) == 2 and shape[0] == shape[1]):
        value = value @ value.T + np.eye(shape[0])
        return value if "symmetric" in s.traits else value + np.triu(draw.normal(size=shape)) / 10
    return value / value.sum() if "simplex" in s.traits else value


def length(dim: Dim) -> int:
    return prod(f if isinstance(f, int) else SIZES[f] for f in dim.factors)


# --- what makes a text of a format sound ----------------------------------------------------------------------------

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Nesting(HTMLParser):
    """The elements of a page, each closed in turn, and the ids of all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value or "" for name, value in attrs if name == "id")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag not in VOID
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.update(value or "" for name, value in attrs if name == "id")


def assert_nests(html: str) -> None:
    found = Nesting()
    found.feed(html)
    found.close()
    assert found.open == []
    assert all(count == 1 for count in found.ids.values()), found.ids
    for math in formulas(html):
        ET.fromstring(math)


def formulas(html: str) -> Iterator[str]:
    for part in re.findall(r"<math.*?</math>", html, re.DOTALL):
        yield part.replace("&nbsp;", " ")


def text_is_sound(d: derivgen.Derivation, shown: str) -> None:
    numbers = [int(k) for k in re.findall(r"^(\d+)\. ", shown, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1)) != []
    assert "✓ Verified" in shown
    assert all(line == line.rstrip() for line in shown.split("\n"))


def tex_is_sound(d: derivgen.Derivation, shown: str) -> None:
    opened = [name for _, name in sorted((m.start(), m[1]) for m in re.finditer(r"\\begin\{([\w*]+)\}", shown))]
    assert Counter(opened) == Counter(re.findall(r"\\end\{([\w*]+)\}", shown))
    depth = 0
    for mark in re.findall(r"(?<!\\)(?:\\\\)*([{}])", shown):
        depth += 1 if mark == "{" else -1
        assert depth >= 0
    assert depth == 0
    assert len(re.findall(r"\\left(?![a-z])", shown)) == len(re.findall(r"\\right(?![a-z])", shown))


def document_is_sound(d: derivgen.Derivation, shown: str) -> None:
    tex_is_sound(d, shown)
    assert shown.startswith("\\documentclass")
    assert shown.rstrip().endswith(r"\end{document}")


def markdown_is_sound(d: derivgen.Derivation, shown: str) -> None:
    assert shown.count("$$") % 2 == 0
    for display in shown.split("$$")[1::2]:
        tex_is_sound(d, display)


def html_is_sound(d: derivgen.Derivation, shown: str) -> None:
    assert_nests(shown)
    assert shown.lower().startswith("<!doctype html>")
    assert len(list(formulas(shown))) > len(d.steps)


def mathml_is_sound(d: derivgen.Derivation, shown: str) -> None:
    assert_nests(shown)
    assert list(formulas(shown))


def json_is_sound(d: derivgen.Derivation, shown: str) -> None:
    data = json.loads(shown)
    SCHEMA.validate(data)
    assert parse_text(data["result"]["text"], data["where"]) == d.result
    assert len(data["steps"]) == len(d.steps)
    back: Expr = parse_text(data["expression"], data["where"])
    assert Judge().agree(back, d.problem.expression).status == "verified"


def picture_is_sound(d: derivgen.Derivation, shown: str) -> None:
    root = ET.fromstring(shown)
    assert root.tag.endswith("svg")
    assert not re.search(r"NaN|inf\b|None", shown)


def mermaid_is_sound(d: derivgen.Derivation, shown: str) -> None:
    assert shown.startswith(("flowchart", "graph"))
    assert shown.count('"') % 2 == 0


def code_is_sound(d: derivgen.Derivation, shown: str) -> None:
    compile(shown, "<code>", "exec")
    assert '"""' in shown


SOUND: dict[str, Callable[[derivgen.Derivation, str], None]] = {
    "text": text_is_sound, "latex": tex_is_sound, "tex": document_is_sound, "pdf": document_is_sound,
    "beamer": document_is_sound, "markdown": markdown_is_sound, "html": html_is_sound, "mathml": mathml_is_sound,
    "json": json_is_sound, "svg": picture_is_sound, "mermaid": mermaid_is_sound, "pattern": picture_is_sound,
    "numpy": code_is_sound, "jax": code_is_sound, "torch": code_is_sound,
}  # fmt: skip
"""Each format with what is asserted of its text; a new format needs a line here."""
