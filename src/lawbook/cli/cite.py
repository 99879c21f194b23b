"""`lawbook cite`: what to cite for a claim or an open problem."""

from __future__ import annotations

from pathlib import Path

import click

from lawbook.cli.options import entry_or_exit, registry_or_exit, root_option


@click.command("cite")
@click.argument("id")
@root_option
def command(id: str, root: Path) -> None:
    """Print the BibTeX of every source of the claim or open problem ID, in the order of its citations."""
    registry = registry_or_exit(root)
    entry = entry_or_exit(registry, id)
    keys = dict.fromkeys(source.cite for source in entry.content.sources)
    click.echo("\n\n".join(registry.references[key].bibtex for key in keys))
