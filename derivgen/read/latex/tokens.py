"""LaTeX cut into tokens by pylatexenc, with fonts kept on letters, and spacing, sizes and comments left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.errors import ParseError, Span
from derivgen.read.latex import commands as words
from derivgen.read.latex.commands import Words, words_of
from derivgen.read.latex.fonts import Fonts
from derivgen.read.latex.raw import Raw, raw_tokens
from derivgen.read.text.characters import GREEK_NAMES, SAME, refuse_character
from derivgen.read.text.scan import LONGEST

if TYPE_CHECKING:
    from derivgen.read.latex.preamble import Macro


class Token(NamedTuple):
    """A token of a formula.

    ``kind`` is letter, digit, command, sign, relation, opening, closing, bar, left, right, open, close, script, prime,
    begin, ending, amp, newrow, dots, words, quad, mark or end. ``spaced`` says that a blank stands before it.
    """

    kind: str
    value: str
    font: str
    start: int
    end: int
    spaced: bool = False

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


_BLANK_ROW = re.compile(r"-?[\d.]+(?:pt|em|ex|mm|cm|in|sp|bp|pc|mu|baselineskip)")


class _Tokeniser(Fonts):
    """One pass over raw tokens."""

    def __init__(self, source: str, raws: list[Raw], known: Words) -> None:
        self.source = source
        self.raws = raws
        self.known = known
        self.at = 0
        self.fonts = [""]
        self.once = None
        self.once_from = 0
        self.out: list[Token] = []
        self.ends: dict[int, int] = {}
        opened: list[int] = []
        for k, raw in enumerate(self.raws):
            if raw.kind == "open":
                opened.append(k)
            elif raw.kind == "close" and opened:
                self.ends[opened.pop()] = k

    def fail(self, message: str, raw: Raw, hint: str | None = None) -> ParseError:
        return ParseError(message, span=Span(raw.start, raw.end), hint=hint, source=self.source)

    def put(self, kind: str, value: str, raw: Raw, end: int | None = None) -> None:
        self.out.append(Token(kind, value, "", raw.start, raw.end if end is None else end, raw.spaced))

    def letter(self, stem: str, raw: Raw, font: str | None = None, end: int | None = None) -> None:
        start = raw.start
        if font is None and self.once is not None:
            font, start = self.once, min(self.once_from, raw.start)
        self.once = None
        self.out.append(Token("letter", stem, self.fonts[-1] if font is None else font, start, raw.end if end is None else end,
                              raw.spaced))  # fmt: skip

    def peek(self) -> Raw | None:
        return self.raws[self.at] if self.at < len(self.raws) else None

    def run(self) -> list[Token]:
        while self.at < len(self.raws):
            raw = self.raws[self.at]
            self.at += 1
            match raw.kind:
                case "open":
                    self.fonts.append(self.fonts[-1] if self.once is None else self.once)
                    self.once = None
                    self.put("open", "{", raw)
                case "close":
                    if len(self.fonts) > 1:
                        self.fonts.pop()
                    self.put("close", "}", raw)
                case "char":
                    self.char(raw)
                case "macro":
                    self.command(raw)
                case _:  # a dollar sign, \( and the like
                    raise self.fail(f"{raw.value} stands inside the formula", raw, "give one formula at a time")
        last = len(self.source)
        self.out.append(Token("end", "", "", last, last))
        return self.out

    def inserted(self, inner: list[Raw]) -> None:
        """The tokens of a formula within a command or among words."""
        self.out += _Tokeniser(self.source, inner, self.known).run()[:-1]

    # --- groups ---

    def group(self, after: Raw) -> list[Raw]:
        """The raw tokens of the group that comes next, taken out; of one token where there are no braces."""
        first = self.peek()
        if first is None or first.kind == "close":
            raise self.fail(f"\\{after.value} wants an argument", after, f"\\{after.value}{{…}}")
        self.at += 1
        if first.kind != "open":
            return [first]
        start, end = self.at, self.ends.get(self.at - 1)
        if end is None:
            raise self.fail("this { is never closed", first, "write } where it ends")
        self.at = end + 1
        return self.raws[start:end]

    # --- characters ---

    def char(self, raw: Raw) -> None:
        c = SAME.get(raw.value, raw.value)
        if c.isascii() and c.isalpha():
            self.letter(c, raw)
        elif c.isascii() and c.isdigit():
            font = self.fonts[-1] if self.once is None else self.once
            if c in "01" and font in ("bold", "blackboard"):
                self.letter(c, raw)
            else:
                self.once = None
                self.put("digit", c, raw)
        elif c in "^_":
            self.put("script", c, raw)
        elif c == "\\" or c in "~":
            pass
        elif c in "([":
            self.put("opening", c, raw)
        elif c in ")]":
            self.put("closing", c, raw)
        elif c == "&":
            self.put("amp", c, raw)
        elif c in "'′":
            self.put("prime", c, raw)
        elif c in "+-,;.:!":
            self.put("mark", c, raw)
        else:
            self.sign(c, raw)

    def sign(self, c: str, raw: Raw) -> None:
        """A sign by its own character, as Unicode has it."""
        if c in words.TIMES:
            self.put("sign", words.TIMES[c], raw)
        elif c in words.ENTRYWISE:
            self.put("sign", words.ENTRYWISE[c], raw)
        elif c in self.known.signs:
            self.between(self.known.signs[c], raw)
        elif c in words.CIRCLES:
            self.put("sign", "◯", raw)
        elif c in words.DOTS:
            self.put("dots", c, raw)
        elif c in "|‖":
            self.put("bar", c, raw)
        elif c in GREEK_NAMES:
            self.letter(LATEX_LETTERS.get(GREEK_NAMES[c], c), raw)
        elif c in self.known.transposes:
            self.put("script", "^", raw)
            self.put("command", "top", raw)
        elif c in _COMMANDS:
            self.put("command", _COMMANDS[c], raw)
        elif unicodedata.name(c, "").startswith("MATHEMATICAL"):
            plain = unicodedata.normalize("NFKC", c)
            font = "bold" if "BOLD" in unicodedata.name(c) else ""
            if plain in GREEK_NAMES:
                plain = LATEX_LETTERS.get(GREEK_NAMES[plain], plain)
            self.letter(plain, raw, font)
        elif c in '#$"@`?':
            raise self.fail(f"{c} means nothing here", raw, "leave it out")
        else:
            raise refuse_character(c, raw.start, self.source)

    def between(self, sign: str, raw: Raw) -> None:
        """A relation, or the sign of another operation that stands between two."""
        self.put("sign" if sign in self.known.infixes else "relation", sign, raw)

    # --- commands ---

    def command(self, raw: Raw) -> None:
        name = raw.value
        if name in words.FONTS:
            self.font(raw)
        elif name in LATEX_LETTERS:
            self.letter(LATEX_LETTERS[name], raw)
        elif name in ("quad", "qquad"):
            self.put("quad", name, raw)
        elif name in words.BLANKS or name in words.SIZES:
            self.blank(name)
        elif name in words.DROPPED:
            if (after := self.peek()) is not None and after.value == "*":
                self.at += 1
            self.group(raw)
        elif name in words.OVER or name in words.AROUND:
            self.decorated(raw)
        elif name == "\\":
            self.row(raw)
        elif name in ("left", "right", "middle"):
            self.fence(raw)
        elif name in ("begin", "end"):
            word = "".join(r.value for r in self.group(raw))
            self.put("begin" if name == "begin" else "ending", word, raw, self.raws[self.at - 1].end)
            if word in ("array", "alignat", "alignat*") and name == "begin":
                self.columns(raw)
        elif name == "not":
            after = self.peek()
            if after is None or after.value not in ("=", "in"):
                raise self.fail("\\not is read before = only", raw, "write \\neq")
            self.at += 1
            self.put("relation", "≠", raw, after.end)
        elif name == "|":
            self.put("bar", "‖", raw)
        elif name in words.FENCES:
            self.named_fence(name, raw)
        elif name in words.ENTRYWISE:
            self.put("sign", words.ENTRYWISE[name], raw)
        elif name in words.TIMES:
            self.put("sign", words.TIMES[name], raw)
        elif name in self.known.signs:
            self.between(self.known.signs[name], raw)
        elif name in words.CIRCLES:
            self.put("sign", "◯", raw)
        elif name in words.DOTS:
            self.put("dots", name, raw)
        elif name == "_":
            self.letter("_", raw)
        elif (
            name in self.known.functions
            or name in self.known.transposes
            or any(name in known for known in _COMMANDS_READ)
        ):
            self.put("command", name, raw)
        else:
            raise self.unknown(raw)

    def unknown(self, raw: Raw) -> ParseError:
        name = raw.value
        if name in words.REFUSED:
            return self.fail(f"\\{name}: {words.REFUSED[name]}", raw, words.OTHERWISE)
        if words.HOSTILE.fullmatch(name):
            return self.fail(
                f"\\{name} acts, it is no part of a formula: refused",
                raw,
                "definitions are read from a preamble" if "command" in name or "Decl" in name else None,
            )
        near = self.known.nearest(name)
        hint = f"did you mean \\{near}? " if near else ""
        return self.fail(f"the command \\{name} is not known", raw,
                         f"{hint}A command of your own is defined in the preamble, a function written \\operatorname{{{name}}}"
                         if name.isalpha() else hint or None)  # fmt: skip

    def blank(self, name: str) -> None:
        """Spacing and sizes; before a fence, \\bigl and \\bigr say which side it is."""
        after = self.peek()
        if name in words.SIZES and name[-1] in "lr" and after is not None and after.value in ("|", "vert", "Vert", "‖"):
            self.at += 1
            fence = "‖" if after.value in ("Vert", "‖") or (after.kind == "macro" and after.value == "|") else "|"
            self.put("opening" if name[-1] == "l" else "closing", fence, after)

    def row(self, raw: Raw) -> None:
        self.put("newrow", "\\\\", raw)
        after = self.peek()
        if after is not None and after.value == "*" and not after.spaced:
            self.at += 1
            after = self.peek()
        if after is not None and after.kind == "char" and after.value == "[":
            inside = ""
            for k in range(self.at + 1, min(self.at + 14, len(self.raws))):
                if self.raws[k].value == "]":
                    if _BLANK_ROW.fullmatch(inside):
                        self.at = k + 1
                    return
                inside += self.raws[k].value

    def decorated(self, raw: Raw) -> None:
        r"""\overset{!}{=} is =, \underbrace{x}_{u} is {x}."""
        if raw.value in words.OVER:
            self.group(raw)
            self.inserted(self.group(raw))
            return
        inner = self.group(raw)
        self.put("open", "{", raw)
        self.inserted(inner)
        self.put("close", "}", raw, self.raws[self.at - 1].end)
        after = self.peek()
        if raw.value.endswith("brace") and after is not None and after.value in ("_", "^"):
            self.at += 1
            self.group(raw)

    def columns(self, raw: Raw) -> None:
        """The columns of an array mean nothing."""
        after = self.peek()
        if after is not None and after.value == "[":
            while self.at < len(self.raws) and self.raws[self.at].value != "]":
                self.at += 1
            self.at += 1
        after = self.peek()
        if after is not None and after.kind == "open":
            self.group(raw)

    def fence(self, raw: Raw) -> None:
        after = self.peek()
        value = None
        if after is not None:
            value = "‖" if after.kind == "macro" and after.value == "|" else words.FENCES.get(after.value)
        if after is None or value is None or (raw.value == "middle" and value not in "|‖"):
            raise self.fail(f"\\{raw.value} wants a fence such as ( or [", raw)
        if raw.value == "middle":
            raise self.fail("\\middle is not read", raw)
        self.at += 1
        self.put(raw.value, value, raw, after.end)

    def named_fence(self, name: str, raw: Raw) -> None:
        value = words.FENCES[name]
        if name in ("vert", "Vert"):
            self.put("bar", value, raw)
        elif name[0] == "l" or name == "{":
            self.put("opening", value, raw)
        elif name[0] == "r" or name == "}":
            self.put("closing", value, raw)
        else:
            raise self.unknown(raw)


_COMMANDS = {"∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "√": "sqrt", "⊤": "top"}
_COMMANDS_READ = (words.STRUCTURED, words.ACCENTS, ("substack",))


def tokenise(source: str, start: int, end: int, macros: Mapping[str, Macro], glossary: Glossary) -> list[Token]:
    """The tokens of ``source[start:end]``, the last of them an end."""
    if len(source) > LONGEST:
        raise ParseError(f"the formula has {len(source):,} characters; at most {LONGEST:,} are read",
                         hint="name its parts with --let")  # fmt: skip
    raws = raw_tokens(source, start, end)
    if macros:
        from derivgen.read.latex.preamble import expanded

        raws = expanded(raws, macros, source)
    return _Tokeniser(source, raws, words_of(glossary)).run()
