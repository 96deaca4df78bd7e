"""Commands of an author that hold words to the reader only, which are no part of an equation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from derivgen.notes.meaning.edits import argument_end
from derivgen.read.latex.dialect import closing
from derivgen.tex.macros import Macro

_WORDS = frozenset({"text", "textrm", "textit", "textbf", "textsf", "textnormal", "mbox", "hbox"})


def without_remarks(latex: str, macros: Mapping[str, Macro]) -> str:
    """A formula with blanks where such a command stands with its arguments, if these are several words."""
    for m in reversed(list(re.finditer(r"(?<![_^{])\\([A-Za-z]+)\s*(?=\{)", latex))):
        macro = macros.get(m[1])
        if macro is None or not macro.count or macro.default is not None or not is_remark(macro):
            continue
        at, said = m.end(), ""
        for _ in range(macro.count):
            stop = argument_end(latex, at)
            argument = latex[at:stop].strip()
            if not (argument.startswith("{") and argument.endswith("}")):
                break
            said += argument
            at = stop
        else:
            if " " in said.strip("{} \n"):
                latex = latex[: m.start()] + " " * (at - m.start()) + latex[at:]
    return latex


def is_remark(macro: Macro) -> bool:
    """Whether the arguments of a command stand as words only."""
    within: list[tuple[int, int]] = []
    for k, raw in enumerate(macro.body):
        if raw.kind == "macro" and raw.value in _WORDS and k + 1 < len(macro.body) and macro.body[k + 1].kind == "open":
            within.append((k, closing(list(macro.body), k + 1)))
    places = [k for k, raw in enumerate(macro.body) if raw.value.startswith("#")]
    return bool(places) and all(any(low < k < high for low, high in within) for k in places)
