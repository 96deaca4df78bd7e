"""The computational graph as an SVG picture."""

from __future__ import annotations

from derivgen.derivation.derivation import Derivation
from derivgen.show.figures.graph import Graph, Node, graph
from derivgen.show.figures.graph_layout import Link, Route, Size, Spot, layout
from derivgen.show.figures.svg import LINE, document, measure, number, paragraph
from derivgen.show.formats import Wishes, alone

SUFFIXES = (".svg",)
MARGIN = 12.0
BESIDE, UNDER = 26.0, 20.0
PADDING = 11.0
HEAD = 8.0
"""The length of an arrow's head."""


def svg(d: Derivation, wishes: Wishes) -> str:
    """The graph of a derivation, from the variable at the top to the value at the bottom."""
    return picture(graph(d, wishes.title))


FORMAT = alone(svg)


def picture(g: Graph) -> str:
    """A graph as a picture."""
    sizes = [_size(node.lines, PADDING) for node in g.nodes]
    links = [Link(e.start, e.end, _size(_label(e.lines, e.refuted), 2.0)) for e in g.edges]
    plan = layout(sizes, links, beside=BESIDE, under=UNDER)
    parts: list[str] = []
    leaving = _ports([e.start for e in g.edges], plan.boxes, [r.via[0].x for r in plan.routes])
    arriving = _ports([e.end for e in g.edges], plan.boxes, [r.via[-1].x for r in plan.routes])
    for k, (edge, route) in enumerate(zip(g.edges, plan.routes, strict=True)):
        stroke = ' stroke-dasharray="5 4"' if edge.refuted else ""
        parts += _line(leaving[k], arriving[k], plan.boxes[edge.start], plan.boxes[edge.end], route, stroke)
        parts += paragraph(_label(edge.lines, edge.refuted), route.label.x + MARGIN, route.label.y + MARGIN)
    for node, spot in zip(g.nodes, plan.boxes, strict=True):
        parts += _box(node, spot)
    return document(
        "derivgen-graph", g.title, g.summary, parts, plan.size.width + 2 * MARGIN, plan.size.height + 2 * MARGIN
    )


def _label(lines: tuple[str, ...], refuted: bool) -> tuple[str, ...]:
    return (*lines, "✗ refuted") if refuted else lines


def _size(lines: tuple[str, ...], padding: float) -> Size:
    return Size(max(map(measure, lines), default=0.0) + 2 * padding, len(lines) * LINE + padding)


def _box(node: Node, spot: Spot) -> list[str]:
    """A node: the variable and the value are marked by a double weight of line."""
    w, h = spot.size.width, spot.size.height
    x, y = spot.x - w / 2 + MARGIN, spot.y - h / 2 + MARGIN
    weight, tint = ("1.2", "0") if node.role == "inner" else ("2.2", "0.08")
    round_ = h / 2 if node.role == "source" else 6.0
    frame = (
        f'<rect x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}" rx="{number(round_)}" '
        f'fill="currentColor" fill-opacity="{tint}" stroke="currentColor" stroke-width="{weight}"/>'
    )
    return [frame, *paragraph(node.lines, spot.x + MARGIN, spot.y + MARGIN)]


def _ports(ends: list[int], boxes: tuple[Spot, ...], toward: list[float]) -> list[float]:
    """Where each edge touches its box: side by side, in the order of where they go."""
    found = [0.0] * len(ends)
    for box in set(ends):
        mine = sorted((k for k, end in enumerate(ends) if end == box), key=lambda k: toward[k])
        step = min(22.0, boxes[box].size.width / (len(mine) + 1))
        for place, k in enumerate(mine):
            found[k] = boxes[box].x + (place - (len(mine) - 1) / 2) * step
    return found


def _line(leave: float, arrive: float, start: Spot, end: Spot, route: Route, stroke: str) -> list[str]:
    """An edge in two pieces, with its label in the gap, and the head of its arrow."""
    top = end.y - end.size.height / 2 - 1.5
    pieces: list[list[tuple[float, float]]] = [[(leave, start.y + start.size.height / 2)]]
    for spot in route.via:
        half = spot.size.height / 2
        pieces[-1].append((spot.x, spot.y - half))
        if spot == route.label:
            pieces.append([(spot.x, spot.y + half)])
    pieces[-1].append((arrive, top - HEAD + 1))
    parts = [
        f'<path d="{_curve(piece)}" fill="none" stroke="currentColor" stroke-width="1.3"{stroke}/>' for piece in pieces
    ]
    x, y = arrive + MARGIN, top + MARGIN
    return [*parts, f'<path d="M{number(x)} {number(y)}l-4.5 {number(-HEAD)}h9z"/>']


def _curve(points: list[tuple[float, float]]) -> str:
    """A smooth way through points, straight down at each of them."""
    x, y = points[0]
    path = f"M{number(x + MARGIN)} {number(y + MARGIN)}"
    for a, b in points[1:]:
        if abs(a - x) < 0.1:
            path += f"V{number(b + MARGIN)}"
        else:
            mid = (y + b) / 2 + MARGIN
            path += f"C{number(x + MARGIN)} {number(mid)} {number(a + MARGIN)} {number(mid)} {number(a + MARGIN)} {number(b + MARGIN)}"
        x, y = a, b
    return path
