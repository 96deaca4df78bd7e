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
        depth = 0
        fences: list[str] = []
        cell = 0
        self.commas: set[int] = set()
        transparent: list[bool] = []
        broken: list[tuple[int, int]] = []  # brackets that are closed for the sake of a new row only
        commas: list[int] = []
        whole_array = re.match(r"\s*\\begin\s*\{array\}.*\\end\s*\{array\}\W*$", self.text, re.DOTALL) is not None
        found = list(_TOKEN.finditer(self.text))
        at = 0
        while at < len(found):
            m = found[at]
            at += 1
            kind = m.lastgroup if m.lastgroup not in ("env", "ended", "inner") else None
            kind = kind or next(k for k in ("begin", "end", "over") if m[k])
            start, end = m.span()
            match kind:
                case "begin":
                    rows = m["env"].rstrip("*") in ROWED or (whole_array and m["env"] == "array" and not transparent)
                    rows = rows and not depth
                    transparent.append(rows)
                    if rows:
                        stop = end
                        if m["env"] in ("array", "alignat", "alignedat", "alignat*"):
                            columns = re.compile(r"\s*\{[^{}]*\}").match(self.text, end)
                            stop = columns.end() if columns else end
                        self.blank(start, stop)
                        while at < len(found) and found[at].start() < stop:
                            at += 1
                        cell = stop
                    else:
                        depth += 1
                case "end":
                    if transparent and transparent.pop():
                        self.blank(start, end)
                    else:
                        depth = max(0, depth - 1)
                case "open" if not depth and (closed := self.end_of_aside(start)):
                    self.blank(start, end)
                    self.blank(closed - 1, closed)
                    self.asides.append((end, closed - 1))
                    while at < len(found) and found[at].start() < closed:
                        at += 1
                case "left" | "open":
                    depth += 1
                    fences.append(m[0][-1])
                    if kind == "left" and m[0].endswith(".") and broken and not self.text[cell:start].strip(" \n\t&"):
                        self.blank(*broken.pop())
                        self.blank(start, end)
                case "right" | "close":
                    depth = max(0, depth - 1)
                    if kind == "right" and m[0].endswith(".") and self.text[end:].lstrip().startswith("\\\\"):
                        broken.append((start, end))
                case "row" if not depth:
                    self.blank(start, end)
                    self.cuts.append(end)
                    cell = end
                case "implied" if not depth:
                    self.blank(start, end)
                    self.cuts += [start, end]
                case "wide" if not depth:
                    self.blank(start, end)
                    self.cuts.append(end)
                case "words":
                    stop = self.closing(end)
                    inside = self.text[end : stop - 1]
                    if not depth and self.is_remark(inside, start):
                        self.remarks.append((end, stop - 1))
                        self.blank(start, stop)
                        self.cuts += [start, stop]
                        if ends := re.search(r"&|\\\\|$", self.text[stop:]):
                            aside = stop, stop + ends.start()
                            if re.search(r"(?:^|&|\\\\)\s*$", self.text[:start]) and re.match(
                                r"\s*(?:from|since|by|because|using|as)\b", inside
                            ):
                                self.asides.append(aside)
                    while at < len(found) and found[at].start() < stop:
                        at += 1
                case "over" if not depth:
                    self.signs.append(("=" if m["inner"] == "=" else ":=", start, end))
                case "define" if not depth:
                    self.signs.append((":=", start, end))
                case "relation" if not depth:
                    self.signs.append((m[0], start, end))
                case "amp" if not depth:
                    self.blank(start, end)
                    if self.is_column(cell, start, end):
                        self.cuts.append(end)
                        cell = end
                case "comma" if not depth:
                    commas.append(start)
        self.cut_at(commas)

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
            elif before and not behind and (dots := self.text[here + 1 : stop].strip()) and not dots.startswith("\\"):
                pass

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
