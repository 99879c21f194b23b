"""Drawings are to scale, hold every number they should, and say in words what they show."""

import base64
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.evidence.history import history_line
from lawbook.evidence.record import ControlResult, Record, StoredLine, StoredMap, StoredPanel
from lawbook.publishing.changes import Change
from lawbook.publishing.curves import figures
from lawbook.publishing.figures import svg as svg_pieces
from lawbook.publishing.figures.panels import Drawn, Panel
from lawbook.publishing.figures.plot import axes_of, plot
from lawbook.publishing.figures.scales import Scale, linear_ticks, log_ticks
from lawbook.publishing.figures.strip import LEFT, RIGHT, Row, strip, strip_scale
from lawbook.publishing.figures.tally import tally

Make = Callable[..., Record]
HOSTILE = "\"><script>alert(1)</script><x y='"


def panel(*lines: Drawn[StoredLine], **axes: object) -> Panel:
    return Panel(StoredPanel.model_validate({"title": "p", **axes}), lines)


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def box_of(region: ElementTree.Element) -> tuple[float, float]:
    """Where the boxes of a region begin, from the left, and how wide they are."""
    found = re.match(r"M([\d.]+) [\d.]+h([\d.]+)v", region.get("d", ""))
    assert found
    return float(found[1]), float(found[2])


def keys_of(root: ElementTree.Element) -> list[str]:
    (legend,) = (e for e in root.iter() if "legend" in (e.get("class") or ""))
    return ["".join(text.itertext()) for text in legend.iter("text")]


def test_a_linear_scale_keeps_proportions() -> None:
    scale = Scale(0.0, 10.0, 100.0, 200.0)
    assert [scale(value) for value in (0.0, 2.5, 10.0)] == [100.0, 125.0, 200.0]


def test_a_log_scale_gives_each_decade_the_same_length() -> None:
    scale = Scale(1.0, 1000.0, 0.0, 300.0, "log")
    assert scale(10.0) - scale(1.0) == pytest.approx(scale(1000.0) - scale(100.0))


@given(
    st.floats(-1e12, 1e12),
    st.floats(1e-9, 1e12),
)
def test_linear_ticks_are_few_distinct_and_inside(low: float, width: float) -> None:
    high = low + width
    if high - low < 1e-6 * max(abs(low), abs(high)):
        return
    ticks = linear_ticks(low, high)
    places = [place for place, _ in ticks]
    assert 2 <= len(places) <= 12
    slack = 1e-6 * (high - low)
    assert all(low - slack <= place <= high + slack for place in places)
    assert len(set(places)) == len(places)


def test_ticks_of_a_sliver_far_from_nought_tell_their_places_apart() -> None:
    labels = [label for _, label in linear_ticks(1 - 2.1e-9, 1 + 2.1e-9, 5)]
    assert labels == ["−2×10⁻⁹", "−10⁻⁹", "1", "+10⁻⁹", "+2×10⁻⁹"]
    large = [label for _, label in linear_ticks(1e6, 1e6 + 4, 5)]
    assert len(set(large)) == len(large)


@given(st.floats(-12, 12), st.floats(0.05, 14))
def test_log_ticks_are_few_and_inside(exponent: float, decades: float) -> None:
    low, high = 10.0**exponent, 10.0 ** (exponent + decades)
    places = [place for place, _ in log_ticks(low, high)]
    assert 1 <= len(places) <= 12
    assert all(low * 0.99 <= place <= high * 1.01 for place in places)


def test_the_strip_draws_region_and_interval_to_one_scale(make_record: Make) -> None:
    record = make_record(
        "c", "x", accept=(0.0, 1.0), estimate=0.5, interval=(0.25, 0.75), values=[0.5] * 4, controls=[]
    )
    root = parse(strip(record))
    region = next(e for e in root.iter() if e.get("class") == "region")
    interval = next(e for e in root.iter() if e.get("class") == "interval")
    (length,) = re.findall(r"h([\d.]+)$", interval.get("d", ""))
    assert float(length) / box_of(region)[1] == pytest.approx(0.5, abs=0.01)


