"""How a repair is put to the author."""

from __future__ import annotations

from collections.abc import Callable


def proposed(repair: str, quoted: Callable[[str], str] = str) -> str:
    """The question whether the author meant a repair; an empty one leaves out what is marked."""
    words = " ".join(repair.split())
    return f"did you mean {quoted(words)}?" if words else "did you mean to leave this out?"


def sentence(words: str) -> str:
    """Words with a capital letter in front."""
    return words[:1].upper() + words[1:]
