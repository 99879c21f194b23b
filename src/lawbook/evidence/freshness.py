"""Whether a record still speaks of the claim, the code and the torch at hand."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from lawbook.evidence.fingerprint import CodeGraph, definition_fingerprint
from lawbook.evidence.record import Record
from lawbook.registry.entry import Entry
from lawbook.registry.models import Check


def installed_torch() -> str | None:
    """The version of torch at hand, read without importing it; None where there is none."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def minor_version(full: str) -> str:
    """`2.13.0+cpu` as `2.13`."""
    return ".".join(full.split("+")[0].split(".")[:2])


def staleness(record: Record, entry: Entry, check: Check, code: CodeGraph, torch: str | None) -> tuple[str, ...]:
    """Why a record no longer speaks of its check; empty while it is fresh.

    torch: the version at hand; None (there is none here) judges the rest alone.
    """
    if check.settings(record.tier) is None:
        return (f"the check no longer runs at the {record.tier} tier",)
    reasons = []
    regions = entry.regions[check.name, record.tier]
    if record.definition != definition_fingerprint(check, record.tier, regions):
        reasons.append("what the check measures or accepts has changed")
    if record.code != code.fingerprint(check.checker):
        reasons.append("the code that it runs has changed")
    if torch is not None and minor_version(torch) != minor_version(record.environment.torch):
        reasons.append(f"measured with torch {minor_version(record.environment.torch)}, here is {minor_version(torch)}")
    return tuple(reasons)
