"""An id names a file and a page on every system, and never a page or device that is there already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main
from lawbook.registry.ids import LONGEST_PAIR, id_mistake
from lawbook.registry.load import lint

CLAIM = "claims/laws/noise-averages-out.yaml"
PROBLEM = "claims/open-problems/noise-in-the-dark.yaml"
TINY = Path(__file__).parents[1] / "tiny_registry"
MakeRegistry = Callable[[Mapping[str, object]], Path]

RESERVED = ["index", "readme", "404", "con", "nul", "aux", "prn", "com1", "com0", "lpt9"]


@pytest.mark.parametrize("id", RESERVED)
@pytest.mark.parametrize("path", [CLAIM, PROBLEM])
def test_a_reserved_id_is_refused(make_registry: MakeRegistry, id: str, path: str) -> None:
    taken = f"{Path(path).parent}/{id}.yaml"
    (told,) = map(str, lint(make_registry({taken: (TINY / path).read_bytes()})))
    assert told.startswith(f"{taken}:1:1: the id '{id}' is reserved: ")


@pytest.mark.parametrize("id", ["indexes", "index-of-a-form", "console", "com10", "null", "a-con", "4040"])
def test_what_only_begins_like_a_reserved_id_is_free(id: str) -> None:
    assert id_mistake(id) is None


@pytest.mark.parametrize("kind", [["claim", "--strand", "laws"], ["problem"]])
@pytest.mark.parametrize("id", ["index", "con", "x" * 300])
def test_new_writes_nothing_under_a_reserved_id(tiny_registry: Path, kind: list[str], id: str) -> None:
    before = sorted(tiny_registry.rglob("*"))
    result = CliRunner().invoke(main, ["new", *kind, id, "--root", str(tiny_registry)])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert f"the id '{id[:20]}" in result.output
    assert sorted(tiny_registry.rglob("*")) == before


def test_a_check_is_not_named_after_a_device(make_registry: MakeRegistry) -> None:
    """Its name becomes that of its files of evidence."""
    (told,) = map(str, lint(make_registry({CLAIM: ("name: centre", "name: aux")})))
    assert told.startswith(f"{CLAIM}:24:11: the name 'aux' is reserved")


@pytest.mark.parametrize(
    ("former", "word"),
    [
        ("[noise-averages-out]", "its present id"),
        ("[noise-is-positive]", "the id of another entry"),
        ("[index]", "index"),
        ("[old-name, old-name]", "given twice"),
    ],
)
def test_a_former_id_is_one_that_no_entry_has_now(make_registry: MakeRegistry, former: str, word: str) -> None:
    root = make_registry({"claims/laws/noise-averages-out.yaml": ("relations:", f"former_ids: {former}\nrelations:")})
    (mistake,) = lint(root)
    assert word in str(mistake)
    assert mistake.line > 1


@pytest.mark.parametrize("over", [0, 1])
def test_an_id_and_a_checks_name_fit_into_a_line_of_history_together(make_registry: MakeRegistry, over: int) -> None:
    name = "n" * (LONGEST_PAIR - len("noise-averages-out") + over)
    told = [str(found) for found in lint(make_registry({CLAIM: ("name: centre", f"name: {name}")}))]
    said = (
        f"{CLAIM}:24:11: the id 'noise-averages-out' and the name '{name}' have {LONGEST_PAIR + 1} characters together"
    )
    assert told == [f"{said}; use at most {LONGEST_PAIR}: every line of history holds both"][:over]
