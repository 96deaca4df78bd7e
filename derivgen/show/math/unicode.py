"""Boxes for a terminal: one line of Unicode where that is readable, several where a matrix or a brace needs them."""

from __future__ import annotations

from dataclasses import dataclass

from derivgen.expr import Expr
from derivgen.show.layout.box import Apply, Box, Changed, Fence, Frac, Grid, Root, Row, Script, Value, remembered
from derivgen.show.layout.notate import notate
from derivgen.show.layout.style import NOTES, Style
from derivgen.show.math.unicode_line import gap, linear, linear_script, needs_fence, spread


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of equal width; ``base`` is the one that stands on the line of the equation."""

    lines: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """How many columns each of its lines takes."""
        return len(self.lines[0])


def unicode(e: Expr, style: Style = NOTES) -> str:
    """An expression in Unicode, in several lines where it holds a matrix."""
    return "\n".join(line.rstrip() for line in block(notate(e, style)).lines)


def line(text: str) -> Block:
    """A block of one line."""
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


UNDER = "‾"
"""What stands under something new in a line."""


@remembered
def block(box: Box) -> Block:
    """A box as lines of text."""
    if not _has_grid(box):
        return line(linear(box))
    match box:
        case Grid(rows, form):
            return _grid(rows, form)
        case Row(parts):
            pieces: list[Block] = []
            parts = spread(parts)
            for k, part in enumerate(parts):
                space = gap(parts[k - 1] if k else None, part)
                pieces += [line(space)] if space else []
                pieces.append(_fenced(block(part), "(", ")") if needs_fence(parts, k) else block(part))
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
        case Changed(body):
            inner = block(body)
            return Block((*inner.lines, UNDER * inner.width), inner.base)
        case Value(body, at):
            return beside([line("("), block(body), line(f" at {linear(at)})")])
        case _:
            return line(linear(box))


@remembered
def _has_grid(box: Box) -> bool:
    match box:
        case Grid() | Changed():
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
