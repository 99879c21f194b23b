"""The map of the registry is laid out without overlaps, and alike every time."""

from lawbook.publishing.figures.graph import Edge, Node, graph, layout

NODES = [Node(f"claim-number-{i}", "t", "laws", "pass", f"{i}.html") for i in range(40)]
EDGES = [Edge(f"claim-number-{i}", f"claim-number-{(i * 7 + 3) % 40}", "implies") for i in range(40)]


def test_no_two_boxes_of_the_graph_overlap() -> None:
    places = layout(NODES, EDGES, ["laws"])
    widths = {node.id: node.width for node in NODES}
    for one in NODES:
        for other in NODES:
            if one.id < other.id:
                (x1, y1), (x2, y2) = places[one.id], places[other.id]
                apart = abs(x1 - x2) >= (widths[one.id] + widths[other.id]) / 2 or abs(y1 - y2) >= 25
                assert apart, (one.id, other.id)


def test_the_graph_is_the_same_every_time_and_links_every_entry() -> None:
    drawn = graph(NODES, EDGES, ["laws"])
    assert drawn == graph(NODES, EDGES, ["laws"])
    assert all(f'href="{node.href}"' in drawn for node in NODES)


def test_an_empty_graph_draws_nothing() -> None:
    assert graph([], [], ["laws"]) == ""
