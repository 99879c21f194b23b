"""Words of a strip keep clear of its marks, long legends are grouped, theory shows, and a course of runs remembers."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest

from lawbook.evidence.history import HistoryLine, history_line
from lawbook.evidence.record import ControlResult, Record, RivalResult, StoredLine, StoredPanel
from lawbook.prose import spelled_out
from lawbook.publishing.curves import figures
from lawbook.publishing.curves_file import curves_file
from lawbook.publishing.figures.course import course
from lawbook.publishing.figures.graph import Edge, Node
from lawbook.publishing.figures.marks import status_mark
from lawbook.publishing.figures.neighbourhood import neighbourhood
from lawbook.publishing.figures.panels import Drawn, Panel
from lawbook.publishing.figures.plot import plot
from lawbook.publishing.figures.strip import strip

Make = Callable[..., Record]


def parse(drawing: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [element for element in root.iter() if name in (element.get("class") or "").split()]


def number(element: ElementTree.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def lanes_of(region: ElementTree.Element) -> list[tuple[float, float]]:
    """Where the boxes of a region begin and end, from above."""
    top, lanes = 0.0, []
    for step, height in re.findall(r"[Mm]-?[\d.]+[ -]([\d.]+)h[\d.]+v([\d.]+)h-[\d.]+z", region.get("d", "")):
        top += float(step)
        lanes.append((top, top + float(height)))
    return lanes


def height_of(interval: ElementTree.Element) -> float:
    """Where a level stroke lies."""
    found = re.fullmatch(r"M[\d.]+ ([\d.]+)h[\d.]+", interval.get("d", ""))
    assert found
    return float(found[1])


RIVALS = [
    RivalResult(name="half", excluded=True, predicts=(-1.0, -1.0), away=20.0),
    RivalResult(name="far", excluded=True, predicts=(900.0, 900.0), away=9000.0),
]


@pytest.mark.parametrize("value", [-0.29, 0.0, 0.29, 5.0, -5.0])
def test_no_words_of_a_strip_lie_over_a_mark_or_the_region(make_record: Make, value: float) -> None:
    record = make_record(
        "c", "x", estimate=value, interval=(value - 0.01, value + 0.01), values=[value] * 4, rivals=RIVALS
    )
    root = parse(strip(record))
    (region,) = of_class(root, "region")
    lanes = lanes_of(region)
    assert len(lanes) == 3  # the check, its control, the rivals
    ticks = [text for group in of_class(root, "tick") for text in group]
    words = [number(text, "y") for text in root.iter("text") if text not in ticks]
    assert len(words) == 4
    for base in words:
        assert all(base + 3 <= top or base - 11 >= bottom for top, bottom in lanes)
    marks = [height_of(e) for e in of_class(root, "interval")] + [number(e, "y1") for e in of_class(root, "law")]
    assert marks
    assert all(any(top <= y <= bottom for top, bottom in lanes) for y in marks)


def test_the_strip_shows_where_law_and_rivals_put_the_number(make_record: Make) -> None:
    root = parse(strip(make_record("c", "x", predicted=0.1, rivals=RIVALS, accept=(-2.0, 2.0))))
    (law,) = of_class(root, "law")
    (cross,) = of_class(root, "cross")
    assert "predicted 0.1" in "".join(law.itertext())
    assert "half: −1" in "".join(cross.itertext())
    assert "half −1, far 900" in "".join(root.itertext())


def test_a_strip_is_told_in_one_sentence(make_record: Make) -> None:
    root = parse(strip(make_record("c", "x", rivals=RIVALS)))
    said = "Verdict, x, quick tier: 0.012 [−0.050, 0.070], accepted [−0.3, 0.3]; 1 control; 2 rivals"
    assert root.get("aria-label") == said


def test_a_seed_s_dot_is_drawn_once_however_many_have_its_place(make_record: Make) -> None:
    values = [0.1, 0.2, 0.1, 0.2, 0.1, 0.15]
    root = parse(strip(make_record("c", "x", values=values, in_regime=None, controls=[])))
    (seeds,) = of_class(root, "seed")
    assert seeds.get("d", "").count("h0") == 3


def held(file: str) -> dict[str, Any]:
    """What stands in a file of a check's numbers."""
    content: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(file.split('"')[1])))
    return content


def test_all_numbers_of_a_strip_lie_in_its_check_s_file_and_not_in_the_drawing(make_record: Make) -> None:
    record = make_record("c", "x", rivals=RIVALS, interval=(-0.05, 0.0712345678))
    told = held(curves_file(record))["verdict"]
    assert told["rows"] == [
        ["measured", 0.012345, -0.05, 0.07123457, [0.01, -0.02, 0.05, 0.009]],
        ["control: shifted", 1.0, 0.9, 1.1, [1.0, 1.1, 0.9, 1.0]],
    ]
    assert told["accepted"] == [-0.3, 0.3]
    assert told["rivals"] == [["half", -1.0], ["far", 900.0]]
    assert "0.0712345" not in strip(record)


