"""An answer that repeats long parts is printed with their names, and the names are explained beside it."""

from __future__ import annotations

from collections.abc import Sequence

from derivgen.expr import Definition, Expr, children, symbols
from derivgen.rules.step import Step

LIMIT = 90
"""The number of nodes, repetitions counted, up to which an answer is printed in the reader's letters throughout."""


def shorten(result: Expr, steps: Sequence[Step]) -> tuple[Expr, tuple[Definition, ...]]:
    """The answer as it is printed, and the names in it, each explained before it is used."""
    if written_size(result) <= LIMIT:
        return result, ()
    back = next((s for s in reversed(steps) if s.rule == "letters-back"), None)
    if back is None:
        return result, ()
    needed = set(symbols(back.before))
    names: list[Definition] = []
    for d in reversed(back.definitions):
        if d.symbol.name in needed:
            names.append(d)
            needed |= set(symbols(d.value))
    return (back.before, tuple(reversed(names))) if names else (result, ())


def written_size(e: Expr) -> int:
    """The number of nodes of ``e`` as it would be written out, shared parts counted each time they occur."""
    sizes: dict[int, int] = {}
    todo = [(e, False)]
    while todo:
        here, ready = todo.pop()
        if id(here) in sizes:
            continue
        parts = children(here)
        if ready:
            sizes[id(here)] = 1 + sum(sizes[id(c)] for c in parts)
        else:
            todo.append((here, True))
            todo.extend((c, False) for c in parts)
    return sizes[id(e)]
