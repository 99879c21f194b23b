"""What the page "Toolbox" shows: what experiments may use, a line a module, read off docstrings and never imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawbook.registry.checker_files import read_source
from lawbook.registry.checker_modules import PACKAGE
from lawbook.registry.models import STRANDS

# In the order in which an experiment needs them; folders that are not named here follow.
ORDER = ("instruments", "testbeds", "settings", "theory")


@dataclass(frozen=True)
class Name:
    """A public function or class of a module. summary: its docstring's first sentence, "" without one."""

    name: str
    summary: str


@dataclass(frozen=True)
class Tool:
    """A module. import_name: as it is imported. path: relative to the root."""

    import_name: str
    path: str
    summary: str
    names: tuple[Name, ...]


@dataclass(frozen=True)
class Shelf:
    """A folder of `checkers` that several experiments share."""

    name: str
    summary: str
    tools: tuple[Tool, ...]


def shelves(root: Path) -> list[Shelf]:
    """Every folder of `checkers` but the strands', with its modules in the order of their names."""
    folders = [path for path in (root / PACKAGE).iterdir() if path.is_dir()] if (root / PACKAGE).is_dir() else []
    shared = [folder for folder in folders if folder.name not in STRANDS and any(folder.glob("*.py"))]
    shared.sort(key=lambda folder: (folder.name not in ORDER, (*ORDER, folder.name).index(folder.name), folder.name))
    return [Shelf(folder.name, _of_package(root, folder), tuple(_tools(root, folder))) for folder in shared]


def _tools(root: Path, folder: Path) -> Iterator[Tool]:
    for path in sorted(folder.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        tree = _tree(root, path)
        import_name = f"{PACKAGE}.{folder.name}.{path.stem}"
        yield Tool(import_name, path.relative_to(root).as_posix(), _summary(tree), tuple(_names(tree)))


def _names(tree: ast.Module) -> Iterator[Name]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield Name(node.name, _summary(node))


def _of_package(root: Path, folder: Path) -> str:
    path = folder / "__init__.py"
    return _summary(_tree(root, path)) if path.is_file() else ""


def _tree(root: Path, path: Path) -> ast.Module:
    """The module's syntax; an empty one where it is not read or does not parse: a page is built all the same."""
    try:
        return ast.parse(read_source(root / PACKAGE, path))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


def _summary(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    """The docstring's first paragraph in one line."""
    return " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
