"""`lawbook show`: one claim or open problem as a page for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from lawbook.cli.options import entry_or_exit, registry_or_exit, root_option
from lawbook.cli.terminal_text import interval, items, legible, number, section, wrapped
from lawbook.prose import spelled_out

if TYPE_CHECKING:
    from lawbook.book import Book, CheckState, EntryState
    from lawbook.evidence.pooling import Pooled
    from lawbook.evidence.record import Record, RivalResult
    from lawbook.registry.entry import Entry


Curves = Literal["newest", "all", "none"]


@click.command("show")
@click.argument("id")
@click.option(
    "--curves",
    type=click.Choice(get_args(Curves)),
    default="newest",
    show_default=True,
    help="Draw the curves of the newest record, of every check's, or none.",
)
@root_option
def command(root: Path, id: str, curves: Curves) -> None:
    """Show a claim or open problem: what it says, its checks, what was measured, and how to reproduce it."""
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.store import read_evidence

    entry_or_exit(registry, id)
    book = join_evidence(registry, read_evidence(root))
    click.echo(spelled_out("\n".join(page(book, book.states[id], curves))))


def page(book: Book, state: EntryState, curves: Curves = "newest") -> Iterator[str]:
    """The lines of an entry's page. curves: of which records they are drawn."""
    from lawbook.publishing.page_places import page_lines

    entry = state.entry
    title = legible(entry.title)
    yield title
    yield "=" * len(title)
    if entry.is_problem:
        yield f"{entry.id} · open problem"
        problem = entry.problem
        yield from section("Question", problem.question)
        yield from section("Why it matters", problem.why)
        yield from section("Known", problem.known)
        yield from items("What would count as progress", problem.resolution)
    else:
        claim = entry.claim
        yield f"{entry.id} · {entry.strand} · {claim.kind} · {claim.standing}"
        yield from section("Prediction", claim.prediction)
        yield from section("Statement", claim.statement)
        yield from items("Regime", claim.regime)
        yield from section("Use", claim.use or "")
        yield from section("Limits", claim.limits)
    yield from _symbols(book, entry)
    if state.checks or not entry.is_problem:
        yield from _standing(state)
    yield from items("Damaged evidence", [str(damaged) for damaged in book.damaged if damaged.is_of(entry.id)])
    for check in state.checks:
        yield from _check(book, check)
    yield from items("Sources", [_source(book, source.cite, source.role) for source in entry.content.sources])
    yield from items("Relations", list(_relations(book, entry.id)))
    yield from items("Commands", _commands(state))
    yield from items("Page", page_lines(book.registry, [entry.id]))
    yield from _curves(book, state, curves)


def _symbols(book: Book, entry: Entry) -> Iterator[str]:
    from lawbook.registry.entry_symbols import entry_symbols

    named = entry_symbols(book.registry, entry)
    yield from items(
        "Symbols",
        [
            f"${symbol.tex}$: "
            + "; ".join(filter(None, (symbol.item.meaning, symbol.item.unit, symbol.item.shape)))
            + (f" (elsewhere: {symbol.house.meaning}; not here: {symbol.why})" if symbol.house and symbol.why else "")
            for symbol in named
        ],
    )


def _standing(state: EntryState) -> Iterator[str]:
    tiers = ", ".join(f"{tier}: {status}" for tier, status in (("quick", state.quick), ("full", state.full)) if status)
    expected = {True: ", as expected", False: ", NOT as expected", None: ""}[state.as_expected]
    yield from section("Status", f"{state.status}{expected} ({tiers or 'no checks'})")


def _check(book: Book, state: CheckState) -> Iterator[str]:
    check = state.check
    yield ""
    yield f"Check {check.name}, {state.tier} tier: {state.outcome}"
    yield from wrapped(f"observable: {check.observable}")
    yield from wrapped(f"accepted: {_region(state)}, because {check.because}")
    yield from wrapped(f"judged: {check.estimator} at {100 * check.confidence:g} % confidence; {check.checker}")
    settings = check.settings(state.tier)
    yield from _params("params", settings.params if settings else {})
    if check.method != "experiment":
        yield from wrapped(f"method: {check.method}, no experiment")
    for line in state.past.lines():
        yield from wrapped(line)
    if check.disabled is not None:
        yield from wrapped(f"DISABLED: {check.disabled}")
    if state.record is None:
        from lawbook.registry.parameter_merge import merge_params

        yield from wrapped("not measured yet")
        for control in check.controls:
            yield from wrapped(f"control {control.name} (expected: {control.must}): {control.why}")
            own = control.quick if state.tier == "quick" else control.full
            yield from _params(f"control {control.name} with", merge_params(control.params, own))
        return
    yield from _record(state.record, state.rivals, book.pooled(state.record), local=state.local)
    for reason in state.stale:
        yield from wrapped(f"STALE: {reason}")


