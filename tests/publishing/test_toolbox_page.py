"""The index of what experiments share is read off the code, without running it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lawbook.publishing.toolbox_page import shelves
from lawbook.registry.models import STRANDS

ROOT = Path(__file__).parents[2]
MODULE = '''"""Slopes, $x$ by $y$,
run by run.

More of it.
"""

import nothing_that_is_installed


def slope() -> None:
    """Of y over x."""


class _Hidden: ...
'''


def test_every_shared_module_of_the_book_has_its_line() -> None:
    found = {shelf.name: shelf for shelf in shelves(ROOT)}
    assert list(found)[:4] == ["instruments", "testbeds", "settings", "theory"]
    assert not set(found) & set(STRANDS)
    for name, shelf in found.items():
        modules = {path.stem for path in (ROOT / "checkers" / name).glob("[!_]*.py")}
        assert {tool.import_name.rsplit(".", 1)[-1] for tool in shelf.tools} == modules
        assert all(tool.summary for tool in shelf.tools), name


def test_a_line_is_the_docstrings_first_paragraph_and_names_what_is_public(tmp_path: Path) -> None:
    folder = tmp_path / "checkers/instruments"
    folder.mkdir(parents=True)
    (folder / "slopes.py").write_text(MODULE)
    (folder / "__init__.py").write_text('"""Devices."""')
    [shelf] = shelves(tmp_path)
    [tool] = shelf.tools
    assert (shelf.summary, tool.import_name) == ("Devices.", "checkers.instruments.slopes")
    assert tool.summary == "Slopes, $x$ by $y$, run by run."
    assert [(name.name, name.summary) for name in tool.names] == [("slope", "Of y over x.")]


def test_a_module_that_does_not_parse_is_listed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "checkers/theory").mkdir(parents=True)
    (tmp_path / "checkers/theory/broken.py").write_text("def f(:")
    assert [tool.summary for shelf in shelves(tmp_path) for tool in shelf.tools] == [""]


def test_a_registry_without_checkers_has_an_empty_toolbox(tmp_path: Path) -> None:
    assert shelves(tmp_path) == []


def test_nothing_is_imported_to_write_it() -> None:
    asks = "import sys, pathlib; from lawbook.publishing.toolbox_page import shelves; "
    asks += f"shelves(pathlib.Path({str(ROOT)!r})); print('torch' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