def test_an_infinite_or_odd_thing_of_a_strip_is_told_in_words(make_record: Make) -> None:
    record = make_record("c", "x", values=[float("inf"), None, 0.1, 0.2], rivals=[
        RivalResult(name="\u202ehalf", excluded=True, predicts=(-1.0, -1.0))
    ])  # fmt: skip
    told = held(curves_file(record))["verdict"]
    assert told["rows"][0][4] == ["Infinity", None, 0.1, 0.2]
    assert told["rivals"] == [[spelled_out("\u202ehalf"), -1.0]]


def test_a_check_without_curves_has_a_file_of_its_outcome_alone(make_record: Make) -> None:
    bare = ControlResult(name="k", expect="fail", outcome="fail", as_expected=True, params={}, estimate=1.0)
    assert held(curves_file(make_record("c", "x", panels=[], controls=[bare]))).keys() == {
        "schema", "claim", "check", "tier", "device", "verdict"
    }  # fmt: skip


def lines(count: int, **changes: object) -> list[StoredLine]:
    return [
        StoredLine.model_validate({"label": f"measured, width = {2**i}", "x": [1, 2], "y": [i, i + 1], **changes})
        for i in range(count)
    ]


def keys_of(*drawn: Drawn[StoredLine]) -> list[str]:
    root = parse(plot("name", Panel(StoredPanel(title="p"), drawn), "clip"))
    (legend,) = of_class(root, "legend")
    return ["".join(key.itertext()) for key in legend.iter("text")]


def test_a_legend_of_five_lines_stays_a_list_and_one_of_six_is_grouped() -> None:
    five = keys_of(*map(Drawn, lines(5)))
    assert five == [f"measured, width = {2**i}" for i in range(5)]
    six = keys_of(*map(Drawn, lines(6)))
    assert six == ["measured, width =", *(str(2**i) for i in range(6))]


def test_controls_of_a_grouped_legend_stand_under_their_names() -> None:
    drawn = [*map(Drawn, lines(3)), *(Drawn(line, name) for name in ("colder", "wider") for line in lines(3))]
    shown = keys_of(*drawn)
    assert shown[4:] == [
        "control: colder, measured, width =",
        "1, 2, 4",
        "control: wider, measured, width =",
        "1, 2, 4",
    ]


def test_theory_is_drawn_over_a_broader_measurement() -> None:
    drawn = [Drawn(StoredLine(label="theory", role="predicted", x=[1, 2], y=[0, 1])), *map(Drawn, lines(1))]
    root = parse(plot("name", Panel(StoredPanel(title="p"), drawn), "clip"))
    order = [group.get("class") for group in root.iter("g") if group.get("data-line")]
    assert order == ["measured hue-0 under", "predicted"]
    alone = parse(plot("name", Panel(StoredPanel(title="p"), list(map(Drawn, lines(1)))), "clip"))
    assert not of_class(alone, "under")


def test_a_figure_says_its_axes_and_lines_for_the_page_s_script(make_record: Make) -> None:
    drawn = [parse(figure.svg) for figure in figures(make_record("c", "x"))]
    plots = [root for root in drawn if root.get("data-x")]
    assert plots
    kind, low, high, start, end = (plots[0].get("data-x") or "").split()
    assert kind == "log"
    assert float(low) < 1 < 100 < float(high)
    assert float(start) < float(end)
    arms = [(g.get("data-control"), g.get("data-line")) for g in plots[0].iter("g") if g.get("data-line")]
    assert sorted(arms, key=str) == [("shifted", "0"), (None, "0"), (None, "1")]


def test_a_plot_is_told_in_one_sentence_and_named_only_where_no_title_stands_above_it() -> None:
    theory = StoredLine(label="theory", role="predicted", x=[1, 2], y=[0, 1])
    drawn = [*map(Drawn, lines(1)), Drawn(theory), *(Drawn(line, "colder") for line in lines(2))]
    axes = {"x_label": "step", "y_label": "loss"}
    said = "loss against step: measured, width = 1, theory (predicted); control colder."
    for title, told in (("p", said), ("", f"name. {said}")):
        root = parse(plot("name", Panel(StoredPanel.model_validate({"title": title, **axes}), drawn), "clip"))
        assert root.get("aria-label") == told


