"""`lawbook try`: one check in this process, on exploratory seeds, to look at what it measures."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lawbook.cli.options import entry_or_exit, registry_or_exit, root_option
from lawbook.cli.terminal_text import fill
from lawbook.prose import spelled_out
from lawbook.registry.ids import entry_and_part
from lawbook.registry.models import TIERS, Check, Control, Tier
from lawbook.verification.interruption import interruptible

if TYPE_CHECKING:
    from lawbook.exploration.trial import Bench, Explored, Trial
    from lawbook.registry.entry import Entry, Registry

USAGE, ERRED, MISSING = 2, 3, 4
ALL = "all"
# As wide as the words at the left, under which a remark goes on.
HANGING = " " * 13
# What the registry's own data sets raise where they are not installed; the engine imports no checker.
DATA_MISSING = "DataMissing"


@click.command("try")
@click.argument("id", metavar="ID[/CHECK]")
@click.option("--tier", type=click.Choice(TIERS), default="quick", show_default=True)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter's value, as YAML: width=64, setting.width=64, sizes='[8, 16]'.",
)
@click.option("--seeds", type=click.IntRange(min=1, max=100_000), metavar="N", help="How many seeds.")
@click.option("--control", "controls", multiple=True, metavar="NAME", help="Run this control, too, or `all` of them.")
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|cuda:N")
@click.option("--trace", is_flag=True, help="After an error, show all of its traceback.")
@root_option
def command(
    root: Path,
    id: str,
    tier: Tier,
    assignments: tuple[str, ...],
    seeds: int | None,
    controls: tuple[str, ...],
    device: str,
    trace: bool,
) -> None:
    """Run a check, or all checks of a claim or problem in turn, in this process and record nothing.

    Prints and breakpoints work, there is no limit of time or memory, and seeds begin at 100,000, which no verdict is
    ever taken from. Exits with 0 whatever the outcome would be, 2 for bad usage, 3 if the checker erred, 4 if data are
    missing.
    """
    registry = registry_or_exit(root)
    trials = _trials(registry, id, tier, assignments, seeds)
    chosen = {trial.name: _controls(trial.check, controls) for trial in trials}
    # Ctrl-C ends it even where whoever started us ignores that signal.
    with interruptible():
        bench = _bench(root, trials, device)
        codes = [_explore(trial, chosen[trial.name], bench, trace=trace) for trial in trials]
    sys.exit(min((code for code in codes if code), default=0))


def _trials(registry: Registry, id: str, tier: Tier, assignments: Sequence[str], seeds: int | None) -> list[Trial]:
    """The checks to run, changed as asked for; whatever does not fit ends the command before anything runs."""
    from lawbook.exploration.changes import ChangeError, changed_check, changed_regions, read_changes
    from lawbook.exploration.trial import Trial
    from lawbook.registry.checker_source import resolve_checker

    entry_id, check_name = entry_and_part(id)
    entry = entry_or_exit(registry, entry_id)
    trials = []
    for check in _checks(entry, check_name, tier):
        source = resolve_checker(registry.root, check.checker)
        try:
            params = read_changes(assignments, source)
            changed = changed_check(check, tier, params, seeds)
            regions = changed_regions(changed, tier, source)
        except ChangeError as error:
            place = "" if check_name else f"{entry_id}/{check.name}: "
            one = "" if check_name or len(entry.checks) == 1 else f"\nname one check: {_names(entry)}"
            raise click.UsageError(f"{place}{error}{one}") from None
        trials.append(Trial(entry, changed, tier, regions, params))
    return trials


def _checks(entry: Entry, name: str | None, tier: Tier) -> list[Check]:
    from lawbook.registry.suggestions import did_you_mean

    names = [check.name for check in entry.checks]
    if not names:
        raise click.UsageError(f"'{entry.id}' has no check to try")
    if name is not None and name not in names:
        raise click.UsageError(f"'{entry.id}' has no check '{name}'; {did_you_mean(name, names, noun='checks')}")
    chosen = [check for check in entry.checks if name in (None, check.name)]
    runnable = [check for check in chosen if check.settings(tier) is not None]
    if not runnable:
        other = "quick" if tier == "full" else "full"
        raise click.UsageError(f"nothing of '{entry.id}' runs at the {tier} tier; try --tier {other}")
    return runnable


def _names(entry: Entry) -> str:
    return ", ".join(f"{entry.id}/{check.name}" for check in entry.checks)


def _controls(check: Check, asked: Sequence[str]) -> list[Control]:
    from lawbook.registry.suggestions import did_you_mean

    if ALL in asked:
        return list(check.controls)
    names = [control.name for control in check.controls]
    for name in asked:
        if name not in names:
            raise click.UsageError(
                f"check '{check.name}' has no control '{name}'; {did_you_mean(name, [*names, ALL], noun='controls')}"
            )
    return [control for control in check.controls if control.name in asked]


def _bench(root: Path, trials: Sequence[Trial], device: str) -> Bench:
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.exploration.progress import track_on_stderr
    from lawbook.exploration.trial import Bench, prepare
    from lawbook.verification.environment import DeviceError, available_cores, find_devices
    from lawbook.verification.executors import MissingPackagesError, check_packages, modules_to_preload

    modules = modules_to_preload([trial.check for trial in trials], CodeGraph(root))
    try:
        check_packages(modules)
        devices = find_devices(device)
    except (DeviceError, MissingPackagesError) as error:
        raise click.UsageError(str(error)) from None
    prepare(modules)
    return Bench(root, devices[0], available_cores(), track_on_stderr)


def _explore(trial: Trial, controls: Sequence[Control], bench: Bench, *, trace: bool) -> int:
    """Run the check and the controls and tell what came of each; the exit code of the first that erred, else 0."""
    from lawbook.exploration.telling import tell_control, tell_main
    from lawbook.exploration.trial import explore
    from lawbook.verification.own_line import left_debugger

    for control in (None, *controls):
        click.echo()
        try:
            found = explore(trial, bench, control)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if left_debugger(error):
                raise KeyboardInterrupt from None
            return _tell_error(error, trial, bench.root, trace=trace)
        tell: Callable[[Trial, Explored], Iterator[str]] = tell_main if control is None else tell_control
        for line in tell(trial, found):
            click.echo(spelled_out(fill(line, "", HANGING)))
        for line in _drawings(found):
            click.echo(line)
        if found.finding.outcome == "error":
            return ERRED
    return 0


def _drawings(found: Explored) -> Iterator[str]:
    from lawbook.publishing.figures.panels import Drawn, Panel
    from lawbook.terminal.plot import draw
    from lawbook.terminal.screen import screen

    for stored in found.panels:
        panel = Panel(stored, [Drawn(line) for line in stored.lines], [Drawn(cells) for cells in stored.maps])
        yield ""
        yield from draw(panel, screen())


def _tell_error(error: BaseException, trial: Trial, root: Path, *, trace: bool) -> int:
    from lawbook.verification.arguments import ArgumentError
    from lawbook.verification.own_line import explain, rest_of_the_trace
    from lawbook.verification.worker import WrongReturn

    checker = trial.check.checker
    if any(kind.__name__ == DATA_MISSING for kind in type(error).__mro__):
        click.echo(f"{trial.name}: not measured: {spelled_out(str(error))}", err=True)
        return MISSING
    if isinstance(error, ArgumentError | WrongReturn):
        click.echo(f"{trial.name}: {spelled_out(str(error))}", err=True)
        return ERRED
    click.echo(f"{trial.name}: {explain(error, root, checker)}", err=True)
    if trace:
        click.echo("".join(traceback.format_exception(error)), err=True)
    else:
        for line in rest_of_the_trace(error, root, checker):
            click.echo(line, err=True)
    return ERRED
