from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main

INVENTORY = """
import json, sys
assert sys.argv[1:] == ["--json"]
print(json.dumps([
    {"name": "digits", "found": True, "where": "/data/digits", "how_to_get": "it is here"},
    {"name": "letters", "found": False, "where": None, "how_to_get": "Write them down."},
]))
"""


def data(root: Path) -> Result:
    return CliRunner().invoke(main, ["data", "--root", str(root)])


def write_inventory(root: Path, text: str) -> None:
    folder = root / "checkers/testbeds"
    folder.mkdir()
    (folder / "data_sources.py").write_text(text)


def test_it_says_what_is_found_where_and_how_to_get_the_rest(tiny_registry: Path) -> None:
    write_inventory(tiny_registry, INVENTORY)
    result = data(tiny_registry)
    assert result.exit_code == 0, result.output
    assert "/data/digits" in result.stdout
    assert "letters is missing. Write them down." in result.stdout
    assert "it is here" not in result.stdout


def test_a_registry_without_an_inventory_says_so(tiny_registry: Path) -> None:
    result = data(tiny_registry)
    assert result.exit_code == 1
    assert "keeps no inventory" in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise SystemExit('no disk')", "no disk"),
        ("print('hello')", "printed no JSON"),
        ("print('[1]')", "not a list of"),
    ],
)
def test_an_inventory_that_fails_is_reported(tiny_registry: Path, text: str, words: str) -> None:
    write_inventory(tiny_registry, text)
    result = data(tiny_registry)
    assert result.exit_code == 1
    assert words in result.stderr
