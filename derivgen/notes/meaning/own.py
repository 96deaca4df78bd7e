"""Letters that stand for one function wherever nothing is said, and for another one in a text that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from derivgen.notes.meaning.prose import Words
from derivgen.notes.meaning.scope import Row

_HEAD = re.compile(
    r"\s*(?:(?:\\left)?\[)?\s*\\(?:var)?sigma\s*(?:\\left)?\(\s*(?:\\math\w+|\\boldsymbol|\\bm)?\s*\{?\s*\\?[A-Za-z]+(?:_\w)?\s*\}?\s*(?:\\right)?\)\s*(?:(?:\\right)?\])?"
    r"(?P<place>\s*_\s*\{?\s*[a-z]\s*\}?)?\s*"
)
"""σ(x), or one entry of it."""

_LOGISTIC = re.compile(
    r"(?<!\\log)(?<!\\ln)(?:\\left)?[({]\s*1\s*[-+]\s*(?:e\s*\^|\\exp)|(?:e\s*\^\s*(?:\{[^{}]*\}|\w)|\\exp\s*\([^()]*\))\s*\+\s*1(?![\d.])"
)
"""1 + exp(−x) or exp(x) + 1, not within a logarithm: what is meant is the logistic function, rightly written or not."""

_BESIDE_MU = re.compile(
    r"\\mu(?:_\w|_\{[^{}]*\}|_\\[a-z]+)?\s*(?:\\left)?\((?P<at>[^()]+)\).*?\\sigma(?:\^2|_\w|_\{[^{}]*\}|_\\[a-z]+)*\s*\}?\s*(?:\\left)?\((?P=at)\)",
    re.DOTALL,
)
"""\\mu(x) and \\sigma(x), a mean and how far values spread around it."""

_CALLED_SO = re.compile(r"\b(?:sigmoid|logistic)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Own:
    """What a text says that σ stands for: each row that says so, and whether it is another function than the usual one."""

    said: tuple[tuple[Row, bool], ...] = ()

    @property
    def anywhere(self) -> frozenset[str]:
        """The letters that have another meaning somewhere."""
        return frozenset({"σ"} if any(other for _, other in self.said) else ())

    def at(self, row: Row) -> frozenset[str]:
        """The letters that have another meaning where a row stands: in its section, in those around it, or else anywhere."""
        for near in (
            [s for s in self.said if s[0].path == row.path],
            [s for s in self.said if row.is_under(s[0].path)],
        ):
            before = [other for r, other in near if r.number <= row.number]
            if near:
                return self.anywhere if (before[-1] if before else near[0][1]) else frozenset()
        return self.anywhere


def own_functions(rows: Iterable[Row], words: Words) -> Own:
    """What a text says of letters that have a usual meaning: σ(x) = max(0, x), σ(z)_i = exp(z_i) / …"""
    said: list[tuple[Row, bool]] = []
    for row in rows:
        s = row.statement
        if "sigma" in row.formula.latex and _BESIDE_MU.search(row.formula.latex):
            said.append((row, True))
        for head, sign, value in zip(s.members, s.signs, s.members[1:], strict=False):
            if sign not in ("=", ":=") or "sigma" not in head.text or "sigma" in value.text:
                continue
            found = _HEAD.fullmatch(head.text)
            if found is None or not value.text:
                continue
            around = words.before.get(row.piece, "") + words.after.get(row.piece, "")
            usual = _LOGISTIC.search(value.text) or _CALLED_SO.search(around)
            said.append((row, bool(found["place"]) or not usual))
    return Own(tuple(said))
