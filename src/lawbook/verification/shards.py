"""`--shard I/N`: the plan in N parts of about equal length, for any scheduler that starts N commands.

Every command works out all parts by itself, from the checks selected and from the seconds that the published records
hold; so all must stand on the same commit. What is fresh is dealt out too, as what is fresh differs between machines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from lawbook.evidence.store import Evidence
from lawbook.verification.night import Need
from lawbook.verification.plan import Plan, PlannedCheck


@dataclass(frozen=True)
class Shard:
    """One part of several. number: from 1."""

    number: int
    parts: int

    def __str__(self) -> str:
        return f"{self.number}/{self.parts}"

    def of(self, plan: Plan, known: Sequence[Need], published: Evidence, device: str) -> tuple[Plan, list[Need]]:
        """This part of a plan, and what is known of its checks."""
        selected = [*plan.run, *(done.planned for done in plan.fresh)]
        ours = deal(_seconds(selected, published, device), self.parts)[self.number - 1]
        part = replace(
            plan,
            run=tuple(planned for planned in plan.run if planned.name in ours),
            fresh=tuple(done for done in plan.fresh if done.planned.name in ours),
        )
        return part, [need for need in known if need.planned.name in ours]


def deal(seconds: Mapping[str, float | None], parts: int) -> list[frozenset[str]]:
    """Names in so many parts of about equal length: the longest first, each to the part that has least.

    seconds: None where unknown, which counts as the middle of what is known. The longest part is at most a third
    longer than the best deal's (Graham 1969).
    """
    found = [known for known in seconds.values() if known is not None]
    typical = median(found) if found else 1.0
    lengths = {name: typical if known is None else known for name, known in seconds.items()}
    dealt: list[set[str]] = [set() for _ in range(parts)]
    loads = [(0.0, 0)] * parts
    for name in sorted(lengths, key=lambda name: (-lengths[name], name)):
        # Of parts as long as each other the one with fewer checks, so that what takes no time is dealt out too.
        least = min(range(parts), key=loads.__getitem__)
        dealt[least].add(name)
        loads[least] = (loads[least][0] + lengths[name], loads[least][1] + 1)
    return [frozenset(names) for names in dealt]


def _seconds(selected: Sequence[PlannedCheck], published: Evidence, device: str) -> dict[str, float | None]:
    """How long each check took when it was published: on that model of device, else on any."""
    known: dict[str, float | None] = {}
    for planned in selected:
        records = [stored.record for stored in published.of(planned.entry.id, planned.check.name, planned.tier)]
        here = [record for record in records if record.device == device] or records
        known[planned.name] = here[0].seconds if here else None
    return known
