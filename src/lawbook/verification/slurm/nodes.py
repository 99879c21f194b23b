"""The nodes of a Slurm cluster, as sinfo tells of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# What sinfo is asked for: name, partition, whether that is up, state, cores, memory, time limit, generic resources.
BETWEEN = "|"
# What sinfo adds to the least of several numbers.
AT_LEAST = "+"
DIGITS = "[0-9]{1,9}"
NODE_FORM = BETWEEN.join(("%N", "%P", "%a", "%t", "%c", "%m", "%l", "%G"))
# Of a node that takes no job: what its state begins with, in sinfo's short words.
CLOSED = ("down", "drain", "drng", "fail", "unk", "inval", "boot^", "maint", "npc")
# A state with this at its end is of a node that does not answer.
DEAF = "*"


@dataclass(frozen=True)
class Node:
    """A node in one of its partitions. memory: MiB. gpus: how many of each kind, "" where it has no name.

    minutes: the longest that a job may take there; None where there is no limit.
    """

    name: str
    partition: str
    is_default: bool
    is_open: bool
    cores: int
    memory: int
    gpus: Mapping[str, int] = field(default_factory=dict)
    minutes: int | None = None

    def count_gpus(self, kind: str) -> int:
        """How many of a kind it has; of all kinds where that is empty."""
        return sum(count for name, count in self.gpus.items() if kind in ("", name))


def read_node(line: str) -> Node:
    """A node from a line of sinfo; raises ValueError where it is none."""
    held = line.split(BETWEEN)
    if len(held) != 8:
        raise ValueError(repr(line))
    name, partition, is_up, state, cores, memory, limit, gres = map(str.strip, held)
    return Node(
        name=name,
        partition=partition.rstrip("*"),
        is_default=partition.endswith("*"),
        is_open=is_up == "up" and not state.startswith(CLOSED) and not state.endswith(DEAF),
        cores=number(cores.removesuffix(AT_LEAST), otherwise=0),
        memory=number(memory.removesuffix(AT_LEAST), otherwise=0),
        gpus=read_gpus(gres),
        minutes=read_minutes(limit),
    )


def read_gpus(gres: str) -> dict[str, int]:
    """The GPUs in what sinfo says of a node's generic resources, as `gpu:h100:4(S:0-1),nvme:1`; by kind."""
    found: dict[str, int] = {}
    for each in re.sub(r"\([^)]*\)", "", gres).split(","):
        name, *rest = each.strip().split(":")
        if name == "gpu":
            count = number(rest[-1], otherwise=1) if rest else 1
            kind = ":".join(part for part in rest if not re.fullmatch(DIGITS, part))
            found[kind] = found.get(kind, 0) + count
    return found


def read_minutes(limit: str) -> int | None:
    """Slurm's time limit, `[days-]hours:minutes:seconds` or shorter, in minutes; None for `infinite`."""
    read = re.fullmatch(r"(?:(N)-)?(?:(?:(N):)?(N):)?(N)".replace("N", DIGITS), limit)
    if read is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in read.groups())
    return (days * 24 + hours) * 60 + minutes + seconds // 60


def number(text: str, *, otherwise: int) -> int:
    """A number in what Slurm says, of nine digits at most; otherwise: where it is none, in ASCII."""
    return int(text) if re.fullmatch(DIGITS, text) else otherwise
