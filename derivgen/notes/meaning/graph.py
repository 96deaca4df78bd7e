"""What depends on what, by any number of links."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def leads(below: Callable[[N], Iterable[N]], start: N, goal: N) -> bool:
    """Whether ``goal`` is met on the way down from ``start``, by one link or more."""
    met = {start}
    todo = [start]
    while todo:
        for other in below(todo.pop()):
            if other == goal:
                return True
            if other not in met:
                met.add(other)
                todo.append(other)
    return False
