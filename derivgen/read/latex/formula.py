"""One formula in LaTeX read: an expression, a display, or a surface tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache

from derivgen.errors import ParseError, Span
from derivgen.expr import Expr, Shape
from derivgen.options import Layout
from derivgen.read.context import Circumstances
from derivgen.read.declarations import Declarations
from derivgen.read.declare import declare
from derivgen.read.elaborate import context
from derivgen.read.kinds.letters import Written
from derivgen.read.kinds.understand import Understood, understand
from derivgen.read.latex.commands import DISPLAYS
from derivgen.read.latex.desugar import desugared
from derivgen.read.latex.grammar import Parser
from derivgen.read.latex.names import Lexicon
from derivgen.read.latex.tokens import tokenise
from derivgen.read.reading import Choice
from derivgen.read.surface import Chain, Surface
from derivgen.read.text.scan import LONGEST
from derivgen.read.text.scan import looks_like_latex as looks_like_latex
from derivgen.tex.macros import Macro, preamble

_SUGAR = frozenset({"begin", "dots"})
_LISTS = frozenset({"[", "diag", "sum"})
"""Without such tokens there is nothing to be desugared: commas between the arguments of functions stay."""

_FENCES = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))


def window(source: str) -> tuple[int, int]:
    """Where the formula stands in ``source``: dollar signs and their kin around it are left out."""
    start, end = 0, len(source)
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    for left, right in _FENCES:
        if (
            end - start >= len(left) + len(right)
            and source.startswith(left, start)
            and source.endswith(right, start, end)
        ):
            return start + len(left), end - len(right)
    return start, end


@lru_cache(maxsize=8)
def macros(text: str) -> Mapping[str, Macro]:
    """The commands that a preamble defines."""
    return preamble(text) if text else {}


def surface(
    source: str, declarations: Declarations, preamble: str = "", *, start: int = 0, lexicon: Lexicon | None = None
) -> Surface:
    """The surface tree of one formula; ``lexicon`` is that of the declarations, where there is one already.

    Raises:
        ParseError: it cannot be read; the span is the place.
    """
    if start:
        low, high = start, len(source.rstrip())
    else:
        low, high = window(source) if len(source) <= LONGEST else (0, len(source))
    if low >= high:
        raise ParseError("the formula is empty", hint=r"give one, such as \mathbf{w}^{\mathsf T}\mathbf{x} + b")
    tokens = tokenise(source, low, high, macros(preamble), declarations.glossary)
    parser = Parser(source, tokens, lexicon or Lexicon(declarations))
    with _not_too_deep(source):
        display = tokens[0].kind == "begin" and tokens[0].value in DISPLAYS
        found = parser.display() if display else parser.whole()
        if _SUGAR.intersection([t.kind for t in tokens]) or _LISTS.intersection([t.value for t in tokens]):
            found = desugared(found, source, frozenset(declarations.names))
    return found.sides[0] if isinstance(found, Chain) and not found.signs and not found.remarks else found


@contextmanager
def _not_too_deep(source: str) -> Iterator[None]:
    """What is deep in a way that the parser does not count is refused too."""
    try:
        yield
    except RecursionError:
        raise ParseError("the formula is nested too deeply", source=source, hint="name its parts with --let") from None


def parse_latex(
    source: str,
    declarations: str | Mapping[str, str] | Declarations = "",
    preamble: str = "",
    *,
    free_indices: bool = False,
    layout: Layout = "numerator",
    shape: Shape | None = None,
    applied: Mapping[str, tuple[Expr, ...]] | None = None,
    start: int = 0,
) -> Expr:
    r"""The expression that LaTeX says.

    Args:
        source: the formula, with or without dollar signs.
        declarations: as for text; what is not declared is inferred from fonts.
        preamble: text with \newcommand and \DeclareMathOperator.
        free_indices: whether an unknown letter in a subscript is an index.
        layout: which of a derivative and its transpose \frac{\partial y}{\partial x} is.
        shape: the shape of the whole where it is known, as it is in an equation: 𝟏 and I then need no size.
        applied: the arguments of functions that stand without them under ∂.
        start: where the formula begins in the source.
    """
    known = declare(declarations)
    formula = Written(source, expression(source, known, preamble, start=start))
    understood = understand(known, (formula,), layout=layout, free_indices=free_indices, like=shape)
    of = Circumstances(latex=True, free_indices=free_indices, layout=layout, applied=applied or {}, given=known)
    e, _ = elaborated(formula, understood.declarations, understood, of)
    return e


def expression(
    source: str, known: Declarations, preamble: str, *, start: int = 0, lexicon: Lexicon | None = None
) -> Surface:
    """The surface tree of a formula that is no equation.

    Raises:
        ParseError: it is an equation, or cannot be read; the span is the place.
    """
    s = surface(source, known, preamble, start=start, lexicon=lexicon)
    if isinstance(s, Chain):
        sign = source[s.sides[0].span.end : s.sides[1].span.start].strip()
        if s.signs[0] in ("=", ":="):
            at = Span(s.sides[0].span.end, s.sides[1].span.start)
            raise ParseError(
                "an equation is no expression", span=at, source=source, hint="give the right-hand side only"
            )
        if len(s.signs) > 1 or s.signs[0] not in known.glossary.relations:
            raise ParseError(f"{sign} is no operation", span=s.span, source=source)
    return s


def elaborated(
    formula: Written, declarations: Declarations, understood: Understood, of: Circumstances
) -> tuple[Expr, tuple[Choice, ...]]:
    """The expression, all names of which are declared, and what its signs were taken for."""
    with _not_too_deep(formula.source):
        read = context(formula.source, declarations, of, lambda: understood)
        return read.run(formula.tree), tuple(read.notes.values())
