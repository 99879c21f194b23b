"""Whether the parts of a record agree with each other, as those that the engine wrote always do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lawbook.evidence.record import ControlResult, Record, StoredLine, StoredMap


def disagreement(record: Record) -> str | None:
    """The first two parts of a record that cannot both be right, in words; None where all agree."""
    return next(_disagreements(record), None)


def _disagreements(record: Record) -> Iterator[str]:
    arms: list[Record | ControlResult] = [record, *record.controls]
    for arm in arms:
        where = f"control '{arm.name}': " if isinstance(arm, ControlResult) else ""
        if not _one_length(arm.seeds, arm.values, arm.in_regime):
            yield f"{where}{len(arm.values)} values for {len(arm.seeds)} seeds"
        if arm.batches and sum(arm.batches) != len(arm.seeds):
            yield f"{where}batches of {sum(arm.batches)} seeds for {len(arm.seeds)}"
        for panel in arm.panels:
            for drawn in panel.drawn:
                if not _is_drawable(drawn):
                    yield f"{where}'{drawn.label}' of '{panel.title}' has more places than points, or fewer"


def _is_drawable(drawn: StoredLine | StoredMap) -> bool:
    if isinstance(drawn, StoredLine):
        return _one_length(drawn.x, drawn.y, drawn.low, drawn.high)
    return _one_length(drawn.y, drawn.z) and _one_length(drawn.x, *drawn.z)


def _one_length(*lists: Sequence[Any] | None) -> bool:
    return len({len(listed) for listed in lists if listed is not None}) < 2
