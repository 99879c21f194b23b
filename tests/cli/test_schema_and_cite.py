from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from lawbook.cli import main


def test_schema_prints_the_form_of_claims_and_of_problems() -> None:
    claim = json.loads(CliRunner().invoke(main, ["schema"]).stdout)
    problem = json.loads(CliRunner().invoke(main, ["schema", "--problem"]).stdout)
    assert (claim["title"], problem["title"]) == ("Claim", "Problem")
    assert "standing" in claim["required"]
    assert "resolution" in problem["required"]


def test_cite_prints_each_source_once_in_the_order_of_the_entry(tiny_registry: Path) -> None:
    result = CliRunner().invoke(main, ["cite", "noise-averages-out", "--root", str(tiny_registry)])
    assert result.exit_code == 0
    printed = [line for line in result.stdout.splitlines() if line.startswith("@")]
    assert printed == ["@book{gauss1809theoria,", "@article{student1908probable,"]
    assert all(entry in (tiny_registry / "claims/references.bib").read_text() for entry in result.stdout.split("\n\n"))


def test_cite_asks_whether_another_entry_was_meant(tiny_registry: Path) -> None:
    result = CliRunner().invoke(main, ["cite", "noise-average-out", "--root", str(tiny_registry)])
    assert result.exit_code == 2
    assert "did you mean 'noise-averages-out'?" in result.stderr


def test_cite_of_an_invalid_registry_says_what_is_wrong(tiny_registry: Path) -> None:
    (tiny_registry / "claims/laws/more.yaml").write_text("title: [\n\n")
    result = CliRunner().invoke(main, ["cite", "noise-averages-out", "--root", str(tiny_registry)])
    assert result.exit_code == 2
    assert result.stderr.startswith("claims/laws/more.yaml:")
