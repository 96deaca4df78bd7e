"""The style sheet and the script that a page with derivations may have; without either it can be read all the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def stylesheet() -> str:
    """The style of cards, and what it takes to look at home in a site."""
    card = _HERE.parent / "show" / "formats" / "assets" / "card.css"
    return card.read_text(encoding="utf-8") + (_HERE / "static" / "site.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Copy buttons and the step-by-step mode. Nothing is loaded, stored or sent by it."""
    return (_HERE / "static" / "site.js").read_text(encoding="utf-8")
