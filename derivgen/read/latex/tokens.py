"""LaTeX cut into tokens by pylatexenc, with fonts kept on letters, and spacing, sizes and comments left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from string import ascii_letters, digits

from derivgen.catalog.glossary import Glossary
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.errors import ParseError
from derivgen.read.latex import commands as words
from derivgen.read.latex.commands import words_of
from derivgen.read.latex.customary import DELIMITED, written_out
from derivgen.read.latex.dialect import in_latex
from derivgen.read.latex.fonts import font
from derivgen.read.latex.tape import Tape, Token
from derivgen.read.text.characters import GREEK_NAMES, SAME, refuse_character
from derivgen.read.text.scan import LONGEST
from derivgen.tex.macros import Macro, expanded
from derivgen.tex.raw import Raw, raw_tokens

_LETTERS, _DIGITS = frozenset(ascii_letters), frozenset(digits)
_BLANK_ROW = re.compile(r"-?[\d.]+(?:pt|em|ex|mm|cm|in|sp|bp|pc|mu|baselineskip)")


def _open(t: Tape, raw: Raw, _: str) -> None:
    t.fonts.append(t.fonts[-1] if t.once is None else t.once)
    t.once = None
    t.put("open", "{", raw)


def _close(t: Tape, raw: Raw, _: str) -> None:
    if len(t.fonts) > 1:
        t.fonts.pop()
    t.put("close", "}", raw)


def _character(t: Tape, raw: Raw, value: str) -> None:
    c = SAME.get(value, value)
    if c == "." and t.next_is(".") and [r.value for r in t.raws[t.at : t.at + 2]] == [".", "."]:
        t.at += 2
        t.put("dots", "...", raw, t.raws[t.at - 1].end)
    elif c in _LETTERS:
        t.letter(c, raw)
    elif c in _DIGITS:
        if c in "01" and (t.fonts[-1] if t.once is None else t.once) in ("bold", "blackboard"):
            t.letter(c, raw)
        else:
            t.once = None
            t.put("digit", c, raw)
    elif (known := t.known.characters.get(c)) is not None:
        if known[0] != "blank":
            t.put(*known, raw)
    elif c == "ℓ":
        t.letter(LATEX_LETTERS["ell"], raw)
    elif c in GREEK_NAMES:
        t.letter(LATEX_LETTERS.get(GREEK_NAMES[c], c), raw)
    elif c in t.known.transposes:
        t.put("script", "^", raw)
        t.put("command", "top", raw)
    elif unicodedata.name(c, "").startswith("MATHEMATICAL"):
        plain = unicodedata.normalize("NFKC", c)
        plain = LATEX_LETTERS.get(GREEK_NAMES.get(plain, ""), plain)
        t.letter(plain, raw, "bold" if "BOLD" in unicodedata.name(c) else "")
    elif c in '#$"@`?':
        raise t.fail(f"{c} means nothing here", raw, "leave it out")
    else:
        raise refuse_character(c, raw.start, t.source)


def _macro(t: Tape, raw: Raw, name: str) -> None:
    """A command, by what the table says that it does."""
    kind, value = t.known.commands.get(name, ("", ""))
    reader = t.readers.get(f"\\{kind}")
    if name in DELIMITED and written_out(t, raw):
        return
    if reader is not None:
        reader(t, raw, value)
    elif t.holds and name == "mid":
        t.put("bar", "|", raw)
    elif kind or (t.holds and name in words.HELD):
        t.put(kind or "command", value or name, raw)
    elif t.holds and name in words.UNREAD:
        t.letter(name, raw, "operator")
    elif not written_out(t, raw):
        raise _unknown(t, raw, name)


def _unknown(t: Tape, raw: Raw, name: str) -> ParseError:
    if name in words.REFUSED:
        return t.fail(f"\\{name}: {words.REFUSED[name]}", raw, words.OTHERWISE)
    if words.HOSTILE.fullmatch(name):
        defines = "command" in name or "Decl" in name
        return t.fail(f"\\{name} acts, it is no part of a formula: refused", raw,
                      "definitions are read from a preamble" if defines else None)  # fmt: skip
    if name in words.UNREAD:
        said, instead = words.UNREAD[name]
        return t.fail(said.replace("{0}", name), raw, instead.replace("{0}", name))
    near = t.known.nearest(name)
    hint = f"did you mean \\{near}? " if near else ""
    if name.isalpha():
        hint += f"A command of your own is defined in the preamble, a function written \\operatorname{{{name}}}"
    return t.fail(f"the command \\{name} is not known", raw, hint or None)


def _letter(t: Tape, raw: Raw, sign: str) -> None:
    t.letter(sign, raw)


def _nothing(t: Tape, raw: Raw, _: str) -> None:
    """Spacing."""


def _size(t: Tape, raw: Raw, side: str) -> None:
    """Before a bar, \\bigl and \\bigr say which side it is."""
    after = t.peek()
    if side in ("l", "r") and after is not None and after.value in ("|", "vert", "Vert", "‖"):
        t.at += 1
        double = after.value in ("Vert", "‖") or (after.kind == "macro" and after.value == "|")
        t.put("opening" if side == "l" else "closing", "‖" if double else "|", after)


def _dropped(t: Tape, raw: Raw, _: str) -> None:
    t.at += t.next_is("*")
    t.group(raw)


def _over(t: Tape, raw: Raw, _: str) -> None:
    r"""\overset{!}{=} is =; what stands below \max is a subscript."""
    remark = t.group(raw)
    inner = t.group(raw)
    t.inserted(inner)
    if raw.value == "underset" and re.search(r"max|min|^nabla$|^∇$", "".join(r.value for r in inner)):
        t.put("script", "_", raw)
        t.put("open", "{", raw)
        t.inserted(remark)
        t.put("close", "}", raw)


def _around(t: Tape, raw: Raw, _: str) -> None:
    r"""\underbrace{x}_{u} is {x}."""
    inner = t.group(raw)
    t.put("open", "{", raw)
    t.inserted(inner)
    t.put("close", "}", raw, t.raws[t.at - 1].end)
    if raw.value.endswith("brace") and t.next_is("_", "^"):
        t.at += 1
        t.group(raw)


def _row(t: Tape, raw: Raw, _: str) -> None:
    t.put("newrow", "\\\\", raw)
    t.at += t.next_is("*") and not t.raws[t.at].spaced
    if t.next_is("["):
        inside = ""
        for k in range(t.at + 1, min(t.at + 14, len(t.raws))):
            if t.raws[k].value == "]":
                if _BLANK_ROW.fullmatch(inside):
                    t.at = k + 1
                return
            inside += t.raws[k].value


def _environment(t: Tape, raw: Raw, kind: str) -> None:
    word = "".join(r.value for r in t.group(raw))
    starred = word.endswith("matrix*")
    t.put(kind, word.rstrip("*") if starred else word, raw, t.raws[t.at - 1].end)
    if (starred or word in ("array", "alignat", "alignat*")) and kind == "begin":  # the columns mean nothing
        if t.next_is("["):
            while t.at < len(t.raws) and not t.next_is("]"):
                t.at += 1
            t.at += 1
        after = t.peek()
        if after is not None and after.kind == "open" and not starred:
            t.group(raw)


def _not(t: Tape, raw: Raw, sign: str) -> None:
    after = t.peek()
    if after is None or after.value not in ("=", "in"):
        raise t.fail("\\not is read before = only", raw, "write \\neq")
    t.at += 1
    t.put("relation", sign, raw, after.end)


def _fence(t: Tape, raw: Raw, _: str) -> None:
    after = t.peek()
    value = None
    if after is not None:
        value = "‖" if after.kind == "macro" and after.value == "|" else words.FENCES.get(after.value)
    if after is None or value is None or (raw.value == "middle" and value not in "|‖"):
        raise t.fail(f"\\{raw.value} wants a fence such as ( or [", raw)
    if raw.value == "middle":
        raise t.fail("\\middle is not read", raw)
    t.at += 1
    t.put(raw.value, value, raw, after.end)


def _another(t: Tape, raw: Raw, value: str) -> None:
    """A dollar sign, \\( and the like."""
    raise t.fail(f"{value} stands inside the formula", raw, "give one formula at a time")


def _is_nabla(raw: Raw) -> bool:
    return raw.value in ("nabla", "∇") and raw.kind in ("macro", "char")


def _with_bare_nabla(raws: list[Raw]) -> list[Raw]:
    r"""\boldsymbol\nabla, \vec{\nabla} and {\nabla} are the sign that \nabla is: it has no font and no accent."""
    found: list[Raw] = []
    at = 0
    while at < len(raws):
        if _is_nabla(raws[at]):
            if at + 1 < len(raws) and found and found[-1].kind == "open" and raws[at + 1].kind == "close":
                found.pop()
                closed = 1
            else:
                closed = 0
            while found and found[-1].kind == "macro" and (found[-1].value in _DRESSES):
                found.pop()
            found.append(raws[at])
            at += closed
        else:
            found.append(raws[at])
        at += 1
    return found


_DRESSES = {*words.FONTS, *words.ACCENTS} - {*words.SWITCHES}

READERS: Mapping[str, Callable[[Tape, Raw, str], None]] = {
    "open": _open, "close": _close, "char": _character, "macro": _macro,
    "mathmode": _another, "specials": _another, "begin_environment": _another, "end_environment": _another,
    r"\font": font, r"\letter": _letter, r"\blank": _nothing, r"\size": _size, r"\dropped": _dropped, r"\over": _over,
    r"\around": _around, r"\row": _row, r"\environment": _environment, r"\not": _not, r"\fence": _fence,
}  # fmt: skip
"""What reads a raw token, by its kind; a command by what it does, if it does more than to stand as a token."""


def tokenise(
    source: str,
    start: int,
    end: int,
    macros: Mapping[str, Macro],
    glossary: Glossary,
    *,
    holds: bool = False,
    document: bool = False,
) -> list[Token]:
    """The tokens of ``source[start:end]``, the last of them an end; where it ``holds``, commands such as \\int are among them;
    in a ``document``, fractions and the like are written in other ways, too.

    Raises:
        ParseError: it is too long, or has what no formula has.
    """
    if len(source) > LONGEST:
        raise ParseError(f"the formula has {len(source):,} characters; at most {LONGEST:,} are read",
                         hint="name its parts with --let")  # fmt: skip
    raws = raw_tokens(source, start, end)
    raws = expanded(raws, macros, source) if macros else raws
    raws = in_latex(raws) if document else raws
    raws = _with_bare_nabla(raws) if any(map(_is_nabla, raws)) else raws
    tokens = Tape(source, raws, words_of(glossary), READERS, holds=holds).run()
    return [*tokens, Token("end", "", "", len(source), len(source))]
