"""What an author is told of an exception, of a breakpoint and of what was printed."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.own_line import explain, rest_of_the_trace

AUTHORS = "from checkers.gauges.gauge import read\n\ndef measure():\n    return read(0)\n"
GAUGE = "def read(scale):\n    return 1 / scale\n"


@pytest.fixture
def error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ZeroDivisionError:
    """What the instrument of a checker raises when the checker misuses it."""
    for path, text in {"laws/mine.py": AUTHORS, "gauges/gauge.py": GAUGE}.items():
        file = tmp_path / "checkers" / path
        file.parent.mkdir(parents=True)
        for folder in (file.parent, file.parents[1]):
            (folder / "__init__.py").touch()
        file.write_text(text)
    for known in [name for name in sys.modules if name.partition(".")[0] == "checkers"]:
        monkeypatch.delitem(sys.modules, known)
    monkeypatch.syspath_prepend(str(tmp_path))
    measure = importlib.import_module("checkers.laws.mine").measure

    with pytest.raises(ZeroDivisionError) as caught:
        measure()
    for known in [name for name in sys.modules if name.partition(".")[0] == "checkers"]:
        monkeypatch.delitem(sys.modules, known)
    return caught.value


def test_the_authors_own_line_comes_first_and_what_lies_below_it_after(
    error: ZeroDivisionError, tmp_path: Path
) -> None:
    said = explain(error, tmp_path, "checkers.laws.mine:measure")
    assert said == "checkers/laws/mine.py:4: ZeroDivisionError: division by zero, at `return read(0)`"
    assert list(rest_of_the_trace(error, tmp_path, "checkers.laws.mine:measure")) == [
        "  then checkers/gauges/gauge.py:2, in read, at `return 1 / scale`"
    ]


def test_a_virtual_environment_below_the_root_is_not_the_authors(tmp_path: Path) -> None:
    package = tmp_path / ".venv/lib/python3/site-packages/other.py"
    namespace: dict[str, Any] = {}
    exec(compile("def fall():\n    raise ValueError('no')\n", str(package), "exec"), namespace)
    with pytest.raises(ValueError, match="no") as caught:
        namespace["fall"]()
    assert explain(caught.value, tmp_path, "checkers.laws.mine:measure") == "ValueError: no"


@pytest.mark.parametrize("stop", ["breakpoint()", "input()", "__import__('pdb').set_trace()"])
def test_a_stop_that_needs_a_terminal_names_the_command_that_has_one(laboratory: Any, stop: str) -> None:
    laboratory.edit("checkers/laws/planted.py", '    if how == "raise":', f'    {stop}\n    if how == "raise":')
    laboratory.plant("stops")
    output = laboratory.verify(exit_code=3)
    assert "`lawbook try ID/CHECK` runs in yours" in output
    assert "checkers/laws/planted.py:" in output


def test_a_file_that_ends_too_early_is_no_stop(laboratory: Any) -> None:
    fall = '    raise EOFError("Ran out of input")\n'
    laboratory.edit("checkers/laws/planted.py", '    if how == "raise":', f'{fall}    if how == "raise":')
    laboratory.plant("reads")
    output = laboratory.verify(exit_code=3)
    assert "EOFError: Ran out of input" in output
    assert "lawbook try ID/CHECK" not in output


def test_what_a_checker_prints_is_counted_and_shown_when_asked_for(laboratory: Any) -> None:
    laboratory.edit(
        "checkers/laws/planted.py",
        '    if how == "raise":',
        '    print("x =", len(values))\n    if how == "raise":',
    )
    laboratory.plant("talks")
    told = laboratory.verify(exit_code=0)
    assert "printed 2 lines; see them with `lawbook try talks/centre` or --verbose" in told
    assert "x = 8" not in told
    shown = laboratory.verify("--force", "--verbose", exit_code=0)
    assert "printed by the check:" in shown
    assert "x = 8" in shown
