"""The graph of claims: laid out at build time, drawn as SVG with links, labels kept apart."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.publishing.figures import svg
from lawbook.publishing.figures.marks import status_mark

WIDTH, HEIGHT = 1240.0, 900.0
MARGIN = 30.0
MOST_TOLD = 400
BOX_HEIGHT = 25.0
LETTER = 6.1


@dataclass(frozen=True)
class Node:
    """One entry. group: its strand, which colours it and decides where the layout starts."""

    id: str
    title: str
    group: str
    status: str
    href: str

    @property
    def width(self) -> float:
        return 26 + LETTER * len(self.id)


@dataclass(frozen=True)
class Edge:
    """A relation, from its owner to its target."""

    source: str
    target: str
    type: str


def graph(nodes: Sequence[Node], edges: Sequence[Edge], groups: Sequence[str]) -> str:
    """The whole graph as one figure; empty where there is nothing to draw."""
    if not nodes:
        return ""
    places = layout(nodes, edges, groups)
    known = {node.id: node for node in nodes}
    kept = [node for group in groups for node in nodes if node.group == group]
    lines = _edges(edges, places, known, {node.id: number for number, node in enumerate(kept)})
    told = len(nodes) <= MOST_TOLD
    boxes = [
        svg.tag("g", *(_node(node, places[node.id], told=told) for node in kept if node.group == group), class_=kind)
        for group in groups
        for kind in [f"lb-strand-{group}"]
    ]
    arrow = svg.tag(
        "marker",
        svg.tag("path", d="M0 0L8 4L0 8Z"),
        id="lb-arrow",
        viewBox="0 0 8 8",
        refX=8,
        refY=4,
        markerWidth=6,
        markerHeight=6,
        orient="auto",
    )
    bottom = max(y for _, y in places.values()) + MARGIN
    description = f"{len(nodes)} claims and open problems, {len(edges)} relations; the list below says the same."
    # A drawing whose parts are links must not be announced as one picture.
    drawn = svg.figure(
        WIDTH, bottom, "Graph of claims", description, svg.tag("defs", arrow), *lines, *boxes, kind="graph"
    )
    return drawn.replace('role="img"', 'role="group"', 1)


def layout(nodes: Sequence[Node], edges: Sequence[Edge], groups: Sequence[str]) -> dict[str, tuple[float, float]]:
    """A place for each node's box: forces first, then boxes pushed apart; the same for the same input."""
    igraph = _igraph()
    index = {node.id: number for number, node in enumerate(nodes)}
    pairs = sorted({(index[e.source], index[e.target]) for e in edges if e.source != e.target})
    igraph.set_random_number_generator(random.Random(7))
    start = [_start(node, number, nodes, groups) for number, node in enumerate(nodes)]
    # GraphBase is igraph's compiled core; the Graph around it would import numpy.
    drawn = igraph.GraphBase(len(nodes), pairs).layout_fruchterman_reingold(seed=start, niter=400)
    xs, ys = [float(place[0]) for place in drawn], [float(place[1]) for place in drawn]
    boxes = [[x, y] for x, y in zip(_ranked(xs, WIDTH), _ranked(ys, _height(nodes)), strict=True)]
    _push_apart(boxes, [node.width for node in nodes])
    top = min(y for _, y in boxes)
    return {node.id: (x, y - top + MARGIN) for node, (x, y) in zip(nodes, boxes, strict=True)}


def _igraph() -> Any:
    """igraph without its plotting side, which would import matplotlib and numpy wherever they are installed."""
    absent = "matplotlib" not in sys.modules
    if absent:
        sys.modules["matplotlib"] = None  # type: ignore[assignment]
    try:
        import igraph
    finally:
        if absent:
            del sys.modules["matplotlib"]
    return igraph


def _start(node: Node, number: int, nodes: Sequence[Node], groups: Sequence[str]) -> tuple[float, float]:
    """Nodes of one strand begin near each other on a circle."""
    turn = 2 * math.pi * groups.index(node.group) / len(groups)
    spread = 2 * math.pi * number / len(nodes)
    return (6 * math.cos(turn) + math.cos(spread), 6 * math.sin(turn) + math.sin(spread))


def _height(nodes: Sequence[Node]) -> float:
    """Tall enough that boxes fill no more than a fifth of the page."""
    area = sum((node.width + 14) * (BOX_HEIGHT + 12) for node in nodes)
    return max(260.0, area * 4 / WIDTH)


