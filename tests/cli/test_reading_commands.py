"""`list`, `show` and `report`: what is recorded, told without running or importing an experiment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from lawbook.cli import main


def run(root: Path, *arguments: str, exit_code: int = 0) -> str:
    result = CliRunner().invoke(main, [*arguments, "--root", str(root)])
    assert result.exit_code == exit_code, result.output
    return result.output


@pytest.fixture
def verified(tiny_registry: Path) -> Path:
    """The tiny registry, verified at the quick tier."""
    run(tiny_registry, "verify", "--device", "cpu")
    return tiny_registry


def spoil(root: Path) -> None:
    """Make the evidence of noise-averages-out stale and tell that it failed."""
    path = root / ".lawbook/evidence/noise-averages-out/centre.quick.cpu.json"
    text = path.read_text().replace('"outcome": "pass"', '"outcome": "fail"', 1)
    path.write_text(text.replace('"reason": ""', '"reason": "it is <b> | odd"', 1))
    module = root / "checkers/laws/example.py"
    module.write_text(module.read_text() + "\nEXTRA = 1\n")


def test_list_shows_standing_and_status_by_strand(verified: Path) -> None:
    lines = run(verified, "list").splitlines()
    assert lines[0] == "laws"
    assert lines[1].split()[:3] == ["noise-averages-out", "established", "pass"]
    assert "2 claims, 1 open problem" in lines


def test_list_marks_what_is_stale_or_unexpected(verified: Path) -> None:
    spoil(verified)
    assert "[not as expected, stale]" in run(verified, "list")


def test_list_can_be_narrowed(verified: Path) -> None:
    assert "noise-averages-out" not in run(verified, "list", "--strand", "limits")
    assert "noise-is-positive" not in run(verified, "list", "--status", "pass")
    assert "noise-in-the-dark" in run(verified, "list", "--strand", "open-problems")


def test_list_speaks_json(verified: Path) -> None:
    entries = {entry["id"]: entry for entry in json.loads(run(verified, "list", "--json"))}
    assert set(entries) == {"noise-averages-out", "noise-is-positive", "noise-in-the-dark"}
    assert entries["noise-is-positive"]["status"] == "fail"
    assert entries["noise-is-positive"]["as_expected"] is True
    assert entries["noise-in-the-dark"]["kind"] == "open-problem"


def test_show_tells_the_claim_its_evidence_and_how_to_repeat_it(verified: Path) -> None:
    page = run(verified, "show", "noise-averages-out")
    for part in (
        "Noise averages out",
        "pass, as expected (quick: pass, full: unverified)",
        "Prediction\n  𝔼[x] = μ\n",
        "1/n ∑ᵢ₌₁ⁿ xᵢ → μ.",
        "Curves of centre, quick tier, recorded 20",
        "b  centre (predicted, dashed)",
        "Fails for heavy tails",
        "accepted: [-0.3, 0.3], because three standard errors",
        "negative control shifted: fail, as it must",
        "8 seeds, 1 look",
        "not measured yet",
        "Carl Friedrich Gauß. Theoria motus corporum coelestium. 1809",
        "https://doi.org/10.1093/biomet/6.1.1",
        "noise-is-positive special-case-of this",
        "lawbook reproduce noise-averages-out --tier quick",
    ):
        assert part in page


def test_show_fits_the_terminal_and_draws_what_is_asked_for(verified: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    page = run(verified, "show", "noise-averages-out", "--curves", "all")
    assert max(map(len, page.splitlines())) <= 60
    assert "┤" in page
    assert "┤" not in run(verified, "show", "noise-averages-out", "--curves", "none")


def test_a_terminal_of_ascii_gets_the_formulas_as_they_are_written(verified: Path) -> None:
    command = [sys.executable, "-c", "from lawbook.cli import main; main()", "show", "noise-averages-out"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*command, "--root", str(verified)], env=environment, capture_output=True, text=True, check=True
    )
    assert r"$\mathbb E[x] = \mu$" in done.stdout


def test_show_tells_an_open_problem(verified: Path) -> None:
    page = run(verified, "show", "noise-in-the-dark")
    assert "What would count as progress\n  - a measurement of x that does not look at x" in page


def test_show_marks_what_is_stale(verified: Path) -> None:
    spoil(verified)
    page = run(verified, "show", "noise-averages-out")
    assert "STALE: the code that it runs has changed" in page
    assert "fail, NOT as expected" in page


def test_show_of_an_unknown_id_names_the_nearest(tiny_registry: Path) -> None:
    assert "did you mean 'noise-is-positive'?" in run(tiny_registry, "show", "noise-is-positve", exit_code=2)


def test_report_in_markdown_counts_and_complains(verified: Path) -> None:
    before = run(verified, "report")
    assert "2 claims: 1 pass, 1 fail. 2 as expected." in before
    assert "## " not in before
    assert "| noise-averages-out | established | pass | unverified | yes |" in before
    spoil(verified)
    after = run(verified, "report")
    assert "## Not as expected" in after
    assert r"it is &lt;b> \| odd" in after
    assert "## Stale" in after


def test_report_names_damaged_and_retired_evidence(verified: Path) -> None:
    store = verified / ".lawbook/evidence"
    (store / "noise-is-positive/above-half.quick.cpu.json").write_text("{")
    claim = verified / "claims/laws/noise-averages-out.yaml"
    claim.write_text(claim.read_text().replace("name: centre", "name: middle"))
    report = run(verified, "report")
    assert "## Damaged evidence" in report
    assert "above-half.quick.cpu.json" in report
    assert "`noise-averages-out/centre.quick.cpu`" in report


def test_report_speaks_json(verified: Path) -> None:
    report = json.loads(run(verified, "report", "--format", "json"))
    entries = {entry["id"]: entry for entry in report["entries"]}
    check = entries["noise-averages-out"]["checks"][0]
    assert (check["name"], check["tier"], check["outcome"]) == ("centre", "quick", "pass")
    assert (report["damaged"], report["retired"]) == ([], [])


def test_report_speaks_junit(verified: Path) -> None:
    (laws, limits) = ElementTree.fromstring(run(verified, "report", "--format", "junit"))
    assert (laws.get("tests"), laws.get("failures"), laws.get("skipped")) == ("2", "0", "1")
    assert (limits.get("tests"), limits.get("failures")) == ("1", "0")
    spoil(verified)
    (laws, _) = ElementTree.fromstring(run(verified, "report", "--format", "junit"))
    assert laws.get("failures") == "1"
    assert laws.find("testcase/failure").get("message") == "it is <b> | odd"


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json"), ("show", "noise-averages-out"), ("report",)])
def test_reading_imports_nothing_heavy_and_no_checker(verified: Path, arguments: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom lawbook.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'numpy', 'scipy', 'sklearn', 'psutil', 'checkers', 'mkdocs'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    command = [sys.executable, "-c", program, *arguments, "--root", str(verified)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("arguments", [("list",), ("show", "noise-averages-out"), ("report",), ("verify",)])
def test_a_spoiled_registry_is_said_to_be_so_without_a_traceback(
    tiny_registry: Path, arguments: tuple[str, ...]
) -> None:
    claim = tiny_registry / "claims/laws/noise-averages-out.yaml"
    claim.write_text(claim.read_text().replace("standing: established", "standing: settled"))
    output = run(tiny_registry, *arguments, exit_code=2)
    assert "claims/laws/noise-averages-out.yaml:" in output
    assert "Traceback" not in output


def test_damaged_evidence_is_shown_with_its_claim_and_with_no_other(tiny_registry: Path) -> None:
    path = tiny_registry / "evidence/noise-averages-out/centre.quick.cpu.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"schema_version": 1')
    assert "Damaged evidence" in run(tiny_registry, "show", "noise-averages-out")
    assert "Damaged evidence" not in run(tiny_registry, "show", "noise-is-positive")
    told = run(tiny_registry, "reproduce", "noise-averages-out", exit_code=2)
    assert "damaged evidence: evidence/noise-averages-out/centre.quick.cpu.json: not a record" in told


def test_junit_fails_a_refuted_claim_that_passes_and_no_undecided_probe(verified: Path) -> None:
    record = verified / ".lawbook/evidence/noise-is-positive/above-half.quick.cpu.json"
    probe = verified / ".lawbook/evidence/noise-in-the-dark/above-half.quick.cpu.json"
    claim = (verified / "claims/limits/noise-is-positive.yaml").read_text()
    problem = verified / "claims/open-problems/noise-in-the-dark.yaml"
    problem.write_text(f"{problem.read_text().rstrip()}\n{claim[claim.index('checks:') :]}")
    probe.parent.mkdir()
    undecided = record.read_text().replace('"outcome": "fail"', '"outcome": "inconclusive"', 1)
    probe.write_text(undecided.replace('"claim": "noise-is-positive"', '"claim": "noise-in-the-dark"'))
    record.write_text(record.read_text().replace('"outcome": "fail"', '"outcome": "pass"', 1))
    suites = {
        suite.get("name"): suite for suite in ElementTree.fromstring(run(verified, "report", "--format", "junit"))
    }
    assert {name: suite.get("failures") for name, suite in suites.items()} == {
        "laws": "0",
        "limits": "1",
        "open-problems": "0",
    }
    assert suites["open-problems"].get("skipped") == "0"


def test_damaged_evidence_is_an_error_to_junit(verified: Path) -> None:
    (path,) = (verified / ".lawbook/evidence/noise-averages-out").glob("*.cpu.json")
    path.write_text("<<<<<<< HEAD\n" + path.read_text())
    (month,) = (verified / ".lawbook/evidence/history").glob("*.jsonl")
    month.write_text("=======\n" + month.read_text())
    result = CliRunner().invoke(main, ["report", "--format", "junit", "--root", str(verified)])
    document = ElementTree.fromstring(result.stdout)
    errors = {
        case.get("classname"): error.get("message", "")
        for case in document.iter("testcase")
        for error in case
        if error.tag == "error"
    }
    assert errors.keys() == {"noise-averages-out", "evidence"}
    assert "line 1 is a mark of an unfinished merge" in errors["noise-averages-out"]
    assert "remove that line" in errors["evidence"]
    assert document.find(".//error").get("type") == "damaged"


def test_report_and_show_tell_a_region_that_moved(verified: Path) -> None:
    claim = verified / "claims/laws/noise-averages-out.yaml"
    claim.write_text(claim.read_text().replace("within: 0.3", "within: 0.4"))
    told = "region moved after 1 run: [-0.3, 0.3] → [-0.4, 0.4], not judged since"
    assert told in run(verified, "report")
    assert told in " ".join(run(verified, "show", "noise-averages-out").split())
    entries = {entry["id"]: entry for entry in json.loads(run(verified, "report", "--format", "json"))["entries"]}
    assert entries["noise-averages-out"]["checks"][0]["region"] == [told]


def test_show_and_report_judge_a_rival_that_is_named_after_the_measurement(verified: Path) -> None:
    claim = verified / "claims/laws/noise-averages-out.yaml"
    rival = "    rivals:\n      - {name: one-apart, predicts: centre + 1, why: says who}\n"
    claim.write_text(claim.read_text() + rival)
    assert "rival one-apart: predicts 1; excluded by" in " ".join(run(verified, "show", "noise-averages-out").split())
    entries = {entry["id"]: entry for entry in json.loads(run(verified, "report", "--format", "json"))["entries"]}
    (told,) = [check for check in entries["noise-averages-out"]["checks"] if check["tier"] == "quick"]
    assert told["rivals"] == [{"name": "one-apart", "excluded": True}]
    assert told["stale"] == []


def test_no_record_can_steer_the_terminal(verified: Path) -> None:
    path = verified / ".lawbook/evidence/noise-averages-out/centre.quick.cpu.json"
    steer = "\x1b]0;title\x07\x1b[2J\u202e\n<b>"
    record = json.loads(path.read_text())
    record |= {"outcome": "fail", "reason": steer, "notes": [steer]}
    record["environment"] |= {"device": steer, "torch": steer}
    record["controls"][0] |= {"reason": steer, "name": steer}
    path.write_text(json.dumps(record))
    (path.parent / "x\x1b[2J.json").write_text("")
    for command in (["show", "noise-averages-out"], ["report"], ["review"], ["list"]):
        told = run(verified, *command)
        assert not set(told) & set("\x1b\x07\u202e"), command
    assert "<b>" not in run(verified, "report")