def test_lines_that_only_their_hues_tell_apart_are_named_under_the_pointer() -> None:
    theory = Drawn(StoredLine(label="theory", role="predicted", x=[1, 2], y=[0, 1]))
    for count, named in ((1, []), (2, ["measured, width = 1", "measured, width = 2"])):
        root = parse(plot("name", Panel(StoredPanel(title="p"), [*map(Drawn, lines(count)), theory]), "clip"))
        assert [title.text for title in root.iter("title")] == named


def test_each_status_has_a_mark_of_its_own_shape() -> None:
    statuses = ("pass", "fail", "inconclusive", "void", "error", "unverified")
    shapes = {status_mark(status, 0.0, 0.0, 4.0).replace(status, "") for status in statuses}
    assert len(shapes) == len(statuses)


def run(make_record: Make, day: int, outcome: str, accept: tuple[float, float], **changes: object) -> HistoryLine:
    record = make_record("c", "x", outcome, started=f"2026-11-{day:02d}T00:00:00Z", accept=accept, **changes)
    return history_line(record, None)


def test_the_course_draws_each_run_before_its_own_region_and_marks_what_moved(make_record: Make) -> None:
    old = run(make_record, 1, "pass", (-0.4, 0.4)).model_copy(update={"accept": None})
    lines = [
        old,
        run(make_record, 2, "pass", (-0.4, 0.4)),
        run(make_record, 3, "fail", (-0.2, 0.2)),
        run(make_record, 4, "fail", (-0.2, 0.2)),
    ]
    root = parse(course(lines, "x over time"))
    heights = [number(region, "height") for region in of_class(root, "region")]
    assert len(heights) == 2  # the oldest line does not say what it was judged by
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.01)
    widths = [number(region, "width") for region in of_class(root, "region")]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)  # the newest two were judged by one
    (moved,) = of_class(root, "moved")
    assert "region moved, [−0.4, 0.4] → [−0.2, 0.2]" in "".join(moved.itertext())
    (changed,) = of_class(root, "changed")
    assert "pass → fail" in "".join(changed.itertext())
    assert "the outcome changed 1 time; the region moved 1 time" in (root.get("aria-label") or "")


def test_a_course_across_another_measurement_says_so(make_record: Make) -> None:
    lines = [run(make_record, day, "pass", (-day, day), measures=f"m{day}") for day in (1, 2)]
    assert "measurement changed" in course(lines, "x over time")


def test_the_numbers_of_a_course_lie_in_its_check_s_file_one_run_a_row(make_record: Make) -> None:
    lines = [run(make_record, 1, "error", (-0.4, 0.4), estimate=None, interval=None, values=[None] * 4)]
    lines += [run(make_record, day, "pass", (-0.4, 0.4)) for day in (2, 3)]
    told = held(curves_file(None, lines))
    assert (told["claim"], told["check"], told["tier"], told["device"]) == ("c", "x", "quick", "cpu")
    assert told["runs"] == [
        [f"2026-11-0{day}T00:00:00Z", "pass", 0.012345, -0.05, 0.07, -0.4, 0.4, 3, 0] for day in (2, 3)
    ]
    assert "0.012345" not in course(lines, "x")


def test_a_course_without_a_number_is_not_drawn(make_record: Make) -> None:
    assert course([run(make_record, 1, "error", (-1.0, 1.0), estimate=None, interval=None)], "x") == ""


def test_the_small_map_links_every_neighbour_and_draws_what_they_have_to_do_with_each_other() -> None:
    nodes = {id: Node(id, f"Title of {id}", "laws", "pass", f"{id}.html") for id in "abc"}
    edges = [Edge("a", "b", "implies"), Edge("b", "c", "explains"), Edge("a", "c", "contradicts")]
    root = parse(neighbourhood(nodes["b"], edges, nodes))
    assert [link.get("href") for link in root.iter("a")] == ["a.html", "c.html"]
    drawn = ["".join(line.itertext()) for line in of_class(root, "edge")]
    assert drawn == ["", "", "a contradicts c"]  # of the other two the words stand beside the boxes
    assert [text.text for text in root.iter("text")] == ["is implied by", "a", "explains", "c", "b"]
    assert root.get("aria-label") == "What b is related to"
    assert len(of_class(root, "head")) == 3


def test_what_is_related_to_nothing_has_no_map() -> None:
    node = Node("a", "A", "laws", "pass", "a.html")
    assert neighbourhood(node, [Edge("a", "a", "implies")], {"a": node}) == ""


def test_a_control_without_panels_breaks_nothing(make_record: Make) -> None:
    control = ControlResult(name="x", expect="fail", outcome="error", as_expected=False, params={})
    assert strip(make_record("c", "x", controls=[control]))
