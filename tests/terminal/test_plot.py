"""Panels drawn in characters."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lawbook.evidence.record import StoredLine, StoredMap, StoredPanel
from lawbook.publishing.figures.panels import Drawn, Panel
from lawbook.terminal.canvas import Canvas
from lawbook.terminal.plot import draw
from lawbook.terminal.screen import Screen

STEPS = [float(step) for step in range(1, 101)]


def panel(*lines: StoredLine, **axes: object) -> Panel:
    stored = StoredPanel(title="Loss", x_label="step", y_label="loss", lines=list(lines), **axes)  # type: ignore[arg-type]
    return Panel(stored, [Drawn(line) for line in lines])


def falling(label: str = "measured", power: float = -1.0, **more: object) -> StoredLine:
    return StoredLine(label=label, x=STEPS, y=[step**power for step in STEPS], **more)  # type: ignore[arg-type]


def test_a_cell_holds_eight_dots() -> None:
    canvas = Canvas(2, 1)
    for x, y in ((0, 0), (1, 3)):
        canvas.dot(x, y, "a")
    assert canvas.lines() == ["⢁ "]


def test_on_logarithmic_axes_a_power_law_is_straight() -> None:
    screen = Screen(60)
    lines = list(draw(panel(falling(), x_scale="log", y_scale="log"), screen))
    rows = [line.partition("│")[2] or line.partition("┤")[2] for line in lines if "│" in line or "┤" in line]
    firsts = [len(row) - len(row.lstrip()) for row in rows if row.strip()]
    steps = [after - before for before, after in pairwise(firsts)][1:-1]
    assert max(steps) - min(steps) <= 1
    assert any("10⁻²" in line or "0.01" in line for line in lines)


def test_every_line_has_a_letter_on_the_drawing_and_in_the_legend() -> None:
    drawn = list(draw(panel(falling("steep"), falling("flat", -0.1, role="predicted")), Screen(60)))
    plot, legend = "\n".join(drawn[:-2]), drawn[-2:]
    assert legend == ["  a  steep", "  b  flat (predicted, dashed)"]
    assert plot.count("a") == 1
    assert plot.count("b") == 1


@pytest.mark.parametrize("columns", [40, 73, 110])
def test_no_line_is_wider_than_the_screen(columns: int) -> None:
    shown = panel(falling(low=[0.0] * 100, high=[2.0] * 100), falling("other", 0.5))
    assert max(map(len, draw(shown, Screen(columns)))) <= columns


def test_ascii_draws_lines_by_their_letters() -> None:
    drawn = "\n".join(
        draw(panel(falling(), falling("b", -0.2), y_scale="log", x_scale="log"), Screen(60, is_ascii=True))
    )
    assert drawn.isascii()
    assert drawn.count("a") > 20
    assert "\\u" not in drawn


def test_what_cannot_be_drawn_is_left_out_and_nothing_breaks() -> None:
    nothing = StoredLine(label="none", x=[None, 1.0], y=[1.0, None])
    assert list(draw(panel(nothing), Screen())) == []
    gaps = StoredLine(label="gaps", x=[1.0, 2.0, 3.0], y=[1.0, None, 2.0])
    assert len(list(draw(panel(gaps, nothing), Screen()))) > 10
    level = StoredLine(label="one point", x=[5.0], y=[3.0])
    assert any("a" in line for line in draw(panel(level), Screen()))


def test_a_map_is_drawn_in_shades_with_the_largest_rows_on_top() -> None:
    cells = StoredMap(label="rate", x=[1.0, 2.0, 3.0], y=[10.0, 20.0], z=[[0.0, 0.0, 0.0], [1.0, None, 1.0]])
    stored = StoredPanel(title="Phase", x_label="width", y_label="depth", z_label="rate", maps=[cells])
    drawn = list(draw(Panel(stored, (), [Drawn(cells)]), Screen(40)))
    assert drawn[2] == "20│██████······██████"
    assert drawn[3] == "10│"
    assert "rate 0" in drawn[-1]
