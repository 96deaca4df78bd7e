"""Boxes as LaTeX that pdflatex, lualatex, KaTeX and MathJax print alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from unicodedata import decomposition

from derivgen.catalog.letters import LETTER_NAMES
from derivgen.expr import Expr
from derivgen.show.layout.box import (
    Apply,
    Big,
    Box,
    Cells,
    Changed,
    Fence,
    Frac,
    Grid,
    LargeZero,
    Letter,
    Name,
    Num,
    Root,
    Row,
    Script,
    Sign,
    Space,
    Text,
    Value,
    breathing,
    has_fraction,
    remembered,
)
from derivgen.show.layout.notate import notate
from derivgen.show.layout.style import NOTES, Style


def latex(e: Expr, style: Style = NOTES) -> str:
    """An expression as LaTeX, without dollar signs."""
    return write(notate(e, style))


GREEK: dict[str, str] = {sign: f"\\{name}" for sign, name in LETTER_NAMES.items()} | {
    "ε": r"\varepsilon",
    "φ": r"\varphi",
}

_SIGNS: dict[str, str] = {
    "−": "-", "·": r"\cdot", "⊗": r"\otimes", "⊙": r"\odot", "⊘": r"\oslash", "∘": r"\circ", "◯": r"\bigcirc", "∂": r"\partial", "∇": r"\nabla",
    "×": r"\times", "T": r"\mathsf T", "…": r"\ldots", "⋯": r"\cdots",
    "⋮": r"\vdots", "⋱": r"\ddots", "∈": r"\in", "→": r"\to", "⟹": r"\implies", "′": "'", "ℝ": r"\mathbb{R}", "vec": "",
}  # fmt: skip

_FENCES: dict[str, tuple[str, str]] = {
    "(": ("(", ")"),
    "[": ("[", "]"),
    "{": (r"\{", r"\}"),
    "|": (r"\lvert", r"\rvert"),
    "‖": (r"\lVert", r"\rVert"),
}

_ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip

_RELATIONS = {
    "≤": r"\leq",
    "≥": r"\geq",
    "≠": r"\neq",
    "≈": r"\approx",
    "⟂": r"\perp",
    "∞": r"\infty",
    "∑": r"\sum",
    "∏": r"\prod",
    "√": r"\surd",
}

_IN_TEXT = _ESCAPES | {
    sign: f"${command}$" for sign, command in (_SIGNS | _RELATIONS | GREEK).items() if not sign.isascii()
}
"""Fonts of text have no Greek and no signs: in a sentence they are mathematics."""

NEW = r"\textcolor{teal}"
"""The colour of what is new in a line. It is underlined too, for those who do not see colours."""

LARGE_ZERO = r"\smash{\text{\huge 0}}"
TALL_LARGE_ZERO = r"\text{\huge 0}"


def escaped(text: str) -> str:
    """Text in which no character commands LaTeX; control characters are dropped."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(_IN_TEXT.get(ch) or _raised(ch) for ch in text if ch.isprintable())


def _raised(char: str) -> str:
    """A small letter above or below the line, such as ᵀ, as LaTeX has it; any other character as it is."""
    if char.isascii() or char in "ªº¹²³":
        return char
    place, _, code = decomposition(char).partition(" ")
    place = {"<super>": "^", "<sub>": "_"}.get(place, "")
    return f"${place}{{{write(Letter(chr(int(code, 16)), 'upright'))}}}$" if place and " " not in code else char


@remembered
def write(box: Box) -> str:
    """A box as LaTeX."""
    match box:
        case Num(digits):
            return digits
        case Letter(text, font):
            return _letter(text, font)
        case Sign(char):
            return box.latex or _SIGNS.get(char, char)
        case Name(_, command):
            return command
        case Text(text):
            return rf"\text{{{escaped(text)}}}"
        case Space(wide):
            return r"\quad" if wide else r"\,"
        case Row(parts):
            return _row(parts)
        case Apply(head, args):
            inside = ", ".join([write(a) for a in args])
            return write(head) + _fenced(inside, "(", ")")
        case Frac(over, under, full):
            return rf"\{'d' if full else ''}frac{{{write(over)}}}{{{write(under)}}}"
        case Script():
            return _script(box)
        case Root(body):
            return rf"\sqrt{{{write(body)}}}"
        case Fence(body, left, _):
            return _fenced(write(body), *_FENCES[left])
        case Big(below, above, sign):
            return rf"{_RELATIONS[sign]}_{_braced(below)}^{_braced(above)}"
        case Value(body, at):
            return rf"\left. {write(body)} \right|_{_braced(at)}"
        case Changed(body):
            return rf"\underline{{{NEW}{{{write(body)}}}}}"
        case LargeZero(tall):
            return TALL_LARGE_ZERO if tall else LARGE_ZERO
        case Grid(rows, "matrix"):
            return rf"\begin{{bmatrix}} {_set_apart(rows)} \end{{bmatrix}}"
        case Grid(rows):
            return rf"\begin{{cases}} {_set_apart(rows, 'cases')} \end{{cases}}"


