"""The view that joins the registry to its evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lawbook.book import Book, open_book
from lawbook.cli import main
from lawbook.evidence.record import TIME_FORMAT, Record
from lawbook.evidence.store import write_record


@pytest.fixture
def verified(tiny_registry: Path) -> Path:
    """The tiny registry, verified and published at the quick tier."""
    result = CliRunner().invoke(main, ["verify", "--root", str(tiny_registry), "--device", "cpu", "--publish"])
    assert result.exit_code == 0, result.output
    return tiny_registry


def rewrite(root: Path, book: Book, *, publish: bool = True, **changes: Any) -> None:
    """Write the record of noise-averages-out/centre once more, changed."""
    (state, _) = book.states["noise-averages-out"].checks
    assert state.record is not None
    write_record(root, Record.model_validate({**state.record.model_dump(), **changes}), publish=publish)


def test_without_evidence_everything_is_unverified(tiny_registry: Path) -> None:
    state = open_book(tiny_registry).states["noise-averages-out"]
    assert (state.quick, state.full, state.status, state.as_expected) == (
        "unverified",
        "unverified",
        "unverified",
        None,
    )
    assert [(check.tier, check.outcome) for check in state.checks] == [
        ("quick", "unverified"),
        ("full", "unverified"),
    ]


def test_records_make_the_status(verified: Path) -> None:
    book = open_book(verified)
    averages, positive = book.states["noise-averages-out"], book.states["noise-is-positive"]
    assert (averages.quick, averages.full, averages.status, averages.as_expected) == (
        "pass",
        "unverified",
        "pass",
        True,
    )
    assert (positive.quick, positive.full, positive.status, positive.as_expected) == (
        "fail",
        None,
        "fail",
        True,
    )
    assert averages.checks[0].stale == ()
    assert not averages.checks[0].local
    assert len(book.history) == 2


def test_the_full_tier_makes_the_headline_once_recorded(verified: Path) -> None:
    rewrite(verified, open_book(verified), tier="full", outcome="inconclusive")
    state = open_book(verified).states["noise-averages-out"]
    assert (state.quick, state.full, state.status, state.as_expected) == (
        "pass",
        "inconclusive",
        "inconclusive",
        False,
    )


def test_a_full_tier_with_a_check_unrecorded_leaves_the_headline_to_the_quick_one(verified: Path) -> None:
    rewrite(verified, open_book(verified), tier="full", outcome="fail")
    claim = verified / "claims/laws/noise-averages-out.yaml"
    before, _, checks = claim.read_text().partition("checks:\n")
    twin = checks.replace("- name: centre", "- name: twin", 1)
    claim.write_text(f"{before}checks:\n{checks.rstrip()}\n{twin}")
    state = open_book(verified).states["noise-averages-out"]
    assert [check.tier for check in state.checks if check.record is None] == ["quick", "full"]
    assert (state.full, state.status) == ("fail", state.quick)


def from_now(**distance: float) -> str:
    """A time as records write it."""
    return (datetime.now(UTC) + timedelta(**distance)).strftime(TIME_FORMAT)


@pytest.mark.parametrize(("minutes", "outcome"), [(2, "fail"), (-600, "pass")])
def test_of_cpu_and_cuda_the_newer_counts_and_both_are_shown(verified: Path, minutes: float, outcome: str) -> None:
    started = from_now(minutes=minutes)
    rewrite(verified, open_book(verified), device_kind="cuda", device="h100", outcome="fail", started=started)
    check = open_book(verified).states["noise-averages-out"].checks[0]
    assert check.outcome == outcome
    assert {record.device for record in check.records} == {"cpu", "h100"}


def test_a_newer_local_record_counts_and_is_marked(verified: Path) -> None:
    rewrite(verified, open_book(verified), publish=False, outcome="fail", started=from_now(minutes=2))
    check = open_book(verified).states["noise-averages-out"].checks[0]
    assert (check.outcome, check.local) == ("fail", True)


@pytest.mark.parametrize("code", ["another", None], ids=["of other code", "of the same code"])
@pytest.mark.parametrize("device_kind", ["cpu", "cuda"])
def test_a_record_from_the_future_is_told_and_hides_no_other(
    verified: Path, device_kind: str, code: str | None
) -> None:
    changes = {"code": code} if code else {}
    rewrite(verified, open_book(verified), publish=False)
    far = {"started": from_now(days=1), "outcome": "fail", "device_kind": device_kind}
    rewrite(verified, open_book(verified), **far, **changes)
    book = open_book(verified)
    check = book.states["noise-averages-out"].checks[0]
    assert (check.outcome, check.stale, check.local) == ("pass", (), True)
    assert sorted("still to come" in damaged.reason for damaged in book.damaged) == [True, True]
    assert [line.outcome for line in book.history].count("fail") == 1  # the refuted claim's own


def test_a_record_from_the_future_is_shown_where_there_is_no_other(verified: Path) -> None:
    rewrite(verified, open_book(verified), started=from_now(days=1), outcome="inconclusive")
    assert open_book(verified).states["noise-averages-out"].checks[0].outcome == "inconclusive"


def test_what_verify_calls_fresh_is_not_shown_as_stale(verified: Path) -> None:
    rewrite(verified, open_book(verified), publish=False, started=from_now(hours=-1))
    rewrite(verified, open_book(verified), code="of another branch")
    check = open_book(verified).states["noise-averages-out"].checks[0]
    assert (check.stale, check.local) == ((), True)
    ran = CliRunner().invoke(main, ["verify", "noise-averages-out", "--device", "cpu", "--root", str(verified)])
    assert "0 ran, 1 fresh" in ran.output


def test_stale_evidence_still_shows_and_is_marked(verified: Path) -> None:
    module = verified / "checkers/laws/example.py"
    module.write_text(module.read_text() + "\nEXTRA = 1\n")
    check = open_book(verified).states["noise-averages-out"].checks[0]
    assert check.outcome == "pass"
    assert check.stale == ("the code that it runs has changed",)


def test_a_disabled_check_without_a_record_keeps_its_claim_grey(tiny_registry: Path) -> None:
    claim = tiny_registry / "claims/limits/noise-is-positive.yaml"
    claim.write_text(claim.read_text().replace("    because:", "    disabled: no detector\n    because:"))
    assert open_book(tiny_registry).states["noise-is-positive"].status == "unverified"


def test_a_problem_without_probes_has_no_status_of_its_own(verified: Path) -> None:
    state = open_book(verified).states["noise-in-the-dark"]
    assert (state.quick, state.full, state.status, state.as_expected) == (None, None, "unverified", None)


def test_records_of_checks_that_are_gone_are_retired(verified: Path) -> None:
    rewrite(verified, open_book(verified), check="former")
    (retired,) = open_book(verified).retired
    assert retired.record.check == "former"


def test_a_damaged_file_costs_only_its_own_record(verified: Path) -> None:
    path = verified / "evidence/noise-averages-out/centre.quick.cpu.json"
    path.write_bytes(path.read_bytes()[:-50])
    book = open_book(verified)
    assert [damaged.path for damaged in book.damaged] == [path.relative_to(verified)]
    assert book.states["noise-averages-out"].status == "unverified"
    assert book.states["noise-is-positive"].status == "fail"
