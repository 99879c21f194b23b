"""`verify --report FILE` writes the form that the suffix names, and never over what is no report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest


@pytest.fixture
def mixed(laboratory: Any, check: Any, settings: Any) -> Any:
    """A laboratory with a claim that passes, one that fails and one that errors."""
    laboratory.plant("a-passes")
    laboratory.plant("b-fails", check(quick=settings({"centre": 3.0})))
    laboratory.plant("c-errs", check(quick=settings({"how": "raise"})))
    return laboratory


def test_xml_is_junit(mixed: Any, tmp_path: Path) -> None:
    mixed.verify("--report", str(tmp_path / "out.xml"), exit_code=3)
    document = ElementTree.fromstring((tmp_path / "out.xml").read_bytes())
    (suite,) = document
    assert suite.attrib == {"name": "laws", "tests": "3", "failures": "1", "errors": "1", "skipped": "0"}
    passed, failed, erred = suite
    assert (passed.get("classname"), list(passed)) == ("a-passes", [])
    assert failed[0].tag == "failure"
    assert erred[0].tag == "error"
    assert "the ground gave way" in (erred[0].get("message") or "")
    assert "about to fall" in (erred[0].text or "")


def test_markdown_is_a_table(mixed: Any, tmp_path: Path) -> None:
    mixed.verify("--report", str(tmp_path / "out.md"), exit_code=3)
    lines = (tmp_path / "out.md").read_text().splitlines()
    assert lines[0] == "# Lawbook run"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")][2:]
    assert [(row[0], row[1], row[4]) for row in rows] == [
        ("a-passes/centre", "pass", "as expected"),
        ("b-fails/centre", "fail", "**failure**"),
        ("c-errs/centre", "error", "**error**"),
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.jsn", r"'.jsn' is none; did you mean '.json'?"),
        ("out", "'' is none; give it one"),
        ("out.txt", ".json (JSON), .xml (JUnit's XML), .md (Markdown)"),
    ],
)
def test_another_suffix_is_refused_with_what_was_meant(laboratory: Any, tmp_path: Path, name: str, words: str) -> None:
    laboratory.plant("a-claim")
    assert words in laboratory.verify("--report", str(tmp_path / name), exit_code=2)
    assert laboratory.records() == {}


@pytest.mark.parametrize("suffix", ["json", "xml", "md"])
def test_an_earlier_report_is_replaced_and_nothing_else(laboratory: Any, tmp_path: Path, suffix: str) -> None:
    laboratory.plant("a-claim")
    report = tmp_path / f"out.{suffix}"
    for _ in range(2):
        laboratory.verify("--report", str(report), exit_code=0)
    report.write_text(mine := "<?xml version='1.0'?><mine/>")
    assert "would be lost" in laboratory.verify("--report", str(report), exit_code=2)
    assert report.read_text() == mine


def test_a_report_goes_to_no_place_of_the_registry(laboratory: Any) -> None:
    laboratory.plant("a-claim")
    claim = laboratory.root / "claims/laws/report.json"
    assert "lies in claims/ of the registry" in laboratory.verify("--report", str(claim), exit_code=2)
    assert not claim.exists()


def test_the_help_names_the_forms(laboratory: Any) -> None:
    said = " ".join(laboratory.run("verify", "--help").output.split())
    assert "in the form that its suffix names: .json, .xml (JUnit) or .md" in said


def test_an_open_end_is_null_in_json(laboratory: Any, check: Any, tmp_path: Path) -> None:
    laboratory.plant("a-claim", check(expect={"at_most": 0.5}))
    laboratory.verify("--report", str(tmp_path / "out.JSON"), exit_code=0)
    (claim,) = json.loads((tmp_path / "out.JSON").read_text())["claims"][:1]
    assert claim["checks"][0]["accept"] == [None, 0.5]
