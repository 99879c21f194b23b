"""`lawbook show`: one claim or open problem as a page for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lawbook.cli.options import entry_or_exit, registry_or_exit, root_option
from lawbook.prose import spelled_out

if TYPE_CHECKING:
    from lawbook.book import Book, CheckState, EntryState
    from lawbook.evidence.record import Record, RivalResult
    from lawbook.registry.entry import Entry

WIDTH = 96


@click.command("show")
@click.argument("id")
@root_option
def command(root: Path, id: str) -> None:
    """Show a claim or open problem: what it says, its checks, what was measured, and how to reproduce it."""
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.store import read_evidence

    entry_or_exit(registry, id)
    book = join_evidence(registry, read_evidence(root))
    click.echo(spelled_out("\n".join(page(book, book.states[id]))))


def page(book: Book, state: EntryState) -> Iterator[str]:
    """The lines of an entry's page."""
    entry = state.entry
    yield entry.title
    yield "=" * len(entry.title)
    if entry.is_problem:
        yield f"{entry.id} · open problem"
        problem = entry.problem
        yield from _section("Question", problem.question)
        yield from _section("Why it matters", problem.why)
        yield from _section("Known", problem.known)
        yield from _items("What would count as progress", problem.resolution)
    else:
        claim = entry.claim
        yield f"{entry.id} · {entry.strand} · {claim.kind} · {claim.standing}"
        yield from _section("Prediction", claim.prediction)
        yield from _section("Statement", claim.statement)
        yield from _items("Regime", claim.regime)
        yield from _section("Use", claim.use or "")
        yield from _section("Limits", claim.limits)
    yield from _symbols(book, entry)
    if state.checks or not entry.is_problem:
        yield from _standing(state)
    yield from _items(
        "Damaged evidence", [str(damaged) for damaged in book.damaged if damaged.is_of(entry.id)]
    )
    for check in state.checks:
        yield from _check(check)
    yield from _items(
        "Sources", [_source(book, source.cite, source.role) for source in entry.content.sources]
    )
    yield from _items("Relations", list(_relations(book, entry.id)))
    yield from _items("Commands", _commands(state))


def _symbols(book: Book, entry: Entry) -> Iterator[str]:
    from lawbook.registry.entry_symbols import entry_symbols

    named = entry_symbols(book.registry, entry)
    yield from _items(
        "Symbols",
        [
            f"{symbol.tex}: "
            + "; ".join(filter(None, (symbol.item.meaning, symbol.item.unit, symbol.item.shape)))
            + (
                f" (elsewhere: {symbol.house.meaning}; not here: {symbol.why})"
                if symbol.house and symbol.why
                else ""
            )
            for symbol in named
        ],
    )


def _standing(state: EntryState) -> Iterator[str]:
    tiers = ", ".join(
        f"{tier}: {status}" for tier, status in (("quick", state.quick), ("full", state.full)) if status
    )
    expected = {True: ", as expected", False: ", NOT as expected", None: ""}[state.as_expected]
    yield from _section("Status", f"{state.status}{expected} ({tiers or 'no checks'})")


def _check(state: CheckState) -> Iterator[str]:
    check = state.check
    yield ""
    yield f"Check {check.name}, {state.tier} tier: {state.outcome}"
    yield from _wrapped(f"observable: {check.observable}")
    yield from _wrapped(f"accepted: {_region(state)}, because {check.because}")
    yield from _wrapped(
        f"judged: {check.estimator} at {100 * check.confidence:g} % confidence; {check.checker}"
    )
    settings = check.settings(state.tier)
    yield from _params("params", settings.params if settings else {})
    if check.method != "experiment":
        yield from _wrapped(f"method: {check.method}, no experiment")
    for line in state.past.lines():
        yield from _wrapped(line)
    if check.disabled is not None:
        yield from _wrapped(f"DISABLED: {check.disabled}")
    if state.record is None:
        from lawbook.registry.parameter_merge import merge_params

        yield from _wrapped("not measured yet")
        for control in check.controls:
            yield from _wrapped(f"control {control.name} (expected: {control.must}): {control.why}")
            own = control.quick if state.tier == "quick" else control.full
            yield from _params(f"control {control.name} with", merge_params(control.params, own))
        return
    yield from _record(state.record, local=state.local)
    for reason in state.stale:
        yield from _wrapped(f"STALE: {reason}")


def _params(label: str, params: dict[str, Any]) -> Iterator[str]:
    """`label: step_size = 0.4, setting.width = 32`; nothing where there are none."""
    from lawbook.publishing.words import value as written
    from lawbook.registry.parameter_merge import dotted

    shown = [f"{name} = {written(value)}" for name, value in dotted(params).items()]
    if shown:
        yield from _wrapped(f"{label}: {', '.join(shown)}")


def _record(record: Record, *, local: bool) -> Iterator[str]:
    measured = f"measured: {_number(record.estimate)}, interval {_interval(record.interval)}, {len(record.seeds)} seeds"
    yield from _wrapped(f"{measured}, {record.looks} look{'s' if record.looks > 1 else ''}")
    for control in record.controls:
        verdict = "as it must" if control.as_expected else f"NOT as it must (expected: {control.expect})"
        yield from _wrapped(
            f"{control.role} control {control.name}: {control.outcome}, {verdict}; {_number(control.estimate)}, "
            f"interval {_interval(control.interval)}, accepted {_interval(control.accept)}"
        )
    for rival in record.rivals:
        yield from _wrapped(f"rival {_rival(rival)}")
    if record.reason:
        yield from _wrapped(f"reason: {record.reason}")
    for note in record.notes:
        yield from _wrapped(f"note: {note}")
    where = "this machine" if local else "published"
    yield from _wrapped(
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
        return (
            f"{rival.name}: with its formula {rival.outcome}, {_number(rival.estimate)}, so {verdict}{away}"
        )
    low, high = rival.predicts
    said = _number(low) if low == high else _interval(rival.predicts)
    return f"{rival.name}: predicts {said}; {verdict}{away}"


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
        *(
            f"lawbook verify {state.entry.id} --tier {tier}"
            for tier in ("quick", "full")
            if getattr(state, tier)
        ),
        *(
            f"lawbook reproduce {state.entry.id} --tier {tier}"
            for tier in ("quick", "full")
            if tier in recorded
        ),
    ]


def _section(title: str, text: str) -> Iterator[str]:
    if text:
        yield ""
        yield title
        yield textwrap.indent(text.rstrip(), "  ")


def _items(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield ""
        yield title
        for item in items:
            yield _fill(item, "  - ", "    ")


def _wrapped(text: str) -> Iterator[str]:
    yield _fill(text, "  ", "    ")


def _fill(text: str, first: str, rest: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _number(value: float | None) -> str:
    return "no estimate" if value is None else f"{value:.5g}"


def _interval(interval: tuple[float | None, float | None] | None) -> str:
    from lawbook.verdicts.intervals import describe

    if interval is None:
        return "none"
    low, high = interval
    return describe((-float("inf") if low is None else low, float("inf") if high is None else high))
