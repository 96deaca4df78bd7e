r"""Sets as notes write them, \mathbb S^n_{++} or [0, 1]^n, in the words of declarations; places in the text stay."""

from __future__ import annotations

import re
import unicodedata


def _power(k: int) -> str:
    return rf"\s*\^\s*(?:\{{\s*(?P<size{k}>[^{{}}]+?)\s*\}}|(?P<one{k}>[A-Za-z0-9]))"


def _sign(k: int) -> str:
    return rf"\s*_\s*(?:\{{\s*(?P<sign{k}>[^{{}}]+?)\s*\}}|(?P<mark{k}>\+{{1,2}}))"


_SYMMETRIC = r"(?:\\math(?:bb|cal|bf|scr)\s*\{?\s*S\s*\}?|\\operatorname\{Sym\}|𝕊)"
_REAL = r"(?:\\math(?:bb|ds|bf)\s*\{?\s*R\s*\}?|ℝ|\bR)"
_END = r"(?:[-+]?\s*(?:[\d.]+|\\infty|[a-z])|-\s*\\infty)"
_FIRST = r"(?P<first>[-+]?\s*[\d.]+)"

_SETS = re.compile(
    rf"(?P<symmetric>{_SYMMETRIC})(?:{_sign(1)})?{_power(1)}(?:{_sign(2)})?"
    rf"|(?P<real>{_REAL})(?:{_sign(3)}(?:{_power(3)})?|{_power(4)}{_sign(4)})"
    rf"|(?P<simplex>\\Delta)\s*(?:\^|_)\s*\{{\s*(?P<simple>\w+)\s*-\s*1\s*\}}"
    rf"|(?P<interval>(?:\\left)?[\[(]\s*(?:{_FIRST}|{_END})\s*,\s*{_END}\s*(?:\\right)?[\])])(?:{_power(5)})?"
    rf"|(?P<listed>\\\{{\s*{_END}\s*,\s*{_END}\s*\\\}})(?:{_power(6)})?"
)
_IN = re.compile(r"(?:\\in\b|∈|\bin\b)\s*$")
_RAISED = re.compile("(?<=[ℝR])[ⁿᵐᵏᵖʳˢᵗᵃᵇᶜᵈˡᴺᴹᴷᴾ⁰¹²³⁴⁵⁶⁷⁸⁹ˣ]+")


def with_plain_sets(where: str) -> tuple[str, str]:
    """The declarations with the sets in plain words, that members are positive said behind them; and as they stand."""
    behind: list[str] = []

    def plain(found: re.Match[str]) -> str:
        before = where[: found.start()]
        if _IN.search(before) is None:
            return found[0]
        said, positive = _plain(found)
        if said is None:
            return found[0]
        names = re.split(r"[;\n]", _IN.sub("", before))[-1].strip()
        if positive and not re.search(r"\\in\b|∈|\bin\b", names):
            behind.append(f"{names} > 0")
        return f" {said}".ljust(len(found[0]))

    where = _RAISED.sub(_lowered, where)
    return "; ".join([_SETS.sub(plain, where), *behind]), where


def _lowered(raised: re.Match[str]) -> str:
    """ℝⁿ and ℝᵐˣⁿ, as derivgen prints them, in the letters that declarations are made of."""
    plain = unicodedata.normalize("NFKC", raised[0].replace("ˣ", "*"))
    return f"^({plain})"


def _plain(found: re.Match[str]) -> tuple[str | None, bool]:
    """The set in words, and whether its members are positive."""
    groups = {name: value for name, value in found.groupdict().items() if value is not None}
    size = next((value for name, value in groups.items() if name[:-1] in ("size", "one")), "")
    sign = next((value for name, value in groups.items() if name[:-1] in ("sign", "mark")), "").replace(" ", "")
    match next(iter(groups.keys() & {"symmetric", "real", "simplex", "interval", "listed"})):
        case "symmetric":
            rows = re.split(r"\\times|×|\*", size)[0].strip()
            return (None if "-" in rows else f"{'PD' if sign == '++' else 'Sym'}({rows})"), False
        case "real":
            if sign not in ("+", "++", ">0", "\\ge0", "\\geq0", "\\geqslant0", "≥0"):
                return None, False
            return _space(size), sign in ("++", ">0")
        case "simplex":
            return f"Simplex({groups['simple']})", False
        case "interval":
            opened = groups["interval"].removeprefix("\\left")[0] == "("
            return _space(size), opened and float(groups.get("first", "-1").replace(" ", "")) >= 0
        case _:
            return _space(size), False


def _space(size: str) -> str:
    return f"R^({size.replace('×', '*')})" if size else "R"
