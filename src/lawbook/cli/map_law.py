"""`lawbook map`: where a law holds, cell by cell over two of its parameters."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lawbook.cli.durations import read_duration
from lawbook.cli.options import registry_or_exit, root_option
from lawbook.registry.models import TIERS


@click.command("map")
@click.argument("target", metavar="ID[/NAME]")
@click.option("--tier", type=click.Choice(TIERS), default="quick", show_default=True)
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|cuda:N")
@click.option("--jobs", type=click.IntRange(min=1), help="Cells at a time (default: one a core, or one a GPU).")
@click.option("--executor", type=click.Choice(["local", "ray", "slurm"]), default="local", show_default=True)
@click.option("--address", default="", metavar="ADDRESS", help="Of the Ray cluster (default: the one at hand).")
@click.option(
    "--slurm",
    multiple=True,
    metavar="NAME=VALUE",
    help="Where on the Slurm cluster, as partition=gpu or gres=gpu:h100; repeat for more.",
)
@click.option(
    "--budget",
    callback=read_duration,
    metavar="T",
    help="Begin no cell after so long, as in 15m; run again to go on.",
)
@click.option("--force", is_flag=True, help="Measure fresh cells too.")
@click.option("--publish", is_flag=True, help="Record in evidence/, which git tracks, not in .lawbook/.")
@root_option
def command(root: Path, **asked: Any) -> None:
    """Measure the cells of a claim's maps that are missing or stale, and record each at once.

    A map is no verdict: exits with 0 whatever holds where, 3 if a checker errored, 4 if the machine failed or data are
    missing, 130 if interrupted.
    """
    registry = registry_or_exit(root)
    from lawbook.verification.display import make_console
    from lawbook.verification.mapping import MapRequest, map_law
    from lawbook.verification.verify import Refusal

    try:
        sys.exit(map_law(registry, MapRequest(**asked), make_console()))
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None
