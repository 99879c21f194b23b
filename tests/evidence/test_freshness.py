"""Evidence goes stale with the definition, the code, or torch's minor version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lawbook.evidence.fingerprint import CodeGraph, definition_fingerprint
from lawbook.evidence.freshness import installed_torch, minor_version, staleness
from lawbook.evidence.record import Record
from lawbook.registry.load import load_registry

MakeRecord = Callable[..., Record]


def fresh(root: Path, record: MakeRecord) -> Record:
    entry = load_registry(root).entries["noise-averages-out"]
    check = entry.checks[0]
    code = CodeGraph(root).fingerprint(check.checker)
    definition = definition_fingerprint(check, "quick", entry.regions["centre", "quick"])
    return record(definition=definition, code=code)


def reasons(root: Path, record: Record, torch: str | None = "2.13.1+cu130") -> tuple[str, ...]:
    entry = load_registry(root).entries["noise-averages-out"]
    return staleness(record, entry, entry.checks[0], CodeGraph(root), torch)


def test_a_record_of_what_stands_there_is_fresh(tiny_registry: Path, record: MakeRecord) -> None:
    assert reasons(tiny_registry, fresh(tiny_registry, record)) == ()


def test_a_changed_definition_is_named(tiny_registry: Path, record: MakeRecord) -> None:
    known = fresh(tiny_registry, record)
    claim = tiny_registry / "claims/laws/noise-averages-out.yaml"
    claim.write_text(claim.read_text().replace("within: 0.3", "within: 0.31"))
    assert reasons(tiny_registry, known) == ("what the check measures or accepts has changed",)


def test_changed_code_is_named(tiny_registry: Path, record: MakeRecord) -> None:
    known = fresh(tiny_registry, record)
    module = tiny_registry / "checkers/laws/example.py"
    module.write_text(module.read_text() + "\nEXTRA = 1\n")
    assert reasons(tiny_registry, known) == ("the code that it runs has changed",)


def test_another_minor_version_of_torch_is_named_and_a_patch_is_not(tiny_registry: Path, record: MakeRecord) -> None:
    known = fresh(tiny_registry, record)
    assert reasons(tiny_registry, known, "2.13.9") == ()
    assert reasons(tiny_registry, known, "2.14.0") == ("measured with torch 2.13, here is 2.14",)


def test_without_torch_the_rest_is_judged_alone(tiny_registry: Path, record: MakeRecord) -> None:
    assert reasons(tiny_registry, fresh(tiny_registry, record), None) == ()


def test_a_tier_that_is_gone_is_named(tiny_registry: Path, record: MakeRecord) -> None:
    claim = tiny_registry / "claims/laws/noise-averages-out.yaml"
    known = fresh(tiny_registry, record)
    lines = [line for line in claim.read_text().splitlines() if "quick:" not in line]
    claim.write_text("\n".join(lines) + "\n")
    assert reasons(tiny_registry, known) == ("the check no longer runs at the quick tier",)


def test_the_version_of_torch_is_read_without_importing_it() -> None:
    found = installed_torch()
    assert found is None or minor_version(found).count(".") == 1
