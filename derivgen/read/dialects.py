"""The languages in which an expression may be given, and which of them a text is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derivgen.errors import DerivgenError, ParseError, Span
from derivgen.expr import Definition, Expr, Symbol
from derivgen.read.declare import Declarations
from derivgen.read.question import parse_variable, read
from derivgen.read.text.scan import looks_like_latex

DIALECTS = ("auto", "text", "latex")
"""What ``--from`` takes; "auto" takes a text for LaTeX where it has a command, a braced script or dollar signs."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        expression: the expression.
        declarations: what was declared, and, in LaTeX, inferred.
        definitions: the reader's names for intermediates, in order.
        remarks: what was inferred or guessed, in sentences for the reader.
    """

    expression: Expr
    declarations: Declarations
    definitions: tuple[Definition, ...] = ()
    remarks: tuple[str, ...] = ()


def is_latex(source: str, dialect: str) -> bool:
    """Whether ``source`` is to be read as LaTeX."""
    if dialect not in DIALECTS:
        raise ParseError(f"there is no dialect {dialect!r}", hint=f"the dialects are {', '.join(DIALECTS)}")
    if dialect != "auto":
        return dialect == "latex"
    return looks_like_latex(source)


def read_any(
    source: str | Expr,
    where: str = "",
    lets: Sequence[str] = (),
    define: Sequence[str] = (),
    *,
    dialect: str = "auto",
    preamble: str = "",
) -> Reading:
    r"""An expression in any dialect, with its declarations; an expression brings its own, and may be given more.

    ``preamble`` is text with \newcommand and \DeclareMathOperator, for LaTeX.
    """
    if isinstance(source, str) and is_latex(source, dialect):
        from derivgen.read.latex.formula import read_latex

        return Reading(*read_latex(source, where, lets, preamble, define))
    return Reading(*read(source, where, lets, define))


def variable_any(source: str, reading: Reading, *, preamble: str = "") -> Symbol | tuple[Symbol, ...]:
    r"""The variable to differentiate by, in any dialect: w, \mathbf{w}, or a list of scalars."""
    if "\\" in source or "{" in source:
        from derivgen.read.latex.formula import latex_variable

        bare = source.strip().strip("$").strip()
        several = bare[:1] == "[" and bare[-1:] == "]"
        parts = bare[1:-1].split(",") if several else [bare]
        names = [latex_variable(part, reading.declarations, preamble) or part for part in parts]
        try:
            return parse_variable(f"[{', '.join(names)}]" if several else names[0], reading.declarations)
        except DerivgenError as wrong:  # it points into the plain name
            wrong.source, wrong.span = source, Span(0, len(source))
            raise
    return parse_variable(source, reading.declarations)
