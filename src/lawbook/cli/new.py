"""`lawbook new`: a valid claim, open problem or registry to start from; a source at its place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, get_args

import click

from lawbook.cli.options import root_option
from lawbook.registry.models import STRANDS, Kind, Standing

if TYPE_CHECKING:
    from lawbook.registry.first_words import FirstWords

KINDS, STANDINGS = get_args(Kind), get_args(Standing)


@click.group("new")
def command() -> None:
    """Scaffold a claim, an open problem or a whole registry that is valid from the start, or add a source."""


@command.command("claim")
@click.argument("id")
@click.option("--strand", required=True, type=click.Choice(STRANDS), help="The folder that it belongs to.")
@click.option("--kind", type=click.Choice(KINDS), help="What sort of statement it is.")
@click.option("--standing", type=click.Choice(STANDINGS), help="What the literature holds of it.")
@click.option("--prediction", help="The one-line formula, LaTeX between dollar signs.")
@click.option("--expect", help="The region: 'equals: 2 / step_size, within: 15 %', or at_most, at_least, between.")
@root_option
def new_claim(id: str, strand: str, root: Path, **words: str | None) -> None:
    """Write the claim ID, its checker and a test: a small true law that lints and verifies as it stands.

    What is not given as an option is asked for at a terminal, and elsewhere is the example's.
    """
    from lawbook.registry.first_words import FirstWordsError
    from lawbook.registry.scaffold import EXAMPLE, ScaffoldError
    from lawbook.registry.scaffold import new_claim as claim_files

    first = replace(EXAMPLE, **{name: word for name, word in words.items() if word is not None})
    if sys.stdin.isatty() and sys.stdout.isatty():
        first = _ask(first, words)
    try:
        written = claim_files(root, id, strand, first)
    except (ScaffoldError, FirstWordsError) as error:
        raise click.UsageError(str(error)) from error
    _write(root, written)
    test = list(written)[-1]
    passing = ["`lawbook lint`", f"`python -m pytest {test}`"]
    if first.expect == EXAMPLE.expect:
        passing.insert(1, f"`lawbook verify {id}`")
    click.echo(f"They pass {', '.join(passing[:-1])} and {passing[-1]} as they stand.")
    if first != EXAMPLE:
        click.echo("The statement, `because`, the controls and the checker are still the example's.")
    click.echo("Next: change them, piece by piece, to say your law; site/pages/contribute.md has the way.")


def _ask(first: FirstWords, given: Mapping[str, str | None]) -> FirstWords:
    """The words with what was not given asked for; an empty answer keeps the example's."""
    asked: dict[str, tuple[str, Any]] = {
        "kind": ("Kind", click.Choice(KINDS)),
        "standing": ("Standing in the literature", click.Choice(STANDINGS)),
        "prediction": ("Prediction, one line of LaTeX between dollar signs", None),
        "expect": ("Region, as in 'equals: 2 / step_size, within: 15 %'", None),
    }
    answers = {
        name: click.prompt(question, default=getattr(first, name), type=choices)
        for name, (question, choices) in asked.items()
        if given[name] is None
    }
    return replace(first, **answers)


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
    click.echo(f"Next: cd {folder}, then `lawbook lint`, `lawbook verify`, `python -m pytest`, `lawbook site build`.")


@command.command("source")
@click.argument("key")
@click.argument("file", required=False, type=click.File("r", encoding="utf-8"))
@click.option("--title", help="Of the work; with --author and --year in place of BibTeX.")
@click.option("--author", help="As in BibTeX: 'Family, Given and Family, Given'.")
@click.option("--year", help="Four digits.")
@click.option("--doi", help="10.NUMBER/NAME, without https://doi.org/ before it.")
@click.option("--arxiv", help="The number alone, as 2103.00065.")
@root_option
def new_source(key: str, file: TextIO | None, root: Path, **fields: str | None) -> None:
    """Add the source KEY to claims/references.bib, at its place in the order of keys.

    The entry is read as BibTeX from FILE, or from standard input where none is named, or made of the options. Its key
    becomes KEY. Nothing is fetched; a key or a work that is there already is refused.
    """
    from lawbook.places.writing import write_atomically
    from lawbook.registry.layout import BIBLIOGRAPHY
    from lawbook.registry.new_source import SourceRefused, is_usual_key, usual_key, with_source, written_out

    given = {"eprint" if name == "arxiv" else name: value for name, value in fields.items() if value}
    if given and file is not None:
        raise click.UsageError("give BibTeX in a file, or its fields as options, not both")
    try:
        if given:
            bibtex = written_out(key, {name: given.get(name, "") for name in SOURCE_FIELDS})
        else:
            bibtex = _read_bibtex(file)
        text, reference = with_source(root, key, bibtex)
    except SourceRefused as error:
        raise click.UsageError(str(error)) from error
    except UnicodeDecodeError as error:
        raise click.UsageError(f"the BibTeX is not UTF-8: byte {error.start}") from error
    write_atomically(root / BIBLIOGRAPHY, text.encode())
    by = ", ".join(reference.authors)
    click.echo(f"added {key} to {BIBLIOGRAPHY}: {by}, {reference.fields['title']} ({reference.fields['year']})")
    if not is_usual_key(key, reference):
        click.echo(f"The book's keys are author, year, word of the title: {usual_key(reference)}.", err=True)
    click.echo(f"Cite it as `- {{cite: {key}, role: origin}}`.")


SOURCE_FIELDS = ("author", "title", "year", "eprint", "doi")


def _read_bibtex(file: TextIO | None) -> str:
    source = file or sys.stdin
    if file is None and source.isatty():
        click.echo("Paste the BibTeX entry, then press Ctrl-D on a line of its own:", err=True)
    return source.read()


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
