"""A layout for small graphs without cycles: boxes in layers from the top down, each edge through a box for its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 8
"""How many times the layers are gone through, to order them and to place their boxes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a box or a label is drawn."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between the boxes with these numbers, with the size of its label."""

    start: int
    end: int
    label: Size


@dataclass(frozen=True, slots=True)
class Spot:
    """The centre of a box, and its size."""

    x: float
    y: float
    size: Size


@dataclass(frozen=True, slots=True)
class Route:
    """An edge: the spots that it passes, its label among them, without the two boxes that it joins."""

    via: tuple[Spot, ...]
    label: Spot


@dataclass(frozen=True, slots=True)
class Layout:
    """Where all is, from (0, 0) on."""

    boxes: tuple[Spot, ...]
    routes: tuple[Route, ...]
    size: Size


@dataclass(slots=True)
class _Cell:
    """A box, a label, or a place that an edge passes, while the layout is made."""

    size: Size
    above: list[_Cell] = field(default_factory=list)
    below: list[_Cell] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0

    def spot(self, left: float) -> Spot:
        return Spot(self.x - left, self.y, self.size)


def layout(boxes: Sequence[Size], links: Sequence[Link], *, beside: float, under: float) -> Layout:
    """The layout; ``beside`` and ``under`` are the least distances. Links are to form no cycle.

    A box stands below all that lead to it. Labels have layers of their own between those of the boxes, so that no
    label meets a box or another label.
    """
    level = _levels(len(boxes), links)
    layers: list[list[_Cell]] = [[] for _ in range(2 * max(level, default=0) + 1)]
    cells = [_Cell(size) for size in boxes]
    for cell, k in zip(cells, level, strict=True):
        layers[2 * k].append(cell)
    routes: list[tuple[list[_Cell], _Cell]] = []
    for link in links:
        first, last = 2 * level[link.start] + 1, 2 * level[link.end]
        middle = first + (last - first) // 4 * 2
        via: list[_Cell] = []
        before = cells[link.start]
        for k in range(first, last):
            here = _Cell(link.label if k == middle else Size(0, 0))
            _join(before, here)
            layers[k].append(here)
            via.append(here)
            before = here
        _join(before, cells[link.end])
        routes.append((via, via[middle - first]))
    _ordered(layers)
    _placed(layers, beside)
    height = _stacked(layers, under)
    everything = [cell for layer in layers for cell in layer]
    left = min((c.x - c.size.width / 2 for c in everything), default=0.0)
    right = max((c.x + c.size.width / 2 for c in everything), default=0.0)
    return Layout(
        tuple(c.spot(left) for c in cells),
        tuple(Route(tuple(c.spot(left) for c in via), label.spot(left)) for via, label in routes),
        Size(right - left, height),
    )


def _join(upper: _Cell, lower: _Cell) -> None:
    upper.below.append(lower)
    lower.above.append(upper)


def _levels(count: int, links: Sequence[Link]) -> list[int]:
    """The layer of each box: the longest way down to it. A box that nothing leads to stands just above its first use."""
    level = [0] * count
    for _ in range(count):
        for link in links:
            level[link.end] = max(level[link.end], level[link.start] + 1)
    entered = {link.end for link in links}
    for k in range(count):
        uses = [level[link.end] for link in links if link.start == k]
        if k not in entered and uses:
            level[k] = min(uses) - 1
    return level


def _ordered(layers: list[list[_Cell]]) -> None:
    """Each layer in the order of the mean place of its neighbours, down and up in turn: few edges cross."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        place = {id(cell): k for layer in layers for k, cell in enumerate(layer)}
        for layer in layers if down else layers[::-1]:
            mean = {}
            for cell in layer:
                near = cell.above if down else cell.below
                mean[id(cell)] = sum(place[id(n)] for n in near) / len(near) if near else place[id(cell)]
            layer.sort(key=lambda cell: mean[id(cell)])
            place |= {id(cell): k for k, cell in enumerate(layer)}


def _placed(layers: list[list[_Cell]], beside: float) -> None:
    """Across: as near to the mean of the neighbours as the others in the layer allow."""
    for layer in layers:
        _spread(layer, [0.0] * len(layer), beside)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wanted = []
            for cell in layer:
                near = [*cell.above, *cell.below] if sweep > 1 else cell.above if sweep == 0 else cell.below
                wanted.append(sum(n.x for n in near) / len(near) if near else cell.x)
            _spread(layer, wanted, beside)


def _spread(layer: list[_Cell], wanted: list[float], beside: float) -> None:
    """Boxes in their order, none nearer than ``beside``, with the least squares of distances from where they want to be."""
    offset, offsets = 0.0, []
    for k, cell in enumerate(layer):
        if k:
            offset += (layer[k - 1].size.width + cell.size.width) / 2 + beside
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # the mean of a run of touching boxes, and how many they are
    for x, shift in zip(wanted, offsets, strict=True):
        mean, count = x - shift, 1
        while blocks and blocks[-1][0] >= mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    means = [mean for mean, count in blocks for _ in range(count)]
    for cell, mean, shift in zip(layer, means, offsets, strict=True):
        cell.x = mean + shift


def _stacked(layers: list[list[_Cell]], under: float) -> float:
    """Down: each layer below the one before, further where edges go far aside; the height of it all."""
    y = 0.0
    for k, layer in enumerate(layers):
        tall = max((cell.size.height for cell in layer), default=0.0)
        aside = max((abs(cell.x - upper.x) for cell in layer for upper in cell.above), default=0.0)
        y += min(under + aside / 6, 3 * under) if k else 0.0
        for cell in layer:
            cell.y = y + tall / 2
        y += tall
    return y
