"""Nothing in a name, a title or a reason is executed, and the document stays whole around it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from derivgen import derive
from derivgen.check.verdict import Verdict
from derivgen.derivation import Derivation
from derivgen.expr import Symbol
from derivgen.options import Options
from derivgen.rules.reason import worded
from derivgen.show.formats import Wishes, pdf

WORDS = (
    "<script>window.alerted = true</script>",
    "<img src=x onerror=window.alerted=true>",
    "</annotation></semantics></math><script>window.alerted = true</script>",
    "]]><!-- --> <![CDATA[ &amp; &#60;",
    '" onmouseover="window.alerted = true" x="',
    "</style></title></details><b>",
    r"\href{javascript:alert(1)}{x} [a](javascript:alert(1)) <javascript:alert(1)>",
    r"\input{/etc/passwd} \write18{touch /tmp/derivgen-was-here} \immediate\openout1=x",
    r"\end{document} \end{frame} \end{aligned} {{{ }} \csname x",
    r"$\href{javascript:alert(1)}{x}$ and $\input{/etc/passwd}$ and $</math><script>window.alerted=true</script>$",
    "$x} \\end{document}$ $$ \\[ `code` **bold** # heading\n\n# another {% raw %} {{ 1 }} ~^_&%",
    "control \x00\x1b[2J\x07 turned \u202eround",
)


def hostile(words: str) -> Derivation:
    """A derivation with these words wherever words can be."""
    d = derive("w * x", wrt="w", where="w, x in R^n")
    refuted = Verdict(
        "refuted", words, 1, {words: 2}, "exact", point={words: [words]}, place=words, left=words, right=words
    )
    steps = [replace(s, title=words, reason=worded(words), rule=words, check=refuted) for s in d.steps]
    steps[0] = replace(steps[0], substeps=(replace(steps[0], substeps=()),))
    variable = d.problem.symbols["w"]
    problem = replace(
        d.problem,
        source=words,
        options=replace(d.problem.options, where=words),
        symbols={**d.problem.symbols, words: Symbol(words, variable.shape)},
    )
    report = replace(d.report, steps=tuple(steps), answer=refuted) if d.report else None
    return replace(d, problem=problem, steps=tuple(steps), report=report)


class Tags(HTMLParser):
    """The elements and attributes of a page, as a browser takes them."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("words", WORDS)
def test_html_has_no_element_or_attribute_but_its_own(words: str) -> None:
    d = hostile(words)
    plain = Tags(derive("w * x", wrt="w", where="w, x in R^n").to("html", detail="full"))
    page = d.to("html", detail="full")
    seen = Tags(page)
    assert seen.tags <= plain.tags | {"details", "summary", "mtext", "span"}
    assert seen.attributes <= plain.attributes | {"open", "tabindex", "role", "aria-level"}
    assert all(link.startswith("#") for link in seen.links)
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page)


@pytest.mark.parametrize("words", WORDS)
def test_mathml_and_json_stay_whole(words: str) -> None:
    d = hostile(words)
    page = ET.fromstring(d.to("mathml", detail="full"))
    assert not {"script", "img", "b"} & {node.tag for node in page.iter()}
    assert json.loads(d.to("json"))["steps"][0]["reason"] == words


@pytest.mark.parametrize("words", WORDS)
def test_markdown_and_latex_hold_no_command_of_theirs(words: str) -> None:
    d = hostile(words)
    markdown = d.to("markdown", detail="full")
    outside = re.sub(r"\\.", "", markdown)  # a backslash before a sign makes it a letter
    assert not re.search(r"<\s*/?\s*[a-z!]", outside)
    assert not re.search(r"\]\(", outside)
    assert "{{" not in markdown
    for form in ("latex", "tex", "beamer"):
        tex = d.to(form, detail="full")
        assert not re.search(r"\\(input|href|write|openout|csname|immediate)\b", tex), form
        assert tex.count(r"\end{document}") == (form != "latex")
        assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", tex)


def test_the_documents_are_typeset(pdflatex: str) -> None:
    for words in WORDS:
        assert pdf.pdf([hostile(words)], Wishes(Options(detail="full"))).startswith(b"%PDF-"), words
    assert not Path("/tmp/derivgen-was-here").exists()


def test_a_browser_executes_nothing(
    chromium: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], tmp_path: Path
) -> None:
    pages = []
    for k, words in enumerate(WORDS):
        for form in ("html", "mathml"):
            file = tmp_path / f"{k}-{form}.html"
            file.write_text(hostile(words).to(form, detail="full"), encoding="utf-8")
            pages.append({"file": str(file), "axe": False, "width": 360})
    for page, seen in zip(pages, chromium(pages), strict=True):
        assert (seen["alerted"], seen["scripts"], seen["handlers"], seen["requests"]) == (False, 0, 0, 1), page
        if "mathml" not in str(page["file"]):
            assert seen["overflow"] <= 0, page
