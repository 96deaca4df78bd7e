"""The cheapest kinds under which a whole question makes sense, and those that are nearly as cheap."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from operator import itemgetter

from derivgen.deadline import on_time
from derivgen.expr import Shape
from derivgen.read.kinds.letters import Letters, Written
from derivgen.read.kinds.meaning import Open
from derivgen.read.kinds.prices import NEAR
from derivgen.read.kinds.sizes import Sign
from derivgen.read.kinds.walk import Walk

MOST_PARTS = 20_000
"""How many parts of trees are gone through at most; then every kind that is left open is the cheapest of its letter.
After as many again the best of what was gone through is taken."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A choice of kinds for every name that is not declared.

    Attributes:
        ranks: the number of axes, by name, of those that are met under these kinds.
        letters: how each of them is written.
        cost: what speaks against it.
        walk: the pass under these kinds: sizes, functions, and where shapes do not fit.
    """

    ranks: Mapping[str | Sign, int]
    letters: Mapping[str | Sign, Open]
    cost: float
    walk: Walk


_Tried = tuple[float, int, dict[str | Sign, int], dict[str | Sign, Open], float, Walk | None]


def solutions(
    letters: Letters,
    formulas: tuple[Written, ...],
    layout: str = "numerator",
    like: Shape | None = None,
    most: int = MOST_PARTS,
) -> Iterator[Solution]:
    """Choices of kinds, the cheapest first, as long as they are near the cheapest; ``like`` is the shape of each tree."""
    number = count()
    queue: list[_Tried] = [(0.0, next(number), {}, {}, 0.0, None)]
    cheapest: float | None = None
    given: set[frozenset[tuple[str | Sign, int]]] = set()
    size = sum(len(formula.parts) for formula in formulas)
    gone_through = 0
    refined = False

    def gone(ranks: dict[str | Sign, int]) -> Walk:
        walk = Walk(letters, ranks, layout)
        walk.question(formulas, like)
        return walk

    while queue:
        on_time()
        if gone_through > 2 * most:  # the best of those that were gone through
            queue = [min(complete, key=itemgetter(0, 1))] if (complete := list(filter(_is_complete, queue))) else queue
        bound, _, ranks, known, fonts, walk = heapq.heappop(queue)
        if cheapest is not None and bound > cheapest + NEAR:
            return
        if walk is None:
            gone_through += size
            walk = gone(ranks)
            total = fonts + walk.cost
            if total > bound:
                heapq.heappush(queue, (total, next(number), ranks, known, fonts, walk))
                continue
        if not walk.undecided:
            cheapest = bound if cheapest is None else cheapest
            met = {name: rank for name, rank in ranks.items() if name in walk.chosen}
            choice = frozenset(met.items())
            if choice not in given:  # they may differ in what is not met
                given.add(choice)
                cost = bound - sum(known[name].ranks[rank] for name, rank in ranks.items() if name not in met)
                yield Solution(met, {name: known[name] for name in met}, cost, walk)
        elif gone_through > most:
            letters_left = walk.undecided
            chosen = {name: min(letter.ranks, key=letter.ranks.__getitem__) for name, letter in letters_left.items()}
            price = sum(letters_left[name].ranks[rank] for name, rank in chosen.items())
            ranks, known, fonts, walk = ranks | chosen, known | letters_left, fonts + price, None
            if not refined:
                refined = True
                ranks, fonts, walk, walks = _one_by_one(gone, ranks, known, fonts, 3 * most // size)
                gone_through += walks * size
            heapq.heappush(
                queue, (bound if walk is None else fonts + walk.cost, next(number), ranks, known, fonts, walk)
            )
        else:  # all that is open as it looks, and each in turn otherwise, those before it as they look
            start, written, price = dict(ranks), dict(known), 0.0
            for key, letter in walk.undecided.items():
                usual, *others = sorted(letter.ranks.items(), key=itemgetter(1))
                written = written | {key: letter}
                for rank, more in others:
                    more += price
                    heapq.heappush(
                        queue, (bound + more, next(number), start | {key: rank}, written, fonts + more, None)
                    )
                start, price = start | {key: usual[0]}, price + usual[1]
            heapq.heappush(queue, (bound + price, next(number), start, written, fonts + price, None))


def _is_complete(tried: _Tried) -> bool:
    walk = tried[-1]
    return walk is not None and not walk.undecided


def _one_by_one(
    gone: Callable[[dict[str | Sign, int]], Walk],
    ranks: dict[str | Sign, int],
    letters: Mapping[str | Sign, Open],
    fonts: float,
    most: int,
) -> tuple[dict[str | Sign, int], float, Walk, int]:
    """Kinds that are cheaper, of one letter at a time, in at most so many passes; with how many it took."""
    best, walks = gone(ranks), 1
    for key, letter in letters.items():
        for rank, price in letter.ranks.items():
            if rank == ranks[key] or walks > most:
                continue
            on_time()
            other, cost = ranks | {key: rank}, fonts + price - letter.ranks[ranks[key]]
            walk = gone(other)
            walks += 1
            if not walk.undecided and cost + walk.cost < fonts + best.cost:
                ranks, fonts, best = other, cost, walk
    return ranks, fonts, best, walks
