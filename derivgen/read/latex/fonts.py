"""Fonts of letters and words, and the words that \\text holds."""

from __future__ import annotations

import re

from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.read.latex import commands as words
from derivgen.read.latex.tape import Tape
from derivgen.read.text.characters import GREEK_NAMES
from derivgen.tex.raw import Raw


def font(t: Tape, raw: Raw, font: str) -> None:
    """A font command: of the next letter, of a group, or up to the end of the group."""
    name = raw.value
    if name in words.SWITCHES:
        t.fonts[-1] = font
        return
    t.at += name == "operatorname" and t.next_is("*")
    after = t.peek()
    if after is None or after.kind == "close":
        raise t.fail(f"\\{name} wants an argument", raw, f"\\{name}{{…}}")
    t.once_from = raw.start
    if after.kind != "open":
        t.once = font
        return
    start = t.at
    inside = t.group(raw)
    end = t.raws[t.at - 1].end
    if name in words.TEXT:
        _text(t, raw, inside, end, font)
        return
    if (
        font == "bold"
        and len(inside) > 1
        and all(r.kind == "char" and r.value.isalpha() for r in inside)
        and any(r.spaced for r in inside[1:])
    ):  # \mathbf{x x}^T: the script is on the last letter
        for r in inside:
            t.once_from = r.start
            t.letter(r.value, r, font)
        return
    stem = word_of(inside, bare=name == "operatorname")
    if stem is not None:
        t.letter(stem, raw, font, end)
        return
    if _sets_fonts_itself(inside):
        t.inserted(inside)
        return
    t.at = start
    t.once = font


def _sets_fonts_itself(inside: list[Raw]) -> bool:
    r"""Whether a group begins with a font of its own that takes its place: \mathbf{\mathbf W}, \mathbf{\mathbf W) x}."""
    return inside[:1] != [] and inside[0].kind == "macro" and inside[0].value in words.FONTS.keys() - words.SWITCHES


def _text(t: Tape, raw: Raw, inside: list[Raw], end: int, font: str) -> None:
    """The words of \\text, or what it holds of a formula."""
    kept = [r for r in inside if not (r.kind == "macro" and r.value in words.SPACING)]
    if any(r.kind not in ("char", "open", "close") for r in kept):
        mathematics = any(r.value == "$" or r.kind == "mathmode" for r in kept)
        if not mathematics:
            raise t.fail("words are expected here", raw)
        _mixed(t, raw, kept, end)
        return
    said = "".join((" " if r.spaced else "") + r.value for r in kept if r.kind == "char").strip()
    if said.isascii() and said.isdigit():
        for d in said:
            t.put("digit", d, raw, end)
    elif said and re.fullmatch(r"[^\W\d_][\w-]*", said):
        t.letter(said, raw, font, end)
    elif said:
        t.put("words", said, raw, end)


def _mixed(t: Tape, raw: Raw, kept: list[Raw], end: int) -> None:
    r"""\text{if $x > 0$}: words and formulas in turn."""
    said: list[Raw] = []
    inner: list[Raw] | None = None
    for r in kept:
        if r.kind == "mathmode":
            if inner is None:
                _text(t, raw, said, end, "upright")
                said, inner = [], []
            else:
                t.inserted(inner)
                inner = None
        elif inner is None:
            said.append(r)
        else:
            inner.append(r)
    if inner is not None:
        raise t.fail("this $ is never closed", raw, "write $ where it ends")
    _text(t, raw, said, end, "upright")


def word_of(inside: list[Raw], *, bare: bool = False) -> str | None:
    """The letter or the word that a group holds, None where it holds more than that. ``bare`` passes over spacing."""
    stem = ""
    for r in inside:
        match r:
            case Raw("char", c) if c.isascii() and c.isalnum():
                stem += c
            case Raw("char", c) if len(inside) == 1 and c in GREEK_NAMES:
                stem = LATEX_LETTERS.get(GREEK_NAMES[c], c)
            case Raw("macro", "_"):
                stem += "_"
            case Raw("macro", name) if name in LATEX_LETTERS and len(inside) == 1:
                stem = LATEX_LETTERS[name]
            case Raw("macro", name) if bare and name in words.SPACING:
                pass
            case Raw("char", "-") if bare and stem:
                stem += "_"
            case _:
                return None
    return stem or None
