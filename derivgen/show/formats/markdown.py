"""A derivation as Markdown with dollar mathematics, for GitHub, MkDocs and notebooks alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from derivgen.derivation.derivation import Derivation
from derivgen.options import Options
from derivgen.show.document.blocks import Answer, Aside, Equations, Item, Question, Sentence, Summary
from derivgen.show.document.context import style_of
from derivgen.show.document.document import document_of
from derivgen.show.document.prose import for_markdown, for_terminal, inline_markdown, markdown_math, plain_markdown
from derivgen.show.document.verdicts import MARKS, evidence
from derivgen.show.document.writer import Writer
from derivgen.show.formats import Wishes, each
from derivgen.show.formats.mermaid import mermaid
from derivgen.show.formats.numpy import code
from derivgen.show.layout.box import Box
from derivgen.show.layout.lines import Line
from derivgen.show.math.latex import latex, write
from derivgen.show.math.latex_lines import aligned

SUFFIXES = (".md", ".markdown")


def markdown(d: Derivation, wishes: Wishes) -> str:
    """The whole derivation. Headings are without mathematics, and no display has a blank line in it."""
    return "\n\n".join(Markdown().parts(d, wishes)) + "\n"


FORMAT = each(markdown)


class Markdown(Writer):
    """Parts are paragraphs and displays; the title is a heading of a ``level``."""

    ANSWER = "**Answer.**"
    NOTE = "*Note.* "

    def __init__(self, level: int = 2) -> None:
        self.level = level

    def lines(self, lines: Sequence[Line]) -> list[str]:
        return displays(lines)

    def formula(self, box: Box) -> str:
        return inline_markdown(write(box))

    def prose(self, sentence: str) -> str:
        return for_markdown(sentence)

    def title(self, text: str) -> str:
        return f"{'#' * self.level} {plain_markdown(for_terminal(text))}"

    def item(self, b: Item) -> list[str]:
        number = f"({b.number})" if b.depth else f"{b.number}."
        rule = f" (`{re.sub(r'[^A-Za-z0-9-]+', '-', b.rule)}`)" if b.rule else ""
        parts = [f"**{number} {for_markdown(b.title)}.** {for_markdown(b.reason)}{rule}", *displays(b.lines)]
        if b.check is not None:
            said = f"{MARKS[b.check.status]} {plain_markdown(evidence(b.check))}"
            parts.append(f"**{said}**" if b.check.status == "refuted" else f"*{said}*")
        return [*parts, *self.blocks(b.substeps)]

    def aside(self, b: Aside) -> list[str]:
        return [f"**{for_markdown(b.title)}.**", *self.blocks(b.blocks)]

    def summary(self, b: Summary) -> list[str]:
        return [f"*{MARKS[b.status]} {plain_markdown(b.text)}*"]


def displays(lines: Sequence[Line]) -> list[str]:
    """Equations in a display of their own; several are aligned."""
    return [f"$$\n{markdown_math(aligned(lines))}\n$$"] if lines else []


# --- in place of a block of a page -----------------------------------------------------------------------------------


def plain(ds: Sequence[Derivation], options: Options, *, inline: bool) -> str:
    """What stands in place of a block, or of a code span: then it is one formula."""
    if inline:
        return ", ".join(f"${markdown_math(latex(d.printed_result, style_of(d)))}$" for d in ds)
    writer = Markdown(level=3)
    alone = len(ds) == 1
    parts = [writer.title(options.title)] if options.title and not alone else []
    for d in ds:
        parts += _one(d, options, options.title if alone else "", writer)
    return "\n\n".join(parts)


def _one(d: Derivation, options: Options, title: str, writer: Markdown) -> list[str]:
    show = options.show
    document = document_of(d, Wishes(replace(options, title=title)))
    if "steps" in show:
        heading, *parts = writer.blocks(document.blocks)
    else:
        (question,), (answer,) = document.find(Question), document.find(Answer)
        heading, parts = writer.title(question.title), [*displays(question.lines), *displays((answer.line,))]
        parts += writer.blocks(b for b in answer.blocks if isinstance(b, Sentence | Equations))
    graph = [f"```mermaid\n{mermaid(d, Wishes()).strip()}\n```"] if "graph" in show else []
    written = [f"```python\n{code(d).strip()}\n```"] if "code" in show else []
    return [heading, *graph, *parts, *written]
