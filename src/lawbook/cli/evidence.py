"""`lawbook evidence`: what is recorded, whether it is whole, and how stores are joined and kept small."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from lawbook.cli.durations import read_duration
from lawbook.cli.options import counted, registry_or_exit, root_option

MIB = 2**20
WHOLE, FAULTY = 0, 1
local_option = click.option(
    "--local", is_flag=True, help="The store of this machine, .lawbook/evidence, not evidence/."
)


@click.group("evidence")
def command() -> None:
    """List, check, join and prune what was measured."""


@command.command("list")
@local_option
@root_option
def list_store(root: Path, local: bool) -> None:
    """What there is: records by tier and device, their ages, and the sizes of all."""
    from lawbook.evidence.contents import contents
    from lawbook.verification.ages import in_words

    held = contents(root, publish=not local)
    now = datetime.now(UTC)
    for group in held.groups:
        oldest, newest = (in_words(now - moment) for moment in (group.oldest, group.newest))
        click.echo(
            f"{group.tier:<5}  {group.device:<8}  {counted(group.records, 'record'):>12}, "
            f"the oldest of {oldest} ago, the newest of {newest} ago"
        )
    for name, part in held.parts.items():
        click.echo(f"{name:<8}  {counted(part.files, 'file'):>12}  {part.size / MIB:8.2f} MiB")
    click.echo(f"{counted(held.lines, 'line')} of history; files or lines that are damaged: {held.damaged}")


@command.command("check")
@local_option
@root_option
def check(root: Path, local: bool) -> None:
    """Find what is damaged, foreign, future, duplicate or orphaned, and say how to mend it.

    Exits with 1 where something is to be mended; what begins with "note" needs no mending.
    """
    registry = registry_or_exit(root)
    from lawbook.evidence.inspection import inspect_store

    found = inspect_store(registry, publish=not local)
    for one in found:
        click.echo(str(one) if one.is_fault else f"note: {one}")
    faults = sum(one.is_fault for one in found)
    click.echo(f"{counted(faults, 'fault')}, {counted(len(found) - faults, 'note')}")
    sys.exit(FAULTY if faults else WHOLE)


@command.command("merge")
@click.argument("sources", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@local_option
@root_option
def merge(root: Path, sources: tuple[Path, ...], local: bool) -> None:
    """Take in the evidence of the folders DIR, each a store or a checkout that holds evidence/.

    Of each record the newest, with its curves; of histories and maps every line. The order of folders does not matter.
    Exits with 1 where something was refused, which stays where it is.
    """
    from filelock import FileLock

    from lawbook.evidence.links import refuse_links
    from lawbook.evidence.merging import merge_evidence
    from lawbook.evidence.state import LOCK_PATIENCE, make_state_folder
    from lawbook.evidence.store import PUBLISHED, store_folder

    store = store_folder(publish=not local)
    refused = False
    with FileLock(make_state_folder(root) / "evidence.lock", timeout=LOCK_PATIENCE):
        refuse_links(root, store)
        for given in sources:
            source = given / PUBLISHED if (given / PUBLISHED).is_dir() else given
            if source.resolve() == (root / store).resolve():
                raise click.UsageError(f"{given} is the store itself; name another one")
            merged = merge_evidence(source, root / store)
            click.echo(f"{source}: {merged}")
            refused = refused or bool(merged.refused)
    sys.exit(FAULTY if refused else WHOLE)


@command.command("prune")
@click.option(
    "--curves-older-than",
    callback=read_duration,
    metavar="TIME",
    help="Drop the curves of records older than this (30d); the records stay.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@local_option
@root_option
def prune(root: Path, curves_older_than: float | None, dry_run: bool, local: bool) -> None:
    """Put the history of each past year into one file, and drop curves of old records where asked to."""
    from lawbook.evidence.pruning import compact_years, drop_curves
    from lawbook.evidence.record import TIME_FORMAT
    from lawbook.evidence.store import read_store, store_folder

    now = datetime.now(UTC)
    store = store_folder(publish=not local)
    done = compact_years(root, store, now.year, dry_run=dry_run)
    if curves_older_than is not None:
        since = (now - timedelta(seconds=curves_older_than)).strftime(TIME_FORMAT)
        held = read_store(root, publish=not local)
        done += drop_curves(root, store, held, since, dry_run=dry_run)
    for one in done:
        click.echo(str(one))
    freed = sum(one.freed for one in done) / MIB
    click.echo(f"{'would free' if dry_run else 'freed'} {freed:.2f} MiB")
    sys.exit(FAULTY if any(one.is_refused for one in done) else WHOLE)
