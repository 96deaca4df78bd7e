"""Layers that follow each other, z^l = W^l a^{l-1}: the letters of each layer as letters of their own."""

from __future__ import annotations

import re
from dataclasses import replace

from derivgen.notes.judge.ways import Heard, MakeCourt
from derivgen.notes.meaning.chains import Chain
from derivgen.notes.meaning.context import Context
from derivgen.notes.meaning.scope import Defined, Scope
from derivgen.notes.meaning.trees import Name
from derivgen.notes.sources.source import Formula

_LABEL = re.compile(
    r"\^\s*(?:\{\s*(?P<open>[(\[])?\s*(?:l|\\ell)\s*(?P<by>[+-]\s*\d)?\s*(?(open)[)\]])\s*\}|(?:l|\\ell(?![A-Za-z])))"
)
_NEXT = re.compile(r"\^\s*\{\s*[(\[]?\s*(?:l|\\ell)\s*[+-]\s*1\s*[)\]]?\s*\}")
_LAYERS = ("layersix", "layerseven", "layereight", "layernine", "layerten")
"""Words for layers that follow each other, the middle one for the layer of which a text speaks."""

_HERE = 2
_LAST = "L"


def relabelled(latex: str) -> str:
    r"""A formula with a word for each layer: a^{l-1} is that of the layer before."""

    def word(m: re.Match[str]) -> str:
        at = _HERE + int((m["by"] or "0").replace(" ", ""))
        return rf"^{{\text{{{_LAYERS[at]}}}}}" if 0 <= at < len(_LAYERS) else m[0]

    return _LABEL.sub(word, latex)


def layered(context: Context) -> Context | None:
    """What a text says, with words for the layers; None where it does not speak of layers that follow each other."""
    if not _NEXT.search(context.notes.text):
        return None
    pieces = tuple(
        [replace(p, latex=relabelled(p.latex)) if isinstance(p, Formula) else p for p in context.notes.pieces]
    )
    found = Context(replace(context.notes, pieces=pieces), context.options)
    return found if len(found.rows) == len(context.rows) else None


def by_layers(words: Context, heard: Heard, make: MakeCourt) -> Heard | None:
    """An equality that holds where each layer has letters of its own; None where it does not.

    ``words`` is the text with words for the layers.
    """
    links = heard.chain.links[heard.i], heard.chain.links[heard.j]
    before = [link.member.text for link in links]
    latexes = [relabelled(text) for text in before]
    if latexes == before and _LAST not in "".join(before):
        return None
    pair = Chain(links)
    row = links[1].row
    scope = words.scope(words.rows[row.number])
    far = words.scope(words.rows[row.number], far=True).definitions
    of_layers = {name: d for name, d in far.items() if _LAYERS[_HERE] in name[0]}
    scope = replace(scope, definitions=of_layers | scope.definitions)
    own = {name for name, d in scope.definitions.items() if d.row.number == row.number}
    earlier = {name: d for name in own for d in words.definitions[name] if d.row.number < row.number}
    last = {n: d for n, d in scope.definitions.items() if n not in own} | earlier
    first = {n: next((e for e in words.definitions.get(n, ()) if row.is_under(e.row.path)), d) for n, d in last.items()}
    for definitions in (last, first) if first != last else (last,):
        court = make(pair).of(latexes, scope=_of_all(replace(scope, definitions=definitions)))
        outcome = court.compare(0, 1)
        if outcome.status == "verified":
            return Heard(pair, court, 0, 1, outcome, "layers")
    return None


def _of_all(scope: Scope) -> Scope:
    """What is said of a layer said of the one before, the next and the last, too."""
    found: dict[Name, Defined] = {}
    for by in (1, -1, None):
        for (stem, bold), d in scope.definitions.items():
            name, latex = (_moved(text, by) for text in (stem, d.latex))
            if latex != d.latex or name != stem:
                found.setdefault((name, bold), replace(d, name=(name, bold), latex=latex, stem=_moved(d.stem, by)))
    return replace(scope, definitions=found | scope.definitions)


def _moved(text: str, by: int | None) -> str:
    """A name or a formula of another layer: of the last one where ``by`` is None."""
    if by is None:
        return text.replace(rf"\text{{{_LAYERS[_HERE]}}}", _LAST).replace(_LAYERS[_HERE], _LAST)
    order = range(len(_LAYERS) - 1, -1, -1) if by > 0 else range(len(_LAYERS))
    for k in order:
        if 0 <= k + by < len(_LAYERS):
            text = text.replace(_LAYERS[k], _LAYERS[k + by])
    return text