def _ranked(values: list[float], length: float) -> list[float]:
    """Coordinates between their own scale and even spacing, so that crowds spread and outliers come home."""
    low, high = min(values), max(values)
    order = {place: rank for rank, place in enumerate(sorted(range(len(values)), key=values.__getitem__))}
    count = max(len(values) - 1, 1)
    shares = [
        0.45 * (value - low) / (high - low or 1.0) + 0.55 * order[place] / count for place, value in enumerate(values)
    ]
    return [MARGIN + share * (length - 2 * MARGIN) for share in shares]


def _push_apart(boxes: list[list[float]], widths: Sequence[float], rounds: int = 200) -> None:
    """Moves overlapping boxes along the shorter way out until none overlap, inside the page's width."""
    for _ in range(rounds):
        moved = False
        order = sorted(range(len(boxes)), key=lambda i: boxes[i][1])
        for rank, i in enumerate(order):
            for j in order[rank + 1 :]:
                down = BOX_HEIGHT + 12 - (boxes[j][1] - boxes[i][1])
                if down <= 0:
                    break
                across = (widths[i] + widths[j]) / 2 + 14 - abs(boxes[j][0] - boxes[i][0])
                if across <= 0:
                    continue
                moved = True
                if down <= across:
                    boxes[i][1] -= down / 2
                    boxes[j][1] += down / 2
                else:
                    way = 1 if boxes[j][0] >= boxes[i][0] else -1
                    boxes[i][0] -= way * across / 2
                    boxes[j][0] += way * across / 2
        for box, width in zip(boxes, widths, strict=True):
            box[0] = min(max(box[0], width / 2 + 4), WIDTH - width / 2 - 4)
        if not moved:
            return


def _edges(
    edges: Sequence[Edge], places: dict[str, tuple[float, float]], nodes: dict[str, Node], numbers: dict[str, int]
) -> list[str]:
    """The relations of each type in a group that says once how they look, and for the page's script which boxes each
    of its lines joins; in a crowd nobody points at a line.

    numbers: of the boxes, in the order in which they are drawn.
    """
    by_type: dict[str, list[Edge]] = {}
    for edge in edges:
        by_type.setdefault(edge.type, []).append(edge)
    return [
        svg.tag(
            "g",
            *(_edge(edge, places, nodes, told=len(edges) <= MOST_TOLD) for edge in own),
            class_=f"edge lb-rel-{type}",
            marker_end="url(#lb-arrow)",
            data_ends=" ".join(f"{numbers[edge.source]} {numbers[edge.target]}" for edge in own),
        )
        for type, own in by_type.items()
    ]


def _edge(edge: Edge, places: dict[str, tuple[float, float]], nodes: dict[str, Node], *, told: bool) -> str:
    """A gently bent line that ends at the target's box; a straight one in a crowd, where bends are hardly seen."""
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    bend = 0.08 if told else 0.0
    cx, cy = (x1 + x2) / 2 - (y2 - y1) * bend, (y1 + y2) / 2 + (x2 - x1) * bend
    ex, ey = _border(x2, y2, cx, cy, nodes[edge.target].width)
    turn, end = (svg.place(round(x) - round(x1), round(y) - round(y1)) for x, y in ((cx, cy), (ex, ey)))
    bent = f"q{turn}{'' if end.startswith('-') else ' '}{end}"
    d = f"M{round(x1)} {round(y1)}{bent if told else f'l{end}'}"
    words = [svg.title(f"{edge.source} {edge.type} {edge.target}")] if told else []
    return svg.tag("path", *words, d=d)


def _border(x: float, y: float, towards_x: float, towards_y: float, width: float) -> tuple[float, float]:
    dx, dy = towards_x - x, towards_y - y
    half_width, half_height = width / 2 + 3, BOX_HEIGHT / 2 + 3
    reach = max(abs(dx) / half_width, abs(dy) / half_height, 1e-9)
    return x + dx / reach, y + dy / reach


def _node(node: Node, place: tuple[float, float], *, told: bool) -> str:
    """told: whether a pointer is told the title; in a crowd the page behind the box does so."""
    width = round(node.width)
    x, y = round(place[0] - node.width / 2), round(place[1])
    box = svg.tag("path", d=f"M{x} {y - BOX_HEIGHT // 2:.0f}h{width}v{BOX_HEIGHT:.0f}h-{width}z")
    dot = status_mark(node.status, x + 11, y, 4.2, radius_is_styled=True)
    label = svg.text(node.id, x + 20, y + 4)
    title = [svg.title(f"{node.title} ({node.status})")] if told else []
    return svg.tag("a", *title, box, dot, label, href=node.href)
