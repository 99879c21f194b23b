"""What a run shows, on a terminal and elsewhere."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.registry.load import load_registry
from lawbook.verification.check_run import CheckRun
from lawbook.verification.display import interval_text, make_display, show_table
from lawbook.verification.environment import describe_environment
from lawbook.verification.jobs import Measured
from lawbook.verification.outcomes import CheckOutcome, EntryOutcome
from lawbook.verification.plan import plan_check
from lawbook.verification.run import Advanced, Ended, Event, Judged, Started


@pytest.fixture
def events(tiny_registry: Path) -> list[Event]:
    """What happens while noise-averages-out/centre runs and passes."""
    entry = load_registry(tiny_registry).entries["noise-averages-out"]
    planned = plan_check(entry, entry.checks[0], "quick", CodeGraph(tiny_registry))
    run = CheckRun(planned, 0)
    run.begin()

    def happenings() -> Iterator[Event]:
        for batch in run.first_batches():
            yield Started(planned, batch.arm, len(batch.seeds))
            yield Advanced(planned, batch.arm, "drawing", 3, 8)
            yield Advanced(planned, batch.arm, "drawing", 3, None)
            off = 1.0 if batch.arm else 0.0
            values = tuple(off + 0.01 * (seed % 2) for seed in batch.seeds)
            run.take(batch.arm, batch, Measured(values, None, (), (), 0.1))
            yield Ended(planned, batch.arm)
        yield Judged(planned, run.record(describe_environment(1, "", False), "cpu"))

    return list(happenings())


def shown(events: list[Event], *, terminal: bool) -> str:
    console = Console(file=io.StringIO(), force_terminal=terminal, width=200, highlight=False)
    with make_display(console, 1) as display:
        for event in events:
            display.show(event)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_away_from_a_terminal_a_line_tells_a_beginning_and_a_line_an_outcome(events: list[Event]) -> None:
    begin, outcome = shown(events, terminal=False).splitlines()
    assert begin == "begin noise-averages-out/centre"
    assert outcome.startswith("[1/1] pass         noise-averages-out/centre  0.005 [")


def test_a_terminal_shows_bars_and_outcomes(events: list[Event]) -> None:
    text = shown(events, terminal=True)
    assert "noise-averages-out/centre" in text
    assert "pass" in text
    assert "1/1" in text


def test_a_narrow_terminal_gets_fewer_columns_rather_than_folded_names(events: list[Event]) -> None:
    judged = events[-1]
    assert isinstance(judged, Judged)
    check = CheckOutcome("centre", judged.record, is_fresh=True)
    outcome = EntryOutcome(judged.planned.entry, (check,), "pass", True)

    def headings(width: int) -> list[str]:
        console = Console(file=io.StringIO(), width=width, highlight=False)
        show_table(console, [outcome])
        assert isinstance(console.file, io.StringIO)
        heading, *rows = console.file.getvalue().strip().splitlines()
        assert rows[0].startswith("noise-averages-out/centre  pass (fresh)")
        return heading.split()

    assert headings(200) == [
        "check",
        "outcome",
        "estimate",
        "interval",
        "accepted",
        "controls",
        "seconds,",
        "all",
        "arms",
    ]
    assert headings(100) == ["check", "outcome", "estimate", "interval", "accepted"]
    assert headings(80) == ["check", "outcome", "estimate", "interval"]
    assert headings(50) == ["check", "outcome", "estimate"]


@pytest.mark.parametrize(
    ("interval", "text"),
    [((0.0, 1.0), "[0, 1]"), ((None, 1.0), "≤ 1"), ((0.5, None), "≥ 0.5"), ((None, None), "–"), (None, "–")],
)
def test_intervals_read_as_one_writes_them(interval: tuple[float | None, float | None] | None, text: str) -> None:
    assert interval_text(interval) == text
