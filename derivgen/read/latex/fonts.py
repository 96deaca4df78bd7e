"""Fonts of letters and words, and the words that \\text holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.errors import ParseError
from derivgen.read.latex import commands as words
from derivgen.read.latex.raw import Raw
from derivgen.read.text.characters import GREEK_NAMES


class Fonts:
    """The part of the tokeniser that reads commands for fonts.

    ``fonts`` are those of the groups that are open; ``once`` is the font of the next letter alone, whose command stands
    at ``once_from``.
    """

    source: str
    raws: list[Raw]
    at: int
    fonts: list[str]
    once: str | None
    once_from: int

    if TYPE_CHECKING:

        def fail(self, message: str, raw: Raw, hint: str | None = None) -> ParseError: ...
        def put(self, kind: str, value: str, raw: Raw, end: int | None = None) -> None: ...
        def letter(self, stem: str, raw: Raw, font: str | None = None, end: int | None = None) -> None: ...
        def peek(self) -> Raw | None: ...
        def group(self, after: Raw) -> list[Raw]: ...
        def inserted(self, inner: list[Raw]) -> None: ...

    def font(self, raw: Raw) -> None:
        name, font = raw.value, words.FONTS[raw.value]
        if name in words.SWITCHES:
            self.fonts[-1] = font
            return
        after = self.peek()
        if after is not None and after.value == "*" and name == "operatorname":
            self.at += 1
            after = self.peek()
        if name in words.BLACKBOARD:
            font = "blackboard"
        if after is None or after.kind == "close":
            raise self.fail(f"\\{name} wants an argument", raw, f"\\{name}{{…}}")
        self.once_from = raw.start
        if after.kind != "open":
            self.once = font
            return
        start = self.at
        inside = self.group(raw)
        end = self.raws[self.at - 1].end
        if name in words.TEXT:
            self.text(raw, inside, end, font)
            return
        if (
            font == "bold"
            and len(inside) > 1
            and all(r.kind == "char" and r.value.isalpha() for r in inside)
            and any(r.spaced for r in inside[1:])
        ):  # \mathbf{x x}^T: the script is on the last letter
            for r in inside:
                self.once_from = r.start
                self.letter(r.value, r, font)
            return
        stem = word_of(inside, bare=name == "operatorname")
        if stem is not None:
            self.letter(stem, raw, font, end)
            return
        self.at = start
        self.once = font

    def text(self, raw: Raw, inside: list[Raw], end: int, font: str) -> None:
        """The words of \\text, or what it holds of a formula."""
        kept = [r for r in inside if not (r.kind == "macro" and (r.value in words.BLANKS or r.value in words.SIZES))]
        if any(r.kind not in ("char", "open", "close") for r in kept):
            mathematics = any(r.value == "$" or r.kind == "mathmode_inline" for r in kept)
            if not mathematics:
                raise self.fail("words are expected here", raw)
            self.mixed(raw, kept, end)
            return
        said = "".join((" " if r.spaced else "") + r.value for r in kept if r.kind == "char").strip()
        if said.isascii() and said.isdigit():
            for d in said:
                self.put("digit", d, raw, end)
        elif said and re.fullmatch(r"[^\W\d_][\w-]*", said):
            self.letter(said, raw, font, end)
        elif said:
            self.put("words", said, raw, end)

    def mixed(self, raw: Raw, kept: list[Raw], end: int) -> None:
        r"""\text{if $x > 0$}: words and formulas in turn."""
        said: list[Raw] = []
        inner: list[Raw] | None = None
        for r in kept:
            if r.kind == "mathmode_inline":
                if inner is None:
                    self.text(raw, said, end, "upright")
                    said, inner = [], []
                else:
                    self.inserted(inner)
                    inner = None
            elif inner is None:
                said.append(r)
            else:
                inner.append(r)
        if inner is not None:
            raise self.fail("this $ is never closed", raw, "write $ where it ends")
        self.text(raw, said, end, "upright")


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
            case Raw("macro", name) if bare and name in words.BLANKS:
                pass
            case Raw("char", "-") if bare and stem:
                stem += "_"
            case _:
                return None
    return stem or None