def test_an_open_region_reaches_the_edge_of_the_strip(make_record: Make) -> None:
    root = parse(strip(make_record("c", "x", accept=(0.0, None), estimate=0.5, interval=(0.4, 0.6), controls=[])))
    region = next(e for e in root.iter() if e.get("class") == "region")
    assert sum(box_of(region)) == pytest.approx(RIGHT)


def test_a_far_control_becomes_an_arrow_with_its_value(make_record: Make) -> None:
    control = ControlResult(
        name="far",
        expect="fail",
        outcome="fail",
        as_expected=True,
        params={},
        estimate=5000.0,
        interval=(4900.0, 5100.0),
    )
    svg = strip(make_record("c", "x", controls=[control]))
    assert "5000, off scale" in svg
    assert 'class="arrow"' in svg


def test_a_negative_end_never_makes_a_log_axis() -> None:
    rows = [Row("measured", "measured", 0.5, (-0.1, 100.0), [0.5], None)]
    scale = strip_scale((0.001, 1000.0), rows)
    assert scale is not None
    assert scale.kind == "linear"


def test_numbers_many_decades_apart_share_a_log_axis() -> None:
    rows = [Row("measured", "measured", 2e-7, (1e-7, 3e-7), [2e-7], None)]
    scale = strip_scale((None, 1e-3), rows)
    assert scale is not None
    assert scale.kind == "log"
    assert LEFT < scale(2e-7) < scale(1e-3) < RIGHT


def test_a_record_without_numbers_has_no_strip(make_record: Make) -> None:
    record = make_record(
        "c", "x", "error", accept=(None, None), estimate=None, interval=None, values=[None] * 4, controls=[]
    )
    assert strip(record) == ""


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=6),
    st.sampled_from(["linear", "log"]),
    st.sampled_from(["linear", "log"]),
)
def test_any_line_draws_without_a_number_out_of_this_world(
    heights: list[float | None], x_scale: str, y_scale: str
) -> None:
    line = StoredLine(label="c", x=list(range(len(heights))), y=heights)
    svg = plot("name", panel(Drawn(line), x_scale=x_scale, y_scale=y_scale), "clip")
    assert "nan" not in svg
    assert "inf" not in svg.replace("infin", "")
    if svg:
        parse(svg)


def test_points_without_a_place_break_the_line_and_are_left_out(make_record: Make) -> None:
    line = StoredLine(label="c", x=[1, 2, 3, 4], y=[1.0, None, 3.0, -1.0])
    root = parse(plot("name", panel(Drawn(line), y_scale="log"), "clip"))
    path = next(e for e in root.iter() if e.get("class") == "line")
    assert path.get("d", "").count("M") == 2


def test_a_control_that_blows_up_does_not_flatten_the_measurement() -> None:
    own = StoredLine(label="own", x=[0, 1], y=[1.0, 2.0])
    wild = StoredLine(label="wild", x=[0, 1], y=[1.0, 1e9])
    axes = axes_of(panel(Drawn(own), Drawn(wild, "control")))
    assert axes is not None
    assert axes.y.high < 10


def own_and_control(own_x: list[float], control_x: list[float]) -> Panel:
    own = StoredLine(label="own", x=own_x, y=[1.0, 2.0])
    control = StoredLine(label="theirs", x=control_x, y=[1.5, 1.8])
    return panel(Drawn(own), Drawn(control, "other-regime"), x_scale="log")


def test_a_control_that_lies_beside_the_measurement_is_brought_into_view() -> None:
    shared = own_and_control([0.1, 0.5], [4.0, 32.0])
    axes = axes_of(shared)
    assert axes is not None
    assert all(axes.hold(drawn.shape) for drawn in shared.lines)
    assert "outside" not in plot("name", shared, "clip")


def test_a_control_that_is_partly_in_view_does_not_stretch_the_horizontal_axis() -> None:
    axes = axes_of(own_and_control([1.0, 10.0], [5.0, 800.0]))
    assert axes is not None
    assert axes.x.high < 11


