"""`lawbook list`: what is registered, and where it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lawbook.cli.options import counted, registry_or_exit, root_option
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS
from lawbook.verdicts.status import WORST_FIRST

if TYPE_CHECKING:
    from lawbook.book import EntryState


@click.command("list")
@click.option("--strand", type=click.Choice([*STRANDS, PROBLEMS_FOLDER]), help="Only this strand.")
@click.option("--status", type=click.Choice(WORST_FIRST), help="Only entries with this headline status.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list, for programs.")
@root_option
def command(root: Path, strand: str | None, status: str | None, as_json: bool) -> None:
    """List claims and open problems with their standing and status."""
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.store import read_evidence

    book = join_evidence(registry, read_evidence(root))
    states = [
        state
        for state in book.states.values()
        if strand in (None, state.entry.strand) and status in (None, state.status)
    ]
    if as_json:
        click.echo(json.dumps([summarise(state) for state in states], ensure_ascii=False, indent=1))
        return
    width = max((len(state.entry.id) for state in states), default=0)
    strand_before = None
    for state in sorted(states, key=lambda state: (state.entry.is_problem, state.entry.strand)):
        if state.entry.strand != strand_before:
            click.echo(("" if strand_before is None else "\n") + state.entry.strand)
            strand_before = state.entry.strand
        click.echo("  " + _line(state, width))
    for damaged in book.damaged:
        click.echo(f"damaged evidence: {damaged}", err=True)
    click.echo(f"\n{counted(sum(not state.entry.is_problem for state in states), 'claim')}, ", nl=False)
    click.echo(counted(sum(state.entry.is_problem for state in states), "open problem"))


def summarise(state: EntryState) -> dict[str, Any]:
    """An entry and where it stands, as plain data."""
    entry = state.entry
    return {
        "id": entry.id,
        "strand": entry.strand,
        "title": entry.title,
        "kind": "open-problem" if entry.is_problem else entry.claim.kind,
        "standing": None if entry.is_problem else entry.claim.standing,
        "status": state.status,
        "quick": state.quick,
        "full": state.full,
        "as_expected": state.as_expected,
        "stale": any(check.stale for check in state.checks),
        "checks": len(entry.checks),
        "disabled": [check.name for check in entry.checks if check.disabled is not None],
    }


def _line(state: EntryState, width: int) -> str:
    entry = state.entry
    standing = "open" if entry.is_problem else entry.claim.standing
    status = "–" if entry.is_problem and not entry.checks else state.status
    marks = [
        *(["not as expected"] if state.as_expected is False else []),
        *(["stale"] if any(check.stale for check in state.checks) else []),
        *(["disabled check"] if any(check.disabled is not None for check in entry.checks) else []),
    ]
    line = f"{entry.id:<{width}}  {standing:<11}  {status:<12}  {entry.title}"
    return f"{line}  [{', '.join(marks)}]" if marks else line
