"""Finds the registry that a command works on."""

from __future__ import annotations

from pathlib import Path

import click

CLAIMS_FOLDER = "claims"


def find_root(start: Path | None = None) -> Path:
    """The nearest of `start` (default: the working directory) and its parents that holds `claims/`.

    Raises click.UsageError where there is none.
    """
    begin = (start or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if (folder / CLAIMS_FOLDER).is_dir():
            return folder
    raise click.UsageError(
        f"no registry here: neither {begin} nor a folder above it holds '{CLAIMS_FOLDER}/'; "
        "change into one or name it with --root DIR"
    )