def test_the_legend_says_which_control_is_out_of_view() -> None:
    assert "outside this range" in plot("name", own_and_control([1e-9, 1e-8], [1e6, 1e7]), "clip")


def test_long_keys_are_wrapped_so_that_what_tells_them_apart_stays() -> None:
    line = StoredLine(label="measured, mean and range over all seeds", x=[1, 2], y=[1, 2])
    lines = [Drawn(line), *(Drawn(line, f"control-with-a-rather-long-name-{i}") for i in (1, 2))]
    root = parse(plot("name", panel(*lines), "clip"))
    keys = keys_of(root)
    assert "…" not in "".join(keys)
    assert all(any(f"name-{i}" in key for key in keys) for i in (1, 2))
    assert max(map(len, keys)) <= 58


def classes_of(svg: str) -> list[str]:
    return [c for e in parse(svg).iter() if (c := e.get("class") or "").startswith("reference")]


def test_references_are_told_apart_by_their_dashes() -> None:
    lines = [Drawn(StoredLine(label=f"r{i}", role="reference", x=[1, 2], y=[i, i])) for i in range(4)]
    assert len(set(classes_of(plot("name", panel(*lines), "clip")))) == 4


def test_a_large_family_of_references_shares_a_style_and_a_key() -> None:
    family = [Drawn(StoredLine(label=f"r{i}", role="reference", x=[1, 2], y=[i, i])) for i in range(9)]
    svg = plot("name", panel(*family), "clip")
    assert set(classes_of(svg)) == {"reference"}
    assert keys_of(parse(svg)) == ["r0 … r8"]


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("λ_max / edge", ["λ", "max", " / edge"]),
        ("∝ n^-0.5", ["∝ n", "−0.5"]),
        ("branches × L^(−1)", ["branches × L", "−1"]),
        ("step_size of a_b_c", ["step_size of a", "b_c"]),
        ("plain", ["plain"]),
    ],
)
def test_indices_and_powers_of_labels_are_set_as_such(written: str, runs: list[str]) -> None:
    element = parse(svg_pieces.label(written, 0, 0))
    assert list(element.itertext()) == runs


def test_text_after_an_index_is_back_on_the_line() -> None:
    index, rest = parse(svg_pieces.label("λ_max / edge", 0, 0))
    assert float(index.get("dy", 0)) == -float(rest.get("dy", 0)) != 0


def test_tick_labels_keep_clear_of_the_name_of_their_axis() -> None:
    def left(heights: list[float]) -> float:
        axes = axes_of(panel(Drawn(StoredLine(label="c", x=[1, 2], y=heights))))
        assert axes is not None
        return axes.x.start

    assert left([-1000.0, 0.0]) > left([0.0, 1.0]) + 10


def test_a_long_name_in_the_strip_stays_whole(make_record: Make) -> None:
    name = "large-models-without-embeddings"
    control = ControlResult(
        name=name, expect="fail", outcome="fail", as_expected=True, params={}, estimate=0.51834,
        interval=(0.50991, 0.52671),
    )  # fmt: skip
    root = parse(strip(make_record("c", "x", controls=[control])))
    names = [e.text for e in root.iter() if e.get("class") == "name"]
    assert f"control: {name}" in names


def test_measured_and_predicted_maps_share_their_colours(make_record: Make) -> None:
    measured = StoredMap(label="m", x=[1, 2], y=[1], z=[[0.0, 1.0]])
    predicted = StoredMap(label="p", role="predicted", x=[1, 2], y=[1], z=[[0.0, 0.5]])
    drawn = figures(make_record("c", "x", panels=[StoredPanel(title="p", maps=[measured, predicted])], controls=[]))
    assert len(drawn) == 2
    bars = [re.findall(r'class="tick">([^<]*)<', figure.svg)[-6:] for figure in drawn]
    assert bars[0] == bars[1]


def test_a_map_is_an_embedded_picture_with_a_pixel_a_cell(make_record: Make) -> None:
    measured = StoredMap(label="m", x=[1, 2, 3], y=[1, 2], z=[[0, 1, 2], [3, 4, None]])
    (figure,) = figures(make_record("c", "x", panels=[StoredPanel(title="p", maps=[measured])], controls=[]))
    found = re.search(r'href="data:image/png;base64,([^"]+)"', figure.svg)
    assert found
    png = base64.b64decode(found[1])
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (3, 2)


