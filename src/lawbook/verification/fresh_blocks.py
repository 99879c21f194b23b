"""Running checks again on blocks of seeds that no verdict has seen, without recording: do the outcomes hold?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lawbook.evidence.record import Environment, Outcome
from lawbook.verification.jobs import Executor
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.run import Event, Judged, run_checks

# Of seeds from a million up: base 0 is what pull requests and publications use.
FIRST_BASE = 1


@dataclass(frozen=True)
class BlockOutcome:
    """How one check came out on one fresh block."""

    check: str
    seed_base: int
    outcome: Outcome
    estimate: float | None


def run_fresh_blocks(
    checks: Sequence[PlannedCheck],
    executor: Executor,
    *,
    root: str,
    devices: Sequence[str],
    threads: int,
    environment: Environment,
    blocks: int,
) -> Iterator[Event | BlockOutcome]:
    """Every check on every block, one block after another; events as of a run, and each block's outcomes."""
    for seed_base in range(FIRST_BASE, FIRST_BASE + blocks):
        for event in run_checks(
            checks,
            executor,
            root=root,
            devices=devices,
            threads=threads,
            seed_base=seed_base,
            environment=environment,
        ):
            yield event
            if isinstance(event, Judged):
                record = event.record
                yield BlockOutcome(event.planned.name, seed_base, record.outcome, record.estimate)
