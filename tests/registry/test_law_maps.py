"""Maps in claim files: what they may say, and what lint tells of the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.load import lint, load_registry

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
MAP = """maps:
  - name: centre-and-spread
    check: centre
    over: {centre: [0.0, 1.0, 2.0], spread: [0.1, 0.4]}
    boundary: {centre: 2 * spread}
    holds: 0.3 - centre
    why: where it shows
"""
OWN = """maps:
  - name: own
    checker: checkers.laws.example:centre_of_noise
    expect: {equals: centre, within: spread}
    quick: {seeds: 4, timeout: 20, params: {spread: 0.5}}
    over: {centre: [0.0, 1.0]}
    why: by itself
"""


def told(make: Make, text: str) -> str:
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text() + text
    return "\n".join(map(str, lint(make({CLAIM: whole}))))


def test_cells_have_their_own_parameters_and_regions(make_registry: Make) -> None:
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text()
    whole = whole.replace("{equals: 0.0, within: 0.3}", "{equals: 0.0, within: 3 * spread}")
    entry = load_registry(make_registry({CLAIM: whole + MAP})).entries["noise-averages-out"]
    grid = entry.grids["centre-and-spread", "quick"]
    assert [cell.place for cell in grid.cells] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    last = grid.cells[-1]
    assert last.params == {"centre": 2.0, "spread": 0.4}
    assert last.region == pytest.approx((-1.2, 1.2))
    assert last.holds == pytest.approx(-1.7)
    assert grid.border == ((pytest.approx(0.2), 0.1), (pytest.approx(0.8), 0.4))
    assert entry.grids["centre-and-spread", "full"].cells[0].params == {"centre": 0.0, "spread": 0.1}


def test_a_map_may_measure_and_expect_for_itself(make_registry: Make) -> None:
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text() + OWN
    entry = load_registry(make_registry({CLAIM: whole})).entries["noise-averages-out"]
    assert set(entry.grids) == {("own", "quick")}
    assert entry.grids["own", "quick"].cells[1].region == pytest.approx((0.5, 1.5))


def test_further_parameters_follow_the_axes_and_whole_numbers_stay_whole(make_registry: Make) -> None:
    module = (
        "from lawbook import Measurement, Trials\n\n\n"
        "def sized(trials: Trials, *, rate: float, steps: int) -> Measurement:\n"
        '    """So many steps."""\n'
        "    return Measurement([rate * steps] * len(trials))\n"
    )
    own = OWN.replace("checkers.laws.example:centre_of_noise", "checkers.laws.sized:sized")
    own = own.replace("{equals: centre, within: spread}", "{at_least: 1.0}").replace(", params: {spread: 0.5}", "")
    own = own.replace("over: {centre: [0.0, 1.0]}", "over: {rate: [0.1, 0.2]}\n    also: {steps: 4 / rate}")
    whole = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text() + own
    root = make_registry({CLAIM: whole, "checkers/laws/sized.py": module})
    cells = load_registry(root).entries["noise-averages-out"].grids["own", "quick"].cells
    assert [cell.params for cell in cells] == [{"rate": 0.1, "steps": 40}, {"rate": 0.2, "steps": 20}]
    assert all(isinstance(cell.params["steps"], int) for cell in cells)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("check: centre", "check: center", "there is no check 'center' here; did you mean 'centre'?"),
        ("spread: [0.1", "spraed: [0.1", "has no parameter 'spraed'; did you mean 'spread'?"),
        ("[0.1, 0.4]", "[0.1, wide]", "'spread' must be a number, not 'wide'"),
        ("[0.1, 0.4]", "[0.1, 0.1]", "0.1 stands twice on the axis"),
        ("[0.1, 0.4]", "[0.1]", "an axis takes two values or more"),
        ("[0.1, 0.4]", "0.1", "no axis: write a list of values"),
        ("[0.1, 0.4]", "[[0.1], [0.4]]", "values that are lists need labels"),
        ("{centre: 2 * spread}", "{reached: 1}", "'boundary' gives one axis, of centre and spread, as a formula"),
        ("{centre: 2 * spread}", "{centre: 2 * width}", "`width` is no number to use here"),
        ("{centre: 2 * spread}", "{centre: 1 / (spread - 0.4)}", "divides by zero at spread = 0.4"),
        ("{centre: 2 * spread}", "{centre: centre}", "`centre` is no number to use here"),
        ("0.3 - centre", "0.3 - reached", "`reached` is true or false; a formula calculates with numbers"),
        ("holds: 0.3 - centre", "also: {centre: 1.0}", "'centre' is an axis and stands in 'also'"),
        ("holds: 0.3 - centre", "expect: {at_most: 1.0}", "'expect' is that of the check 'centre'"),
        ("    check: centre\n", "", "give a map either 'check', the name of one, or a 'checker' of its own"),
        ("name: centre-and-spread", "name: Centre", "must be lower-case words"),
        ("why: where it shows", "why: ''", "'maps[0].why' is blank"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_map_is_told(make_registry: Make, old: str, new: str, said: str) -> None:
    assert old in MAP
    found = told(make_registry, MAP.replace(old, new))
    assert said in found
    assert f"{CLAIM}:" in found


def test_a_map_without_its_own_settings_is_refused(make_registry: Make) -> None:
    assert "needs 'expect', and 'quick', 'full' or both" in told(
        make_registry, OWN.replace("    quick: {seeds: 4, timeout: 20, params: {spread: 0.5}}\n", "")
    )


def test_two_maps_of_one_name_are_told(make_registry: Make) -> None:
    assert "two maps are named 'centre-and-spread'" in told(make_registry, MAP + MAP.removeprefix("maps:\n"))


def test_a_slip_of_the_keyboard_asks_for_no_million_cells(make_registry: Make) -> None:
    many = ", ".join(str(number) for number in range(101))
    text = MAP.replace("[0.0, 1.0, 2.0]", f"[{many}]").replace("[0.1, 0.4]", f"[{many}]")
    assert "the grid has 10201 cells; at most 10000" in told(make_registry, text)


def test_lists_on_an_axis_have_labels(make_registry: Make) -> None:
    labelled = OWN.replace("{centre: [0.0, 1.0]}", "{centre: {values: [[1.0], [2.0]], labels: [one]}}")
    assert "2 values have 1 labels" in told(make_registry, labelled)
