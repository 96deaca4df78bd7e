"""Boxes for a terminal: one line of Unicode where that is readable, several where a matrix or a brace needs them."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.expr import Expr
from derivgen.render.box import (
    Apply,
    Big,
    Box,
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
    leading,
)
from derivgen.render.notate import notate
from derivgen.render.style import NOTES, Style

_SUB = dict(zip("0123456789+−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
_SUP = dict(zip("0123456789+−=()abcdefghijklmnoprstuvwxyz×ABDEGHIJKLMNOPRTUVW′",
                "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻˣᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ′", strict=True))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of equal width; ``base`` is the one that stands on the line of the equation."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        return len(self.lines[0])


def unicode(e: Expr, style: Style = NOTES) -> str:
    """An expression in Unicode, in several lines where it holds a matrix."""
    return "\n".join(line.rstrip() for line in block(notate(e, style)).lines)


def line(text: str) -> Block:
    return Block((text,))


def beside(blocks: list[Block]) -> Block:
    """Blocks side by side on one base line."""
    above = max(b.base for b in blocks)
    below = max(len(b.lines) - b.base for b in blocks)
    out = [""] * (above + below)
    for b in blocks:
        start = above - b.base
        for k in range(len(out)):
            inside = start <= k < start + len(b.lines)
            out[k] += b.lines[k - start] if inside else " " * b.width
    return Block(tuple(out), above)


def block(box: Box) -> Block:
    """A box as lines of text."""
    if not _has_grid(box):
        return line(linear(box))
    match box:
        case Grid(rows, form):
            return _grid(rows, form)
        case Row(parts):
            pieces: list[Block] = []
            for k, part in enumerate(parts):
                gap = _gap(parts[k - 1] if k else None, part)
                pieces += [line(gap)] if gap else []
                pieces.append(_fenced(block(part), "(", ")") if _needs_fence(parts, k) else block(part))
            return beside(pieces)
        case Fence(body, left, right):
            return _fenced(block(body), left, right)
        case Apply(head, args):
            inside: list[Block] = []
            for a in args:
                inside += [line(", "), block(a)] if inside else [block(a)]
            return beside([line(linear(head)), _fenced(beside(inside), "(", ")")])
        case Script(base, sub, sup):
            inner = block(base)
            low = linear_script(sub, "_") if sub is not None else ""
            high = linear_script(sup, "^") if sup is not None else ""
            width = max(len(low), len(high))
            margin = [" " * width] * len(inner.lines)
            margin[0], margin[-1] = (
                (high.ljust(width), low.ljust(width)) if len(margin) > 1 else (high + low, high + low)
            )
            return beside([inner, Block(tuple(margin), inner.base)])
        case Frac(over, under):
            return beside([_fenced(block(over), "(", ")"), line(" / "), _fenced(block(under), "(", ")")])
        case Root(body):
            return beside([line("√"), _fenced(block(body), "(", ")")])
        case Value(body, at):
            return beside([block(body), line(f" |_{{{linear(at)}}}")])
        case _:
            return line(linear(box))


def _has_grid(box: Box) -> bool:
    match box:
        case Grid():
            return True
        case Row(parts):
            return any(_has_grid(p) for p in parts)
        case Apply(head, args):
            return _has_grid(head) or any(_has_grid(a) for a in args)
        case Frac(a, b) | Value(a, b):
            return _has_grid(a) or _has_grid(b)
        case Script(body) | Root(body) | Fence(body):
            return _has_grid(body)
        case _:
            return False


# --- one line ------------------------------------------------------------------------------------------------------


def linear(box: Box) -> str:
    """A box on one line; a matrix as [a, b; c, d]."""
    match box:
        case Num(digits):
            return digits
        case Letter(text) | Text(text) | Name(text):
            return text
        case Sign(char):
            return char
        case Space(wide):
            return "   " if wide else " "
        case Row(parts):
            return _row(parts)
        case Apply(head, args):
            return linear(head) + "(" + ", ".join([linear(a) for a in args]) + ")"
        case Frac(over, under):
            if _is_derivative(box):
                return linear(over) + "/" + linear(under).replace(" ", "")
            tight = _tight(over) and _tight(under)
            return _operand(over, whole=True) + ("/" if tight else " / ") + _operand(under)
        case Script():
            return _script(box)
        case Root(body):
            inside = linear(body)
            return "√" + (inside if _is_atom(body) else f"({inside})")
        case Fence(body, left, right):
            return left + linear(body) + right
        case Big(below, above):
            return "∑" + _limits(below, above)
        case Value(body, at):
            return f"{linear(body)} |_{{{linear(at)}}}"
        case LargeZero():
            return "0"
        case Grid(rows, "matrix"):
            return "[" + "; ".join(", ".join("" if c is None else linear(c) for c in cells) for cells in rows) + "]"
        case Grid(rows):
            return "{" + "; ".join(" if ".join("" if c is None else linear(c) for c in cells) for cells in rows) + "}"


def _row(parts: tuple[Box, ...]) -> str:
    out = ""
    for k, part in enumerate(parts):
        piece = linear(part)
        out += _gap(parts[k - 1] if k else None, part) + (f"({piece})" if _needs_fence(parts, k) else piece)
    return out


def _needs_fence(parts: tuple[Box, ...], k: int) -> bool:
    """Whether a fraction needs parentheses in its row: 2/N Σ… would be read as 2/(N Σ…)."""
    box = parts[k]
    if not isinstance(box, Frac) or _is_derivative(box):
        return False
    return k + 1 < len(parts) and not isinstance(parts[k + 1], Sign)


def _gap(left: Box | None, right: Box) -> str:
    """The space between two boxes of a row."""
    if left is None or isinstance(left, Space) or isinstance(right, Space):
        return ""
    if isinstance(left, Sign) and not (left.role == "ordinary" and isinstance(right, Sign)):
        return " " if left.role in ("infix", "punctuation") else ""
    if isinstance(right, Sign):
        return " " if right.role in ("infix", "prefix") else ""
    last, first = _trailing(left), leading(right)
    if isinstance(left, Big) or isinstance(last, Name) or isinstance(first, Big):
        return " "
    if _is_whole_derivative(last) or _is_whole_derivative(first):
        return " " if isinstance(last, Frac) and not _is_whole_derivative(last) else " · "
    if isinstance(first, Grid | Frac) or isinstance(last, Grid | Frac):
        return " "
    if isinstance(left, Num) and not isinstance(right, Num):
        return " " if _is_word(right) else ""
    apart = isinstance(left, Apply | Fence | Script) and isinstance(right, Apply)
    return " " if apart or _is_word(left) or _is_word(right) else ""


def _trailing(box: Box) -> Box:
    while isinstance(box, Row) and box.parts:
        box = box.parts[-1]
    return box


def _is_word(box: Box) -> bool:
    match box:
        case Letter(text) | Name(text) | Text(text):
            return len(text) > 1
        case Apply(head):
            return True if isinstance(head, Name) else _is_word(head)
        case Script(base):
            return _is_word(base)
        case _:
            return False


def _is_derivative(box: Frac) -> bool:
    return linear(box.over).startswith("∂") and linear(box.under).startswith("∂")


def _is_whole_derivative(box: Box) -> bool:
    """Whether a box is ∂y/∂w with the y in it, not the operator ∂/∂w."""
    return isinstance(box, Frac) and isinstance(box.over, Row) and _is_derivative(box)


def _tight(box: Box) -> bool:
    text = linear(box)
    return " " not in text and len(text) <= 5


def _is_atom(box: Box) -> bool:
    return isinstance(box, Num | Letter | Script | Apply | Fence | Root)


def _operand(box: Box, *, whole: bool = False) -> str:
    """A part of a fraction, in parentheses unless it cannot be misread; ``whole`` lets a product stand as it is."""
    text = linear(box)
    if _is_atom(box) or (text.startswith("∂") and _is_plain_product(box)) or (whole and _is_plain_product(box)):
        return text
    return f"({text})"


def _is_plain_product(box: Box) -> bool:
    """Whether a box is a row of factors that cannot reach beyond it: no sum, no Σ, no derivative operator."""
    match box:
        case Row(parts):
            return all(_is_plain_product(p) for p in parts)
        case Sign(char):
            return char in "∂·"
        case Frac():
            return _is_whole_derivative(box)
        case Big() | Grid() | Value():
            return False
        case _:
            return True


def _script(box: Script) -> str:
    base = linear(box.base)
    if isinstance(box.base, Row | Frac | Root):
        base = f"({base})"
    low = linear_script(box.sub, "_") if box.sub is not None else ""
    high = linear_script(box.sup, "^") if box.sup is not None else ""
    return base + low + high


def linear_script(box: Box, mark: str) -> str:
    return small(linear(box).replace(" ", ""), mark)


def small(text: str, mark: str) -> str:
    """A script (``mark`` _ or ^) in small letters where Unicode has them all, else after the mark."""
    letters = _SUB if mark == "_" else _SUP
    if text and all(ch in letters or (mark == "_" and ch == ",") for ch in text) and text[-1] != ",":
        return "".join(letters.get(ch, ch) for ch in text)
    return mark + (text if len(text) == 1 else f"{{{text}}}" if mark == "_" else f"({text})")


def _limits(below: Box, above: Box) -> str:
    return linear_script(below, "_") + linear_script(above, "^")


# --- several lines -------------------------------------------------------------------------------------------------


def _grid(rows: tuple[tuple[Box | None, ...], ...], form: str) -> Block:
    cells = [[line("") if c is None else block(c) for c in cells] for cells in rows]
    columns = max(len(r) for r in cells)
    widths = [max(r[k].width for r in cells if k < len(r)) for k in range(columns)]
    lines: list[str] = []
    for r in cells:
        placed = [_centred(b, widths[k]) if form == "matrix" else _left(b, widths[k]) for k, b in enumerate(r)]
        spread: list[Block] = []
        for k, b in enumerate(placed):
            spread += [line("   " if form == "cases" else "  "), b] if k else [b]
        lines += beside(spread).lines
    body = Block(tuple(lines), (len(lines) - 1) // 2)
    return _fenced(body, "[", "]") if form == "matrix" else beside([_brace(body), line(" "), body])


def _centred(b: Block, width: int) -> Block:
    left = (width - b.width) // 2
    return Block(tuple(" " * left + t + " " * (width - b.width - left) for t in b.lines), b.base)


def _left(b: Block, width: int) -> Block:
    return Block(tuple(t.ljust(width) for t in b.lines), b.base)


_TALL: dict[str, tuple[str, str, str]] = {
    "(": ("⎛", "⎜", "⎝"), ")": ("⎞", "⎟", "⎠"), "[": ("⎡", "⎢", "⎣"), "]": ("⎤", "⎥", "⎦"),
    "|": ("│", "│", "│"), "‖": ("‖", "‖", "‖"),
}  # fmt: skip


def _fenced(body: Block, left: str, right: str) -> Block:
    count = len(body.lines)
    if count == 1:
        return Block((left + body.lines[0] + right,), 0)

    def side(fence: str) -> Block:
        top, middle, bottom = _TALL[fence]
        return Block((top, *[middle] * (count - 2), bottom), body.base)

    return beside([side(left), body, side(right)])


def _brace(body: Block) -> Block:
    count = len(body.lines)
    if count == 1:
        return Block(("{",), 0)
    if count == 2:
        return Block(("⎰", "⎱"), body.base)
    middle = body.base if 0 < body.base < count - 1 else count // 2
    signs = {0: "⎧", count - 1: "⎩", middle: "⎨"}
    return Block(tuple(signs.get(k, "⎪") for k in range(count)), body.base)
