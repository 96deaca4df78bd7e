"""What an author may want to write otherwise, though nothing is false: fonts, marks, matrices that do not line up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from derivgen.notes.faults.patterns import Outlier
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.edits import argument_end
from derivgen.notes.sources.source import Formula, Prose
from derivgen.notes.verdict import Finding

_STRAY = re.compile(r",\s*\.\s*(?=\\[lc]?dots\b|,)")
_EMPTY_GROUP = re.compile(r"(?:\\[A-Za-z]+\s*\{[^{}]*\}|[A-Za-z])?\{\s*\^")
_LIST = re.compile(
    r"\\begin\{(?P<env>array|[pbvBV]?matrix)\}\s*(?:\{[lcr|]*\})?(?P<body>(?:[^&\\]|\\(?![\\]|begin|end))*?)\\end\{(?P=env)\}"
)
_MATRIX = re.compile(
    r"\\begin\{(?P<env>array|[pbvBV]?matrix)\}\s*(?:\{[lcr|]*\})?(?P<body>(?:(?!\\begin|\\end).)*)\\end\{(?P=env)\}",
    re.DOTALL,
)
_VALUE = re.compile(
    r"^\s*\\(?:mathbf|boldsymbol|bm|vec)\s*(?:\{\s*[a-z]\s*\}|[a-z])\s*=\s*(?P<f>[fgh])\s*(?:\\left)?\((?=.*\\(?:mathbf|boldsymbol|bm|vec))"
)
_BOLD = r"\\(?:mathbf|boldsymbol|bm|vec)\s*(?:\{{\s*{0}\s*\}}|{0})"
_NOT = re.compile(
    r"\(?(?:[Nn]ote\s+(?:the\s+)?(?:notation\s+)?)?⟦(?P<one>\d+)⟧,?\s+(?:and\s+)?(?:not|rather than)\s+⟦(?P<other>\d+)⟧\s+(?:as|since|because|for)\b"
    r"[^.⟦]*?\b(?:is|are)\s+(?:an?\s+)?(?P<kind>scalar|number|vector|matrix)"
)
_IS_BOLD = re.compile(r"\s*\\(?:mathbf|boldsymbol|bm|vec)\b")


def style(context: Context) -> Iterator[Finding]:
    """Findings on how a text is written, in its order."""
    for number, piece in enumerate(context.notes.pieces):
        if isinstance(piece, Formula):
            yield from _marks(piece)
            yield from _brackets(piece)
            yield from _matrices(piece)
            yield from _function_font(context, piece)
            yield from _half_derivatives(context, piece)
        elif isinstance(piece, Prose):
            yield from _sign_in_prose(context, number, piece)
    yield from _swapped(context)
    yield from _twice(context)


def _found(piece: Formula, start: int, end: int, code: str, message: str, repair: str | None = None) -> Finding:
    return Finding(piece.start + start, piece.start + end, code, "warning", message, repair)


def _marks(piece: Formula) -> Iterator[Finding]:
    for m in _STRAY.finditer(piece.latex):
        yield _found(piece, m.start(), m.end(), "stray-mark", "a period stands before the dots", ",")
    empty = _EMPTY_GROUP.search(piece.latex)
    if empty is not None:
        yield _found(piece, empty.start(), empty.end(), "empty-group", "this superscript stands on an empty group: write ^ before the brace")  # fmt: skip


_BRACKETS = re.compile(
    r"(?P<skip>\\\\\s*(?:\[[^\]]*\])?|\\(?:left|right)\s*(?:\\[A-Za-z]+|\\?.)|\\(?:text\w*|mbox|label|tag|ref)\s*\{[^{}]*\}|\\.|%[^\n]*)"
    r"|(?P<sign>[(){}\[\]])"
)


def _brackets(piece: Formula) -> Iterator[Finding]:
    """The first bracket that has no other; half-open intervals have two kinds."""
    opened: list[re.Match[str]] = []
    outward = False
    for m in _BRACKETS.finditer(piece.latex):
        sign = m["sign"] or ""
        if sign and sign in "([{":
            opened.append(m)
        elif sign and sign in ")]}":
            kin = "{" if sign == "}" else "(["
            other = next((k for k in range(len(opened) - 1, -1, -1) if opened[k]["sign"] in kin), None)
            if other is None:
                if sign == ")" and "(" in piece.latex:
                    yield _found(piece, m.start(), m.end(), "bracket", "this ) closes nothing")
                    return
                outward |= sign == "]"  # ]0, 1[
                continue
            if sign != "}" and any(o["sign"] == "{" for o in opened[other + 1 :]):
                message = (
                    f"this {sign} stands within braces, and the {opened[other]['sign']} that it closes outside of them"
                )
                yield _found(piece, m.start(), m.end(), "bracket", message)
                return
            del opened[other]
    for m in opened:
        if m["sign"] == "(" or (m["sign"] == "[" and not outward):
            yield _found(piece, m.start(), m.end(), "bracket", f"this {m['sign']} is never closed")
            return


def _matrices(piece: Formula) -> Iterator[Finding]:
    for m in _LIST.finditer(piece.latex):
        if re.search(r",(?![^(]*\))", m["body"]):
            yield _found(piece, m.start(), m.end(), "list-in-cell", "this matrix has one cell, which holds a list: part its entries with & or \\\\")  # fmt: skip
    for m in _MATRIX.finditer(piece.latex):
        rows = [len(re.findall(r"(?<!\\)&", row)) + 1 for row in re.split(r"\\\\", m["body"]) if row.strip()]
        if rows and 1 < rows[0] < max(rows) and len(set(rows)) > 1:
            shown = ", ".join(map(str, rows))
            yield _found(piece, m.start(), m.end(), "uneven-rows", f"the rows of this matrix have {shown} cells")


def _function_font(context: Context, piece: Formula) -> Iterator[Finding]:
    m = _VALUE.match(piece.latex)
    if m is not None and re.search(_BOLD.format(m["f"]), context.notes.text):
        message = f"the values of {m['f']} are vectors here; elsewhere in the text such a function is bold"
        yield _found(piece, m.start("f"), m.end("f"), "function-font", message, rf"\mathbf {m['f']}")


_FRACTION = re.compile(r"\\[dt]?frac\s*(?=\{)")
_PARTIAL = re.compile(r"\s*\\partial\b(?!\s*\^)")
_DIFFERENTIAL = re.compile(r"\s*d\s*(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{\s*[A-Za-z]\s*\}|[A-Za-z](?:_\w)?)?\s*")
_LETTER = re.compile(r"\s*(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{\s*[A-Za-z]\s*\}|(?!d)[A-Za-z])(?:_(?:\w|\{\w+\}))?\s*")
_WHOLE = re.compile(r"frac\s*\{\s*d[^{}]*\}\s*\{\s*d")

ENOUGH_DERIVATIVES = 3
"""How many derivatives with d a text has, in which d over a letter is one that lacks a sign."""


def _half_derivatives(context: Context, piece: Formula) -> Iterator[Finding]:
    for found in half_derivatives(piece.latex, with_d=_writes_d(context)):
        message = "below this line stands a letter without the sign of the differential that stands above it"
        yield _found(piece, found.start, found.end, "half-derivative", message, found.text)


def half_derivatives(latex: str, *, with_d: bool) -> Iterator[Outlier]:
    """∂y over x, where ∂x is meant, each with that in its place; ``with_d`` says whether dy over x is one, too."""
    for m in _FRACTION.finditer(latex):
        middle = argument_end(latex, m.end())
        end = argument_end(latex, middle)
        over, under = latex[m.end() + 1 : middle - 1], latex[middle:end].strip()[1:-1]
        if not (latex[middle:end].strip().startswith("{") and _LETTER.fullmatch(under)):
            continue
        partial = _PARTIAL.match(over) is not None
        if not partial and not (with_d and _DIFFERENTIAL.fullmatch(over)):
            continue
        yield Outlier(latex.index("{", middle) + 1, end - 1, ("\\partial " if partial else "d") + under.strip())


def _writes_d(context: Context) -> bool:
    """Whether d is the sign of the differential in a text, and no letter."""
    text = context.notes.text
    return (
        len(_WHOLE.findall(text)) >= ENOUGH_DERIVATIVES
        and re.search(r"\$\s*d\s*(?:\$|=)|(?<![A-Za-z\\])d\s*=", text) is None
    )


def _sign_in_prose(context: Context, number: int, piece: Prose) -> Iterator[Finding]:
    pieces = context.notes.pieces
    if not re.fullmatch(r"[ \t]*=[ \t]*", piece.text) or not 0 < number < len(pieces) - 1:
        return
    before, after = pieces[number - 1], pieces[number + 1]
    if isinstance(before, Formula) and isinstance(after, Formula):
        message = "this sign of equality stands between two formulas: one formula holds them together"
        yield Finding(before.start, after.end, "sign-in-prose", "warning", message)


def _swapped(context: Context) -> Iterator[Finding]:
    for text, formulas in context.words.marked:
        for m in _NOT.finditer(text):
            one, other = formulas.get(int(m["one"])), formulas.get(int(m["other"]))
            if one is None or other is None:
                continue
            bold = _IS_BOLD.match(one.latex) is not None
            if bold != (_IS_BOLD.match(other.latex) is not None) and bold == (m["kind"] in ("scalar", "number")):
                message = f"a {m['kind']} is {'not ' if bold else ''}set in bold in this text: the two are swapped"
                yield Finding(one.start, other.end, "swapped-fonts", "warning", message)


def _twice(context: Context) -> Iterator[Finding]:
    """A name that is given the transpose of what it was given just before."""
    for several in context.definitions.values():
        for one, other in pairwise(several):
            first, second = (re.sub(r"\s+", "", d.latex) for d in (one, other))
            turned = second.removeprefix(first)
            if one.row.section == other.row.section and second.startswith(first) and re.match(r"\^", turned):
                formula = other.row.formula
                start = other.row.statement.members[0].start
                yield _found(formula, start, other.row.statement.members[-1].end, "redefined",
                             f"{one.name[0]} stands for something else before: it needs another name here")  # fmt: skip
