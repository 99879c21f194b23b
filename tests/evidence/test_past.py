"""Regions have a past: the history tells when one moved, and since when one has stood."""

from __future__ import annotations

from typing import Any

import pytest

from lawbook.evidence.history import HistoryLine
from lawbook.evidence.past import region_past


def line(day: int, accept: Any = (0.9, 1.1), measures: str = "m", **changes: Any) -> HistoryLine:
    plain = {
        "started": f"2026-11-{day:02}T02:00:00Z",
        "claim": "a",
        "check": "b",
        "tier": "quick",
        "device": "cpu",
        "outcome": "pass",
        "accept": accept,
        "measures": measures,
    }
    return HistoryLine.model_validate({**plain, **changes})


def test_a_region_that_never_moved_says_since_when_it_stands() -> None:
    past = region_past([line(1), line(2)], (0.9, 1.1), "m")
    assert (past.since, past.moves) == ("2026-11-01", ())
    assert past.lines() == ["region unchanged since 2026-11-01"]


def test_a_region_that_moved_says_so_for_ever_with_both_regions() -> None:
    lines = [line(1), line(2), line(3), line(4, (0.8, 1.2)), line(5, (0.8, 1.2))]
    past = region_past(lines, (0.8, 1.2), "m")
    assert past.since == "2026-11-04"
    assert past.lines() == ["region moved after 3 runs: [0.9, 1.1] → [0.8, 1.2], 2026-11-04"]


def test_a_region_that_moved_and_came_back_has_moved_twice() -> None:
    lines = [line(1), line(2, (0.8, 1.2)), line(3)]
    assert len(region_past(lines, (0.9, 1.1), "m").moves) == 2


def test_where_the_measurement_changed_too_that_is_said() -> None:
    lines = [line(1), line(2, (4.5, 5.5), "other")]
    (told,) = region_past(lines, (4.5, 5.5), "other").lines()
    said = "[0.9, 1.1] → [4.5, 5.5] (± 10 % of the middle as before)"
    assert told == f"measurement and region changed after 1 run: {said}, 2026-11-02"


def test_another_measurement_by_the_same_region_is_no_move_and_begins_anew() -> None:
    past = region_past([line(1), line(2, measures="other")], (0.9, 1.1), "other")
    assert (past.since, past.moves) == ("2026-11-02", ())


def test_a_region_edited_since_the_last_run_is_told_before_it_is_judged() -> None:
    (told,) = region_past([line(1)], (0.5, 1.5), "m").lines()
    assert told == "region moved after 1 run: [0.9, 1.1] → [0.5, 1.5], not judged since"


def test_what_lines_of_old_do_not_hold_is_unknown() -> None:
    past = region_past([line(1, None), line(2)], (0.9, 1.1), "m")
    assert past.lines() == ["region unchanged since 2026-11-02 (earlier runs did not record theirs)"]
    assert region_past([line(1, None)], (0.9, 1.1), "m").lines() == []


def test_an_open_end_is_compared_as_one_and_digits_beyond_the_seventh_are_not() -> None:
    assert region_past([line(1, (None, 0.3))], (float("-inf"), 0.3), "m").moves == ()
    assert region_past([line(1, (0.1, 0.3333333))], (0.1, 1 / 3), "m").moves == ()


def test_runs_on_every_device_and_of_every_outcome_count() -> None:
    lines = [line(1, device="h100"), line(2, outcome="error"), line(3, (0.8, 1.2))]
    assert region_past(lines, (0.8, 1.2), "m").moves[0].runs == 2


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        ((0.8, 1.2), (0.9, 1.1), "narrower"),
        ((0.8, 1.2), (0.8, 1.1), "narrower"),
        ((0.9, 1.1), (0.8, 1.2), "wider"),
        ((0.9, 1.1), (0.95, 1.15), "other"),
        ((None, 0.3), (None, 0.2), "narrower"),
        ((None, 0.2), (None, 0.3), "wider"),
        ((None, 0.2), (0.1, 0.2), "narrower"),
        ((None, 0.2), (0.1, None), "other"),
    ],
)
def test_a_region_inside_the_old_one_is_narrower_and_says_that_it_is_harder(before: Any, after: Any, turn: str) -> None:
    end = (float("-inf") if after[0] is None else after[0], float("inf") if after[1] is None else after[1])
    past = region_past([line(1, before)], end, "m")
    assert past.moves[0].turn == turn
    assert ("(narrower, harder to pass)" in past.lines()[0]) == (turn == "narrower")


@pytest.mark.parametrize(
    ("before", "after", "turn", "told"),
    [
        ((0.9, 1.1), (4.5, 5.5), "alike", "± 10 % of the middle as before"),
        ((0.9, 1.1), (-5.25, -4.75), "narrower", "relatively narrower: ± 10 % → ± 5 % of the middle"),
        ((0.95, 1.05), (4.5, 5.5), "wider", "relatively wider: ± 5 % → ± 10 % of the middle"),
        ((0.9, 1.1), (-0.1, 0.1), "other", ""),
        ((0.95, float("inf")), (0.9, 1.1), "other", ""),
    ],
)
def test_where_the_measurement_changed_half_widths_are_compared_as_shares_of_the_middles(
    before: Any, after: Any, turn: str, told: str
) -> None:
    ends = tuple(None if end == float("inf") else end for end in before)
    past = region_past([line(1, ends)], after, "other")
    assert past.moves[0].turn == turn
    assert told in past.lines()[0]
