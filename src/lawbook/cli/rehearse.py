"""`lawbook rehearse`: begin every job of a tier, to know what breaks and how long it will take before it counts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lawbook.cli.options import counted, entry_or_exit, registry_or_exit, root_option
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS, TIERS, Tier

if TYPE_CHECKING:
    from lawbook.registry.entry import Registry
    from lawbook.verification.plan import PlannedCheck
    from lawbook.verification.rehearsal import Part, Rehearsed

BROKE, DATA_MISSING = 3, 4
MIB_A_GIB = 1024


@click.command("rehearse")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--strand", type=click.Choice([*STRANDS, PROBLEMS_FOLDER]), help="Only this strand.")
@click.option("--tier", type=click.Choice(TIERS), default="full", show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(min=1),
    default=20.0,
    show_default=True,
    help="How long each job may run.",
)
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|cuda:N")
@click.option("--jobs", type=click.IntRange(min=1), help="Jobs at a time (default: one a core, or one a GPU).")
@click.option("--main", "main_only", is_flag=True, help="Only the main measurements, no controls and rivals.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write JSON to FILE.",
)
@root_option
def command(
    root: Path,
    ids: tuple[str, ...],
    strand: str | None,
    tier: Tier,
    seconds: float,
    device: str,
    jobs: int | None,
    main_only: bool,
    report: Path | None,
) -> None:
    """Begin every job of the claims IDs (default: all) on real data and let it run some seconds.

    Says what broke, which data are missing and how to get them, the memory that each job took, and the work left by
    its own progress; the worst comes first. Nothing is recorded, and the seeds are none that a verdict will see. Exits
    with 3 if a job broke, 4 if only data are missing, 0 otherwise.
    """
    registry = registry_or_exit(root)
    from lawbook.verification.rehearsal import parts_of, worst_first

    planned = _planned(registry, root, ids, strand, tier)
    parts = parts_of(planned, main_only=main_only)
    if not parts:
        raise click.UsageError(f"no check to rehearse: none that was asked for runs at the {tier} tier")
    if report is not None and report.exists() and not _is_ours(report):
        raise click.UsageError(f"--report {report}: that file is no earlier rehearsal and would be lost; name another")
    done = worst_first(_run(root, parts, planned, device, jobs, seconds))
    _show(done, seconds)
    if report is not None:
        from lawbook.places.writing import write_atomically

        write_atomically(report, _report(done, tier, seconds).encode())
    states = Counter(job.state for job in done)
    sys.exit(BROKE if states["broke"] else DATA_MISSING if states["data missing"] else 0)


def _planned(
    registry: Registry, root: Path, ids: tuple[str, ...], strand: str | None, tier: Tier
) -> list[PlannedCheck]:
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.verification.plan import plan_check, select_entries

    code = CodeGraph(root)
    chosen = [entry_or_exit(registry, id).id for id in ids]
    return [
        plan_check(entry, check, tier, code)
        for entry in select_entries(registry, chosen, strand, None, code)
        for check in entry.checks
        if check.settings(tier) is not None and check.disabled is None
    ]


def _run(
    root: Path,
    parts: list[Part],
    planned: list[PlannedCheck],
    device: str,
    jobs: int | None,
    seconds: float,
) -> list[Rehearsed]:
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.verification.environment import DeviceError, available_cores, find_devices
    from lawbook.verification.executors import MissingPackagesError, modules_to_preload, open_executor
    from lawbook.verification.rehearsal import rehearse

    cores = available_cores()
    try:
        devices = find_devices(device)
        slots = jobs or (cores if devices[0] == "cpu" else len(devices))
        threads = max(1, cores // slots)
        preload = modules_to_preload((plan.check for plan in planned), CodeGraph(root))
        executor = open_executor("local", slots, threads=threads, preload=preload)
    except (DeviceError, MissingPackagesError) as error:
        raise click.UsageError(str(error)) from None
    done = []
    with closing(executor):
        rehearsal = rehearse(parts, executor, root=str(root), devices=devices, threads=threads, seconds=seconds)
        for job in rehearsal:
            done.append(job)
            click.echo(f"{len(done)}/{len(parts)} {job.state:<12} {job.part.name}", err=True)
    return done


def _show(done: list[Rehearsed], seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("job", "state", "memory", "ran", "left", "progress"):
        table.add_column(heading, overflow="fold", justify="right" if heading in ("memory", "ran", "left") else "left")
    for job in done:
        table.add_row(
            job.part.name,
            job.state,
            _memory(job),
            duration(job.seconds),
            "" if job.state == "finished" else "?" if job.seconds_left is None else f"≥ {duration(job.seconds_left)}",
            # The advice is below, once for all.
            job.reason.split(". ")[0] if job.state == "data missing" else job.progress or job.reason,
        )
    # A pipe or a file has no width of its own to fold the table to.
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    states = Counter(job.state for job in done)
    for advice in dict.fromkeys(job.reason for job in done if job.state == "data missing"):
        click.echo(f"\n{advice}")
    said = ", ".join(f"{states[state]} {state}" for state in states)
    click.echo(f"\n{counted(len(done), 'job')} of {seconds:g} seconds at most: {said}; nothing was recorded")


def _memory(job: Rehearsed) -> str:
    own = f"{job.memory / MIB_A_GIB:.1f} GiB"
    return f"{own}, card {job.card_memory / MIB_A_GIB:.1f} GiB" if job.card_memory else own


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def _report(done: list[Rehearsed], tier: Tier, seconds: float) -> str:
    jobs: list[dict[str, Any]] = [
        {
            "claim": job.part.planned.entry.id,
            "check": job.part.planned.check.name,
            "arm": job.part.arm,
            "state": job.state,
            "reason": job.reason,
            "seconds": round(job.seconds, 2),
            "memory": job.memory,
            "card_memory": job.card_memory,
            "seconds_left": None if job.seconds_left is None else round(job.seconds_left, 1),
            "progress": job.progress,
        }
        for job in done
    ]
    told = {"rehearsal": 1, "tier": tier, "seconds": seconds, "jobs": jobs}
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _is_ours(report: Path) -> bool:
    try:
        return report.read_text(encoding="utf-8").startswith('{\n "rehearsal": 1,')
    except (OSError, UnicodeDecodeError):
        return False
