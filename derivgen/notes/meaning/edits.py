"""Small edits of one side of an equation, in the author's own spelling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from derivgen.catalog.letters import LATEX_LETTERS

Kind = Literal[
    "transpose", "sign", "letter", "index", "factor", "operator", "order", "prime", "inverse", "power", "length"
]

_FONTS = frozenset(
    {"mathbf", "boldsymbol", "bm", "vec", "mathrm", "mathsf", "mathit", "hat", "bar", "tilde", "mathcal", "pmb"}
)

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_TRANSPOSES = re.compile(
    r"\{?\^\s*(?:\{\s*(?:\\(?:mathsf|mathrm|mathit|text|rm)\s*(?:\{\s*)?T\s*\}?|\\top|\\intercal|T)\s*\}|\\mathsf\s*\{?\s*T\s*\}?|\\top|\\intercal|T)(?![A-Za-z])\}?"
)


_COMMAND_AT_END = re.compile(r"\\[A-Za-z]+$")

_SHORT_FRACTION = re.compile(r"\\[dt]?frac\s*\d?$")
_FRACTION = re.compile(r"\\[dtc]?frac")
_UPRIGHT_D = re.compile(r"\\math(?:rm|sf)\s*(?:\{\s*)?d(?![A-Za-z])")
"""The sign of a differential, which is no letter."""

_WORD = re.compile(r"(?:sin|cos|tan|exp|log|ln|max|min|sum|det|tr|[a-z]{4,})(?![A-Za-z])")
"""Letters side by side that are a word, or the name of a function without its backslash."""

_BIG = frozenset({r"\sum", r"\prod", r"\int"})
"""Signs whose scripts say how far they go."""


def joined(first: str, *others: str) -> str:
    """Pieces of a formula one after the other; a command does not run into a letter behind it."""
    for other in others:
        first += " " * (_COMMAND_AT_END.search(first) is not None and other[:1].isalpha()) + other
    return first


@dataclass(frozen=True, slots=True)
class Edit:
    """``text`` in place of ``start`` to ``end`` of a side."""

    start: int
    end: int
    text: str
    kind: Kind

    def applied(self, latex: str) -> str:
        """The formula after the exchange; a command does not run into a letter behind it."""
        return latex[: self.start] + joined(self.text, latex[self.end :])


@dataclass(frozen=True, slots=True)
class Atom:
    """A letter, a number or a bracket in a side: where it begins, where its base ends, where its scripts end."""

    start: int
    base: int
    end: int
    letter: bool
    numeral: bool = False


def atoms(latex: str) -> list[Atom]:
    """All letters and brackets of a side, outer ones before inner ones."""
    found: list[Atom] = []
    tokens = [(m.start(), m.end(), m[0]) for m in _TOKEN.finditer(latex) if not m[0].isspace()]
    at = 0
    limits = False
    while at < len(tokens):
        start, end, token = tokens[at]
        at += 1
        limits = token in _BIG or (limits and token in ("^", "_"))
        word = _WORD.match(latex, start)
        if word is not None and not latex[:start].endswith("\\"):
            while at < len(tokens) and tokens[at][0] < word.end():
                at += 1
            continue
        if token in ("^", "_"):
            stop = argument_end(latex, end)
            if token == "_" or limits or _TRANSPOSES.match(latex, start):
                while at < len(tokens) and tokens[at][0] < stop:
                    at += 1
            continue
        if token[0] == "\\" and token[1:] in _FONTS:
            base = argument_end(latex, end)
            while at < len(tokens) and tokens[at][0] < base:
                at += 1
            if _UPRIGHT_D.fullmatch(latex[start:base].rstrip("} ")):
                continue
            found.append(Atom(start, base, _scripts(latex, base), True))
        elif (token[0] == "\\" and token[1:] in LATEX_LETTERS) or (len(token) == 1 and token.isalpha()):
            if token == "d" or token == r"\partial":
                continue
            found.append(Atom(start, end, _scripts(latex, end), True))
        elif token in ("(", "[") or token == r"\left":
            close = closing(latex, start)
            if close is not None:
                found.append(Atom(start, close, _scripts(latex, close), False))
        elif token[0].isdigit():
            apart = _SHORT_FRACTION.search(latex[:start]) is not None  # \frac12
            found += (
                [Atom(k, k + 1, k + 1, False, True) for k in range(start, end)]
                if apart
                else [Atom(start, end, end, False, True)]
            )
        elif token in (r"\begin", r"\end", r"\operatorname", r"\text", r"\textrm", r"\mbox"):
            stop = argument_end(latex, end)
            if token == r"\begin" and (close := _end_of(latex, start)) is not None:
                found.append(Atom(start, close, _scripts(latex, close), False))
            if latex[end:stop].strip("{ }") in ("array", "tabular", "alignedat"):
                stop = argument_end(latex, stop)
            while at < len(tokens) and tokens[at][0] < stop:
                at += 1
    return found


def argument_end(latex: str, at: int) -> int:
    """Where the argument ends that begins at ``at``: a group, or one token."""
    while at < len(latex) and latex[at].isspace():
        at += 1
    if latex[at : at + 1] == "{":
        depth = 0
        for k in range(at, len(latex)):
            depth += {"{": 1, "}": -1}.get(latex[k], 0)
            if not depth:
                return k + 1
        return len(latex)
    m = _TOKEN.match(latex, at)
    if m is None:
        return at
    return argument_end(latex, m.end()) if m[0][:1] == "\\" and m[0][1:] in _FONTS else m.end()


def part_end(latex: str, at: int) -> int:
    """Where the part ends that begins at ``at``: a fraction with both its lines, or one token."""
    m = _TOKEN.match(latex, at)
    if m is None:
        return len(latex)
    return argument_end(latex, argument_end(latex, m.end())) if _FRACTION.fullmatch(m[0]) else m.end()


def _scripts(latex: str, at: int) -> int:
    """Where the scripts and primes end that follow ``at``."""
    while True:
        m = re.compile(r"\s*(?:'+|\{\s*(?=\^)|(?=[_^]))").match(latex, at)
        if m is None:
            return at
        if "'" in m[0]:
            at = m.end()
        elif "{" in m[0]:
            at = argument_end(latex, m.end() - 1)
        else:
            at = argument_end(latex, m.end() + 1)


def closing(latex: str, at: int) -> int | None:
    """Where the bracket closes that opens at ``at``, with its \\right."""
    depth = 0
    for m in re.compile(r"\\left\s*(?:\\[{}|]|.)|\\right\s*(?:\\[{}|]|.)|\\[{}]|[()\[\]]").finditer(latex, at):
        if m[0].startswith(r"\left") or m[0] in "([":
            depth += 1
        elif m[0].startswith(r"\right") or m[0] in ")]":
            depth -= 1
        if depth <= 0:
            return m.end() if depth == 0 else None
    return None


def _end_of(latex: str, at: int) -> int | None:
    """Where a matrix ends whose \\begin stands at ``at``."""
    depth = 0
    for m in re.compile(r"\\(begin|end)\s*\{\w*matrix\*?\}").finditer(latex, at):
        if not depth and m.start() > at:
            return None  # another environment stands there
        depth += 1 if m[1] == "begin" else -1
        if not depth:
            return m.end()
    return None


def without_transposes(latex: str) -> str:
    """A letter with its scripts, but for its transposes and primes."""
    return _TRANSPOSES.sub("", latex).replace("'", "").strip()


def plain_letter(latex: str) -> str:
    """A letter in whatever font, as it is in italics."""
    m = re.fullmatch(r"\\([A-Za-z]+)\s*\{?\s*([A-Za-z])\s*\}?", latex.strip())
    return m[2] if m is not None and m[1] in _FONTS else latex.strip()


def transpose_spelling(text: str) -> str:
    """How an author writes a transpose, by the spelling that is used most."""
    found = Counter(
        f"^{{{m[0].strip('{}').lstrip('^').strip()}}}" if m[0].startswith("{") else m[0]
        for m in _TRANSPOSES.finditer(text)
    )
    return found.most_common(1)[0][0] if found else r"^\top"


def edits(latex: str, letters: list[str], transpose: str, beside: str = "") -> Iterator[Edit]:
    """Edits of a side, the likeliest first. ``letters`` are those of the whole chain, as written; the indices that are put in
    are those of the side, and of what stands ``beside`` it."""
    parts = atoms(latex)
    yield from _transposes(latex, parts, transpose)
    yield from _signs(latex)
    yield from _letters(latex, parts, letters)
    yield from _indices(latex, beside)
    yield from _factors(latex, parts)
    yield from _operators(latex)
    yield from _powers(latex, parts)
    yield from _order(latex, parts)


def _transposes(latex: str, parts: list[Atom], transpose: str) -> Iterator[Edit]:
    for part in parts:
        if part.numeral and latex[part.start : part.base] not in "01":
            continue
        scripts = latex[part.base : part.end]
        m = _TRANSPOSES.search(scripts)
        if m is not None:
            yield Edit(part.base + m.start(), part.base + m.end(), "", "transpose")
        elif "^" not in scripts and "'" not in scripts:
            yield _raised(latex, part, transpose, "transpose")
    for one in parts:  # a transpose on the wrong one of two factors
        for other in parts:
            if (
                not (one.numeral or other.numeral)
                and one.end <= other.start
                and not latex[one.end : other.start].strip()
            ):
                left, right = latex[one.start : one.end], latex[other.start : other.end]
                a, b = _TRANSPOSES.search(left), _TRANSPOSES.search(right)
                if a is not None and b is None:
                    yield Edit(one.start, other.end, joined(left.replace(a[0], ""), right, a[0]), "transpose")
                elif b is not None and a is None:
                    yield Edit(one.start, other.end, joined(left, b[0], right.replace(b[0], "")), "transpose")


def _raised(latex: str, part: Atom, script: str, kind: Kind) -> Edit:
    """A script behind a part, in braces with it where it is a script itself."""
    if latex[: part.start].rstrip().endswith(("^", "_")):
        return Edit(part.start, part.end, f"{{{latex[part.start : part.end]}{script}}}", kind)
    return Edit(part.end, part.end, script, kind)


def _signs(latex: str) -> Iterator[Edit]:
    for m in re.finditer(r"[+-]", latex):
        if latex[m.end() :].lstrip()[:1] in ("1", "0") and latex[: m.start()].rstrip().endswith(("^{", "{")):
            continue
        yield Edit(m.start(), m.end(), "-" if m[0] == "+" else "+", "sign")
    stripped = latex.lstrip()
    lead = len(latex) - len(stripped)
    if stripped.startswith("-"):
        yield Edit(lead, lead + 1, "", "sign")
    else:
        yield Edit(lead, lead, "-", "sign")


def _letters(latex: str, parts: list[Atom], letters: list[str]) -> Iterator[Edit]:
    for part in parts:
        if not part.letter:
            continue
        own = latex[part.start : part.base]
        for other in letters:
            if other != own and other.startswith("\\math") == own.startswith("\\math"):
                yield Edit(part.start, part.base, other, "letter")


BELOW = re.compile(r"_\s*(?:\{[a-z]{1,3}\}|[a-z])(?![A-Za-z])")
"""Small letters below others."""


def _indices(latex: str, beside: str) -> Iterator[Edit]:
    known = set(re.findall(r"[ijkl]", latex)).union(*(re.findall(r"[ijkl]", s[0]) for s in BELOW.finditer(beside)))
    for m in re.finditer(r"_\s*(?:\{(?P<group>[a-z]{1,3})\}|(?P<one>[a-z]))(?![A-Za-z])", latex):
        name = "group" if m["group"] else "one"
        given = m[name]
        if len(given) == 2:
            yield Edit(m.start(name), m.end(name), given[::-1], "index")
        for k, c in enumerate(given):
            for other in sorted(known - {c}):
                yield Edit(m.start(name) + k, m.start(name) + k + 1, other, "index")


def _factors(latex: str, parts: list[Atom]) -> Iterator[Edit]:
    for part in parts:
        if part.numeral:
            given = latex[part.start : part.end]
            if latex[: part.start].rstrip().endswith(("_", "_{")):
                continue
            if given == "2":
                yield _left_out(latex, part)
            doubled = (
                [str(2 * int(given)), *([str(int(given) // 2)] if int(given) % 2 == 0 else [])]
                if given.isdecimal()
                else []
            )
            for other in dict.fromkeys(("2", "1", "3", "4", *doubled)):
                if other != given:
                    lone = len(other) > 1 and latex[: part.start].rstrip().endswith("^")
                    yield Edit(part.start, part.end, f"{{{other}}}" if lone else other, "factor")
    for m in re.finditer(r"\\[dt]?frac\s*(?:1\s*2|\{\s*1\s*\}\s*\{\s*2\s*\})", latex):
        yield Edit(m.start(), m.end(), "", "factor")
    lead = len(latex) - len(latex.lstrip())
    sign = re.match(r"\s*-\s*", latex)
    at = sign.end() if sign else lead
    yield Edit(at, at, "2", "factor")
    yield Edit(at, at, r"\frac{1}{2}", "factor")


def _left_out(latex: str, part: Atom) -> Edit:
    """A number left out, with the sign of a power or of a fraction that nothing would stand behind."""
    if _SHORT_FRACTION.search(latex[: part.start]):
        return Edit(part.start, part.end, "1", "factor")
    before = re.search(r"(?:\^|/)\s*$", latex[: part.start])
    if before is not None:
        return Edit(before.start(), part.end, "", "factor")
    alone = latex[: part.start].rstrip().endswith("{") and latex[part.end :].lstrip().startswith("}")
    if not alone:
        return Edit(part.start, part.end, "", "factor")
    opened, closed = latex.rindex("{", 0, part.start), latex.index("}", part.end)
    power = re.search(r"\^\s*$", latex[:opened])
    if power is not None:
        return Edit(power.start(), closed + 1, "", "factor")
    return Edit(part.start, part.end, "1", "factor")


def _operators(latex: str) -> Iterator[Edit]:
    for m in re.finditer(r"\\(?:odot|circ|otimes|cdot|times)\b", latex):
        for other in (r"\odot", ""):
            if other != m[0]:
                yield Edit(m.start(), m.end(), other, "operator")


_NORM = re.compile(
    r"(\\\||‖|\\l?Vert\b).+?(?:\\\||‖|\\r?Vert\b)(?:\s*_\s*(?:\w|\{\w+\}))?(?P<square>\s*\^\s*(?:2|\{\s*2\s*\}))?"
)


def _powers(latex: str, parts: list[Atom]) -> Iterator[Edit]:
    for norm in _NORM.finditer(latex):
        start, end = norm.span("square") if norm["square"] else (norm.end(), norm.end())
        yield Edit(start, end, "" if norm["square"] else "^2", "power")
    for part in parts:
        scripts = latex[part.base : part.end]
        inverse = re.search(r"\^\s*\{\s*-\s*1\s*\}", scripts)
        square = re.search(r"\^\s*(?:\{\s*2\s*\}|2)", scripts)
        if inverse is not None:
            yield Edit(part.base + inverse.start(), part.base + inverse.end(), "", "inverse")
        elif square is not None:
            yield Edit(part.base + square.start(), part.base + square.end(), "", "power")
        elif "^" not in scripts and not part.numeral:
            yield _raised(latex, part, "^{-1}", "inverse")
            yield _raised(latex, part, "^2", "power")
            if part.letter and latex[part.end : part.end + 1] == "(" and part.end == part.base:
                yield Edit(part.end, part.end, "'", "prime")
        if "'" in scripts:
            k = scripts.index("'")
            yield Edit(part.base + k, part.base + k + 1, "", "prime")


def _order(latex: str, parts: list[Atom]) -> Iterator[Edit]:
    """Two factors side by side, the other way round."""
    flat = [p for p in parts if not p.numeral]
    for one in flat:
        for other in flat:
            if one.end <= other.start and not latex[one.end : other.start].strip():
                left, right = latex[one.start : one.end], latex[other.start : other.end]
                yield Edit(one.start, other.end, f"{right} {left}", "order")
