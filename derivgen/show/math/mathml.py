"""Boxes as MathML Core: presentation elements that browsers set and screen readers read, without a script."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from derivgen.expr import Expr
from derivgen.show.layout.box import (
    Apply,
    Big,
    Box,
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
    is_high,
    leading,
    remembered,
    trailing,
)
from derivgen.show.layout.notate import notate
from derivgen.show.layout.style import NOTES, Style
from derivgen.show.math.latex import write

NAMESPACE = "http://www.w3.org/1998/Math/MathML"

APPLY, TIMES, SEPARATOR = "<mo>&#x2061;</mo>", "<mo>&#x2062;</mo>", "<mo>&#x2063;</mo>"
"""What is not printed but read aloud: a function applied, a product, two indices side by side."""


def mathml(e: Expr, style: Style = NOTES) -> str:
    """An expression as a whole ``math`` element, displayed."""
    box = notate(e, style)
    return element(markup(box), write(box))


DISPLAYED, FULL_SIZE = ' display="block"', ' displaystyle="true"'


def element(inside: str, tex: str | None, style: str = DISPLAYED, *, namespace: bool = False) -> str:
    """The ``math`` element around markup. LaTeX goes along for whoever copies it; browsers do not show it."""
    space = f' xmlns="{NAMESPACE}"' if namespace else ""
    if tex is None:
        return f"<math{space}{style}>{inside}</math>"
    note = f'<annotation encoding="application/x-tex">{quoted(tex)}</annotation>'
    return f"<math{space}{style}><semantics><mrow>{inside}</mrow>{note}</semantics></math>"


def inline(box: Box, tex: str = "", *, source: bool = True) -> str:
    """A formula within a sentence, with its LaTeX if ``source``; ``tex`` is that where it was given as such."""
    # a sign that is spoken of stands between nothing
    inside = _tight(box.char) if isinstance(box, Sign) and box.role == "infix" else markup(box)
    return element(inside, (tex or write(box)) if source else None, style="")


def quoted(text: str) -> str:
    """Text in which no character is markup; control characters and marks that turn the writing round are dropped."""
    if text.isalnum():
        return text
    if not text.isprintable():
        text = "\n".join([line if line.isprintable() else _printable(line) for line in text.split("\n")])
    return escape(text) if _MARKUP.search(text) else text


_MARKUP = re.compile(r"[&<>\"']")


def _printable(line: str) -> str:
    return "".join([ch for ch in line if ch.isprintable()])


@remembered
def markup(box: Box) -> str:
    """A box as MathML elements: several for a row, else one."""
    match box:
        case Row(parts):
            return _row(parts)
        case Num(digits):
            return f"<mn>{quoted(digits)}</mn>"
        case Letter(text, font):
            return _letter(text, font)
        case Sign(char, role):
            return _sign(char, role)
        case Name(text):
            return f"<mi>{quoted(text)}</mi>"
        case Text(text):
            return f"<mtext>{quoted(text).replace(' ', '&#xA0;')}</mtext>"
        case Space(wide):
            return _WIDE if wide else _THIN
        case Apply(head, args):
            inside = "<mo>,</mo>".join([markup(a) for a in args])
            return markup(head) + APPLY + _fenced(inside, "(", ")", any(is_high(a) for a in args))
        case Frac(over, under, full):
            size = ' displaystyle="true"' if full else ""
            return f"<mfrac{size}>{one(over)}{one(under)}</mfrac>"
        case Script():
            return _script(box)
        case Root(body):
            return f"<msqrt>{markup(body)}</msqrt>"
        case Fence(body, left, right):
            return _fenced(markup(body), left, right, is_high(body))
        case Big(below, above, sign):
            return f"<munderover><mo>{sign}</mo>{_small(below, SEPARATOR)}{_small(above, TIMES)}</munderover>"
        case Value(body, at):
            bar = '<mo form="postfix" stretchy="true" symmetric="true" lspace="0" rspace="0">|</mo>'
            return f"<msub><mrow>{markup(body)}{bar}</mrow>{one(at)}</msub>"
        case Changed(body):
            return f'<mrow style="{NEW}">{markup(body)}</mrow>'
        case LargeZero():
            return _LARGE_ZERO
        case Grid(rows, "matrix"):
            return _fenced(_table(breathing(rows)), "[", "]", True)
        case Grid(rows):
            return f"<mrow><mo>{{</mo>{_table(breathing(rows, 'cases'), CASE)}</mrow>"


_THIN, _WIDE = '<mspace width="0.167em"></mspace>', '<mspace width="1em"></mspace>'
_WIDER = '<mspace width="0.3em"></mspace>'
"""A thin space behind a letter that leans over it: TeX corrects that by itself, and browsers do not."""

_LARGE_ZERO = (
    '<mpadded height="0.35em" depth="0" voffset="-0.3em"><mstyle mathsize="200%"><mn>0</mn></mstyle></mpadded>'
)
"""No higher than its row, as the smashed zero in LaTeX."""

NEW = "color: var(--dg-link, LinkText); border-bottom: 2px dotted"
"""How what is new in a line is set: by a colour, and by a line under it for those who do not see colours."""

CASE = ' style="text-align: left"'


def one(box: Box) -> str:
    """A box as exactly one element, as scripts, fractions and cells ask for."""
    inside = markup(box)
    return f"<mrow>{inside}</mrow>" if isinstance(box, Row | Apply) else inside


# --- letters and signs ---------------------------------------------------------------------------------------------

_BOLD = {
    **{chr(ord("A") + k): chr(0x1D400 + k) for k in range(26)},
    **{chr(ord("a") + k): chr(0x1D41A + k) for k in range(26)},
    **{chr(ord("0") + k): chr(0x1D7CE + k) for k in range(10)},
    **{chr(ord("Α") + k): chr(0x1D6A8 + k) for k in range(25) if k != 17},
    **{chr(ord("α") + k): chr(0x1D736 + k) for k in range(25)},  # slanted, as \boldsymbol sets them
}
"""The bold letters of mathematics: MathML Core knows no mathvariant="bold"."""


@lru_cache(maxsize=256)
def _letter(text: str, font: str) -> str:
    if font == "bold":
        if all(ch in _BOLD for ch in text):
            kind = "mn" if text.isdigit() else "mi"
            return f"<{kind}>{''.join(_BOLD[ch] for ch in text)}</{kind}>"
        return f'<mi style="font-weight: bold">{quoted(text)}</mi>'
    if not any(ch.isalnum() for ch in text):  # the colon of a whole row
        return f'<mo lspace="0" rspace="0">{quoted(text)}</mo>'
    # a single letter is slanted by itself; LaTeX sets capital Greek upright
    upright = len(text) == 1 and (font == "upright" or "Α" <= text <= "Ω")
    variant = ' mathvariant="normal"' if upright else ""
    return f"<mi{variant}>{quoted(text)}</mi>"


_LETTERLIKE = {"T": "<mi>𝖳</mi>", "ℝ": "<mi>ℝ</mi>", "∂": "<mi>∂</mi>", "∇": "<mi>∇</mi>", "vec": ""}
_TIGHT = frozenset("/()")
_BINARY = {"◯": "0.222em", "·": "0.222em", "⊗": "0.222em", "⊙": "0.222em", "⊘": "0.222em"}


@lru_cache(maxsize=256)
def _sign(char: str, role: str) -> str:
    known = _LETTERLIKE.get(char)
    if known is not None:
        return known
    said = "⋅" if char == "·" else quoted(char)
    if role == "prefix":
        return f'<mo form="prefix">{said}</mo>'
    if role == "ordinary":
        if char in "′":
            return "<mo>′</mo>"
        fence = ' stretchy="false"' if char in "()" else ""
        return f'<mo lspace="0" rspace="0"{fence}>{said}</mo>' if char in _TIGHT else f"<mi>{said}</mi>"
    if role == "infix":
        gap = _BINARY.get(char)
        if gap:
            return f'<mo lspace="{gap}" rspace="{gap}">{said}</mo>'
        # a line may begin with the sign; + and − are then taken for signs of one number, what else there is for none
        return f'<mo form="infix">{said}</mo>' if char in "+−" else f"<mo>{said}</mo>"
    return f"<mo>{said}</mo>"


# --- rows and scripts ----------------------------------------------------------------------------------------------


def _row(parts: tuple[Box, ...], between: str = TIMES, *, small: bool = False) -> str:
    """Boxes side by side; a function's name stands a little apart. ``small`` sets a script, without wide signs."""
    out = ""
    before: Box | None = None
    apart = ""
    for part in parts:
        if isinstance(part, Space) and not part.wide:
            apart = _THIN
            continue
        unseen = _between(before, part, between) if before is not None else ""
        if unseen and not small and (isinstance(leading(part), Name) or _needs_space(before, part)):
            apart = _WIDER if before is not None and _leans(trailing(before)) else _THIN
        tight = small and isinstance(part, Sign) and part.role == "infix"
        out += unseen + apart + (_tight(part.char) if tight and isinstance(part, Sign) else markup(part))
        before, apart = part, ""
    return out + apart


