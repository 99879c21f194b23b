"""One entry and what it is related to, as a small map: who leads here above, where it leads below."""

from __future__ import annotations

from collections.abc import Sequence

from lawbook.publishing.figures import svg
from lawbook.publishing.figures.graph import BOX_HEIGHT, LETTER, Edge, Node
from lawbook.publishing.figures.marks import status_mark
from lawbook.publishing.words import inverse, verb

WIDTH = 460.0
SPINE, BOX_LEFT, ROW, MARGIN = 14.0, 128.0, 34.0, 8.0
LETTERS = 46  # of an id, as they fit beside the names of the relations


def neighbourhood(centre: Node, edges: Sequence[Edge], nodes: dict[str, Node]) -> str:
    """The drawing; empty where nothing is related. edges: all of the registry; nodes: by id."""
    coming = [edge for edge in edges if edge.target == centre.id != edge.source]
    going = [edge for edge in edges if edge.source == centre.id != edge.target]
    if not coming and not going:
        return ""
    above = [MARGIN + BOX_HEIGHT / 2 + ROW * place for place in range(len(coming))]
    middle = MARGIN + BOX_HEIGHT / 2 + ROW * len(coming) + (8 if coming else 0)
    below = [middle + 8 + ROW * (place + 1) for place in range(len(going))]
    parts = []
    for edge, y in zip(coming, above, strict=True):
        turn = f"M{BOX_LEFT:g} {y:g}H{SPINE:g}V{middle - BOX_HEIGHT / 2 - 2:g}"
        parts += _related(edge, nodes[edge.source], turn, y, inverse(edge.type))
    if coming:
        parts.append(_head(f"M{SPINE - 4:g} {middle - BOX_HEIGHT / 2 - 9:g}l4 7 4-7"))
    for edge, y in zip(going, below, strict=True):
        turn = f"M{SPINE:g} {middle + BOX_HEIGHT / 2:g}V{y:g}H{BOX_LEFT - 3:g}"
        parts += _related(edge, nodes[edge.target], turn, y, verb(edge.type))
        parts.append(_head(f"M{BOX_LEFT - 10:g} {y - 4:g}l7 4-7 4"))
    places = {edge.source: y for edge, y in zip(coming, above, strict=True)}
    places |= {edge.target: y for edge, y in zip(going, below, strict=True)}
    parts += _among_neighbours(edges, nodes, places)
    parts.append(_box(centre, 4.0, middle, linked=False))
    height = (below[-1] if below else middle) + BOX_HEIGHT / 2 + MARGIN
    name = f"What {centre.id} is related to"
    drawn = svg.figure(WIDTH, height, "", name, *parts, kind="graph lb-neighbourhood")
    # A drawing whose parts are links must not be announced as one picture: its words are read with them.
    return drawn.replace('role="img"', 'role="group"', 1)


def _related(edge: Edge, node: Node, turn: str, y: float, words: str) -> list[str]:
    """The line between the centre and a neighbour, named, and the neighbour's box."""
    line = svg.tag("path", d=turn, class_=_kind(edge))
    return [line, svg.text(words, SPINE + 7, y - 4, class_="tick"), _box(node, BOX_LEFT, y, linked=True)]


def _head(d: str) -> str:
    return svg.tag("path", class_="head", d=d)


def _among_neighbours(edges: Sequence[Edge], nodes: dict[str, Node], places: dict[str, float]) -> list[str]:
    """Relations between two neighbours, as brackets at their right."""
    own = [e for e in edges if e.source in places and e.target in places and e.source != e.target]
    parts = []
    for index, edge in enumerate(own[:6]):
        y1, y2 = places[edge.source], places[edge.target]
        x1, x2 = (BOX_LEFT + _width(nodes[id]) for id in (edge.source, edge.target))
        reach = min(max(x1, x2) + 12 + 7 * index, WIDTH - 2)
        told = svg.title(f"{edge.source} {verb(edge.type)} {edge.target}")
        turn = f"M{svg.place(x1, y1)}H{_tenth(reach)}V{_tenth(y2)}H{_tenth(x2 + 3)}"
        parts.append(svg.tag("path", told, d=turn, class_=_kind(edge)))
        parts.append(_head(f"M{svg.place(x2 + 9, y2 - 4)}l-7 4 7 4"))
    return parts


def _tenth(length: float) -> str:
    return f"{round(length, 1):g}"


def _kind(edge: Edge) -> str:
    return f"edge lb-rel-{edge.type}"


def _width(node: Node) -> float:
    return 26 + LETTER * min(len(node.id), LETTERS)


def _box(node: Node, x: float, y: float, *, linked: bool) -> str:
    name = node.id if len(node.id) <= LETTERS else f"{node.id[: LETTERS - 1]}…"
    width = _width(node)
    parts = [
        svg.title(f"{node.title} ({node.status})"),
        svg.tag("rect", x=x, y=y - BOX_HEIGHT / 2, width=width, height=BOX_HEIGHT, class_="box"),
        status_mark(node.status, x + 11, y, 4.2, radius_is_styled=True),
        svg.text(name, x + 20, y + 4),
    ]
    kind = f"node lb-strand-{node.group}"
    if not linked:
        return svg.tag("g", *parts, class_=f"{kind} here")
    return svg.tag("a", *parts, href=node.href, class_=kind)
