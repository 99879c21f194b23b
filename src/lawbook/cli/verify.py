"""`lawbook verify`: run what is missing or stale, judge it, record it, and say how the claims stand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from lawbook.cli.durations import read_duration
from lawbook.cli.options import registry_or_exit, root_option
from lawbook.cli.shards import read_shard
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS, TIERS
from lawbook.verification.seeds import LARGEST_BASE


@click.command("verify")
@click.argument("ids", nargs=-1, metavar="[ID[/CHECK]]...")
@click.option("--strand", type=click.Choice([*STRANDS, PROBLEMS_FOLDER]), help="Only this strand.")
@click.option("--tier", type=click.Choice(TIERS), default="quick", show_default=True)
@click.option("--device", default="auto", show_default=True, metavar="auto|cpu|cuda|cuda:N")
@click.option("--jobs", type=click.IntRange(min=1), help="Jobs at a time (default: one a core, or one a GPU).")
@click.option("--executor", type=click.Choice(["local", "ray", "slurm"]), default="local", show_default=True)
@click.option("--address", default="", metavar="ADDRESS", help="Of the Ray cluster (default: the one at hand).")
@click.option(
    "--slurm",
    multiple=True,
    metavar="NAME=VALUE",
    help="Where on the Slurm cluster, as partition=gpu or gres=gpu:h100; repeat for more.",
)
@click.option(
    "--shard",
    callback=read_shard,
    metavar="I/N",
    help="Run the I-th of N parts, of about equal length; `lawbook evidence merge` joins what they record.",
)
@click.option("--force", is_flag=True, help="Run what is fresh too.")
@click.option(
    "--budget",
    callback=read_duration,
    metavar="TIME",
    help="Run no longer than this (8h, 90m): what needs it most first, fresh or not, on seeds of today's date.",
)
@click.option(
    "--older-than",
    callback=read_duration,
    metavar="TIME",
    help="Run what is fresh too, if it is older than this (7d).",
)
@click.option("--changed-since", metavar="REV", help="Only claims whose file or code changed since a revision.")
@click.option(
    "--seed-base",
    type=click.IntRange(min=0, max=LARGEST_BASE),
    help="Take other seeds: two bases share none (default 0; a night may take its date, as 20261124).",
)
@click.option("--publish", is_flag=True, help="Record in evidence/, which git tracks, not in .lawbook/.")
@click.option("--no-record", "record", flag_value=False, default=True, help="Record nothing.")
@click.option("--verbose", is_flag=True, help="Show what checkers print; `lawbook try` shows it as it comes.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a report of the run to FILE, in the form that its suffix names: .json, .xml (JUnit) or .md.",
)
@root_option
def command(root: Path, **asked: Any) -> None:
    """Run the checks of the claims IDs, or single ones (default: all), that are missing or stale.

    Exits with 0 if every selected claim is as expected, 1 if one is not, 2 for bad usage or an invalid
    registry, 3 if a check errored, 4 if the machine failed a check or its data are not installed, which is no verdict
    and leaves the old record; of several codes the first of 2, 3, 4, 1, 0. 130 if interrupted; what was finished is
    kept.
    """
    if asked["publish"] and not asked["record"]:
        raise click.UsageError("--publish records and --no-record does not; give one of them")
    registry = registry_or_exit(root)
    from lawbook.verification.display import make_console
    from lawbook.verification.verify import Refusal, Request, verify

    try:
        sys.exit(verify(registry, Request(**asked), make_console()))
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None
