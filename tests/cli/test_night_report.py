"""`lawbook report` of a night: flips, what is uncertain, broken, left out, slow, old or adrift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from lawbook.cli import main
from lawbook.evidence.history import read_history

NAME = "noise-averages-out/centre (quick, cpu)"


def report(root: Path, *arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, ["report", *arguments, "--root", str(root)])
    assert result.exit_code == exit_code, result.output
    return result.output


def night(root: Path, *arguments: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, Any] = json.loads(report(root, "--format", "json", *arguments))["night"]
    return found


@pytest.fixture
def verified(tiny_registry: Path) -> Path:
    """The tiny registry, verified at the quick tier."""
    result = CliRunner().invoke(main, ["verify", "--device", "cpu", "--root", str(tiny_registry)])
    assert result.exit_code == 0, result.output
    return tiny_registry


def lines(root: Path) -> list[dict[str, Any]]:
    read, _ = read_history(root / ".lawbook/evidence")
    return [line.model_dump(mode="python", exclude_defaults=True) for line in read]


def add_lines(root: Path, *added: dict[str, Any]) -> None:
    (path,) = (root / ".lawbook/evidence/history").glob("*.jsonl")
    with path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in added)


def nights_before(root: Path, number: int, **changes: Any) -> Iterator[dict[str, Any]]:
    """Lines of the tiny claim's check as of so many earlier nights, the oldest first."""
    line = next(line for line in lines(root) if line["claim"] == "noise-averages-out")
    now = datetime.strptime(line["started"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    for ago in range(number, 0, -1):
        started = (now - timedelta(days=ago, hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield {**line, "started": started, "seed_base": ago, **changes}


def flip(root: Path, second: str) -> None:
    line = next(line for line in lines(root) if line["claim"] == "noise-averages-out")
    first = {**line, "outcome": "fail", "before": "pass", "seed_base": 7, "awaits": True}
    add_lines(root, first, {**line, "outcome": second, "before": "pass", "seed_base": 8, "confirms": 7})


def test_a_quiet_night_says_so(verified: Path) -> None:
    assert "nothing changed, nothing is broken, old or left out." in report(verified)
    report(verified, "--fail-on", "flip", "--fail-on", "error", "--fail-on", "age")


def test_a_confirmed_flip_is_news_and_fails_where_asked(verified: Path) -> None:
    flip(verified, "fail")
    markdown = report(verified, "--fail-on", "flip", exit_code=1)
    assert f"### Changed outcomes, confirmed on other seeds\n\n- `{NAME}`: pass → fail" in markdown
    report(verified, "--fail-on", "error")
    suites = {suite.get("name"): suite for suite in ElementTree.fromstring(report(verified, "--format", "junit"))}
    assert suites["night"].get("failures") == "1"
    assert night(verified)["unconfirmed"] == []


def test_a_flip_that_other_seeds_do_not_confirm_is_told_apart(verified: Path) -> None:
    flip(verified, "pass")
    found = night(verified)
    assert found["flips"] == []
    assert found["unconfirmed"] == [{"check": NAME, "said": "pass → fail, on other seeds pass"}]
    report(verified, "--fail-on", "flip")


def test_a_flip_of_an_earlier_night_is_no_news(verified: Path) -> None:
    first, second = nights_before(verified, 2)
    add_lines(
        verified,
        {**first, "outcome": "fail", "before": "pass", "awaits": True},
        {**second, "outcome": "fail", "before": "pass", "confirms": 2},
    )
    assert night(verified)["flips"] == []
    assert len(night(verified, "--since", "9d")["flips"]) == 1


def spoil(root: Path, *pairs: tuple[str, str]) -> None:
    path = root / ".lawbook/evidence/noise-averages-out/centre.quick.cpu.json"
    text = path.read_text()
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


@pytest.mark.parametrize(
    ("outcome", "kind", "code"),
    [("error", "broken", 3), ("void", "broken", 0), ("inconclusive", "uncertain", 0)],
)
def test_what_is_broken_or_uncertain_is_told(verified: Path, outcome: str, kind: str, code: int) -> None:
    spoil(verified, ('"outcome": "pass"', f'"outcome": "{outcome}"'), ('"reason": ""', '"reason": "it <fell>"'))
    (item,) = night(verified)[kind]
    assert item["check"] == NAME
    assert "it <fell>" in item["said"]
    assert "it &lt;fell>" in report(verified, "--fail-on", "error", exit_code=code)


def test_old_evidence_is_told_and_fails_where_asked(verified: Path) -> None:
    spoil(verified, ('"started": "20', '"started": "19'))
    (item,) = night(verified)["old"]
    assert item["check"] == NAME
    report(verified, "--fail-on", "age", "--fail-on", "flip", exit_code=4)
    assert night(verified, "--older-than", "99999d")["old"] == []


def test_what_takes_much_longer_than_before_is_told(verified: Path) -> None:
    add_lines(verified, *nights_before(verified, 4, seconds=10.0))
    spoil(verified, ('\n"seconds": ', '\n"seconds": 9'))
    (item,) = night(verified)["slow"]
    assert item["check"] == NAME
    assert item["said"].endswith("the median of 4 runs before is 10 s")


def test_a_drift_is_told_with_its_day(verified: Path) -> None:
    before = list(nights_before(verified, 30))
    for number, line in enumerate(before):
        line["estimate"] = 0.01 * (number % 3) + (0.2 if number >= 15 else 0.0)
    add_lines(verified, *before)
    (item,) = night(verified)["drifts"]
    assert item["said"].startswith("0.01 → 0.19982 since")
    assert f"since {before[15]['started'][:10]}" in item["said"]


def test_the_pooled_value_stands_beside_the_newest(verified: Path) -> None:
    checks = json.loads(report(verified, "--format", "json"))["entries"]
    assert all(check["pooled"] is None for entry in checks for check in entry["checks"])
    add_lines(verified, *nights_before(verified, 3))
    (entry,) = (
        entry
        for entry in json.loads(report(verified, "--format", "json"))["entries"]
        if entry["id"] == "noise-averages-out"
    )
    pooled = entry["checks"][0]["pooled"]
    assert (pooled["runs"], pooled["seeds"]) == (4, 32)
    assert pooled["scale"] == 1.0


def test_what_a_run_left_out_is_told_from_its_own_report(verified: Path, tmp_path: Path) -> None:
    run = tmp_path / "quick.json"
    left = {
        "schema": 1,
        "not_measured": [{"claim": "a", "check": "b", "reason": "the disk is full"}],
        "not_reached": [{"claim": "a", "check": "c", "age": "measured 9 days ago"}],
    }
    run.write_text(json.dumps(left))
    markdown = report(verified, "--run", str(run))
    assert "- `a/b`: the disk is full" in markdown
    assert "### Not reached within the budget\n\n- `a/c`: measured 9 days ago" in markdown
    suites = {
        suite.get("name"): suite
        for suite in ElementTree.fromstring(report(verified, "--run", str(run), "--format", "junit"))
    }
    assert (suites["night"].get("errors"), suites["night"].get("skipped")) == ("1", "1")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "not_measured": [1]}'])
def test_what_is_no_report_of_a_run_is_bad_usage(verified: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    assert "is no report of a run" in report(verified, "--run", str(path), exit_code=2)
    assert "cannot be read" in report(verified, "--run", str(tmp_path / "none.json"), exit_code=2)


def test_a_length_of_time_that_is_none_is_bad_usage(verified: Path) -> None:
    assert "is no length of time" in report(verified, "--older-than", "soon", exit_code=2)
