"""`lawbook data`: which data sets are found, where, and how to get those that are missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

from lawbook.cli.options import root_option

INVENTORY = "checkers.testbeds.data_sources"


@click.command("data")
@root_option
def command(root: Path) -> None:
    """List the data sets that the checkers use: which are found where, and how to get the others."""
    from rich.console import Console
    from rich.table import Table

    sources = _inventory(root)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("data set", "found", "where"):
        table.add_column(heading, overflow="fold")
    for source in sources:
        table.add_row(source["name"], "yes" if source["found"] else "no", source["where"] or "")
    Console().print(table)
    for source in sources:
        if not source["found"]:
            click.echo(f"\n{source['name']} is missing. {source['how_to_get']}")


def _inventory(root: Path) -> list[dict[str, Any]]:
    """What the registry's own inventory says; it runs in a process of its own, as every checker does."""
    module = root.joinpath(*INVENTORY.split(".")).with_suffix(".py")
    if not module.is_file():
        raise click.ClickException(f"this registry keeps no inventory of data sets ({INVENTORY})")
    finished = subprocess.run(
        [sys.executable, "-m", INVENTORY, "--json"], cwd=root, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        raise click.ClickException(f"the inventory of data sets failed:\n{finished.stderr.strip()}")
    try:
        listed = json.loads(finished.stdout)
    except json.JSONDecodeError as error:
        raise click.ClickException(f"the inventory of data sets printed no JSON: {error}") from error
    keys = {"name", "found", "where", "how_to_get"}
    if not isinstance(listed, list) or not all(isinstance(source, dict) and keys <= source.keys() for source in listed):
        raise click.ClickException(f"the inventory of data sets printed not a list of {', '.join(sorted(keys))}")
    return listed
