"""Nights: what is measured first, what a budget leaves out, and what becomes of an outcome that changes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.evidence.history import read_history
from lawbook.evidence.store import read_store
from lawbook.verification.ages import in_words
from lawbook.verification.night import Need, most_needed_first
from lawbook.verification.seeds import LARGEST_BASE, SEEDS_PER_BASE, base_of_night, confirming_base

# Lies on the seed bases that a file lists, which no fingerprint sees.
CHECKER = '''"""Draws around nought, but on some nights."""

import random
from pathlib import Path

from lawbook import Measurement, Trials


def measure(trials: Trials, *, centre: float = 0.0, place: str = "") -> Measurement:
    """One draw a seed."""
    path = Path(place)
    lies = set(path.read_text().split()) if place and path.exists() else set()
    off = [5.0 if str(seed // 10**6) in lies else 0.0 for seed in trials.seeds]
    wide = [20.0 if f"{seed // 10**6}:wide" in lies else 0.1 for seed in trials.seeds]
    draws = zip(trials.seeds, off, wide)
    return Measurement([random.Random(seed).gauss(centre + shift, spread) for seed, shift, spread in draws])
'''


@pytest.fixture
def lying(laboratory: Any, check: Any, settings: Any, tmp_path: Path) -> Path:
    """The file in which a test writes the bases on which the claim `a-claim` comes out false."""
    place = tmp_path / "lies"
    (laboratory.root / "checkers/laws/lying.py").write_text(CHECKER)
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "place": ""}}]
    laboratory.plant(
        "a-claim",
        check(checker="checkers.laws.lying:measure", quick=settings({"place": str(place)}), controls=honest),
    )
    return place


def confirming(base: int) -> str:
    return str(confirming_base(base))


def test_a_changed_outcome_that_is_confirmed_is_news(laboratory: Any, lying: Path) -> None:
    laboratory.verify("--seed-base", "1", exit_code=0)
    lying.write_text(f"2 {confirming(2)}")
    output = laboratory.verify("--seed-base", "2", exit_code=1)
    assert "fail         a-claim/centre" in output
    assert "measured again on other seeds" in output
    assert "Changed outcomes:\n  a-claim/centre: pass → fail, confirmed on other seeds" in output
    record = laboratory.record("a-claim/centre")
    assert (record.outcome, record.seed_base, record.confirms) == ("fail", confirming_base(2), 2)
    assert "confirmed: on the seeds of base 2 it came out fail, here fail" in record.notes
    lines, _ = read_history(laboratory.root / ".lawbook/evidence")
    assert [(line.outcome, line.seed_base, line.awaits, line.confirms) for line in lines] == [
        ("pass", 1, False, None),
        ("fail", 2, True, None),
        ("fail", confirming_base(2), False, 2),
    ]
    # The night is done: a run that was cut goes on where it stopped.
    assert "0 ran, 1 fresh" in laboratory.verify("--seed-base", "2", exit_code=1)


def test_a_changed_outcome_that_is_not_confirmed_is_no_news(laboratory: Any, lying: Path) -> None:
    laboratory.verify("--seed-base", "1", exit_code=0)
    lying.write_text("2")
    output = laboratory.verify("--seed-base", "2", exit_code=0)
    assert "a-claim/centre: pass → fail, not confirmed: on other seeds pass" in output
    record = laboratory.record("a-claim/centre")
    assert (record.outcome, record.confirms) == ("pass", 2)


def test_where_no_outcome_came_twice_what_was_recorded_stays(laboratory: Any, lying: Path) -> None:
    laboratory.verify("--seed-base", "1", exit_code=0)
    lying.write_text(f"2 {confirming(2)}:wide")
    output = laboratory.verify("--seed-base", "2", exit_code=0)
    assert "pass → fail, not confirmed: on other seeds inconclusive; what was recorded stays" in output
    assert laboratory.record("a-claim/centre").seed_base == 1
    lines, _ = read_history(laboratory.root / ".lawbook/evidence")
    told = [(line.outcome, line.before, line.awaits, line.confirms) for line in lines]
    assert told == [
        ("pass", None, False, None),
        ("fail", "pass", True, None),
        ("inconclusive", "pass", True, 2),
    ]


def test_an_outcome_that_awaits_its_confirmation_is_no_change_of_status(laboratory: Any, lying: Path) -> None:
    from lawbook.book import open_book
    from lawbook.publishing.changes import status_changes

    laboratory.verify("--seed-base", "1", exit_code=0)
    lying.write_text("2")
    laboratory.verify("--seed-base", "2", exit_code=0)
    assert [change.after for change in status_changes(open_book(laboratory.root))] == ["pass"]
    lying.write_text(f"3 {confirming(3)}")
    laboratory.verify("--seed-base", "3", exit_code=1)
    assert [change.after for change in status_changes(open_book(laboratory.root))] == ["pass", "fail"]


def test_another_law_or_an_error_is_not_measured_again(laboratory: Any, lying: Path) -> None:
    laboratory.verify("--seed-base", "1", exit_code=0)
    lying.write_text(f"2 {confirming(2)}")
    laboratory.edit("claims/laws/a-claim.yaml", '"within": 0.5', '"within": 0.6')
    assert "measured again" not in laboratory.verify("--seed-base", "2", exit_code=1)


DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))


@given(one=DAYS, other=DAYS, seeds=st.integers(1, SEEDS_PER_BASE))
def test_seeds_of_two_nights_and_of_their_confirmations_never_meet(one: date, other: date, seeds: int) -> None:
    bases = {base_of_night(one), base_of_night(other)}
    assert max(bases) <= LARGEST_BASE
    bases |= set(map(confirming_base, bases))
    blocks = sorted((base * SEEDS_PER_BASE, base * SEEDS_PER_BASE + seeds) for base in bases)
    assert len(blocks) == (2 if one == other else 4)
    assert all(before[1] <= after[0] for before, after in pairwise(blocks))
    assert blocks[-1][1] < 2**53


@pytest.fixture
def known(laboratory: Any) -> Any:
    """Makes a need of the claim's check: `known("name", days=3, outcome="pass", …)`."""
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.registry.load import load_registry
    from lawbook.verification.plan import plan_check

    laboratory.plant("a-claim")
    laboratory.verify(exit_code=0)
    record = laboratory.record("a-claim/centre")
    entry = load_registry(laboratory.root).entries["a-claim"]
    planned = plan_check(entry, entry.checks[0], "quick", CodeGraph(laboratory.root))

    def make(name: str, days: float | None = None, stale: bool = False, **changes: Any) -> tuple[str, Need]:
        if days is None:
            return name, Need(planned, None, ())
        started = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        aged = record.model_copy(update={"started": started, **changes})
        return name, Need(planned, aged, ("the code that it runs has changed",) if stale else ())

    return make


NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def test_a_night_measures_first_what_needs_it_most(known: Any) -> None:
    inside = {"estimate": 0.0, "interval": (-0.1, 0.1), "accept": (-0.5, 0.5)}
    named = [
        known("fresh, certain, short", 1, seconds=5.0, **inside),
        known("fresh, certain, long", 1, seconds=50.0, **inside),
        known("fresh, near its end", 1, seconds=1.0, **{**inside, "estimate": 0.35, "interval": (0.25, 0.45)}),
        known("fresh, inconclusive", 1, seconds=1.0, outcome="inconclusive"),
        known("old", 9, seconds=1.0, **inside),
        known("stale", 0.5, stale=True, seconds=1.0, **inside),
        known("erred", 0.5, outcome="error", seconds=1.0),
        known("never"),
    ]
    ordered = most_needed_first([need for _, need in named], NOW)
    names = [next(name for name, need in named if need is found) for found in ordered]
    assert names == [
        "never",
        "erred",
        "stale",
        "old",
        "fresh, inconclusive",
        "fresh, near its end",
        "fresh, certain, long",
        "fresh, certain, short",
    ]
    assert ordered[0].age(NOW) == "never measured"
    assert ordered[3].age(NOW) == "measured 9 days ago"
    assert ordered[2].age(NOW) == "measured 12 hours ago, stale: the code that it runs has changed"


