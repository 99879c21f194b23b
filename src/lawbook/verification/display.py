"""What a run shows: live progress on a terminal, plain lines elsewhere, and a table at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.progress import TimeElapsedColumn as Elapsed
from rich.table import Table

from lawbook.evidence.record import ControlResult, Record, RivalResult
from lawbook.prose import spelled_out
from lawbook.registry.diagnostics import printable
from lawbook.verdicts.status import Status
from lawbook.verification.outcomes import NOT_MEASURED, EntryOutcome
from lawbook.verification.printed_by_checks import PrintedByChecks
from lawbook.verification.run import Advanced, Ended, Event, Judged, Started, Unmeasured

STYLES: dict[Status, str] = {
    "pass": "green",
    "fail": "red",
    "inconclusive": "yellow",
    "void": "magenta",
    "error": "bold red",
    "unverified": "dim",
}
UNMEASURED_STYLE = "bold yellow"
ERROR_SHOWN = 80
OUTPUT_LINES_SHOWN, OUTPUT_WIDTH_SHOWN = 12, 500
# Away from a terminal nothing needs to fit a screen; a line is as long as it is.
PLAIN_WIDTH = 1000
# Of the check's jobs together, and by the clock on the wall: nobody's share of a processor.
SECONDS = "seconds, all arms"
# A name that is folded over three lines is worse to read than a column that is not there.
FIRST_TO_GO = (SECONDS, "controls", "accepted", "interval")


class Display(Protocol):
    """Shows events as they come, between `with` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, event: Event) -> None:
        """Show one event."""


def make_console() -> Console:
    """A console on stdout: coloured and as wide as the terminal, or plain and without end."""
    if sys.stdout.isatty():
        return Console(highlight=False)
    return Console(highlight=False, width=PLAIN_WIDTH, no_color=True)


def make_display(console: Console, checks: int, *, verbose: bool = False) -> Display:
    """The display that suits the console, for a run of so many checks. verbose: show what checkers print."""
    kind = LiveDisplay if console.is_terminal else PlainDisplay
    return kind(console, checks, verbose=verbose)


class PlainDisplay:
    """A line when a check begins and one when it is settled."""

    def __init__(self, console: Console, checks: int, *, verbose: bool = False) -> None:
        self._console = console
        self._checks = checks
        self._printed = PrintedByChecks(verbose=verbose)
        self._settled = 0
        self._begun: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def show(self, event: Event) -> None:
        if isinstance(event, Started) and event.planned.name not in self._begun:
            self._begun.add(event.planned.name)
            self._console.print(f"begin {event.planned.name}", markup=False, soft_wrap=True)
        elif isinstance(event, Judged | Unmeasured):
            # What is measured again is settled only then.
            self._settled += not _goes_on(event)
            line = f"[{self._settled}/{self._checks}] {_settled_line(event)}"
            self._console.print(line, markup=False, soft_wrap=True)
            self._printed.tell(self._console, event.planned.name)
        elif isinstance(event, Ended):
            self._printed.keep(event)