def _letter(text: str, font: str) -> str:
    greek = GREEK.get(text)
    if greek is not None:
        return rf"\boldsymbol{{{greek}}}" if font == "bold" else greek
    if not text.isascii():  # mathematics fonts have no such letter
        return rf"\textbf{{{escaped(text)}}}" if font == "bold" else rf"\text{{{escaped(text)}}}"
    if font == "italic" and len(text) == 1 and text.isalnum():
        return text
    inside = _mathematical(text)
    return (
        rf"\mathbf{{{inside}}}"
        if font == "bold"
        else rf"\mathrm{{{inside}}}"
        if len(text) > 1 or font == "upright"
        else inside
    )


_MATH_ESCAPES = _ESCAPES | {"\\": r"\backslash ", "^": r"\wedge ", "~": r"\sim ", "<": "<", ">": ">"}


def _mathematical(text: str) -> str:
    if text.isalnum():
        return text
    return "".join(_MATH_ESCAPES.get(ch, ch) for ch in text if ch.isprintable())


def _row(parts: tuple[Box, ...], *, small: bool = False) -> str:
    out = ""
    before: Box | None = None
    for part in parts:
        piece = write(part)
        if not piece:
            continue
        apart = not small and not _close(before, part)
        if out and (apart or (_ends_in_command(out) and piece[0].isalnum())):
            out += " "
        out += piece
        before = part
    return out


def _close(left: Box | None, right: Box) -> bool:
    """Whether no space stands between two boxes in the source: after a minus sign, before a comma, around a slash."""
    match left:
        case Sign(char, role) if char in _TIGHT or (role == "prefix" and char == "−"):
            return True
    match right:
        case Sign(char, role):
            return char in _TIGHT or role == "punctuation"
        case _:
            return False


_TIGHT = frozenset("/′():")


def _ends_in_command(text: str) -> bool:
    stripped = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return stripped != text and stripped.endswith("\\")


def _script(box: Script) -> str:
    base = write(box.base)
    if isinstance(box.base, Row | Frac | Script | Root | Grid):
        base = f"{{{base}}}"
    sub = f"_{_small(box.sub)}" if box.sub is not None else ""
    if box.sup is None:
        return base + sub
    sup = write(box.sup)
    if sup.strip("'") == "":
        return base + sub + sup
    return f"{base}{sub}^{_small(box.sup)}"


def _small(box: Box) -> str:
    """A script's content, in braces unless it is one character."""
    text = _row(box.parts, small=True) if isinstance(box, Row) else write(box)
    return text if len(text) == 1 else f"{{{text}}}"


def _braced(box: Box) -> str:
    text = _small(box)
    return text if text.startswith("{") else f"{{{text}}}"


def is_tall(text: str) -> bool:
    """Whether LaTeX sets it higher than a line."""
    return any(mark in text for mark in (r"frac{", r"\sum", r"\begin", r"\left."))


def _fenced(inside: str, left: str, right: str) -> str:
    if is_tall(inside):
        return rf"\left{left} {inside} \right{right}"
    gap = " " if left[-1].isalpha() else ""
    return f"{left}{gap}{inside}{gap}{right}"


def _cells(rows: Cells, gap: Callable[[Cells], str] = lambda neighbours: "") -> str:
    """The rows, with the gap between two neighbours."""
    lines = [" &".join(["" if cell is None else " " + write(cell) for cell in line]).strip() for line in rows]
    lines = ["{}" + line if line.startswith("[") else line for line in lines]  # a row break would take [ for its own
    ends = [rf" \\{gap(rows[k : k + 2])} " for k in range(len(lines) - 1)]
    return "".join([line + end for line, end in zip(lines, [*ends, ""], strict=True)])


def _set_apart(rows: Cells, form: Literal["matrix", "cases"] = "matrix") -> str:
    """The rows of a matrix or of cases; those with fractions are set apart, or they would touch.

    A row of dots brings its own room with it.
    """
    if not any(map(_has_fraction, rows)):
        return _cells(rows)
    full = breathing(rows, form)
    wide = "[6pt]" if full == rows else "[10pt]"

    def gap(neighbours: Cells) -> str:
        above, below = map(_has_fraction, neighbours)
        return wide if form == "cases" or (above and below) else "[3pt]" if below else ""

    return _cells(full, gap)


def _has_fraction(row: tuple[Box | None, ...]) -> bool:
    return any(cell is not None and has_fraction(cell) for cell in row)
