"""Who may import whom: strands are leaves, checkers know the contract alone, and the engine knows no checker."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lawbook
from lawbook.registry.models import STRANDS

REPOSITORY = Path(__file__).parents[1]
CONTRACT = frozenset(f"lawbook.{name}" for name in lawbook.__all__)


def modules(folder: str) -> Iterator[Path]:
    """Every Python file below a folder of the repository, relative to it."""
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        yield path.relative_to(REPOSITORY)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a file imports, also within functions."""
    package = path.parent.parts
    for node in ast.walk(ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            home = ".".join((*above, *([node.module] if node.module else [])))
            yield from ((node.lineno, f"{home}.{alias.name}") for alias in node.names)


def is_below(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_no_module_imports_an_experiment() -> None:
    strands = [f"checkers.{strand}" for strand in STRANDS]
    found = [
        f"{path}:{line} imports {name}"
        for path in modules("checkers")
        for line, name in imports(path)
        if is_below(name, *strands)
    ]
    assert not found, "what two experiments share belongs into checkers/settings:\n" + "\n".join(found)


def test_checkers_import_the_contract_of_the_engine_alone() -> None:
    found = [
        f"{path}:{line} imports {name}"
        for path in modules("checkers")
        for line, name in imports(path)
        if is_below(name, "lawbook") and name not in CONTRACT
    ]
    assert not found, "\n".join(found)


def test_the_engine_imports_no_checker() -> None:
    found = [
        f"{path}:{line} imports {name}"
        for path in modules("src/lawbook")
        for line, name in imports(path)
        if is_below(name, "checkers")
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("package", ["instruments", "testbeds", "theory"])
def test_what_all_share_knows_no_single_set_up(package: str) -> None:
    found = [
        f"{path}:{line} imports {name}"
        for path in modules(f"checkers/{package}")
        for line, name in imports(path)
        if is_below(name, "checkers.settings")
    ]
    assert not found, "\n".join(found)
