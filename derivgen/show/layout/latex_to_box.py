"""The short formulas of sentences, read from LaTeX into boxes: what is understood whole is safe in every format."""

from __future__ import annotations

import re
from functools import lru_cache

from derivgen.catalog import GLOSSARY
from derivgen.catalog.letters import LATEX_LETTERS
from derivgen.show.layout.box import (
    COMMA,
    MINUS,
    PARTIAL,
    PRIME,
    TRANSPOSE,
    Box,
    Fence,
    Frac,
    Grid,
    Letter,
    Name,
    Num,
    Root,
    Script,
    Sign,
    Space,
    Text,
    row,
    scripted,
)
from derivgen.show.layout.names import sign_of

_TOKEN = re.compile(
    r"\\(?:text|operatorname)\{(?P<words>[^\\{}$]*)\}|\\(?P<edge>begin|end)\{bmatrix\}"
    r"|\\mathrm\{(?P<upright>[A-Za-z0-9](?:[A-Za-z0-9]|\\_)+)\}|\\(?:mathbf\{(?P<bold>[A-Za-z0-9](?:[A-Za-z0-9]|\\_)+)|textbf\{(?P<other>[^\\{}$]+))\}"
    r"|\\(?P<command>[A-Za-z]+|[,;: |{}])"
    r"|(?P<next>&|\\\\)|(?P<number>[0-9]+)|(?P<space>\s+)|(?P<char>[A-Za-z{}()\[\]|_^'+\-=<>,;:./])"
)

_FUNCTIONS = frozenset({"ln", "sinh", "cosh"}) | {
    op.notation.latex[1:] for op in GLOSSARY.operations if op.notation.latex == f"\\{op.notation.command}"
}
_COMMANDS: dict[str, Box] = {
    **{name: Name(name, rf"\{name}") for name in _FUNCTIONS},
    **{name: Letter(letter) for name, letter in LATEX_LETTERS.items()},
    **{name: Space(wide) for name, wide in {**dict.fromkeys(",;: ", False), "quad": True, "qquad": True}.items()},
    "ldots": Sign("…", "ordinary"), "cdots": Sign("⋯", "ordinary"), "dots": Sign("…", "ordinary"),
    "vdots": Sign("⋮", "ordinary"), "ddots": Sign("⋱", "ordinary"), "nabla": Sign("∇", "ordinary"),
    "ell": Sign("ℓ", "ordinary"), "infty": Sign("∞", "ordinary"), "partial": PARTIAL,
    "sum": Sign("∑", "prefix"), "prod": Sign("∏", "prefix"),
    "cdot": Sign("·"), "otimes": Sign("⊗"), "odot": Sign("⊙"), "oslash": Sign("⊘"), "circ": Sign("∘"), "bigcirc": Sign("◯"),
    "times": Sign("×"), "in": Sign("∈"), "to": Sign("→"), "implies": Sign("⟹"),
    **{spelled: sign_of(GLOSSARY.relations[s]) for spelled, s in GLOSSARY.signs.items() if s in GLOSSARY.relations},
}  # fmt: skip
"""Commands that take nothing; a letter that is a function too, such as σ, is a letter here."""

_CHARACTERS: dict[str, Box] = {
    **{c: Sign(c) for c in "+=<>"}, "-": Sign("−"), "/": Sign("/", "ordinary"),
    **{c: Sign(c, "punctuation") for c in ";:."}, ",": COMMA,
}  # fmt: skip
_IGNORED = frozenset({"textstyle", "displaystyle"})
_CLOSING = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖"}
_FENCES = {"|": ("‖", "‖"), "lVert": ("‖", "‖"), "lvert": ("|", "|"), "{": ("{", "\\}")}
"""Commands that open a fence: its sign, and what closes it."""

DEEPEST = 40


class _Unknown(Exception):
    """Something that no sentence of ours holds."""


@lru_cache(maxsize=1024)
def read(tex: str) -> Box | None:
    """The formula, or None if there is anything in it that is not known here: then it is no formula but text."""
    try:
        tokens = _tokens(tex)
        box, at = _run(tokens, 0, "", 0)
    except _Unknown:
        return None
    return box if at == len(tokens) else None