def _params(label: str, params: dict[str, Any]) -> Iterator[str]:
    """`label: step_size = 0.4, setting.width = 32`; nothing where there are none."""
    from lawbook.publishing.words import value as written
    from lawbook.registry.parameter_merge import dotted

    shown = [f"{name} = {written(value)}" for name, value in dotted(params).items()]
    if shown:
        yield from wrapped(f"{label}: {', '.join(shown)}")


def _record(record: Record, rivals: Sequence[RivalResult], pooled: Pooled | None, *, local: bool) -> Iterator[str]:
    measured = f"measured: {number(record.estimate)}, interval {interval(record.interval)}, {len(record.seeds)} seeds"
    yield from wrapped(f"{measured}, {record.looks} look{'s' if record.looks > 1 else ''}")
    if pooled is not None:
        told = f"pooled: {number(pooled.estimate)}, interval {interval(pooled.interval)}, {pooled.runs} runs"
        said = f"{told} since {pooled.since}, {pooled.seeds} seeds"
        yield from wrapped("; ".join(filter(None, (said, pooled.scatter()))))
    for control in record.controls:
        verdict = "as it must" if control.as_expected else f"NOT as it must (expected: {control.expect})"
        yield from wrapped(
            f"{control.role} control {control.name}: {control.outcome}, {verdict}; {number(control.estimate)}, "
            f"interval {interval(control.interval)}, accepted {interval(control.accept)}"
        )
    for rival in rivals:
        yield from wrapped(f"rival {_rival(rival)}")
    if record.reason:
        yield from wrapped(f"reason: {record.reason}")
    for note in record.notes:
        yield from wrapped(f"note: {note}")
    where = "this machine" if local else "published"
    yield from wrapped(
        f"recorded: {record.started}, {where}, {record.environment.device}, torch {record.environment.torch}, "
        f"{record.seconds:.1f} s"
    )


def _region(state: CheckState) -> str:
    """`2 / step_size, within [-3 %, 15 %] = [4.85, 5.75]`, or the plain numbers."""
    from lawbook.verdicts.intervals import describe

    value = describe(state.regions.main)
    return f"{state.check.expect} = {value}" if state.check.expect.names else value


def _rival(rival: RivalResult) -> str:
    verdict = "excluded" if rival.excluded else "NOT EXCLUDED"
    away = "" if rival.away is None else f" by {rival.away:.3g} standard errors"
    if rival.predicts is None:
        return f"{rival.name}: with its formula {rival.outcome}, {number(rival.estimate)}, so {verdict}{away}"
    low, high = rival.predicts
    said = number(low) if low == high else interval(rival.predicts)
    return f"{rival.name}: predicts {said}; {verdict}{away}"


def _curves(book: Book, state: EntryState, which: Curves) -> Iterator[str]:
    """The panels of records, the controls' lines beside the check's own; the newest record is the one to look at."""
    from lawbook.evidence.store import with_curves
    from lawbook.publishing.figures.panels import panels
    from lawbook.terminal.plot import draw
    from lawbook.terminal.screen import screen

    records = [check.record for check in state.checks if check.record is not None and check.record.curves]
    records.sort(key=lambda record: record.started, reverse=True)
    for record in records[: {"none": 0, "newest": 1, "all": len(records)}[which]]:
        drawn = [list(draw(panel, screen())) for panel in panels(with_curves(book.registry.root, record))]
        if any(drawn):
            yield ""
            yield f"Curves of {record.check}, {record.tier} tier, recorded {record.started}"
        for lines in filter(None, drawn):
            yield ""
            yield from lines


def _relations(book: Book, id: str) -> Iterator[str]:
    for other, entry in book.registry.entries.items():
        for relation in entry.content.relations:
            if other == id:
                yield f"{relation.type} {relation.target}: {book.registry.entries[relation.target].title}"
            elif relation.target == id:
                yield f"{other} {relation.type} this: {entry.title}"


def _source(book: Book, key: str, role: str) -> str:
    from lawbook.publishing.words import address

    reference = book.registry.references[key]
    fields = reference.fields
    place = address(reference)
    authors = ", ".join(reference.authors[:3]) + (" and others" if len(reference.authors) > 3 else "")
    said = [authors, fields.get("title", key), fields.get("year", "")]
    return f"{role}: {'. '.join(part for part in said if part)}{f'. {place}' if place else ''}"


def _commands(state: EntryState) -> list[str]:
    if not state.checks:
        return []
    recorded = {check.tier for check in state.checks if check.record is not None}
    return [
        f"lawbook try {state.entry.id}",
        *(f"lawbook verify {state.entry.id} --tier {tier}" for tier in ("quick", "full") if getattr(state, tier)),
        *(f"lawbook reproduce {state.entry.id} --tier {tier}" for tier in ("quick", "full") if tier in recorded),
    ]
