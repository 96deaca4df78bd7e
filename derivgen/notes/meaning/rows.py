"""A formula of an author taken apart, before anything of it is read: rows, statements, members with the signs between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from derivgen.catalog import GLOSSARY
from derivgen.read.latex.commands import UNREAD, words_of

ROWED = frozenset({
    "align", "aligned", "alignat", "alignedat", "flalign", "split", "gather", "gathered", "eqnarray", "multline",
    "equation", "multlined", "subequations", "displaymath", "math", "IEEEeqnarray",
})  # fmt: skip
"""Environments that set rows of formulas, and are no part of any."""

_DROPPED = re.compile(
    r"\\(?:label|tag|eqref|ref|cite|intertext|setcounter\s*\{[^{}]*\}|hspace|vspace)\*?\s*\{[^{}]*\}"
    r"|\\(?:nonumber|notag|displaystyle|textstyle|hfill|medskip|smallskip|noindent|allowbreak)\b"
    r"|\\[hv]?phantom\s*\{(?:[^{}]|\{[^{}]*\})*\}|\\color\s*\{[^{}]*\}"
    r"|(?<=[&\s])\{\s*\}(?=\s*(?:[-+*/=]|\\(?:cdot|times|odot|otimes|circ|pm|mp)\b))|[\u200b\u200c\u200d\u2060\ufeff]"
)

_TOKEN = re.compile(
    r"""(?P<begin>\\begin\s*\{(?P<env>[^{}]*)\}(?:\[[^][]*\])?)
      | (?P<end>\\end\s*\{(?P<ended>[^{}]*)\})
      | (?P<left>\\left\s*(?:\\[A-Za-z]+|\\.|.)) | (?P<right>\\right\s*(?:\\[A-Za-z]+|\\.|.))
      | (?P<row>\\\\(?:\s*\[[^][]*\])?|\\cr\b|\\newline\b)
      | (?P<words>\\(?:text|textrm|mbox|textit|textbf|hbox|textnormal|textsf|mathrm(?=\s*\{\W*(?:and|or|where|if|for|with)\W*\}))\s*\{)
      | (?P<over>\\(?:overset|stackrel|underset)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{\s*(?P<inner>=|\\equiv|:=)\s*\})
      | (?P<implied>\\(?:implies|Rightarrow|Longrightarrow|iff|Leftrightarrow|Longleftrightarrow|therefore|because|impliedby|Leftarrow)\b)
      | (?P<wide>\\q?quad\b|\\enspace\b)
      | (?P<define>:\s*=|\\coloneqq\b|\\coloneq\b|\\triangleq\b|\\doteq\b|\\equiv\b|\\stackrel\{\\triangle\}\{=\}|\\defeq\b|≡|≜)
      | (?P<relation>=|\\(?:approx|simeq|cong|sim|propto|leq?|geq?|ll|gg|neq?|not\s*=|not\s*\\in|in|ni|notin|subset|subseteq|supset|supseteq
            |to|rightarrow|longrightarrow|mapsto|leftarrow|gets|leadsto|succeq?|preceq?|perp|mid|leqslant|geqslant|hookrightarrow|xrightarrow)(?![A-Za-z])
            |[<>≤≥≈∈←→∼∝≠])
      | (?P<open>\\\{|\\lbrace\b|[{(\[]) | (?P<close>\\\}|\\rbrace\b|[})\]])
      | (?P<command>\\[A-Za-z]+\*?|\\.)
      | (?P<amp>&) | (?P<comma>[,;]) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


def _kind(m: re.Match[str]) -> str:
    """Which token it is; the groups within one are none."""
    kind = m.lastgroup
    if kind is None or kind in ("env", "ended", "inner"):
        kind = next(k for k in ("begin", "end", "over") if m[k])
    return kind


_REMARK = re.compile(
    r"^\W*(?:where|for|if|and|or|with|when|since|from|by|so|then|thus|hence|otherwise|is|as|because|using|on|in|let|s\.t\.?"
    r"|subject to|such that|at|of|to|the|we|that|note|but|therefore|given|also|because|i\.e\.?|e\.g\.?|are)\b",
    re.IGNORECASE,
)

_SAID_OF = re.compile(r"(?<=[\s~])\(\s*\\?\w+\s*\\(?:text|mbox|textrm)\s*\{\s*(?:is|are|denotes?|means)\b[^()]*\)")
"""(I \\text{ is the identity}), what is said of a letter beside an equation."""

_AWAITS = re.compile(r"(?:[+*/]|-|\\(?:cdot|times|odot|otimes|circ))$")
_OPERATOR = re.compile(r"\s*(?:[+*/]|-|\\(?:cdot|times|odot|otimes|circ|pm|mp)\b)")


@dataclass(frozen=True, slots=True)
class Member:
    """One side of a chain: ``text`` is ``blanked[start:end]``, in which signs of alignment are blanks."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A chain, or an expression alone.

    Attributes:
        members: its sides in their order; the first may be empty where a chain goes on from before.
        signs: the relations between them, "=" or ":=" or as written.
        remark: the words that stand beside it.
    """

    members: tuple[Member, ...]
    signs: tuple[str, ...]
    remark: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether it begins with a sign, so that it belongs to what was before."""
        return bool(self.signs) and not self.members[0].text


def statements(latex: str) -> list[Statement]:
    """What a formula states, one after another."""
    text = _DROPPED.sub(lambda m: " " * len(m[0]), latex)
    return list(_Rows(text).statements())


_BEFORE_ASIDE = re.compile(r"(?:(?:^|&|\\\\)\s*|[)\]]\s+)\Z")
_AFTER_ASIDE = re.compile(r"[\s.,;]*(?:\Z|&|\\\\|\\end\b)")


def statements_at(text: str, start: int, end: int) -> list[Statement]:
    """What a stretch of a formula states; places are those of the whole."""
    return list(_Rows(" " * start + text[start:end]).statements())


class _Rows:
    def __init__(self, text: str) -> None:
        self.blanked = list(text)
        self.text = text
        self.cuts: list[int] = []
        self.remarks: list[tuple[int, int]] = []
        self.signs: list[tuple[str, int, int]] = []
        self.asides: list[tuple[int, int]] = []
        # the pass over the tokens, and where it is
        self.tokens = list(_TOKEN.finditer(text))
        self.at = self.depth = self.cell = 0
        self.is_one_array = re.match(r"\s*\\begin\s*\{array\}.*\\end\s*\{array\}\W*$", text, re.DOTALL) is not None
        self.transparent: list[bool] = []
        self.broken: list[tuple[int, int]] = []  # brackets that are closed for the sake of a new row only
        self.seen_commas: list[int] = []
        self.commas: set[int] = set()  # those that part two statements

    def blank(self, start: int, end: int) -> None:
        self.blanked[start:end] = " " * (end - start)

    def statements(self) -> Iterator[Statement]:
        self.scan()
        whole = "".join(self.blanked)
        for start, end in self.asides:  # what a remark says in a formula is another statement
            yield from statements_at(whole, start, end)
            whole = whole[:start] + " " * (end - start) + whole[end:]
            self.signs = [s for s in self.signs if not start <= s[1] < end]
        whole = _SAID_OF.sub(lambda m: " " * len(m[0]), whole)
        edges = sorted({0, *self.cuts, len(whole)})
        pieces: list[tuple[int, int]] = []
        for start, end in pairwise(edges):
            if not whole[start:end].strip(" \n\t.,;"):
                continue
            has_sign = any(start <= s[1] < end for s in self.signs)
            goes_on = _OPERATOR.match(whole, start, end) or (
                pieces and _AWAITS.search(whole[slice(*pieces[-1])].rstrip())
            )
            if pieces and not has_sign and goes_on and self.goes_on_after(start):
                pieces[-1] = pieces[-1][0], end  # a row that goes on with + or -
            else:
                pieces.append((start, end))
        merged: list[tuple[int, int]] = []
        for start, end in pieces:
            first = next((s for s in self.signs if start <= s[1] < end), None)
            begins = first is not None and not whole[start : first[1]].strip()
            operator = _OPERATOR.match(whole, start, end) is not None and first is not None
            if merged and (begins or (operator and self.goes_on_after(start))):
                merged[-1] = merged[-1][0], end
            else:
                merged.append((start, end))
        for start, end in merged:
            yield self.statement(whole, start, end)

    def goes_on_after(self, start: int) -> bool:
        """Whether the cut before is one between rows or wide spaces, and not a comma."""
        return start not in self.commas

    def statement(self, whole: str, start: int, end: int) -> Statement:
        signs = [s for s in self.signs if start <= s[1] < end]
        edges = [start, *(e for _, a, b in signs for e in (a, b)), end]
        members = [self.member(whole, edges[k], edges[k + 1]) for k in range(0, len(edges), 2)]
        remark = " ".join(self.text[a:b] for a, b in self.remarks if start <= a <= end)
        return Statement(tuple(members), tuple(sign for sign, _, _ in signs), remark)

    def member(self, whole: str, start: int, end: int) -> Member:
        while start < end:
            if whole[start].isspace() or whole[start] in ",;~":
                start += 1
            elif whole[start : start + 2] in ("\\,", "\\;", "\\:", "\\!", "\\ "):
                start += 2
            else:
                break
        while start < end:
            last = whole[end - 1]
            if whole[max(start, end - 2) : end] in ("\\,", "\\;", "\\:", "\\!", "\\ "):
                end -= 2
            elif (
                last.isspace()
                or last in ",;~"
                or (last == "." and not whole[start : end - 1].rstrip().endswith(("\\left", "\\right", ".")))
                or (last == "\\" and whole[end : end + 1].isspace())
            ):
                end -= 1
            else:
                break
        return Member(whole[start:end], start, end)

    # --- one pass over the text ---

    def scan(self) -> None:
        while self.at < len(self.tokens):
            m = self.tokens[self.at]
            self.at += 1
            start, end = m.span()
            match _kind(m):
                case "begin":
                    self.begins(m)
                case "end":
                    if self.transparent and self.transparent.pop():
                        self.blank(start, end)
                    else:
                        self.depth = max(0, self.depth - 1)
                case "open" if not self.depth and (closed := self.end_of_aside(start)):
                    self.blank(start, end)
                    self.blank(closed - 1, closed)
                    self.asides.append((end, closed - 1))
                    self.skip_to(closed)
                case "left":
                    self.depth += 1
                    if m[0].endswith(".") and self.broken and not self.text[self.cell : start].strip(" \n\t&"):
                        self.blank(*self.broken.pop())
                        self.blank(start, end)
                case "open":
                    self.depth += 1
                case "right":
                    self.depth = max(0, self.depth - 1)
                    if m[0].endswith(".") and self.text[end:].lstrip().startswith("\\\\"):
                        self.broken.append((start, end))
                case "close":
                    self.depth = max(0, self.depth - 1)
                case "words":
                    self.words(start, end)
                case kind if not self.depth:
                    self.at_the_top(kind, m)
        self.cut_at(self.seen_commas)

    def at_the_top(self, kind: str, m: re.Match[str]) -> None:
        """A sign outside all brackets: a statement or a cell ends there, or it stands between two members."""
        start, end = m.span()
        match kind:
            case "row":
                self.blank(start, end)
                self.cuts.append(end)
                self.cell = end
            case "implied":
                self.blank(start, end)
                self.cuts += [start, end]
            case "wide":
                self.blank(start, end)
                self.cuts.append(end)
            case "over":
                self.signs.append(("=" if m["inner"] == "=" else ":=", start, end))
            case "define":
                self.signs.append((":=", start, end))
            case "relation":
                self.signs.append((m[0], start, end))
            case "amp":
                self.blank(start, end)
                if self.is_column(self.cell, start, end):
                    self.cuts.append(end)
                    self.cell = end
            case "comma":
                self.seen_commas.append(start)

    def begins(self, m: re.Match[str]) -> None:
        """An environment: one of rows is blanked with its argument, of another the signs are its own."""
        name, (start, stop) = m["env"], m.span()
        rowed = name.rstrip("*") in ROWED or (self.is_one_array and name == "array" and not self.transparent)
        rowed = rowed and not self.depth
        self.transparent.append(rowed)
        if not rowed:
            self.depth += 1
            return
        if name in ("array", "alignat", "alignedat", "alignat*"):
            columns = re.compile(r"\s*\{[^{}]*\}").match(self.text, stop)
            stop = columns.end() if columns else stop
        self.blank(start, stop)
        self.skip_to(stop)
        self.cell = stop

    def words(self, start: int, end: int) -> None:
        """Words in a formula, of which the brace opens before ``end``: a remark parts what is before it from what is behind."""
        stop = self.closing(end)
        inside = self.text[end : stop - 1]
        self.skip_to(stop)
        if self.depth or not self.is_remark(inside, start):
            return
        self.remarks.append((end, stop - 1))
        self.blank(start, stop)
        self.cuts += [start, stop]
        behind = re.search(r"&|\\\\|$", self.text[stop:])
        begins_a_cell = re.search(r"(?:^|&|\\\\)\s*$", self.text[:start])
        if behind and begins_a_cell and re.match(r"\s*(?:from|since|by|because|using|as)\b", inside):
            self.asides.append((stop, stop + behind.start()))

    def skip_to(self, stop: int) -> None:
        """Pass over the tokens before ``stop``."""
        while self.at < len(self.tokens) and self.tokens[self.at].start() < stop:
            self.at += 1

    def cut_at(self, commas: list[int]) -> None:
        """A comma parts two statements where a relation stands on both sides of it."""
        ends = sorted({*self.cuts, len(self.text)})
        for k, here in enumerate(commas):
            after = commas[k + 1] if k + 1 < len(commas) else len(self.text)
            stop = min(after, next(c for c in ends if c > here))
            begin = max((c for c in (0, *self.cuts) if c <= here), default=0)
            behind = [s for s in self.signs if here < s[1] < stop]
            before = [s for s in self.signs if begin <= s[1] < here]
            lone = not self.text[here + 1 : behind[0][1]].strip() if behind else True
            if before and behind and not lone:
                self.cuts.append(here + 1)
                self.commas.add(here + 1)

    def closing(self, at: int) -> int:
        """Where the brace closes that opened before ``at``."""
        depth = 1
        while at < len(self.text):
            depth += {"{": 1, "}": -1}.get(self.text[at], 0)
            at += 1
            if not depth:
                break
        return at

    def is_remark(self, words: str, start: int) -> bool:
        r"""Whether \text holds words to the reader, not a name or a subscript."""
        before = self.text[:start].rstrip()
        if before.endswith(("_", "^", "_{", "^{")):
            return False
        if (name := words.strip()) in words_of(GLOSSARY).functions or name in UNREAD:
            return False  # \text { tr } (A)
        return _REMARK.match(words) is not None or re.fullmatch(r"[A-Za-z]+[0-9]*", words) is None

    def end_of_aside(self, start: int) -> int | None:
        """Where the parentheses close that hold an equation beside another, as in u_4 = \\ln(u_3) (y = u_4)."""
        if self.text[start] != "(" or not _BEFORE_ASIDE.search(self.text, 0, start):
            return None
        depth, signs = 0, 0
        for k in range(start, len(self.text)):
            depth += (self.text[k] in "([{") - (self.text[k] in ")]}")
            signs += depth == 1 and self.text[k] == "="
            if not depth:
                return k + 1 if signs and _AFTER_ASIDE.match(self.text, k + 1) else None
        return None

    def is_column(self, cell: int, start: int, end: int) -> bool:
        """Whether a sign of alignment parts two formulas, as each second one does."""
        stop = len(self.text)
        for m in re.finditer(r"&|\\\\|\\end", self.text[end:]):
            stop = end + m.start()
            break
        here = "".join(self.blanked[cell:start]).strip()
        there = self.text[end:stop].strip()
        if not here or not there:
            return False
        signs = [s for s in self.signs if cell <= s[1] < start]
        if signs and not "".join(self.blanked[signs[-1][2] : start]).strip():
            return False  # a = & b
        begins = re.match(
            r"(?:=|:=|\\(?:leq?|geq?|approx|equiv|in|to|coloneqq|quad|qquad|text|propto|sim|neq?)\b|[<>])", there
        )
        return begins is None and _OPERATOR.match(there) is None