def _tokens(tex: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(tex):
        match = _TOKEN.match(tex, at)
        if match is None:
            raise _Unknown
        kind = match.lastgroup or ""
        if kind == "words" and match[0].startswith(r"\operatorname"):
            kind = "name"
        if kind != "space":
            found.append((kind, match[match.lastgroup or 0]))
        at = match.end()
    return found


def _run(tokens: list[tuple[str, str]], at: int, closing: str, depth: int) -> tuple[Box, int]:
    """Boxes up to the closing sign, and the place behind it."""
    parts: list[Box] = []
    while at < len(tokens):
        kind, word = tokens[at]
        if closing and _is_closing(tokens, at, closing):
            return row(*parts), at + 1
        if (kind, word) in (("char", "_"), ("char", "^")):
            below = word == "_"
            _check_free(parts, below)
            script, at = _argument(tokens, at + 1, depth)
            parts[-1] = scripted(parts[-1], sub=script) if below else scripted(parts[-1], sup=script)
        elif (kind, word) == ("char", "'"):
            _check_free(parts, below=False)
            primes = next((k for k, token in enumerate(tokens[at:]) if token != ("char", "'")), len(tokens) - at)
            parts[-1] = scripted(parts[-1], sup=row(*[PRIME] * primes))
            at += primes
        elif kind == "command" and word in _IGNORED:
            at += 1
        else:
            box, at = _atom(tokens, at, depth)
            first = not parts or (isinstance(parts[-1], Sign) and parts[-1].role != "ordinary")
            parts.append(MINUS if first and box == Sign("−") else box)
    if closing:
        raise _Unknown
    return row(*parts), at


def _check_free(parts: list[Box], below: bool) -> None:
    """LaTeX refuses a second script in the same place."""
    if not parts or (isinstance(parts[-1], Script) and (parts[-1].sub if below else parts[-1].sup) is not None):
        raise _Unknown


def _argument(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Box, int]:
    """What LaTeX takes for an argument: a group, a letter, one digit, or a command that needs nothing itself."""
    kind, word = tokens[at] if at < len(tokens) else ("", "")
    match kind, _COMMANDS.get(word):
        case "char", _ if word == "{" or word.isalpha():
            pass
        case "number", _ if len(word) == 1:
            pass
        case "command", Letter() | Sign(role="ordinary"):
            pass
        case _:
            raise _Unknown
    return _atom(tokens, at, depth + 1)


def _is_closing(tokens: list[tuple[str, str]], at: int, closing: str) -> bool:
    kind, word = tokens[at]
    if closing == "\\}":
        return kind == "command" and word == "}"
    if closing == "‖":
        return kind == "command" and word in ("|", "rVert")
    if closing == "|":
        return (kind == "char" and word == "|") or (kind == "command" and word == "rvert")
    return kind == "char" and word == closing


def _atom(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Box, int]:
    """One box, and the place behind it."""
    if at >= len(tokens) or depth > DEEPEST:
        raise _Unknown
    kind, word = tokens[at]
    at += 1
    match kind:
        case "number":
            return Num(word), at
        case "words":
            return Text(word), at
        case "name":
            if not word.isalpha():
                raise _Unknown
            return Name(word, rf"\operatorname{{{word}}}"), at
        case "upright" | "bold" | "other":  # a name of several letters
            return Letter(word.replace(r"\_", "_"), "upright" if kind == "upright" else "bold"), at
        case "command":
            return _command(tokens, at, word, depth)
        case "edge" if word == "begin":
            return _grid(tokens, at, depth)
        case "edge" | "next":
            raise _Unknown
    if word == "{":
        return _run(tokens, at, "}", depth + 1)
    if word in "([|":
        return _fence(tokens, at, word, _CLOSING[word], depth)
    if word.isalpha():
        return Letter(word), at
    if word not in _CHARACTERS:
        raise _Unknown
    return _CHARACTERS[word], at


def _fence(tokens: list[tuple[str, str]], at: int, left: str, closing: str, depth: int) -> tuple[Box, int]:
    body, at = _run(tokens, at, closing, depth + 1)
    return Fence(body, left, _CLOSING[left]), at


def _grid(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Box, int]:
    """A matrix in brackets, from behind its \\begin; a cell without anything in it is empty."""
    rows: list[list[Box | None]] = [[]]
    begin, level = at, 0
    for k in range(at, len(tokens)):
        kind, word = tokens[k]
        ends = kind == "edge" and word == "end" and not level
        if ends or (kind == "next" and not level):
            cell, used = _run(tokens[begin:k], 0, "", depth + 1)
            if used != k - begin:
                raise _Unknown
            rows[-1].append(cell if k > begin else None)
            begin = k + 1
            if ends:
                if len({len(cells) for cells in rows}) > 1:
                    raise _Unknown
                return Grid(tuple(map(tuple, rows))), begin
            if word != "&":
                rows.append([])
        level += kind == "edge" and word == "begin"
        level -= kind == "edge" and word == "end"
    raise _Unknown


def _command(tokens: list[tuple[str, str]], at: int, word: str, depth: int) -> tuple[Box, int]:
    if word in _COMMANDS:
        return _COMMANDS[word], at
    if word in _FENCES:
        return _fence(tokens, at, *_FENCES[word], depth)
    if word == "left" and at < len(tokens) and tokens[at][1] in ("(", "["):
        return _left_right(tokens, at, depth)
    body, at = _argument(tokens, at, depth)
    match word, body:
        case (("mathbf" | "boldsymbol" | "mathrm"), (Letter(text) | Num(text))):
            return Letter(text, "upright" if word == "mathrm" else "bold"), at
        case "boldsymbol", Sign("ℓ"):
            return Letter("ℓ", "bold"), at
        case "mathbb", Letter(text):
            return Sign({"R": "ℝ", "Z": "ℤ"}.get(text, text), "ordinary"), at
        case "mathsf", Letter(text):
            return TRANSPOSE if text == "T" else body, at
        case "sqrt", _:
            return Root(body), at
        case (("frac" | "tfrac" | "dfrac"), _):
            under, at = _argument(tokens, at, depth)
            return Frac(body, under), at
    raise _Unknown


def _left_right(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Box, int]:
    """\\left( … \\right): the words themselves say nothing here, the pair is matched as any other."""
    left = tokens[at][1]
    end, level = at + 1, 1
    while end < len(tokens) and level:
        kind, word = tokens[end]
        level += (kind, word) == ("command", "left")
        level -= (kind, word) == ("command", "right")
        end += 1
    if level or end >= len(tokens) or tokens[end][1] != _CLOSING[left]:
        raise _Unknown
    body, used = _run(tokens[at + 1 : end - 1], 0, "", depth + 1)
    if used != end - at - 2:
        raise _Unknown
    return Fence(body, left, _CLOSING[left]), end + 1
