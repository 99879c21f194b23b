"""What every command needs first: the registry's root, and the registry or an exit that says why not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import click

from lawbook.registry.diagnostics import Diagnostic, RegistryError
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.root import CLAIMS_FOLDER, find_root

INVALID = 2


def _root(context: click.Context, parameter: click.Parameter, value: Path | None) -> Path:
    if value is None:
        return find_root()
    if not (value / CLAIMS_FOLDER).is_dir():
        raise click.BadParameter(f"{value} holds no '{CLAIMS_FOLDER}/'", context, parameter)
    return value.resolve()


def root_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--root DIR`; the command receives the registry's root as the argument `root`."""
    return click.option(
        "--root",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        metavar="DIR",
        callback=_root,
        help="The registry to work on (default: the nearest parent folder that holds claims/).",
    )(command)


def registry_or_exit(root: Path) -> Registry:
    """The registry at `root`; where it is not valid, prints every mistake to stderr and exits with 2."""
    from lawbook.registry.load import load_registry

    try:
        return load_registry(root)
    except RegistryError as error:
        exit_with(error.diagnostics)


def exit_with(diagnostics: Iterable[Diagnostic]) -> NoReturn:
    """Prints mistakes to stderr, then how many there are, and exits with status 2."""
    listed = list(diagnostics)
    for diagnostic in listed:
        click.echo(str(diagnostic), err=True)
    files = len({diagnostic.path for diagnostic in listed})
    click.echo(f"{counted(len(listed), 'error')} in {counted(files, 'file')}", err=True)
    sys.exit(INVALID)


def counted(number: int, noun: str) -> str:
    """`1 claim`, `2 claims`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def entry_or_exit(registry: Registry, id: str) -> Entry:
    """The entry of that id; where there is none, says which was meant and exits with 2."""
    from lawbook.registry.suggestions import which_id

    if id in registry.entries:
        return registry.entries[id]
    raise click.UsageError(f"no claim or open problem has the id '{id}'; {which_id(id, registry.entries)}")
