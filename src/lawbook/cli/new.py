"""`lawbook new`: a valid claim, open problem or registry to start from, with its checker and its test."""

from __future__ import annotations

from pathlib import Path

import click

from lawbook.cli.options import root_option
from lawbook.registry.models import STRANDS


@click.group("new")
def command() -> None:
    """Scaffold a claim, an open problem or a whole registry that is valid from the start."""


@command.command("claim")
@click.argument("id")
@click.option("--strand", required=True, type=click.Choice(STRANDS), help="The folder that it belongs to.")
@root_option
def new_claim(id: str, strand: str, root: Path) -> None:
    """Write the claim ID, its checker and a test: a small true law that lints and verifies as it stands."""
    from lawbook.registry.scaffold import ScaffoldError
    from lawbook.registry.scaffold import new_claim as claim_files

    try:
        written = claim_files(root, id, strand)
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from error
    _write(root, written)
    test = list(written)[-1]
    click.echo(
        f"They pass `lawbook lint`, `lawbook verify {id}` and `python -m pytest {test}` as they stand."
    )
    click.echo("Next: change them, piece by piece, to say your law.")


@command.command("problem")
@click.argument("id")
@root_option
def new_problem(id: str, root: Path) -> None:
    """Write the open problem ID: a small example that lints as it stands."""
    from lawbook.registry.scaffold import ScaffoldError
    from lawbook.registry.scaffold import new_problem as problem_files

    try:
        written = problem_files(root, id)
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from error
    _write(root, written)
    click.echo("Next: change it to ask your question, then `lawbook lint`.")


@command.command("registry")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def new_registry(folder: Path) -> None:
    """Write a small registry of your own into the new folder DIR: it lints, verifies, tests and builds as it stands."""
    from lawbook.registry.new_registry import new_registry as write_registry
    from lawbook.registry.scaffold import ScaffoldError

    try:
        written = write_registry(folder)
    except ScaffoldError as error:
        raise click.UsageError(str(error)) from error
    for path in written:
        click.echo(f"wrote {folder / path}")
    click.echo(
        f"Next: cd {folder}, then `lawbook lint`, `lawbook verify`, `python -m pytest`, `lawbook site build`."
    )


def _write(root: Path, written: dict[Path, str]) -> None:
    """Writes all of the files or none, and says so; a file that has appeared meanwhile is never overwritten."""
    for path in written:
        if not (root / path).parent.resolve().is_relative_to(root.resolve()):
            raise click.UsageError(f"{path.parent} leads out of the registry; nothing was written")
    done: list[Path] = []
    try:
        for path, text in written.items():
            whole = root / path
            whole.parent.mkdir(parents=True, exist_ok=True)
            with whole.open("x", encoding="utf-8") as file:
                done.append(whole)
                file.write(text)
    except BaseException:
        for whole in done:
            whole.unlink(missing_ok=True)
        raise
    for path in written:
        click.echo(f"wrote {path}")
