"""`lawbook lint`: is the registry valid? Reads everything, executes nothing."""

from __future__ import annotations

from pathlib import Path

import click

from lawbook.cli.options import counted, exit_with, root_option


@click.command("lint")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@root_option
def command(paths: tuple[Path, ...], root: Path) -> None:
    """Validate the registry, or report only what is wrong in PATHS.

    Prints each error as `file:line:column: what is wrong; what was meant`, and exits with 2 if there is one.
    A note has the same form and changes no exit status.
    """
    from lawbook.registry.load import inspect

    found = inspect(root, [_within(root, path) for path in paths])
    for note in found.notes:
        click.echo(str(note), err=True)
    registry = found.registry
    if found.mistakes:
        exit_with(found.mistakes)
    if paths or registry is None:
        looked_at = counted(len(paths), "path")
    else:
        claims, problems = counted(len(registry.claims), "claim"), counted(len(registry.problems), "problem")
        looked_at = f"{claims}, {problems}, {counted(len(registry.references), 'reference')}"
    notes = f", {counted(len(found.notes), 'note')}" if found.notes else ""
    click.echo(f"{looked_at}: no errors{notes}")


def _within(root: Path, path: Path) -> Path:
    """The path relative to the root; raises UsageError where it is not in the registry."""
    whole = path.absolute() if path.exists() else root / path
    if not whole.exists():
        raise click.UsageError(f"there is no file or folder '{path}'")
    if not whole.resolve().is_relative_to(root / "claims"):
        raise click.UsageError(f"'{path}' is not in {root / 'claims'}")
    return whole.resolve().relative_to(root)