def test_an_empty_map_is_left_out(make_record: Make) -> None:
    empty = StoredMap(label="m", x=[], y=[], z=[])
    assert figures(make_record("c", "x", panels=[StoredPanel(title="p", maps=[empty])], controls=[])) == []


def test_hostile_labels_stay_text(make_record: Make) -> None:
    line = StoredLine(label=HOSTILE, x=[1, 2], y=[1, 2])
    cells = StoredMap(label=HOSTILE, x=[1, 2], y=[1, 2], z=[[1.0, 2.0], [3.0, 4.0]])
    hostile = StoredPanel(title=HOSTILE, x_label=HOSTILE, y_label=HOSTILE, z_label=HOSTILE, lines=[line], maps=[cells])
    lines = hostile.model_copy(update={"maps": []})
    control = ControlResult(
        name=HOSTILE, expect="fail", outcome="fail", as_expected=True, params={}, estimate=1.0, panels=[lines]
    )
    record = make_record("c", HOSTILE, panels=[hostile], controls=[control])
    drawn = [strip(record), *(figure.svg for figure in figures(record))]
    assert len(drawn) == 3
    for svg in drawn:
        assert "<script" not in svg
        assert {element.tag for element in parse(svg).iter()}.isdisjoint({"script", "x"})


def test_a_drawing_shown_again_says_its_data_once_whatever_its_words_hold() -> None:
    hostile = 'a "b" data-x="c\' d'
    drawn = svg_pieces.figure(1, 1, "n", hostile, svg_pieces.tag("g"), data_x="linear 0 1", data_map='say "x" "y"')
    whole, again = map(parse, svg_pieces.twice(drawn, "one"))
    assert (whole.get("data-x"), whole.get("data-map")) == ("linear 0 1", 'say "x" "y"')
    assert (again.get("data-x"), again.get("data-map")) == (None, None)
    assert whole.get("aria-label") == again.get("aria-label") == f"n. {hostile}"


def test_the_course_of_counts_names_every_status_and_needs_more_than_a_day(make_record: Make) -> None:
    def change(started: str, before: str, after: str) -> Change:
        line = history_line(make_record("c", "x", started=started), None)
        return Change("c", before, after, line)  # type: ignore[arg-type]

    first, second = (
        change("2026-11-20T02:00:00Z", "unverified", "fail"),
        change("2026-11-22T02:00:00Z", "fail", "pass"),
    )
    drawn = tally([first, second], 3, frozenset())
    assert all(f">{status}<" in drawn for status in ("pass", "fail", "inconclusive", "void", "error", "unverified"))
    assert "Now 1 pass, 2 unverified." in drawn
    assert tally([first], 3, frozenset()) == ""
    assert tally([first, second], 3, frozenset({"c"})) == ""


def test_a_band_lies_within_a_unit_of_its_numbers_and_is_told_in_whole_ones() -> None:
    x = [float(step) for step in range(40)]
    low: list[float | None] = [value**2 / 100 for value in x]
    line = StoredLine(
        label="a", x=x, y=[value**2 / 100 + 1 for value in x], low=low, high=[value**2 / 100 + 2 for value in x]
    )
    shown = panel(Drawn(line))
    axes = axes_of(shown)
    assert axes is not None
    (band,) = re.findall(r'class="band" d="([^"]*)"', plot("p", shown, "clip"))
    assert "." not in band
    steps = [int(step) for step in re.findall(r"-?\d+", band)]
    places = [(sum(steps[0 : 2 * n + 1 : 2]), sum(steps[1 : 2 * n + 2 : 2])) for n in range(len(steps) // 2)]
    for place_x, place_y in places:
        near = [value for value in x if abs(axes.x(value) - place_x) <= 0.5]
        ends = [axes.y(value**2 / 100 + more) for value in near for more in (0, 2)]
        assert min(abs(end - place_y) for end in ends) <= 1
