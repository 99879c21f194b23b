"""Parts of a run as people write them on a command line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lawbook.verification.shards import Shard

FORM = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


def read_shard(context: click.Context, parameter: click.Parameter, value: str | None) -> Shard | None:
    """The part that `2/8` names: the callback of an option."""
    if value is None:
        return None
    if not (form := FORM.fullmatch(value)) or not 1 <= int(form[1]) <= int(form[2]):
        said = f"'{value}' is no part of a whole; write the second of eight as 2/8, the parts numbered from 1"
        raise click.BadParameter(said, context, parameter)
    from lawbook.verification.shards import Shard

    return Shard(int(form[1]), int(form[2]))
