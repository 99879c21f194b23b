"""Checkers that no test runs: an instrument that nobody has seen to fail proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lawbook.registry.checker_modules import PACKAGE, CheckerError
from lawbook.registry.checker_source import Resolve
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.yaml_reader import Document

TESTS = "tests"


def untested_checkers(root: Path, document: Document, resolve: Resolve) -> Iterator[Diagnostic]:
    """A diagnostic for each check whose checker's module has no test in the folder that mirrors its own.

    A registry without a folder `tests` keeps its tests elsewhere, and none is asked for.
    """
    if not (root / TESTS).is_dir():
        return
    checks = (document.content or {}).get("checks")
    for index, check in enumerate(checks if isinstance(checks, list) else []):
        module = _module(check, resolve)
        if module is not None:
            test = test_of(module)
            if not (root / test).is_file():
                what = f"{module.as_posix()} has no test: there is no {test.as_posix()}"
                meant = "write one that runs the checker on a small configuration and shows where its number breaks"
                position = document.values["checks", index, "checker"]
                yield Diagnostic(document.path, *position, what, meant)


def test_of(module: Path) -> Path:
    """Where the test of a module of `checkers` lies; both paths are relative to the registry's root."""
    inside = module.relative_to(PACKAGE)
    return Path(TESTS, inside.parent, f"test_{inside.name}")


def _module(check: Any, resolve: Resolve) -> Path | None:
    """The module of a check's checker, None where there is none to find: that is told elsewhere."""
    reference = check.get("checker") if isinstance(check, dict) else None
    if not isinstance(reference, str):
        return None
    try:
        return resolve(reference).module_path
    except CheckerError:
        return None