class LiveDisplay:
    """A bar for the whole run and a line for each job under way; settled checks scroll by above them."""

    def __init__(self, console: Console, checks: int, *, verbose: bool = False) -> None:
        self._printed = PrintedByChecks(verbose=verbose)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            Elapsed(),
            console=console,
            transient=True,
        )
        self._all = self._progress.add_task("checks", total=checks)
        self._jobs: dict[tuple[str, str], TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        if isinstance(event, Judged | Unmeasured):
            style = STYLES[event.record.outcome] if isinstance(event, Judged) else UNMEASURED_STYLE
            self._progress.console.print(f"[{style}]●[/] {escape(_settled_line(event))}")
            self._printed.tell(self._progress.console, event.planned.name)
            self._progress.advance(self._all, not _goes_on(event))
            return
        key = (event.planned.name, event.arm)
        if isinstance(event, Started):
            described = f"{escape(_job_name(event))} [dim]{event.seeds} seeds[/]"
            self._jobs[key] = self._progress.add_task(described, total=None)
        elif isinstance(event, Advanced):
            described = f"{escape(_job_name(event))} [dim]{escape(spelled_out(event.label))}[/]"
            self._progress.update(self._jobs[key], description=described, completed=event.done, total=event.total)
        elif isinstance(event, Ended):
            self._printed.keep(event)
            self._progress.remove_task(self._jobs.pop(key))


def outcome_line(record: Record) -> str:
    """One settled check in one line."""
    line = f"{outcome_text(record):<12} {record.claim}/{record.check}"
    if record.estimate is not None:
        line += f"  {record.estimate:.5g} {interval_text(record.interval)}"
    if not record.reason or record.outcome == "pass":
        return line
    # An error is told in full once, at the end, with what was printed.
    kept = ERROR_SHOWN if record.outcome == "error" else len(record.reason)
    return f"{line}  ({printable(spelled_out(record.reason), kept)})"


def _goes_on(event: Judged | Unmeasured) -> bool:
    return isinstance(event, Judged) and event.again


def _settled_line(event: Judged | Unmeasured) -> str:
    if isinstance(event, Unmeasured):
        return f"{NOT_MEASURED:<12} {event.planned.name}  ({spelled_out(event.reason)})"
    return outcome_line(event.record) + ("  – measured again on other seeds" if event.again else "")


def interval_text(interval: tuple[float | None, float | None] | None) -> str:
    """An interval as `[low, high]`, `≤ high` or `≥ low`."""
    if interval is None:
        return "–"
    low, high = interval
    if low is None:
        return "–" if high is None else f"≤ {high:.5g}"
    return f"≥ {low:.5g}" if high is None else f"[{low:.5g}, {high:.5g}]"


def control_text(control: ControlResult) -> str:
    """A control's name, outcome, and whether it came out as its role says."""
    sign = "+" if control.role == "positive" else "−"
    if control.as_expected or control.outcome == "error":
        return f"{sign} {control.name}: {control.outcome} {'✓' if control.as_expected else '✗'}"
    # What voids a check is looked into first, and that takes its number.
    found = "" if control.estimate is None else f" at {control.estimate:.5g} {interval_text(control.interval)}"
    return f"{sign} {control.name}: {control.outcome}{found}, accepted {interval_text(control.accept)} ✗"


def rival_text(rival: RivalResult) -> str:
    """A rival's name, whether it is excluded, and by how many standard errors where that is known."""
    if not rival.excluded:
        return f"≠ {rival.name}: not excluded ✗"
    away = "" if rival.away is None else f" by {rival.away:.3g} standard errors"
    return f"≠ {rival.name}: excluded{away} ✓"


def outcome_text(record: Record) -> str:
    """The outcome, with the method where it is no experiment."""
    return record.outcome if record.method == "experiment" else f"{record.outcome} ({record.method})"


def show_table(console: Console, outcomes: Iterable[EntryOutcome]) -> None:
    """Every check with a record or that should have one, then the reason for whatever is no plain pass."""
    checks = [
        (f"{entry.entry.id}/{check.name}", check)
        for entry in outcomes
        for check in entry.checks
        if check.record or check.unmeasured
    ]
    if checks:
        rows = [_cells(check.record, check.is_fresh) if check.record else _empty_cells(name) for name, check in checks]
        console.print()
        console.print(_fitting_table(console, rows))
    for name, check in checks:
        if check.record is None:
            said = f"\n[{UNMEASURED_STYLE}]{NOT_MEASURED}[/] {escape(name)}: {escape(spelled_out(check.unmeasured))}"
            console.print(said, soft_wrap=True)
        elif check.record.outcome != "pass":
            _show_reason(console, check.record)


def _cells(record: Record, is_fresh: bool) -> dict[str, str]:
    return {
        "check": escape(f"{record.claim}/{record.check}"),
        "outcome": f"[{STYLES[record.outcome]}]{outcome_text(record)}[/]{' (fresh)' if is_fresh else ''}",
        "estimate": "–" if record.estimate is None else f"{record.estimate:.5g}",
        "interval": escape(interval_text(record.interval)),
        "accepted": escape(interval_text(record.accept)),
        "controls": escape("\n".join(_arms(record))),
        SECONDS: f"{record.seconds:.1f}",
    }


def _empty_cells(name: str) -> dict[str, str]:
    titles = ("estimate", "interval", "accepted", "controls", SECONDS)
    outcome = f"[{UNMEASURED_STYLE}]{NOT_MEASURED}[/]"
    return {"check": escape(name), "outcome": outcome, **dict.fromkeys(titles, "–")}


def _arms(record: Record) -> list[str]:
    return [spelled_out(arm) for arm in (*map(control_text, record.controls), *map(rival_text, record.rivals))]


def _fitting_table(console: Console, rows: Sequence[dict[str, str]]) -> Table:
    """The table without the columns that the terminal has no room for; `lawbook show` tells them."""
    titles = list(rows[0])
    table = _table(rows, titles)
    for dispensable in FIRST_TO_GO:
        if Measurement.get(console, console.options.update(max_width=PLAIN_WIDTH), table).maximum <= console.width:
            break
        titles.remove(dispensable)
        table = _table(rows, titles)
    return table


def _table(rows: Sequence[dict[str, str]], titles: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold", justify="right" if title == SECONDS else "left")
    for row in rows:
        table.add_row(*(row[title] for title in titles))
    return table


def show_lines(console: Console, title: str, lines: Iterable[str]) -> None:
    """A list under a title; nothing where the list is empty."""
    for number, line in enumerate(lines):
        if number == 0:
            console.print(f"\n{title}", markup=False, soft_wrap=True)
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _show_reason(console: Console, record: Record) -> None:
    name = escape(f"{record.claim}/{record.check}")
    console.print(
        f"\n[{STYLES[record.outcome]}]{record.outcome}[/] {name}: {escape(spelled_out(record.reason))}",
        soft_wrap=True,
    )
    for line in record.output.rstrip().splitlines()[-OUTPUT_LINES_SHOWN:]:
        console.print(f"    {printable(line.expandtabs(), OUTPUT_WIDTH_SHOWN)}", markup=False, soft_wrap=True)


def _job_name(event: Started | Advanced) -> str:
    return f"{event.planned.name} · {event.arm}" if event.arm else event.planned.name
