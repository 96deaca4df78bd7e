"""Sentences with mathematics between dollar signs, made safe for each format."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from derivgen.show.layout.latex_to_box import read
from derivgen.show.math import mathml
from derivgen.show.math.latex import GREEK, escaped
from derivgen.show.math.unicode_line import small

remembered = lru_cache(maxsize=4096)
"""Titles and reasons belong to rules: a document, and all the more a site, says the same sentences again and again."""


@remembered
def pieces(sentence: str) -> tuple[tuple[bool, str], ...]:
    """The sentence taken apart: (whether it is mathematics, text).

    A dollar sign without a partner is text, and so is what stands between two but is no formula that we can read.
    """
    parts = sentence.split("$")
    if len(parts) % 2 == 0:
        return ((False, sentence),)
    found = []
    for k, part in enumerate(parts):
        is_math = k % 2 == 1 and bool(part.strip()) and read(part) is not None
        if part or k % 2:
            found.append((is_math, part if is_math or k % 2 == 0 else f"${part}$"))
    return tuple(found)


@remembered
def for_html(sentence: str, source: bool = True) -> str:
    """The sentence as HTML, its mathematics as MathML, with its LaTeX if ``source``."""
    return in_html(sentence, lambda tex: _mathml(tex, source))


def in_html(sentence: str, formula: Callable[[str], str]) -> str:
    """The sentence as HTML; ``formula`` sets its mathematics. No line begins with the comma or full stop behind it."""
    out = ""
    behind = ""
    for is_math, part in pieces(sentence):
        if is_math:
            out += behind
            behind = formula(part)
        else:
            mark = part[:1] if behind and part[:1] in _MARKS else ""
            out += kept(behind, mark) if mark else behind
            out += mathml.quoted(part.removeprefix(mark))
            behind = ""
    return out + behind


def kept(formula: str, mark: str) -> str:
    """A formula with the mark behind it, on one line."""
    return f'<span style="white-space: nowrap">{formula}{mark}</span>'


_MARKS = (",", ".", ";", ":", ")")


def _mathml(tex: str, source: bool) -> str:
    box = read(tex)
    return mathml.inline(box, tex, source=source) if box is not None else mathml.quoted(tex)


def for_latex(sentence: str) -> str:
    """The sentence as LaTeX."""
    return "".join(f"${part}$" if is_math else escaped(part) for is_math, part in pieces(sentence))


_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|$~&])")


def plain_markdown(text: str) -> str:
    """Text in which no character means markup to Markdown or to HTML."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def for_markdown(sentence: str) -> str:
    """The sentence as Markdown, mathematics between dollar signs."""
    return "".join(f"${_inline(part)}$" if is_math else _spaced(part) for is_math, part in pieces(sentence))


def inline_markdown(tex: str) -> str:
    """A formula of ours within a line of Markdown."""
    return f"${_inline(tex)}$"


def _inline(tex: str) -> str:
    # GitHub takes a backslash before punctuation for its own escape when it stands inside a line
    return markdown_math(tex.strip()).replace(r"\,", r"\thinspace ").replace(r"\;", r"\thickspace ")


def _spaced(part: str) -> str:
    """Escaped text with the spaces at its ends kept."""
    body = plain_markdown(part)
    return (" " if part[:1].isspace() else "") + body + (" " if part[-1:].isspace() and body else "")


def markdown_math(tex: str) -> str:
    """LaTeX for use inside Markdown: nothing in it closes the mathematics or reads as a template."""
    return (
        tex.replace("{{", "{ {").replace("{%", "{ %").replace("<", r"\lt ").replace("](", "] (").replace("\n\n", "\n")
    )


# --- LaTeX in a terminal -------------------------------------------------------------------------------------------

_COMMANDS = {tex[1:]: letter for letter, tex in GREEK.items()} | {
    "partial": "∂", "otimes": "⊗", "odot": "⊙", "oslash": "⊘", "bigcirc": "◯", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "neq": "≠", "ne": "≠", "cdot": "·", "times": "×", "ldots": "…", "cdots": "⋯", "dots": "…", "vdots": "⋮",
    "ddots": "⋱", "in": "∈", "to": "→", "sum": "∑", "mathbb": "", "mathbf": "", "boldsymbol": "", "mathrm": "",
    "mathsf": "", "operatorname": "", "text": "", "left": "", "right": "", "quad": "  ", "qquad": "   ", "infty": "∞",
    "ell": "ℓ", "displaystyle": "", "textstyle": "", "mathcal": "", "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|",
    "nabla": "∇", "epsilon": "ε", "phi": "φ", "implies": " ⟹ ", "iff": " ⟺ ", "circ": "∘", "prime": "′", "forall": "∀",
    "Rightarrow": "⇒", "mapsto": "↦", "approx": "≈", "pm": "±", "equiv": "≡", "tfrac": "", "dfrac": "", "frac": "",
}  # fmt: skip

