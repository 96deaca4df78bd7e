"""The style sheet and the script that a page with derivations may have; without either it can be read all the same."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

_HERE = Path(__file__).parent


@cache
def stylesheet() -> str:
    """The style of cards, and what it takes to look at home in a site."""
    card = _HERE.parent / "show" / "formats" / "assets" / "card.css"
    return card.read_text(encoding="utf-8") + (_HERE / "static" / "site.css").read_text(encoding="utf-8")


def math_font(address: str) -> str:
    """The style that sets all mathematics of cards in a font which the site hosts at this address."""
    safe = re.sub(r"[^A-Za-z0-9_.~/:?#@!$&+,;=%-]", lambda m: quote(m[0]), address)
    fonts = '"derivgen mathematics", "Latin Modern Math", "STIX Two Math", "Cambria Math", math'
    return (
        f'@font-face {{ font-family: "derivgen mathematics"; src: url("{safe}"); font-display: swap; }}\n'
        f":root {{ --dg-math-font: {fonts}; }}\n"
    )


@cache
def script() -> str:
    """Copy buttons and the step-by-step mode. Nothing is loaded, stored or sent by it."""
    return (_HERE / "static" / "site.js").read_text(encoding="utf-8")