def _tight(char: str) -> str:
    return f'<mo form="infix" lspace="0" rspace="0">{quoted(char)}</mo>'


def _leans(box: Box) -> bool:
    return isinstance(box, Letter) and box.font == "italic" and box.text in {*"FPTVWYf"}


def _needs_space(left: Box | None, right: Box) -> bool:
    """log x, but log(x)."""
    return left is not None and isinstance(trailing(left), Name) and not isinstance(right, Fence)


def _between(left: Box, right: Box, product: str) -> str:
    """What stands unprinted between two boxes of a row."""
    last, first = trailing(left), leading(right)
    if (isinstance(last, Sign) and last.char != "T") or (isinstance(first, Sign) and first.char not in "∂∇T"):
        return ""
    if isinstance(first, Big):
        return product
    if any(isinstance(box, Space | Text | Big) for box in (last, first)):
        return ""
    return APPLY if isinstance(last, Name) or _is_operator(last) else product


def _is_operator(box: Box) -> bool:
    """Whether a box is ∂/∂x, with nothing above but the sign."""
    return isinstance(box, Frac) and not isinstance(box.over, Row) and leading(box.over) == Sign("∂", "prefix")


def _script(box: Script) -> str:
    base = one(box.base)
    if box.sub is not None and isinstance(box.base, Fence | Apply) and not is_high(box.base):
        base = f'<mpadded depth="0.04em">{base}</mpadded>'  # as a script of the parenthesis itself, not of its box
    sub = _small(box.sub, SEPARATOR) if box.sub is not None else ""
    if box.sup is None:
        return f"<msub>{base}{sub}</msub>"
    sup = _small(box.sup, TIMES)
    return f"<msubsup>{base}{sub}{sup}</msubsup>" if sub else f"<msup>{base}{sup}</msup>"


def _small(box: Box, between: str) -> str:
    return f"<mrow>{_row(box.parts, between, small=True)}</mrow>" if isinstance(box, Row) else one(box)


# --- what stretches ------------------------------------------------------------------------------------------------


def _fenced(inside: str, left: str, right: str, high: bool) -> str:
    """A pair in a row of its own, so that it is as high as its own body; a line of text needs no higher one.

    First in a row it opens, last it closes, and it stretches unless it is told not to.
    """
    how = "" if high else ' stretchy="false"'
    return f"<mrow><mo{how}>{left}</mo>{inside}<mo{how}>{right}</mo></mrow>"


def _table(rows: tuple[tuple[Box | None, ...], ...], cell: str = "") -> str:
    """The cells; a matrix is centred by itself, and what CSS may set apart has a class."""
    wide = max(map(len, rows))
    lines = [
        "".join([f"<mtd{cell}>{'' if box is None else markup(box)}</mtd>" for box in (*line, *[None] * wide)[:wide]])
        for line in rows
    ]
    return f"<mtable>{''.join([f'<mtr>{line}</mtr>' for line in lines])}</mtable>"
