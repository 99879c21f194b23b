from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lawbook.registry.diagnostics import RegistryError
from lawbook.registry.load import lint, load_registry
from lawbook.registry.root import find_root

CLAIM = "claims/laws/noise-averages-out.yaml"
OTHER = "claims/limits/noise-is-positive.yaml"
MakeRegistry = Callable[[Mapping[str, tuple[str, str]]], Path]


def test_a_valid_registry_is_loaded_whole(tiny_registry: Path) -> None:
    registry = load_registry(tiny_registry)
    assert set(registry.claims) == {"noise-averages-out", "noise-is-positive"}
    assert set(registry.problems) == {"noise-in-the-dark"}
    assert registry.references["student1908probable"].authors == ("Student", "György Pólya")
    entry = registry.entries["noise-averages-out"]
    assert (entry.strand, entry.path) == ("laws", Path(CLAIM))
    assert entry.regions["centre", "quick"].main == (-0.3, 0.3)
    line, column = entry.positions["checks", 0, "expect"]
    lines = (tiny_registry / CLAIM).read_text(encoding="utf-8").splitlines()
    assert lines[line - 1][column - 1 :].startswith("expect:")


def test_an_invalid_registry_raises_with_every_mistake(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: ("kind: theorem", "kid: 1"), OTHER: ("standing: refuted", "standing: wrong")})
    with pytest.raises(RegistryError) as caught:
        load_registry(root)
    assert [str(diagnostic.path) for diagnostic in caught.value.diagnostics] == [CLAIM, CLAIM, OTHER]
    assert "unknown key 'kid'" in str(caught.value)


def test_bad_latex_is_for_lint_to_report(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: ("Noise averages out", "Noise $\\frac{ averages out")})
    assert load_registry(root).entries
    assert len(lint(root)) == 1


def test_lint_of_some_paths_reports_only_what_lies_there(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: ("kind: theorem", "kind: x"), OTHER: ("kind: conjecture", "kind: y")})
    assert {diagnostic.path for diagnostic in lint(root, [Path("claims/limits")])} == {Path(OTHER)}
    assert {diagnostic.path for diagnostic in lint(root, [Path(CLAIM)])} == {Path(CLAIM)}
    assert len(lint(root)) == 2


def test_the_root_is_the_nearest_folder_above_that_holds_claims(tiny_registry: Path) -> None:
    assert find_root(tiny_registry / "checkers" / "laws") == tiny_registry.resolve()
    assert find_root(tiny_registry) == tiny_registry.resolve()
