"""Commands that packages have and authors define again and again, read as usual where nothing here defines them, and said."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from functools import lru_cache
from string import ascii_letters, ascii_uppercase
from typing import NamedTuple

from derivgen.errors import Span
from derivgen.read.latex.tape import Tape
from derivgen.read.reading import Choice
from derivgen.tex.raw import Raw, raw_tokens


class Usual(NamedTuple):
    """What a command is usually defined as: of so many arguments, each in braces, with #1 and #2 for these."""

    arguments: int
    body: str


TRANSPOSED = r"\top "
_PARTIAL = Usual(2, r"\frac{\partial #1}{\partial #2}")
_TOTAL = Usual(2, r"\frac{d #1}{d #2}")

USUAL: dict[str, Usual] = {
    **dict.fromkeys(("pdv", "pd", "pdiff", "pderiv", "pardiff", "partialderiv"), _PARTIAL),
    **dict.fromkeys(("dv", "od", "odv", "deriv"), _TOTAL),
    **dict.fromkeys(("dd", "dif", "rd"), Usual(0, r"\mathrm{d}")),
    **dict.fromkeys(("grad", "gradient"), Usual(0, r"\nabla ")),
    **dict.fromkeys(("tran", "transp", "trsp"), Usual(1, r"{#1}^{\mathsf T}")),
    **dict.fromkeys(("T", "tp", "trp"), Usual(0, TRANSPOSED)),
    **dict.fromkeys(("vect", "mat", "matr", "mtx", "bvec", "bmat", "mathvec"), Usual(1, r"\mathbf{#1}")),
    **dict.fromkeys(("inner", "ip", "innerproduct", "iprod", "dotp"), Usual(2, r"\langle #1, #2\rangle ")),
    **dict.fromkeys(("R", "RR", "reals", "Reals"), Usual(0, r"\mathbb{R}")),
    **dict.fromkeys(("E", "EE", "Exp"), Usual(0, r"\mathbb{E}")),
    "eps": Usual(0, r"\epsilon "), "half": Usual(0, r"\frac{1}{2}"),
    **{f"b{c}": Usual(0, rf"\mathbf{{{c}}}") for c in ascii_letters if c not in "fm"},
    **{f"v{c}": Usual(0, rf"\mathbf{{{c}}}") for c in ascii_letters},
    **{f"m{c}": Usual(0, rf"\mathbf{{{c}}}") for c in ascii_uppercase},
}  # fmt: skip
"""What commands stand for where neither the text nor its preamble says so: derivatives of the packages physics and commath,
transposes, letters in bold as \\bx, \\vx and \\mA. None of them is a command that is read by itself."""

DELIMITED: dict[str, Usual] = {
    "norm": Usual(1, r"\left\lVert #1\right\rVert "), "abs": Usual(1, r"\left\lvert #1\right\rvert "),
}  # fmt: skip
r"""Words that are fences where a group follows them: \norm{x}^2 is the square of the norm, not the norm of a square."""

_COMMAND = re.compile(r"\\([A-Za-z]+)")


@lru_cache(maxsize=128)
def _cut(body: str) -> tuple[Raw, ...]:
    return tuple(raw_tokens(body, 0, len(body)))


def written_out(t: Tape, raw: Raw) -> bool:
    """Put what a command usually stands for in its place, if it is one of these and its arguments follow in braces."""
    usual = USUAL.get(raw.value) or DELIMITED.get(raw.value)
    if usual is None:
        return False
    at = t.at
    if r"\mathbf{" in usual.body and not usual.arguments and at < len(t.raws) and t.raws[at].kind == "open":
        return False  # \vb{x} of the package physics
    for _ in range(usual.arguments):
        if at >= len(t.raws) or t.raws[at].kind != "open" or at not in t.ends:
            return False
        at = t.ends[at] + 1
    if usual.body == TRANSPOSED and not (t.out and t.out[-1].kind == "script"):
        t.put("script", "^", raw)  # A\T as well as A^\T
    args = [t.group(raw) for _ in range(usual.arguments)]
    made: list[Raw] = []
    body = iter(_cut(usual.body))
    for part in body:
        if part.value == "#":
            made += args[int(next(body).value) - 1]
        else:
            made.append(part._replace(start=raw.start, end=raw.end, spaced=raw.spaced and not made))
    t.inserted(made)
    return True


def customary(source: str, defined: Container[str]) -> Iterator[Choice]:
    r"""What is read as usual in a source that needs it: a sentence for each command, \tran{A} is A^{\mathsf T}."""
    said: set[str] = set()
    for found in _COMMAND.finditer(source):
        name = found[1]
        if name in USUAL and name not in defined and name not in said:
            said.add(name)
            usual = USUAL[name]
            shown = "".join("{" + c + "}" for c in ("A", "x")[: usual.arguments] or ())
            meant = usual.body.replace("{#1}^", "A^").replace("#1", "A").replace("#2", "x").strip()
            span = Span(found.start(), found.end())
            yield Choice(span, source, f"\\{name}{shown} is defined nowhere, and read as {meant}")
