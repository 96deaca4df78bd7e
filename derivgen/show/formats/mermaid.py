"""The computational graph as a Mermaid flowchart, which GitHub and MkDocs draw."""

from __future__ import annotations

from derivgen.derivation.derivation import Derivation
from derivgen.show.figures.graph import Graph, Role, graph
from derivgen.show.formats import Wishes, alone

SUFFIXES = (".mmd", ".mermaid")
_SHAPES: dict[Role, tuple[str, str]] = {"source": ('(["', '"])'), "inner": ('["', '"]'), "sink": ('[["', '"]]')}

_PLAIN = frozenset(" (),.=+/|'?")
"""The ASCII signs that Mermaid takes as they stand between quotation marks; all others are written by their number."""


def mermaid(d: Derivation, wishes: Wishes) -> str:
    """The graph of a derivation, from the variable down to the value."""
    return source(graph(d, wishes.title))


FORMAT = alone(mermaid)


def source(g: Graph) -> str:
    """A graph in the language of Mermaid."""
    out = ["flowchart TB", f"  accTitle: {_sentence(g.title)}", f"  accDescr: {_sentence(g.summary)}"]
    for k, node in enumerate(g.nodes):
        left, right = _SHAPES[node.role]
        out.append(f"  n{k}{left}{_label(node.lines)}{right}")
    for edge in g.edges:
        arrow, lines = ("-.->", (*edge.lines, "✗ refuted")) if edge.refuted else ("-->", edge.lines)
        out.append(f'  n{edge.start} {arrow}|"{_label(lines)}"| n{edge.end}')
    return "\n".join(out) + "\n"


def _label(lines: tuple[str, ...]) -> str:
    return "<br/>".join(map(_quoted, lines)) or " "


def _quoted(text: str) -> str:
    """Text for between quotation marks, in which nothing is a quotation mark, HTML, Markdown or an entity."""
    return "".join(ch if ch.isalnum() or not ch.isascii() or ch in _PLAIN else f"#{ord(ch)};" for ch in _visible(text))


def _sentence(text: str) -> str:
    """Text for a line of prose, which ends with the line: without the signs of directives and of HTML."""
    return "".join(ch for ch in _visible(text) if ch not in '$%{}<#&\\`"').lstrip("; ")


def _visible(text: str) -> str:
    return "".join(ch if ch.isprintable() else " " for ch in text)
