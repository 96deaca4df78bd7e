"""Sentences with mathematics between dollar signs, made safe for each format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from derivgen.show.layout.box import Box, breadth
from derivgen.show.layout.latex_to_box import read
from derivgen.show.layout.lines import broken
from derivgen.show.math import mathml
from derivgen.show.math.latex import escaped
from derivgen.show.math.unicode_line import linear

remembered = lru_cache(maxsize=1024)
"""Titles and reasons belong to rules: a document, and all the more a site, says the same sentences again and again."""


@remembered
def pieces(sentence: str) -> tuple[tuple[bool, str], ...]:
    """The sentence taken apart: (whether it is mathematics, text).

    A dollar sign without a partner is text, and so is what stands between two but is no formula that we can read.
    """
    parts = sentence.split("$")
    if len(parts) % 2 == 0:
        return ((False, sentence),)
    found = []
    for k, part in enumerate(parts):
        is_math = k % 2 == 1 and bool(part.strip()) and read(part) is not None
        if part or k % 2:
            found.append((is_math, part if is_math or k % 2 == 0 else f"${part}$"))
    return tuple(found)


@remembered
def for_html(sentence: str, source: bool = True) -> str:
    """The sentence as HTML, its mathematics as MathML, with its LaTeX if ``source``."""
    return in_html(sentence, lambda tex: _mathml(tex, source))


def in_html(sentence: str, formula: Callable[[str], str]) -> str:
    """The sentence as HTML; ``formula`` sets its mathematics. No line begins with the comma or full stop behind it."""
    out = ""
    behind = ""
    for is_math, part in pieces(sentence):
        if is_math:
            out += behind
            behind = formula(part)
        else:
            mark = part[:1] if behind and part[:1] in _MARKS else ""
            out += kept(behind, mark) if mark else behind
            out += mathml.quoted(part.removeprefix(mark))
            behind = ""
    return out + behind


def kept(formula: str, mark: str) -> str:
    """A formula with the mark behind it, which does not begin a line."""
    *before, last = formula.rpartition(BREAK)
    return f'{"".join(before)}<span style="white-space: nowrap">{last}{mark}</span>'


_MARKS = (",", ".", ";", ":", ")")


def _mathml(tex: str, source: bool) -> str:
    box = read(tex)
    return formula(box, tex, source=source) if box is not None else mathml.quoted(tex)


def formula(box: Box, tex: str = "", *, source: bool = False) -> str:
    """A formula within a sentence; a long one in pieces, between which a narrow page breaks the line."""
    if breadth(box) <= NARROW:
        return mathml.inline(box, tex, source=source)
    return BREAK.join(
        [
            shown if breadth(piece) <= NARROW else scrolled(shown, breadth(piece))
            for piece in broken(box, NARROW, breadth)
            for shown in (mathml.inline(piece, source=source),)
        ]
    )


BREAK = "&#x200B;"
"""Where the line may be broken within a formula."""

NARROW = 22
"""The breadth, in letters, of what a phone has room for."""


def scrolled(shown: str, broad: int) -> str:
    """Mathematics that is scrolled where it is broader than its place; printed, it is made as small as its breadth asks."""
    return (
        f'<span class="dg-piece" style="--dg-breadth: {broad}" tabindex="0" role="group" aria-label="Long formula">'
        f"{shown}</span>"
    )


def for_latex(sentence: str) -> str:
    """The sentence as LaTeX."""
    return "".join(f"${part}$" if is_math else escaped(part) for is_math, part in pieces(sentence))


_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|$~&])")


def plain_markdown(text: str) -> str:
    """Text in which no character means markup to Markdown or to HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def for_markdown(sentence: str) -> str:
    """The sentence as Markdown, mathematics between dollar signs."""
    return "".join(f"${_inline(part)}$" if is_math else _spaced(part) for is_math, part in pieces(sentence))


def inline_markdown(tex: str) -> str:
    """A formula of ours within a line of Markdown."""
    return f"${_inline(tex)}$"


def _inline(tex: str) -> str:
    # GitHub takes a backslash before punctuation for its own escape when it stands inside a line
    return markdown_math(tex.strip()).replace(r"\,", r"\thinspace ").replace(r"\;", r"\thickspace ")


def _spaced(part: str) -> str:
    """Escaped text with the spaces at its ends kept."""
    body = plain_markdown(part)
    return (" " if part[:1].isspace() else "") + body + (" " if part[-1:].isspace() and body else "")


def markdown_math(tex: str) -> str:
    """LaTeX for use inside Markdown: nothing in it closes the mathematics or reads as a template, and GitHub takes it."""
    tex = _OPERATOR.sub(r"\\mathop{\\mathrm{\1}}\\nolimits ", tex).replace("nolimits  ", "nolimits ")
    return (
        tex.replace("{{", "{ {").replace("{%", "{ %").replace("<", r"\lt ").replace("](", "] (").replace("\n\n", "\n")
    )


_OPERATOR = re.compile(r"\\operatorname\{([^{}]*)\}")
"""A command that GitHub refuses."""


@remembered
def for_terminal(sentence: str, tie: str = " ") -> str:
    """The sentence in Unicode, with ``tie`` for the spaces within a short formula; control characters are dropped."""
    said = ""
    for is_math, part in pieces(sentence):
        shown = unicode_math(part) if is_math else part
        shown = _SPACES.sub(" ", "".join(ch for ch in shown if ch.isprintable()))
        said += shown.replace(" ", tie) if is_math and len(shown) <= NARROW else shown
    return _SPACES.sub(" ", said).strip()


_SPACES = re.compile(" +")


def unicode_math(tex: str) -> str:
    """A formula in Unicode; what is no formula that we can read stays as it is."""
    box = read(tex)
    return " ".join(linear(box).split()) if box is not None else tex
