"""Tree to page: the output formats of a derivation by name."""

from __future__ import annotations

from collections.abc import Callable

from derivgen.errors import DerivgenError
from derivgen.expr import deep
from derivgen.render import as_json, as_latex, as_markdown, as_text
from derivgen.render.derivation import Derivation, Detail, Wishes, style_of
from derivgen.render.latex import latex

Format = Callable[[Derivation, Wishes], str]

FORMATS: dict[str, Format] = {
    "text": as_text.text,
    "latex": as_latex.fragment,
    "tex": as_latex.document,
    "markdown": as_markdown.markdown,
    "json": as_json.as_json,
}
"""Every output format: a new one is a file and a line here."""


def render(d: Derivation, format: str, *, detail: Detail = "normal", color: bool = False) -> str:
    """A derivation in the format of that name."""
    write = FORMATS.get(format)
    if write is None:
        raise DerivgenError(f"there is no format {format!r}", hint=f"the formats are {', '.join(FORMATS)}")
    with deep():
        return write(d, Wishes(detail, color))


def answer_latex(d: Derivation) -> str:
    """The answer alone, ∂y/∂w = …, as LaTeX."""
    style = style_of(d)
    with deep():
        return f"{latex(d.left, style)} = {latex(d.printed_result, style)}"
