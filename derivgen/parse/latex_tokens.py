"""LaTeX cut into tokens by pylatexenc, with fonts kept on letters, and spacing, sizes and comments left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from derivgen.catalog.notation import LATEX_LETTERS
from derivgen.errors import ParseError, Span
from derivgen.parse import latex_words as words
from derivgen.parse.characters import GREEK_NAMES, SAME, refuse_character
from derivgen.parse.scan import LONGEST

if TYPE_CHECKING:
    from derivgen.parse.latex_preamble import Macro

MOST = 20_000
"""The most tokens that a formula may have, its own macros expanded."""


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


class Raw(NamedTuple):
    """A token as TeX sees it: macro, char, open or close."""

    kind: str
    value: str
    start: int
    end: int
    spaced: bool


_CONTEXT: Any = None


def raw_tokens(source: str, start: int, end: int) -> list[Raw]:
    """The tokens of ``source[start:end]``, with braces that match."""
    global _CONTEXT  # made once, and only where LaTeX is read
    from pylatexenc.latexwalker import LatexWalker, LatexWalkerEndOfStream, LatexWalkerParseError
    from pylatexenc.macrospec import LatexContextDb

    _CONTEXT = _CONTEXT or LatexContextDb()
    walker = LatexWalker(source[:end], latex_context=_CONTEXT, tolerant_parsing=False)
    state = walker.make_parsing_state(in_math_mode=True)
    kinds = {"brace_open": "open", "brace_close": "close", "char": "char", "macro": "macro"}
    found: list[Raw] = []
    opened: list[Raw] = []
    at = start
    while True:
        try:
            token = walker.get_token(at, environments=False, parsing_state=state)
        except LatexWalkerEndOfStream:
            break
        except LatexWalkerParseError as error:
            raise ParseError(f"this is no LaTeX: {error.msg}", span=Span(at, end), source=source) from None
        at = token.pos + token.len
        if token.tok == "comment" or (token.tok == "char" and token.arg.isspace()):
            continue
        raw = Raw(kinds.get(token.tok, token.tok), token.arg, token.pos, at - len(getattr(token, "post_space", "")),
                  bool(token.pre_space))  # fmt: skip
        if raw.kind == "open":
            opened.append(raw)
        elif raw.kind == "close":
            if not opened:
                raise ParseError("this } closes nothing", span=Span(raw.start, raw.end), source=source,
                                 hint=r"a brace to be seen is written \}")  # fmt: skip
            opened.pop()
        found.append(raw)
        if len(found) > MOST:
            raise too_long(source)
    if opened:
        raise ParseError("this { is never closed", span=Span(opened[-1].start, opened[-1].end), source=source)
    return found


def too_long(source: str) -> ParseError:
    return ParseError(f"the formula has more than {MOST:,} tokens", source=source, hint="name its parts with --let")


_BLANK_ROW = re.compile(r"-?[\d.]+(?:pt|em|ex|mm|cm|in|sp|bp|baselineskip)?")


class _Tokeniser:
    """One pass over raw tokens."""

    def __init__(self, source: str, raws: list[Raw]) -> None:
        self.source = source
        self.raws = raws
        self.at = 0
        self.fonts = [""]
        self.once: str | None = None  # the font of the next letter alone
        self.once_from = 0  # where its command stands
        self.out: list[Token] = []

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

    # --- groups ---

    def group(self, after: Raw) -> list[Raw]:
        """The raw tokens of the group that comes next, taken out; of one token where there are no braces."""
        first = self.peek()
        if first is None or first.kind == "close":
            raise self.fail(f"\\{after.value} wants an argument", after, f"\\{after.value}{{…}}")
        self.at += 1
        if first.kind != "open":
            return [first]
        start, depth = self.at, 1
        while depth:
            depth += {"open": 1, "close": -1}.get(self.raws[self.at].kind, 0)
            self.at += 1
        return self.raws[start : self.at - 1]

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
        if c in words.RELATIONS:
            self.put("relation", words.RELATIONS[c], raw)
        elif c in words.TIMES:
            self.put("sign", words.TIMES[c], raw)
        elif c in words.ENTRYWISE:
            self.put("sign", words.ENTRYWISE[c], raw)
        elif c in words.CIRCLES:
            self.put("sign", "◯", raw)
        elif c in words.DOTS:
            self.put("dots", c, raw)
        elif c in "|‖":
            self.put("bar", c, raw)
        elif c in GREEK_NAMES:
            self.letter(LATEX_LETTERS.get(GREEK_NAMES[c], c), raw)
        elif c in words.TRANSPOSES:
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
            self.put("relation", "!=", raw, after.end)
        elif name == "|":
            self.put("bar", "‖", raw)
        elif name in words.FENCES:
            self.named_fence(name, raw)
        elif name in words.RELATIONS:
            self.put("relation", words.RELATIONS[name], raw)
        elif name in words.ENTRYWISE:
            self.put("sign", words.ENTRYWISE[name], raw)
        elif name in words.TIMES:
            self.put("sign", words.TIMES[name], raw)
        elif name in words.CIRCLES:
            self.put("sign", "◯", raw)
        elif name in words.DOTS:
            self.put("dots", name, raw)
        elif name == "_":
            self.letter("_", raw)
        elif name in words.FUNCTIONS or name in _OTHERS or name in words.ACCENTS or name in words.TRANSPOSES:
            self.put("command", name, raw)
        else:
            raise self.unknown(raw)

    def unknown(self, raw: Raw) -> ParseError:
        name = raw.value
        if name in words.REFUSED:
            return self.fail(f"\\{name}: {words.REFUSED[name]}", raw)
        if words.HOSTILE.fullmatch(name):
            return self.fail(
                f"\\{name} acts, it is no part of a formula: refused",
                raw,
                "definitions are read from a preamble" if "command" in name or "Decl" in name else None,
            )
        near = words.nearest_command(name)
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

    # --- fonts ---

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
                    self.out += _Tokeniser(self.source, inner).run()[:-1]
                    inner = None
            elif inner is None:
                said.append(r)
            else:
                inner.append(r)
        if inner is not None:
            raise self.fail("this $ is never closed", raw)
        self.text(raw, said, end, "upright")


_COMMANDS = {"∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "√": "sqrt", "⊤": "top"}
_OTHERS = frozenset({"sum", "prod", "nabla", "partial", "prime", "substack", "limits"}) | words.FRACTIONS


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


def tokenise(
    source: str, start: int = 0, end: int | None = None, macros: Mapping[str, Macro] | None = None
) -> list[Token]:
    """The tokens of ``source[start:end]``, the last of them an end."""
    if len(source) > LONGEST:
        raise ParseError(f"the formula has {len(source):,} characters; at most {LONGEST:,} are read",
                         hint="name its parts with --let")  # fmt: skip
    raws = raw_tokens(source, start, len(source) if end is None else end)
    if macros:
        from derivgen.parse.latex_preamble import expanded

        raws = expanded(raws, macros, source)
    return _Tokeniser(source, raws).run()
