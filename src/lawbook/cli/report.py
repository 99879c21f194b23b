"""`lawbook report`: the state of the registry, for a nightly summary, a comment on a pull request, or a CI
system.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lawbook.cli.durations import read_duration
from lawbook.cli.list_entries import summarise
from lawbook.cli.night_report import FAILURES, failed, night_as_cases, night_as_json, night_as_markdown
from lawbook.cli.options import registry_or_exit, root_option
from lawbook.junit import Case, Told, as_xml
from lawbook.prose import spelled_out
from lawbook.verdicts.status import WORST_FIRST, claim_as_expected

if TYPE_CHECKING:
    from lawbook.book import Book, CheckState, EntryState
    from lawbook.evidence.record import Record
    from lawbook.night_news import NightNews

DAMAGED = "damaged"


@click.command("report")
@click.option("--format", "form", type=click.Choice(["markdown", "json", "junit"]), default="markdown")
@click.option(
    "--since",
    callback=read_duration,
    default="1d",
    show_default=True,
    metavar="TIME",
    help="How far back the night goes: changes in this time are told.",
)
@click.option(
    "--older-than",
    callback=read_duration,
    default="7d",
    show_default=True,
    metavar="TIME",
    help="Evidence is old when older than this.",
)
@click.option(
    "--run",
    "runs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="The report of a run of that night: what it did not measure or reach is told too. May be repeated.",
)
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(list(FAILURES)),
    help="Exit with 1 for a confirmed flip, 3 for an error, 4 for old evidence. May be repeated.",
)
@root_option
def command(
    root: Path,
    form: str,
    since: float,
    older_than: float,
    runs: tuple[Path, ...],
    fail_on: tuple[str, ...],
) -> None:
    """Print the state of the registry as it is recorded, and the news of the last night; runs nothing.

    Exits with 0, or with the first of 3, 4, 1 that --fail-on asks for and finds.
    """
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.store import read_evidence
    from lawbook.night_news import RunFileError, night_news

    book = join_evidence(registry, read_evidence(root))
    try:
        news = night_news(book, datetime.now(UTC), timedelta(seconds=since), timedelta(seconds=older_than), runs)
    except RunFileError as error:
        raise click.UsageError(f"--run: {error}") from None
    if form == "json":
        click.echo(json.dumps(as_json(book, news), ensure_ascii=False, indent=1, allow_nan=False))
    elif form == "junit":
        click.echo(as_junit(book, news))
    else:
        click.echo(spelled_out("\n".join((*as_markdown(book), *night_as_markdown(news)))))
    found = {FAILURES[asked] for asked in fail_on if failed(news, asked)}
    sys.exit(next((code for code in (3, 4, 1) if code in found), 0))


def as_json(book: Book, news: NightNews) -> dict[str, Any]:
    """The state of every entry and check, what wants attention, and the night, as plain data."""
    return {
        "schema": 1,
        "entries": [
            {**summarise(state), "checks": [_check_json(book, check) for check in state.checks]}
            for state in book.states.values()
        ],
        "damaged": [{"path": str(damaged.path), "reason": damaged.reason} for damaged in book.damaged],
        "retired": [_record_name(stored.record) for stored in book.retired],
        "night": night_as_json(news),
    }


def as_markdown(book: Book) -> Iterator[str]:
    """Counts, then what is not as it should be, then a table of all claims, as GitHub's Markdown."""
    states = [state for state in book.states.values() if not state.entry.is_problem]
    counts = Counter(state.status for state in states)
    expected = sum(state.as_expected is True for state in states)
    yield "# Lawbook report"
    yield ""
    said = ", ".join(f"{counts[status]} {status}" for status in reversed(WORST_FIRST) if counts[status])
    yield f"{len(states)} claims: {said or 'none'}. {expected} as expected."
    yield from _list("Not as expected", [_complaint(state) for state in states if state.as_expected is False])
    yield from _list(
        "Known failures",
        [
            f"`{state.entry.id}` ({state.status}) since {failure.since}: {failure.reason}"
            for state in states
            if (failure := state.entry.claim.known_failure) is not None
        ],
    )
    yield from _list(
        "Regions that moved after a judged run",
        [
            f"`{state.entry.id}/{check.check.name}` ({check.tier}): {move}"
            for state in book.states.values()
            for check in state.checks
            for move in check.past.moves
        ],
    )
    yield from _list(
        "Stale",
        [
            f"`{state.entry.id}/{check.check.name}` ({check.tier}): {'; '.join(check.stale)}"
            for state in book.states.values()
            for check in state.checks
            if check.stale
        ],
    )
    yield from _list(
        "Disabled",
        [
            f"`{state.entry.id}/{check.name}`: {check.disabled}"
            for state in book.states.values()
            for check in state.entry.checks
            if check.disabled is not None
        ],
    )
    yield from _list(
        "Retired (recorded, but no claim file names the check any more)",
        [f"`{_record_name(stored.record)}`" for stored in book.retired],
    )
    yield from _list("Damaged evidence", [str(damaged) for damaged in book.damaged])
    yield ""
    yield "| claim | standing | quick | full | as expected |"
    yield "| --- | --- | --- | --- | --- |"
    for state in states:
        told = {True: "yes", False: "**no**", None: "–"}[state.as_expected]
        cells = (state.entry.id, state.entry.claim.standing, state.quick or "–", state.full or "–", told)
        yield f"| {' | '.join(cells)} |"


