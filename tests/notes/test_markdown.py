"""Formulas in Markdown: each is found with its place, none in code, and counted by another reader as well."""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derivgen.notes.sources.markdown import find
from derivgen.notes.sources.source import Formula, Heading, Piece, Prose


def formulas(text: str) -> list[str]:
    found = find(text)
    for piece in found.pieces:
        if isinstance(piece, Formula):
            same = [a == b or a == " " for a, b in zip(piece.latex, text[piece.start : piece.end], strict=True)]
            assert all(same) or "&lt;" in text or "\\\\" in text, "what is not blank stands where it was written"
    return [p.latex.strip() for p in found.pieces if isinstance(p, Formula)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a $x=1$ b", ["x=1"]),
        ("$$x=1$$", ["x=1"]),
        ("$$\nx\n=\n1\n$$", ["x\n=\n1"]),
        ("text $$\nx = a\n- b\n+ c\n> d\n1. e\n# f\n$$ more $y$", ["x = a\n- b\n+ c\n> d\n1. e\n# f", "y"]),
        (r"so \(x=1\) and \[y=2\]", ["x=1", "y=2"]),
        (r"so \\(x=1\\) and \\[y=2\\]", ["x=1", "y=2"]),
        (r"so \\\\(x=1\\\\)", ["x=1"]),
        ("\\\\[\na = b \\\\\n= c\n\\\\]", ["a = b \\\\\n= c"]),
        ("```math\nx = 1\n```", ["x = 1"]),
        ("~~~ {.math #eq}\nx = 1\n~~~", ["x = 1"]),
        ("```{math}\n:label: eq\nx = 1\n```", ["x = 1"]),
        ("$`x=1`$ as GitHub has it", ["x=1"]),
        ("\\begin{align*}\nx &= 1 \\\\\n\n- y &= 2\n\\end{align*}", ["x &= 1 \\\\\n\n- y &= 2"]),
        ("> quoted\n> $$\n> a\n> = b\n> $$\n> end", ["a\n  = b"]),
        ("- item $a$\n\n  $$\n  b\n  $$\n\n    $c$", ["a", "b", "c"]),
        ("1. one\n\n    $$\n    b\n    $$", ["b"]),
        ("!!! note\n\n    inside $x$\n\n    $$\n    y\n    $$\n", ["x", "y"]),
        ("term\n:   meaning $x$\n\n    more $y$", ["x", "y"]),
        ("| $a$ | $b$ |\n|---|---|\n| $|x|$ | $d$ |", ["a", "b", "|x|", "d"]),
        ("<table>\n<tr><td>$a$<td title='$no$'> $b$\n</table>", ["a", "b"]),
        ("# About $f$\n\nText\n----\n", ["f"]),
        ("$\\text{if $x$ holds}$ $y$", ["\\text{if $x$ holds}", "y"]),
        ("$a$$b$", ["a", "b"]),
        ("$ x $ and $ f = 3 $", ["x", "f = 3"]),
        ("$x < 1 and y$", ["x < 1 and y"]),
        ("$a &lt; b$", ["a <    b"]),
        ("$$a \\\\\\\\ b$$", ["a   \\\\ b"]),
        ("```{note}\nHere $x$\n```", ["x"]),
        ("costs \\$5 and $x$", ["x"]),
        ("*$x$* **$y$** [$z$](there)", ["x", "y", "z"]),
    ],
)
def test_found(text: str, expected: list[str]) -> None:
    assert formulas(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`$x$` and ``a ` $x$``",
        "```\n$x$\n```",
        "~~~~python\n$$\nx\n$$\n~~~\n~~~~",
        "```tex\n\\begin{align}x\\end{align}\n```",
        "para\n\n    $x$ in code",
        "<!-- $x$\n\n$y$ -->",
        "text <!-- $x$ --> text",
        "<pre>\n$x$\n\n$y$\n</pre>",
        "<script>var a = '$x$';</script>",
        "a <code>$x$</code> b",
        "\\$x\\$",
        "it costs $5 and then $10",
        "export $HOME and $PATH",
        "see \\(identities 3\\) and \\[note\\]",
        "---\ntitle: $x$\n---\ntext",
        "a lone $ sign",
        "$$ $$ $",
        "<https://a.b/$x$>",
        "> ```\n> $x$\n> ```",
        "- a\n\n      $x$ in code in a list",
    ],
)
def test_nothing_in_code(text: str) -> None:
    assert formulas(text) == []


def test_places_and_environments() -> None:
    text = "# One\n\nä $x$\n\n> $$\n> y\n> $$\n\n\\begin{align}\nz\n\\end{align}\n"
    pieces = [p for p in find(text).pieces if not isinstance(p, Prose)]
    assert pieces[0] == Heading(1, "One", 2)
    rest = [(text[p.start :][: len(p.latex)], p.display, p.environment) for p in pieces[1:] if isinstance(p, Formula)]
    assert rest == [("x", False, ""), ("\n> y\n> ", True, ""), ("\nz\n", True, "align")]


def test_prose_is_what_is_between() -> None:
    text = "where $W$ is `code` m×n,\n<!-- not this --> and\n\n```\nx\n```\nend\n"
    pieces = find(text).pieces
    assert "".join(p.text for p in pieces if isinstance(p, Prose)).split() == ["where", "is", "m×n,", "and", "end"]
    _tiled(text, pieces)


def _tiled(text: str, pieces: list[Piece]) -> None:
    at = 0
    for piece in pieces:
        assert piece.start >= at
        if isinstance(piece, Prose):
            assert len(piece.text) <= len(text) - piece.start
            assert all(a == b or not a.strip() for a, b in zip(piece.text, text[piece.start :], strict=False))
            at = piece.start + len(piece.text)
        elif isinstance(piece, Formula):
            at = piece.end


_PARTS = st.sampled_from(
    ["$", "$$", "`", "```", "\n", "\n\n", "x", "=", "{", "}", "\\(", "\\)", "\\\\[", "\\\\]", "> ", "- ", "    ", "\t", "# ",
     "<!--", "-->", "<pre>", "</pre>", "\\begin{align}", "\\end{align}", "\\", "|", "1. ", "~~~", "math", "5", " and ", "é",
     "---\n", "===\n", "[^1]: ", "!!! note\n"]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=40).map("".join))
def test_any_text_is_read_and_its_pieces_stand_where_they_say(text: str) -> None:
    formulas(text)
    _tiled(text, find(text).pieces)


WRITTEN = """# A page

Some $a$ text with `$code$`, and $b_1$, costs \\$3.

$$
f(x) = x^2
$$

* a list with $c$
* and more:

    $$
    d = \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}
    $$

> quoted $e$

```text
$no$
```

Inline \\(g\\), and below

\\[
h = 1
\\]

\\begin{align}
i &= j
\\end{align}
"""


def test_counted_by_another_reader() -> None:
    markdown = pytest.importorskip("markdown")
    pytest.importorskip("pymdownx")
    for text in (WRITTEN, *_shared()):
        page = markdown.markdown(
            text,
            extensions=["pymdownx.arithmatex", "pymdownx.superfences", "tables"],
            extension_configs={"pymdownx.arithmatex": {"generic": True}},
        )
        theirs = [m[2] for m in re.finditer(r'<(span|div) class="arithmatex">(.*?)</\1>', page, re.DOTALL)]
        assert theirs
        missing = Counter(map(_bare, theirs)) - Counter(map(_bare, formulas(text)))
        assert not missing
        assert len(formulas(text)) == len(theirs)


def _shared() -> list[str]:
    path = Path(__file__).resolve().parents[3] / "shared" / "notes.md"
    return [path.read_text(encoding="utf-8")] if path.is_file() else []


def _bare(latex: str) -> str:
    latex = html.unescape(re.sub(r"<[^>]+>", "", latex))
    latex = re.sub(r"^\\[(\[]|\\[)\]]$|\\(?:begin|end)\{align\}", "", latex)
    return re.sub(r"\s+", "", latex)
