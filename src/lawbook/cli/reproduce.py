"""`lawbook reproduce`: run recorded evidence again with its seeds and compare the numbers."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lawbook.cli.options import entry_or_exit, registry_or_exit, root_option
from lawbook.prose import spelled_out
from lawbook.registry.models import TIERS, Tier

if TYPE_CHECKING:
    from lawbook.evidence.record import Record
    from lawbook.registry.tier_settings import TierSettings
    from lawbook.verification.reproduction import Comparison

SAME, DIFFERENT, BROKEN = 0, 1, 3


@click.command("reproduce")
@click.argument("id", metavar="ID[/CHECK]")
@click.option("--tier", type=click.Choice(TIERS), default="quick", show_default=True)
@click.option("--tolerance", type=click.FloatRange(min=0), default=1e-6, show_default=True, help="Relative.")
@click.option("--jobs", type=click.IntRange(min=1), help="Jobs at a time (default: one a core; one on a GPU).")
@root_option
def command(root: Path, id: str, tier: Tier, tolerance: float, jobs: int | None) -> None:
    """Run the recorded evidence of a claim, or of one of its checks, again and compare the numbers.

    Each record is run with its own seeds, params and threads, on its kind of device. Exits with 0 if all
    values agree within the tolerance, 1 if some differ, 2 where there is nothing to compare with, 3 if a
    checker errored.
    """
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.evidence.store import read_evidence
    from lawbook.registry.ids import entry_and_part
    from lawbook.registry.suggestions import did_you_mean
    from lawbook.verification.environment import DeviceError, available_cores, find_devices
    from lawbook.verification.executors import MissingPackagesError, modules_to_preload, open_executor
    from lawbook.verification.reproduction import reproduce

    entry_id, check_name = entry_and_part(id)
    names = [check.name for check in entry_or_exit(registry, entry_id).checks]
    if check_name is not None and check_name not in names:
        raise click.UsageError(
            f"'{entry_id}' has no check '{check_name}'; {did_you_mean(check_name, names, noun='checks')}"
        )
    book = join_evidence(registry, read_evidence(root))
    for damaged in book.damaged:
        if damaged.is_of(entry_id):
            click.echo(f"damaged evidence: {damaged}", err=True)
    states = [
        state
        for state in book.states[entry_id].checks
        if state.tier == tier and state.record is not None and check_name in (None, state.check.name)
    ]
    measured = [state for state in states if state.record is not None and state.record.seeds]
    if not measured:
        raise click.UsageError(
            f"nothing is recorded of '{id}' at the {tier} tier; run: lawbook verify {entry_id} --tier {tier}"
        )
    kinds: dict[str, list[tuple[Record, TierSettings]]] = {}
    for state in measured:
        settings = state.check.settings(tier)
        assert state.record is not None
        assert settings is not None
        kinds.setdefault(state.record.device_kind, []).append((state.record, settings))
        for reason in state.stale:
            click.echo(f"{entry_id}/{state.check.name} is stale: {spelled_out(reason)}")
    preload = modules_to_preload((state.check for state in measured), CodeGraph(root))
    found: list[Comparison] = []
    for kind, records in kinds.items():
        try:
            device = find_devices(kind)[0]
            slots = jobs or (available_cores() if device == "cpu" else 1)
            executor = open_executor("local", slots, threads=records[0][0].environment.threads, preload=preload)
        except (DeviceError, MissingPackagesError) as error:
            raise click.UsageError(str(error)) from None
        with closing(executor):
            for comparison in reproduce(records, executor, root=str(root), device=device):
                click.echo(_line(comparison, tolerance))
                found.append(comparison)
    if any(comparison.difference is None for comparison in found):
        sys.exit(BROKEN)
    sys.exit(SAME if all(_agrees(comparison, tolerance) for comparison in found) else DIFFERENT)


def _agrees(comparison: Comparison, tolerance: float) -> bool:
    return comparison.difference is not None and comparison.difference <= tolerance


def _line(comparison: Comparison, tolerance: float) -> str:
    record = comparison.record
    name = f"{record.claim}/{record.check}" + (f" · {comparison.arm}" if comparison.arm else "")
    if comparison.difference is None:
        return f"error      {name}: {spelled_out(comparison.reason)}"
    said = "same" if _agrees(comparison, tolerance) else "DIFFERENT"
    return f"{said:<9}  {name}: {comparison.values} values, relative difference {comparison.difference:.2g}"
