"""How far an open problem is: each criterion with the probes that bear on it, and what nothing measures yet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.book import EntryState
from lawbook.publishing.entry_page import CheckView, Links
from lawbook.registry.models import STRANDS

LONGEST_ID = 60


@dataclass(frozen=True)
class Criterion:
    """One criterion of progress, its number from 1, and the probes that bear on it."""

    number: int
    text: str
    probes: Sequence[CheckView]


@dataclass(frozen=True)
class Progress:
    """criteria: all of them. loose: probes that no criterion names. passing: claims that bear on the problem and pass.

    command: what begins a claim about it. relation: what ties that claim to the problem, as YAML.
    """

    criteria: Sequence[Criterion]
    loose: Sequence[CheckView]
    passing: Sequence[EntryState]
    command: str
    relation: str

    @property
    def unmeasured(self) -> list[int]:
        """The numbers of the criteria that no probe bears on."""
        return [criterion.number for criterion in self.criteria if not criterion.probes]


def progress(state: EntryState, views: Sequence[CheckView], related: Links) -> Progress:
    """The progress of an open problem; views: its probes as the page shows them."""
    problem, id = state.entry.problem, state.entry.id
    criteria = [
        Criterion(
            number,
            text,
            [view for view in views if number in problem.criteria.get(view.check.name, ())],
        )
        for number, text in enumerate(problem.resolution, start=1)
    ]
    bearing = [other for _, other in related.incoming[id] if not other.entry.is_problem]
    first = next((criterion.number for criterion in criteria if not criterion.probes), 1)
    return Progress(
        criteria,
        [view for view in views if not problem.criteria.get(view.check.name)],
        [other for other in bearing if other.status == "pass"],
        f"lawbook new claim {_claim_id(id, first)} --strand {_strand(bearing)}",
        f"relations:\n  - {{type: bears-on, target: {id}}}",
    )


def _claim_id(problem: str, number: int) -> str:
    """An id that is free as long as nobody took the same one: of the problem and the criterion."""
    return re.sub(r"-$", "", problem[:LONGEST_ID]) + f"-criterion-{number}"


def _strand(bearing: Sequence[EntryState]) -> str:
    """The strand of most claims that bear on the problem."""
    counted = Counter(state.entry.strand for state in bearing)
    return max(STRANDS, key=lambda strand: counted[strand]) if counted else "laws"
