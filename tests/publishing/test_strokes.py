"""Lines in few strokes look the same."""

import re
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from lawbook.publishing.figures import svg as svg_pieces
from lawbook.publishing.figures.straight import UNSEEN, straightened


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(-50, 50)), min_size=2, max_size=60))
@example([(2.2250738585e-313, 0.0), (0.0, 1.0)])
def test_a_straightened_line_is_nowhere_further_off_than_can_be_seen(steps: list[tuple[float, float]]) -> None:
    points: list[tuple[float, float] | None] = [(0.0, 0.0)]
    for width, y in steps:
        points.append((points[-1][0] + width, y))  # type: ignore[index]
    kept = straightened(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    strokes = list(pairwise(kept))
    for x, y in filter(None, points):
        near = [_off(one, other, x, y) for one, other in strokes if one and other and one[0] <= x <= other[0]]
        assert min(near) <= UNSEEN + 1e-6 * abs(y)


def _off(one: tuple[float, float], other: tuple[float, float], x: float, y: float) -> float:
    """How far a point lies above or below a stroke; of one that goes straight up, beyond its ends."""
    if other[0] == one[0]:
        return max(min(one[1], other[1]) - y, y - max(one[1], other[1]), 0.0)
    return abs(y - one[1] - (other[1] - one[1]) * (x - one[0]) / (other[0] - one[0]))


def test_a_straight_line_of_many_points_is_drawn_with_two() -> None:
    assert straightened([(float(x), 2.0 * x) for x in range(100)]) == [(0.0, 0.0), (99.0, 198.0)]
    assert straightened([(0.0, 0.0), (1.0, 0.0), None, (2.0, 0.0)]) == [(0.0, 0.0), (1.0, 0.0), None, (2.0, 0.0)]


def test_a_path_tells_each_place_by_its_step_from_the_one_before() -> None:
    assert (
        svg_pieces.path([(1, 2), (1.25, 3.5), None, (0, 0), (0.5, -0.5), (0.44, -0.5)]) == "M1 2l.2 1.5M0 0l.5-.5-.1 0"
    )
    assert svg_pieces.dots([(1, 2), (3, 4.44), (1, 2)], class_="marks") == '<path class="marks" d="M1 2h0m2 2.4h0"/>'


def test_steps_that_go_straight_on_are_told_as_one_and_a_turn_is_not() -> None:
    assert svg_pieces.path([(0, 0), (1, 1), (1, 1), (3, 3), (4, 3), (4, 5), (4, 6), (4, 2)]) == "M0 0l3 3 1 0 0 3 0-4"
    assert svg_pieces.path([(2, 2), (2, 2)]) == "M2 2l0 0"
    assert svg_pieces.path([None, (2, 2), None]) == "M2 2"


@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=30))
def test_a_path_leaves_out_no_corner(places: list[tuple[int, int]]) -> None:
    told = svg_pieces.path(places).replace("M", "").replace("l", " ")
    numbers = [int(number) for number in re.findall(r"-?\d+", told)]
    corners = [(sum(numbers[: 2 * n + 1 : 2]), sum(numbers[1 : 2 * n + 2 : 2])) for n in range(len(numbers) // 2)]
    assert (corners[0], corners[-1]) == (places[0], places[-1])
    rest = iter(places)
    assert all(corner in rest for corner in corners)  # in their order
    for one, place, other in zip(places, places[1:], places[2:], strict=False):
        turn = (place[0] - one[0]) * (other[1] - place[1]) - (place[1] - one[1]) * (other[0] - place[0])
        assert turn == 0 or place in corners


def test_a_stroke_at_many_places_is_told_from_where_the_one_before_ends() -> None:
    assert svg_pieces.strokes([(1, 2), (3.5, 2)], v=-3) == "M1 2v-3m2.5 3v-3"
    assert svg_pieces.strokes([(1, 2), (1, 4)], h=10) == "M1 2h10m-10 2h10"
    assert svg_pieces.boxes([(1, 2), (1, 40)], 8, 4.5) == '<path d="M1 2h8v4.5h-8zm0 38h8v4.5h-8z"/>'
