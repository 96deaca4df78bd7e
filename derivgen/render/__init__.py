"""Tree to page: the output formats of a derivation by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from derivgen.errors import DerivgenError
from derivgen.expr import deep
from derivgen.render import (
    as_beamer,
    as_code,
    as_html,
    as_json,
    as_latex,
    as_markdown,
    as_mathml,
    as_mermaid,
    as_pattern,
    as_svg,
    as_text,
    pdf,
)
from derivgen.render.code_dialect import DIALECTS
from derivgen.render.derivation import Derivation, Detail, Wishes, style_of
from derivgen.render.latex import latex

Format = Callable[[Sequence[Derivation], Wishes], str | bytes]


def _each(write: Callable[[Derivation, Wishes], str]) -> Format:
    """Several derivations, one under the other."""
    return lambda ds, wishes: "\n\n".join([write(d, wishes).strip("\n") for d in ds]) + "\n"


def _alone(write: Callable[[Derivation, Wishes], str]) -> Format:
    """A picture, which shows one derivation."""

    def one(ds: Sequence[Derivation], wishes: Wishes) -> str:
        if len(ds) != 1:
            raise DerivgenError("a picture shows one derivation", hint="differentiate by one variable at a time")
        return write(ds[0], wishes)

    return one


FORMATS: dict[str, Format] = {
    "text": _each(as_text.text),
    "latex": _each(as_latex.fragment),
    "tex": as_latex.document,
    "pdf": pdf.pdf,
    "beamer": as_beamer.beamer,
    "markdown": _each(as_markdown.markdown),
    "html": as_html.html,
    "mathml": _each(as_mathml.fragment),
    "json": as_json.as_json,
    "svg": _alone(as_svg.svg),
    "mermaid": _alone(as_mermaid.mermaid),
    "pattern": _alone(as_pattern.svg),
    **{dialect.name: as_code.code(dialect) for dialect in DIALECTS},
}
"""Every output format: a new one is a file and a line here. All are text but "pdf"."""


def render(d: Derivation, format: str, *, detail: Detail = "normal", color: bool = False) -> str:
    """A derivation in the format of that name; it must be one of text."""
    found = render_all([d], format, detail=detail, color=color)
    if isinstance(found, bytes):
        raise DerivgenError(f"{format} is not text", hint=f"render_all([d], {format!r}) gives its bytes")
    return found


def render_all(
    ds: Sequence[Derivation], format: str, *, detail: Detail = "normal", color: bool = False, title: str = ""
) -> str | bytes:
    """Derivations as one document in the format of that name; bytes where the format is not text."""
    write = FORMATS.get(format)
    if write is None:
        raise DerivgenError(f"there is no format {format!r}", hint=f"the formats are {', '.join(FORMATS)}")
    with deep():
        return write(ds, Wishes(detail, color, title=title))


def answer_latex(d: Derivation) -> str:
    """The answer alone, ∂y/∂w = …, as LaTeX."""
    style = style_of(d)
    with deep():
        return f"{latex(d.left, style)} = {latex(d.printed_result, style)}"