def as_junit(book: Book, news: NightNews) -> str:
    """A suite a strand, a case a check and tier; suites of damaged files that belong to no check, and of the night."""
    cases = [_junit_case(book, state, check) for state in book.states.values() for check in state.checks]
    standing = {case.message for case in cases if case.kind == DAMAGED}
    cases += [
        Case("evidence", "evidence", str(damaged.path), "error", DAMAGED, str(damaged))
        for damaged in book.damaged
        if str(damaged) not in standing
    ]
    return as_xml([*cases, *night_as_cases(news)])


def _junit_case(book: Book, state: EntryState, check: CheckState) -> Case:
    record = check.record
    place = (state.entry.strand, state.entry.id, f"{check.check.name} [{check.tier}]")
    if record is None:
        start = f"{check.check.name}.{check.tier}."
        for damaged in book.damaged:
            if damaged.is_of(state.entry.id) and damaged.path.name.startswith(start):
                return Case(*place, "error", DAMAGED, str(damaged))
        return Case(*place, "skipped", message=check.check.disabled or "not measured yet")
    if not _counts_against(state, check):
        return Case(*place, "passed", seconds=record.seconds)
    told: Told = "error" if record.outcome == "error" else "failure"
    said = record.reason or f"{record.outcome}, while the claim's standing is {state.entry.claim.standing}"
    return Case(*place, told, record.outcome, said, record.output, record.seconds)


def _counts_against(state: EntryState, check: CheckState) -> bool:
    """Whether a recorded outcome is bad news; of a probe, only that it measured nothing."""
    if state.entry.is_problem:
        return check.outcome in ("error", "void")
    claim = state.entry.claim
    # One check that fails refutes a claim, and makes a known failure; the others may pass.
    may_fail = claim.standing == "refuted" or claim.known_failure is not None
    is_failing = (state.quick if check.tier == "quick" else state.full) == "fail"
    return not (claim_as_expected(claim, check.outcome) or (may_fail and is_failing and check.outcome == "pass"))


def _check_json(book: Book, state: CheckState) -> dict[str, Any]:
    record = state.record
    pooled = book.pooled(record) if record else None
    return {
        "pooled": None if pooled is None else asdict(pooled),
        "name": state.check.name,
        "tier": state.tier,
        "outcome": state.outcome,
        "reason": record.reason if record else "",
        "estimate": record.estimate if record else None,
        "interval": record.interval if record else None,
        "accept": record.accept if record else None,
        "method": state.check.method,
        "region": state.past.lines(),
        "controls": [{"name": control.name, "outcome": control.outcome} for control in record.controls]
        if record
        else [],
        "rivals": [{"name": rival.name, "excluded": rival.excluded} for rival in state.rivals],
        "started": record.started if record else None,
        "device": record.device if record else None,
        "seconds": record.seconds if record else None,
        "local": state.local,
        "stale": list(state.stale),
        "disabled": state.check.disabled,
    }


def _complaint(state: EntryState) -> str:
    reasons = [
        f"{check.check.name} ({check.tier}) {check.outcome}: {check.record.reason}"
        for check in state.checks
        if check.record is not None and check.outcome not in ("pass", "unverified")
    ]
    said = f"`{state.entry.id}`: {state.status}, while its standing is {state.entry.claim.standing}"
    return "; ".join([said, *reasons])


def _list(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield ""
        yield f"## {title}"
        yield ""
        yield from (f"- {_cell(item)}" for item in items)


def _record_name(record: Record) -> str:
    return f"{record.claim}/{record.check}.{record.tier}.{record.device}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
