"""The last lines of a run: what ran, what did not and why, and what wants attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console

from lawbook.evidence.history import history_line
from lawbook.evidence.past import region_past
from lawbook.evidence.record import Record
from lawbook.evidence.store import Evidence, named_by, published_keys
from lawbook.prose import spelled_out
from lawbook.publishing.page_places import page_lines
from lawbook.registry.entry import Registry
from lawbook.verification.display import show_lines
from lawbook.verification.flips import Flip
from lawbook.verification.outcomes import NOT_MEASURED, EntryOutcome
from lawbook.verification.plan import Plan


@dataclass
class RunState:
    """What has come of a run so far.

    records: by `claim/check`. unrecorded: what could not be written, and why. is_unwritable: the store takes
    no records, as against one damaged file in the way. no_commit: why published records name no commit.
    unmeasured: why a check got no record, though it was to have one. flips: changed outcomes. ages: how old the
    evidence of each planned check was before the run, where a budget may keep some from being reached.
    """

    records: dict[str, Record] = field(default_factory=dict)
    unrecorded: list[str] = field(default_factory=list)
    is_unwritable: bool = False
    interrupted: bool = False
    no_commit: str = ""
    unmeasured: dict[str, str] = field(default_factory=dict)
    flips: list[Flip] = field(default_factory=list)
    ages: dict[str, str] = field(default_factory=dict)

    def unreached(self, plan: Plan) -> list[str]:
        """Names of the planned checks that were neither settled nor told to be past measuring."""
        done = self.records.keys() | self.unmeasured.keys()
        return [planned.name for planned in plan.run if planned.name not in done]


def show_summary(
    console: Console,
    registry: Registry,
    plan: Plan,
    evidence: Evidence,
    outcomes: Sequence[EntryOutcome],
    state: RunState,
) -> None:
    """Print what a reader must not miss, and at the end how many checks ran, were fresh, and did not run."""
    retired = [key for key in published_keys(registry.root) if not named_by(registry, key)]
    unrun = state.unreached(plan)
    show_lines(console, "Not recorded:", state.unrecorded)
    named = [state.no_commit] if state.no_commit and state.records else []
    show_lines(console, "Published without the commit that was measured:", named)
    show_lines(console, "Damaged evidence:", [str(damaged) for damaged in evidence.damaged])
    show_lines(
        console,
        "Retired: published evidence of checks that no claim file names any more:",
        [f"{key.claim}/{key.check}, {key.tier} tier, {key.device}" for key in retired],
    )
    why = "Interrupted; not settled" if state.interrupted else "Not reached within the budget"
    ages = (f"{name}: {state.ages[name]}" if name in state.ages else name for name in unrun)
    show_lines(console, f"{why}, and left for the next run:", ages)
    unmeasured = (f"{name}: {reason}" for name, reason in state.unmeasured.items())
    show_lines(console, "Not measured; what was recorded before stays:", map(spelled_out, unmeasured))
    show_lines(console, "Changed outcomes:", map(str, state.flips))
    show_lines(console, "Regions that moved after a judged run:", _moved_regions(plan, evidence, state.records))
    disabled = [f"{idle.name}: {idle.why}" for idle in plan.idle if idle.is_disabled]
    show_lines(console, "Disabled:", disabled)
    wrong = [_complaint(outcome) for outcome in outcomes if outcome.disappoints]
    show_lines(console, "Not as expected:", wrong)
    idle = Counter("disabled" if item.is_disabled else item.why for item in plan.idle)
    idle.update({"interrupted" if state.interrupted else "not reached": len(unrun)})
    idle.update({NOT_MEASURED: len(state.unmeasured)})
    said = ", ".join(f"{number} ({why})" for why, number in idle.items() if number)
    expected = sum(outcome.as_expected is True for outcome in outcomes)
    console.print(
        f"\nChecks, {plan.tier} tier: {len(state.records)} ran, {len(plan.fresh)} fresh, "
        f"{sum(idle.values())} did not run{': ' + said if said else ''}.\n"
        f"Claims and problems: {expected} as expected, {len(wrong)} not, "
        f"{len(outcomes) - expected - len(wrong)} unverified or open problems.",
        markup=False,
        soft_wrap=True,
    )
    show_lines(console, "Page:", page_lines(registry, [outcome.entry.id for outcome in outcomes]))


def _moved_regions(plan: Plan, evidence: Evidence, records: Mapping[str, Record]) -> list[str]:
    """Every move of the planned checks' regions. evidence: as it was before this run, whose records these are."""
    planned = [*plan.run, *(done.planned for done in plan.fresh)]
    pasts = {}
    for check in planned:
        lines = evidence.lines_of(check.entry.id, check.check.name, plan.tier)
        if check.name in records:
            lines = [*lines, history_line(records[check.name], None)]
        pasts[check.name] = region_past(lines, check.regions.main, check.measures)
    return [f"{name}: {move}" for name, past in pasts.items() for move in past.moves]


def _complaint(outcome: EntryOutcome) -> str:
    if outcome.entry.is_problem:
        return f"{outcome.entry.id}: {outcome.status}"
    claim = outcome.entry.claim
    if claim.known_failure is not None:
        said = f"{outcome.status}, while it is known to fail since {claim.known_failure.since}"
        return f"{outcome.entry.id}: {said} ({' '.join(claim.known_failure.reason.split())})"
    return f"{outcome.entry.id}: {outcome.status}, while its standing is {claim.standing}"
