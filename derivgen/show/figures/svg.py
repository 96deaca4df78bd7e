"""The parts that all SVG pictures share: the frame, text that is measured and escaped, and colours for day and night."""

from __future__ import annotations

import hashlib
import html
import unicodedata
from collections.abc import Sequence
from itertools import groupby

SIZE = 15.0
"""The size of letters, in pixels."""

LINE = 1.4 * SIZE
"""From one line to the next."""

FONTS = "'DejaVu Sans', 'Segoe UI', 'Noto Sans', 'Noto Sans Math', 'Segoe UI Symbol', system-ui, sans-serif"

# Standing alone a picture has no page to take its colours from; inside a page :root is not the picture.
_STYLE = "svg:root{color:#1b1b1f}@media (prefers-color-scheme:dark){svg:root{color:#e4e4e8;background:#1b1b1f}}"

_NARROW = frozenset("ijltfrI1.,;:!|'()[]{}/ -‖ᵢⱼₗᵣₜ₁ⁱʲˡ¹ᵀ₍₎⁽⁾′")
_WIDE = frozenset("mwMWQGO@%∑⊗⊙⊘◯−+=≤≥≠×∂→∞…⋯ΩΦΨ")


def escaped(text: str) -> str:
    """Text as XML takes it; what XML has no place for is dropped."""
    return html.escape("".join(ch if ch.isprintable() else " " for ch in text if not _is_surrogate(ch)), quote=True)


def _is_surrogate(ch: str) -> bool:
    return "\ud800" <= ch <= "\udfff"


def measure(text: str) -> float:
    """How wide a text is at most, whichever of the fonts there is."""
    return sum(_width(ch) for ch in text) * SIZE


def _width(ch: str) -> float:
    if unicodedata.combining(ch):
        return 0.0
    if ch in _NARROW:
        return 0.45
    if ch in _WIDE or unicodedata.east_asian_width(ch) in "WF":
        return 1.05
    return 0.68


def number(value: float) -> str:
    """A length with no more digits than a screen shows."""
    return f"{value:.1f}".removesuffix(".0")


def words(text: str, x: float, y: float, anchor: str = "middle", *, extra: str = "") -> str:
    """One line of text around the height ``y``."""
    return (
        f'<text x="{number(x)}" y="{number(y + 0.35 * SIZE)}" text-anchor="{anchor}"{extra} xml:space="preserve">'
        f"{_scripted(text)}</text>"
    )


def _scripted(text: str) -> str:
    """Text whose raised and lowered letters are letters of the font, which has those of few alphabets in small."""
    out, now = "", 0.0
    for place, run in groupby(text, _place):
        base, height = "".join(run), _HEIGHTS.get(place, 0.0)
        if place:
            base = "".join(chr(int(unicodedata.decomposition(ch).split()[1], 16)) for ch in base)
        move = f' dy="{number(height - now)}"' if height != now else ""
        small = f' font-size="{number(0.72 * SIZE)}"' if place else ""
        out += f"<tspan{move}{small}>{escaped(base)}</tspan>" if move or small else escaped(base)
        now = height
    return out


_HEIGHTS = {"<sub>": 0.25 * SIZE, "<super>": -0.36 * SIZE}


def _place(char: str) -> str:
    """Whether a character is a raised or a lowered letter."""
    place, _, code = unicodedata.decomposition(char).partition(" ")
    return place if place in _HEIGHTS and " " not in code else ""


def paragraph(lines: Sequence[str], x: float, y: float, *, extra: str = "") -> list[str]:
    """Lines of text around the point (x, y)."""
    top = y - (len(lines) - 1) * LINE / 2
    return [words(line, x, top + k * LINE, extra=extra) for k, line in enumerate(lines)]


def document(kind: str, title: str, summary: str, parts: Sequence[str], width: float, height: float) -> str:
    """A whole picture, which says what it shows to those who do not see it. It needs no other file and no script."""
    body = "\n".join(parts)
    mark = "derivgen-" + hashlib.sha256(f"{title}\n{summary}\n{body}".encode(errors="replace")).hexdigest()[:10]
    w, h = number(width), number(height)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" \
style="max-width:100%;height:auto" role="img" aria-labelledby="{mark}-title {mark}-summary" \
font-family="{FONTS}" font-size="{number(SIZE)}" fill="currentColor">
<title id="{mark}-title">{escaped(title)}</title>
<desc id="{mark}-summary">{escaped(summary)}</desc>
<style>{_STYLE}</style>
{body}
</svg>
"""