def test_a_budget_stops_the_run_and_says_what_it_did_not_reach(
    laboratory: Any, check: Any, settings: Any, tmp_path: Path
) -> None:
    honest = [{"name": "shifted", "why": "off", "params": {"centre": 1.0, "how": "well", "place": ""}}]
    endless = check(quick=settings({"how": "wait", "place": str(tmp_path / "never")}), controls=honest)
    laboratory.plant("a-well")
    laboratory.plant("b-endless", endless)
    output = laboratory.verify("--jobs", "2", "--budget", "6s", exit_code=0)
    assert "Not reached within the budget, and left for the next run:\n  b-endless/centre: never measured" in output
    assert "1 ran, 0 fresh, 1 did not run: 1 (not reached)" in output
    record = laboratory.record("a-well/centre")
    assert re.fullmatch(r"20\d{6}", str(record.seed_base))


def test_a_check_that_would_not_end_in_time_is_not_begun(laboratory: Any) -> None:
    laboratory.plant("a-long")
    laboratory.plant("b-short")
    laboratory.verify(exit_code=0)
    path = laboratory.path("a-long/centre")
    seconds = re.compile(r'^"seconds": [\d.]+', re.MULTILINE)
    path.write_text(seconds.sub('"seconds": 5000.0', path.read_text(), count=1))
    output = laboratory.verify("--budget", "60s", exit_code=0)
    assert "begin a-long/centre" not in output
    assert "a-long/centre: measured less than a minute ago" in output
    assert "1 ran, 0 fresh, 1 did not run: 1 (not reached)" in output


def test_older_than_measures_what_is_older_and_no_more(laboratory: Any) -> None:
    laboratory.plant("a-old")
    laboratory.plant("b-new")
    laboratory.verify(exit_code=0)
    laboratory.edit(".lawbook/evidence/a-old/centre.quick.cpu.json", '"started": "2', '"started": "1')
    output = laboratory.verify("--older-than", "7d", exit_code=0)
    assert "begin a-old/centre" in output
    assert "1 ran, 1 fresh" in output


@pytest.mark.parametrize("text", ["", "8", "h", "8 h", "0s", "-1h", "1e9h", "9" * 400 + "w"])
def test_what_is_no_length_of_time_is_bad_usage(laboratory: Any, text: str) -> None:
    laboratory.plant("a-claim")
    assert "'--budget'" in laboratory.verify("--budget", text, exit_code=2)


def test_ages_are_told_in_their_largest_unit() -> None:
    assert in_words(timedelta(days=1, hours=5)) == "1 day"
    assert in_words(timedelta(hours=5, minutes=59)) == "5 hours"
    assert in_words(timedelta(seconds=-5)) == "less than a minute"


@pytest.mark.parametrize("at", ["record", "history", "name"])
def test_on_a_full_disk_there_is_no_record_without_its_line(
    laboratory: Any, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    import errno

    from lawbook.places import writing

    laboratory.plant("a-claim")
    laboratory.verify("--seed-base", "1", exit_code=0)
    store = laboratory.root / ".lawbook/evidence"
    before = {path: path.read_bytes() for path in store.rglob("*") if path.is_file()}

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    real = writing.os.fsync
    calls = iter([full, real] if at == "record" else [real, full])
    if at == "name":
        monkeypatch.setattr(writing.os, "replace", full)
    else:
        monkeypatch.setattr(writing.os, "fsync", lambda handle: next(calls)(handle))
    output = laboratory.verify("--seed-base", "2", exit_code=2)
    monkeypatch.undo()
    assert "Not recorded:\n  a-claim/centre: " in output
    assert {path: path.read_bytes() for path in store.rglob("*") if path.is_file()} == before
    assert len(read_store(laboratory.root, publish=False).history) == 1
