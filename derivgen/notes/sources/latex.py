r"""The formulas of a LaTeX text: between dollars, ``\(``, ``\[`` and in environments; none in verbatim text or comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from derivgen.deadline import on_time
from derivgen.notes.sources.environments import ARGUMENTS, INLINE, MATHEMATICS, UNREAD, passage_of
from derivgen.notes.sources.pieces import Found, blank, kept, with_prose
from derivgen.notes.sources.source import Formula, Heading, Passage

_TOKEN = re.compile(
    r"""(?P<comment>%[^\n]*)
    |\\(?:(?P<environment>begin|end)\s*\{(?P<name>[A-Za-z@]+\*?)\}|(?P<word>[A-Za-z@]+)\*?|(?P<sign>.))
    |(?P<dollars>\$\$?)|(?P<brace>[{}])|(?P<tie>~)""",
    re.VERBOSE | re.DOTALL,
)
_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_VERB = re.compile(r"\*?(?P<mark>[^\sA-Za-z*])")
_WITHOUT_WORDS = frozenset(
    ("label", "ref", "eqref", "autoref", "cref", "Cref", "pageref", "cite", "citep", "citet", "citeauthor", "bibitem", "url",
     "usepackage", "documentclass", "includegraphics", "vspace", "hspace", "setcounter", "addtocounter", "setlength",
     "bibliography", "bibliographystyle", "pagestyle", "hypersetup", "tikzset", "lstset", "input", "include", "color",
     "textcolor", "fontsize", "index")
)  # fmt: skip
"""Commands whose arguments are no words of the text."""
_DEFINES = frozenset(
    ("newcommand", "renewcommand", "providecommand", "DeclareRobustCommand", "DeclareMathOperator", "def", "gdef", "edef",
     "xdef", "let", "newenvironment", "renewenvironment", "newtheorem", "DeclarePairedDelimiter", "NewDocumentCommand",
     "RenewDocumentCommand")
)  # fmt: skip
_OPENS = re.compile(r"\s*(?:\\begin\s*\{(?P<name>[A-Za-z]+\*?)\}|(?P<bracket>\\\[))\s*")
_CLOSES = re.compile(r"\s*(?:\\end\s*\{[A-Za-z]+\*?\}|\\\])\s*")
_SHORT = re.compile(
    r"\\(?:(?:re)?newcommand\*?\s*\{?\s*\\(?P<name>[A-Za-z@]+)\s*\}?|def\s*\\(?P<plain>[A-Za-z@]+))\s*\{(?P<body>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}"
)
_NEW_ENVIRONMENT = re.compile(
    r"\\(?:re)?newenvironment\*?\s*\{(?P<name>[A-Za-z@]+\*?)\}\s*\{\s*\\begin\s*\{(?P<of>[A-Za-z]+\*?)\}"
)
_NEW_THEOREM = re.compile(
    r"\\(?:newtheorem\*?|declaretheorem)\s*(?:\[[^\]]*\])?\s*\{(?P<name>[A-Za-z@]+\*?)\}\s*(?:\[[^\]]*\])?\s*\{(?P<title>[A-Za-z]+)[^{}]*\}"
)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LONGEST = 200_000
"""Characters within which the end of a formula is looked for."""


@dataclass(frozen=True, slots=True)
class Shorthands:
    """Commands and environments of the author's that begin or end mathematics.

    Attributes:
        opening: the environment that a command begins, "" where it is no environment.
        closing: commands that end one.
        environments: the environment that stands behind one of the author's.
    """

    opening: Mapping[str, str]
    closing: frozenset[str]
    environments: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> Shorthands:
        """The shorthands that a preamble declares for environments of mathematics."""
        opening: dict[str, str] = {}
        closing: set[str] = set()
        for m in _SHORT.finditer(text):
            name = m["name"] or m["plain"]
            if (begins := _OPENS.fullmatch(m["body"])) and (begins["bracket"] or begins["name"] in MATHEMATICS):
                opening[name] = begins["name"] or ""
            elif _CLOSES.fullmatch(m["body"]):
                closing.add(name)
        environments = {m["name"]: m["of"] for m in _NEW_ENVIRONMENT.finditer(text) if m["of"] in MATHEMATICS}
        return cls(opening, frozenset(closing), environments)


def find(text: str, shorthands: Shorthands | None = None) -> Found:
    """All of a LaTeX text, of its document where it has a preamble; lines end in \\n alone.

    Raises:
        TooLong: there is no time left.
    """
    reader = _Reader(text, shorthands or Shorthands.of(text))
    reader.run()
    return reader.found


class _Reader:
    def __init__(self, text: str, shorthands: Shorthands) -> None:
        self.text = text
        self.shorthands = shorthands
        self.found = Found()
        self.gaps: list[tuple[int, int]] = []
        self.at = 0
        self.end = len(text)
        self.titles = {m["name"]: m["title"] for m in _NEW_THEOREM.finditer(text)}
        self.last: dict[str, int] = {}  # where what closes formulas stands for the last time

    def run(self) -> None:
        begin = re.search(r"^[^%\n]*?\\begin\s*\{document\}", self.text, re.MULTILINE)
        if begin is not None:
            self.preamble(begin.start())
            self.at = begin.end()
        start = self.at
        while (token := _TOKEN.search(self.text, self.at, self.end)) is not None:
            on_time()
            self.at = token.end()
            self.token(token)
        self.found.pieces.sort(key=lambda piece: piece.start)
        words = kept(self.text, [(start, self.end)], self.gaps)
        self.found.pieces = list(with_prose(self.found.pieces, words))

    def preamble(self, end: int) -> None:
        """Comments that say something; all else there is for definitions."""
        for token in _TOKEN.finditer(self.text, 0, end):
            if token["comment"]:
                self.comment(token)

    def hide(self, start: int, end: int) -> None:
        self.gaps.append((start, end))

    def token(self, token: re.Match[str]) -> None:
        start = token.start()
        if token["comment"]:
            self.comment(token)
        elif token["dollars"]:
            self.mathematics(start, token["dollars"], "", len(token["dollars"]) == 2)
        elif token["brace"] or token["tie"]:
            self.hide(start, start + 1)
        elif token["environment"]:
            self.environment(token)
        elif token["sign"]:
            sign = token["sign"]
            if sign in "([":
                self.mathematics(start, "\\)" if sign == "(" else "\\]", "", sign == "[")
            else:
                self.hide(start, self.at if sign in "\\,;:! /-@\n" else start + 1)
        else:
            self.command(token["word"], token)

    def comment(self, token: re.Match[str]) -> None:
        self.hide(token.start(), token.end())
        self.found.comments.append((token.start(), token.end(), token[0].lstrip("%")))

    # --- environments and commands ---

    def environment(self, token: re.Match[str]) -> None:
        name, start = token["name"], token.start()
        self.hide(start, self.at)
        if token["environment"] == "end":
            if name == "document":
                self.hide(start, self.end)
                self.at = self.end
            elif self.passage(name):
                self.found.pieces.append(Passage("", start))
            return
        if name in UNREAD:
            end = self.text.find(f"\\end{{{name}}}", self.at, self.end)
            self.hide(start, self.end if end < 0 else end)
            self.at = self.end if end < 0 else end
        elif name in MATHEMATICS or name in self.shorthands.environments:
            self.mathematics(
                start, f"\\end{{{name}}}", self.shorthands.environments.get(name, name), name not in INLINE
            )
        else:
            if kind := self.passage(name):
                self.found.pieces.append(Passage(kind, start))
            while (given := _argument(self.text, self.at, self.end, "[")) is not None:
                self.hide(self.at, given)
                self.at = given

    def passage(self, name: str) -> Literal["statement", "proof", ""]:
        """Whether an environment is a theorem or the like, by its title where it has one."""
        return passage_of(self.titles.get(name, "")) or passage_of(name)

    def command(self, name: str, token: re.Match[str]) -> None:
        start = token.start()
        self.hide(start, self.at)
        if name in self.shorthands.opening:
            self.mathematics(start, "", self.shorthands.opening[name], True)
        elif name in ("verb", "lstinline", "mintinline", "Verb"):
            self.verbatim(start, name)
        elif name == "iffalse":
            end = self.text.find("\\fi", self.at, self.end)
            self.at = self.end if end < 0 else end
            self.hide(start, self.at)
        elif name in _LEVELS:
            self.heading(_LEVELS[name])
        elif name == "ensuremath":
            close = _argument(self.text, self.at, self.end, "{")
            if close is not None:
                inner = self.text.index("{", self.at) + 1
                self.formula(start, close, inner, close - 1, False, "")
        elif name in _DEFINES:
            self.at = _definition_end(self.text, self.at, self.end, name)
            self.hide(start, self.at)
        elif name in _WITHOUT_WORDS:
            while (given := _argument(self.text, self.at, self.end, "[") or _argument(self.text, self.at, self.end, "{")):  # fmt: skip
                self.at = given
            self.hide(start, self.at)

    def verbatim(self, start: int, name: str) -> None:
        if name == "mintinline" and (language := _argument(self.text, self.at, self.end, "{")) is not None:
            self.at = language
        if name != "verb" and (options := _argument(self.text, self.at, self.end, "[")) is not None:
            self.at = options
        mark = _VERB.match(self.text, self.at, self.end)
        if mark is None:
            return
        line_end = self.text.find("\n", mark.end(), self.end)
        end = self.text.find("}" if mark["mark"] == "{" else mark["mark"], mark.end(), self.end)
        if end >= 0 and (line_end < 0 or end < line_end):
            self.at = end + 1
            self.hide(start, self.at)

    def heading(self, level: int) -> None:
        """A heading; what stands in its braces is read on as text."""
        if (short := _argument(self.text, self.at, self.end, "[")) is not None:
            self.hide(self.at, short)
            self.at = short
        end = _argument(self.text, self.at, self.end, "{")
        if end is not None:
            inner = self.text.index("{", self.at) + 1
            title = re.sub(r"\\[A-Za-z]+\*?|[{}]", " ", self.text[inner : end - 1])
            self.found.pieces.append(Heading(level, " ".join(title.split()), inner))

    # --- formulas ---

    def mathematics(self, start: int, mark: str, environment: str, display: bool) -> None:
        """A formula that begins at ``start`` and whose inside begins here, up to ``mark`` or a command that closes one."""
        inner = self.at
        close = self.closing(inner, mark, environment)
        if close is None:
            self.hide(start, inner)
            return
        for _ in range(ARGUMENTS.get(environment.rstrip("*"), 0)):
            if environment.startswith("empheq") and (options := _argument(self.text, inner, close[0], "[")) is not None:
                inner = options
            inner = _argument(self.text, inner, close[0], "{") or inner
        self.formula(start, close[1], inner, close[0], display, environment)

    def formula(self, start: int, end: int, inner: int, inner_end: int, display: bool, environment: str) -> None:
        self.hide(start, end)
        latex = self.without_comments(inner, inner_end)
        if latex.strip():
            self.found.pieces.append(Formula(latex, inner, display, environment))
        self.at = end

    def without_comments(self, start: int, end: int) -> str:
        def said(m: re.Match[str]) -> str:
            if m[0][0] == "\\":
                return m[0]
            self.found.comments.append((start + m.start(), start + m.end(), m[0].lstrip("%")))
            return blank(m[0])

        return re.sub(r"\\.|%[^\n]*", said, self.text[start:end], flags=re.DOTALL)

    def closing(self, at: int, mark: str, environment: str) -> tuple[int, int] | None:
        """Where a formula ends, and where what closes it ends."""
        end = min(self.end, at + _LONGEST)
        if mark and mark not in self.last:
            self.last[mark] = self.text.rfind(mark)
        if at > self.last.get(mark, end) and not self.shorthands.closing:
            return None
        if mark in ("$", "\\)"):
            paragraph = _PARAGRAPH.search(self.text, at, end)
            end = end if paragraph is None else paragraph.start()
        depth = 0
        for token in _TOKEN.finditer(self.text, at, end):
            on_time()
            if token["brace"]:
                depth += 1 if token[0] == "{" else -1
            elif token["dollars"] and mark in ("$", "$$"):
                if (depth <= 0 and token[0] == mark) or (mark == "$" and depth <= 0):
                    return token.start(), token.start() + len(mark)
            elif token["environment"] == "end":
                if mark == f"\\end{{{token['name']}}}":
                    return token.start(), token.end()
                if token["name"] == "document":
                    return None
            elif token["sign"] and mark == "\\" + token["sign"]:
                return token.start(), token.end()
            elif token["word"] in self.shorthands.closing and mark not in ("$", "$$", "\\)"):
                return token.start(), token.start() + 1 + len(token["word"])
        if mark in ("$", "$$") and depth > 0:  # braces that do not match
            close = self.text.find(mark, at, end)
            if close >= 0:
                return close, close + len(mark)
        return None


def _argument(text: str, at: int, end: int, bracket: str) -> int | None:
    """Behind the argument in these brackets that comes next, or None where none does."""
    while at < end and text[at] in " \t\n":
        at += 1
    if at >= end or text[at] != bracket:
        return None
    depth, nested, close = 0, 0, "]" if bracket == "[" else "}"
    for m in re.compile(r"\\.|[{}\[\]]", re.DOTALL).finditer(text, at, min(end, at + _LONGEST)):
        sign = m[0]
        if bracket == "[" and sign in "{}":
            nested += 1 if sign == "{" else -1
        elif sign == bracket and not nested:
            depth += 1
        elif sign == close and not nested:
            depth -= 1
            if not depth:
                return m.end()
    return None


_BEGINS = re.compile(rf"\\(?P<name>{'|'.join(sorted(_DEFINES, key=len, reverse=True))})\*?(?![A-Za-z])")


def definitions(text: str) -> list[tuple[int, int]]:
    """Where the definitions of commands stand in a formula."""
    found = []
    at = 0
    while (begins := _BEGINS.search(text, at)) is not None:
        at = _definition_end(text, begins.end(), len(text), begins["name"])
        found.append((begins.start(), at))
    return found


def _any_argument(text: str, at: int, end: int) -> int | None:
    return _argument(text, at, end, "[") or _argument(text, at, end, "{")


def _definition_end(text: str, at: int, end: int, name: str) -> int:
    """Behind a definition: its name, its arguments and its bodies."""
    if name == "let":
        taken = re.compile(r"\s*\\(?:[A-Za-z@]+|.)\s*=?\s*(?:\\(?:[A-Za-z@]+|.)|.)").match(text, at, end)
        return taken.end() if taken else at
    named = re.compile(r"\s*\*?\s*\\(?:[A-Za-z@]+|.)[#\d\s]*").match(text, at, end)
    at = named.end() if named else at
    while (given := _any_argument(text, at, end)) is not None:
        between = text[at:given]
        if "\n\n" in between[: len(between) - len(between.lstrip())]:
            break
        at = given
        if name == "def" or (named and name.endswith("command") and between.lstrip().startswith("{")):
            break
    return at