_TOKEN = re.compile(r"\\([A-Za-z]+(?:\s(?=[A-Za-z0-9]))?|.)\s*|([{}_^])|([^\\{}_^]+)")
_RELATIONS = frozenset("≤≥≠∈→=⊗⊙⊘◯")


@remembered
def for_terminal(sentence: str) -> str:
    """The sentence in Unicode; control characters are dropped."""
    said = "".join(unicode_math(part) if is_math else part for is_math, part in pieces(sentence))
    return " ".join("".join(ch for ch in said if ch.isprintable() or ch == " ").split())


def unicode_math(tex: str) -> str:
    """A short formula of a sentence in Unicode; what it does not know stays readable as it is."""
    out, _rest = _group(_TOKEN.findall(_MATRIX.sub(_in_brackets, tex)), 0, top=True)
    return " ".join(out.split())


_MATRIX = re.compile(r"\\begin\{bmatrix\}(.*?)\\end\{bmatrix\}", re.DOTALL)


def _in_brackets(matrix: re.Match[str]) -> str:
    """A matrix on one line; what is empty in a picture is zero."""
    rows = [[cell.strip() or "0" for cell in line.split("&")] for line in matrix[1].split(r"\\")]
    return "[" + "; ".join(", ".join(cells) for cells in rows) + "]"


_Tokens = list[tuple[str, str, str]]


def _group(tokens: _Tokens, at: int, *, top: bool = False) -> tuple[str, int]:
    """The text up to the brace that closes this group, and where it goes on."""
    out = ""
    function = fraction = False
    while at < len(tokens):
        word, brace, text = tokens[at]
        command = word.rstrip()
        at += 1
        named, function = function, command == "operatorname"
        broken, fraction = fraction, command in _FRACTIONS
        if brace == "}":
            if not top:
                break
        elif brace == "{":
            inside, at = _group(tokens, at)
            out += _apart(out, inside) + inside if named else inside
        elif brace:
            script, at = _argument(tokens, at)
            out += _script(script, brace)
        elif command in _FRACTIONS:
            over, at = _argument(tokens, at)
            under, at = _argument(tokens, at)
            gap = " " if out[-1:].isalnum() and "/" in out else ""  # two fractions side by side
            out += f"{gap}{_closed(over)}/{_closed(under)}"
        elif command == "sqrt":
            body, at = _argument(tokens, at)
            out += "√" + _closed(body)
        elif command:
            sign = _COMMANDS.get(command, " " if not command.isalpha() and command not in "{}|" else command)
            apart = " " if word != command and sign.isalpha() and sign.isascii() else ""
            before = _apart(out, sign) if broken or sign == "∑" else ""
            out += before + (f" {sign} " if sign in _RELATIONS else "‖" if sign == "|" else sign + apart)
        else:
            out += (_apart(out, text) if broken else "") + text.replace("=", " = ")
    return out, at


_FRACTIONS = frozenset(["frac", "tfrac", "dfrac"])


def _apart(before: str, after: str) -> str:
    """The space without which two words would be one."""
    return " " if before[-1:].isalnum() and (after[:1].isalnum() or after.startswith(("(", "∑"))) else ""


def _argument(tokens: _Tokens, at: int) -> tuple[str, int]:
    if at >= len(tokens):
        return "", at
    word, brace, text = tokens[at]
    if brace == "{":
        return _group(tokens, at + 1)
    if text and not text[0].isspace():
        first, rest = text[0], text[1:]
        if rest:
            tokens[at] = ("", "", rest)
            return first, at
        return first, at + 1
    if text.isspace():
        return _argument(tokens, at + 1)
    if text:
        tokens[at] = ("", "", text.lstrip())
        return _argument(tokens, at)
    inside, _ = _group([tokens[at]], 0)
    if word.rstrip() in ("mathsf", "mathbf", "mathrm", "boldsymbol"):
        return _argument(tokens, at + 1)
    return inside, at + 1


def _closed(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 3 or text.startswith("∂") or text.isalnum() else f"({text})"


def _script(text: str, mark: str) -> str:
    return small(text.replace(" ", ""), mark)
