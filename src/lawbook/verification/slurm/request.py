"""What a run asks of a Slurm cluster: where it may run, what a job takes, and whether any node could have it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lawbook.registry.suggestions import did_you_mean
from lawbook.verification.jobs import Job
from lawbook.verification.slurm.nodes import DIGITS, Node

# Options of sbatch that say where; everything else the engine says itself. Those that people keep in their
# environment for sbatch count here too.
OPTIONS = ("partition", "account", "qos", "reservation", "constraint", "gres", "nodelist", "exclude")
KEPT_IN_ENVIRONMENT = ("partition", "account", "qos", "reservation", "constraint")
# MiB beside a job's own: for the process that watches it, and for the one that forks it, with torch imported.
MEMORY_BESIDE = 1024
# Seconds beside a job's own: for both of these to start, and for the job to be ended.
SECONDS_BESIDE = 420
# A task asks for time for so many of its longest jobs, one after the other; most are far shorter. The less it asks for,
# the sooner there is a gap for it in a full queue.
JOBS_A_TASK = 4
LEAST_MINUTES = SECONDS_BESIDE // 60 + 1
# In an array's folder, of what submitit keeps of its tasks.
SUBMITIT_FOLDER = "submitit"


class OptionError(ValueError):
    """An option for Slurm is none; the text says which would do."""


def read_options(given: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """The options `NAME=VALUE` by their names, over those that the environment holds for sbatch.

    Raises OptionError.
    """
    options = {
        name: value for name in KEPT_IN_ENVIRONMENT if (value := environment.get(f"SBATCH_{name.upper()}", "").strip())
    }
    for each in given:
        name, equals, value = each.partition("=")
        name = name.strip().removeprefix("--")
        if name not in OPTIONS:
            raise OptionError(f"--slurm {each}: no option '{name}'; {did_you_mean(name, OPTIONS, noun='options')}")
        if not equals or not value.strip():
            raise OptionError(f"--slurm {each}: '{name}' has no value; write --slurm {name}=VALUE")
        options[name] = value.strip()
    for name, value in options.items():
        # It stands in a line of a script.
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise OptionError(f"Slurm's option '{name}' is {value!r}; it holds no spaces and nothing but ASCII")
    return options


class Gpus(NamedTuple):
    """GPUs that a job takes. kind: empty where any would do."""

    kind: str
    number: int

    @classmethod
    def of(cls, options: Mapping[str, str], *, needed: bool) -> Gpus:
        """What the option `gres` asks for, as `gpu:h100`; one of any kind where it does not and a job needs one."""
        asked = [each.partition(":") for each in options.get("gres", "").split(",")]
        rest = next((rest for name, _, rest in asked if name == "gpu"), None)
        if rest is None:
            return cls("", int(needed))
        kind, _, count = rest.rpartition(":")
        if re.fullmatch(DIGITS, count):
            return cls(kind, int(count))
        return cls(rest, 1)

    def __str__(self) -> str:
        kind = f" of the kind '{self.kind}'" if self.kind else ""
        return f"{self.number} GPU{'s' if self.number > 1 else ''}{kind}"


class Shape(NamedTuple):
    """What a job takes of its node. memory: MiB."""

    cores: int
    memory: int
    gpus: Gpus

    @classmethod
    def of(cls, job: Job, gpus: Gpus) -> Shape:
        """What a job takes, with what watches it."""
        return cls(job.threads, job.memory + MEMORY_BESIDE, gpus)

    def copies(self, node: Node) -> int:
        """How many of it a node has room for when nothing else is there."""
        gpus = node.count_gpus(self.gpus.kind)
        asked = ((node.cores, self.cores), (node.memory, self.memory), (gpus, self.gpus.number))
        return min(has // wants for has, wants in asked if wants)

    def __str__(self) -> str:
        gpus = f", {self.gpus}" if self.gpus.number else ""
        return f"{self.cores} core{'s' if self.cores > 1 else ''}{gpus} and {self.memory} MiB of memory"


def minutes_for(job: Job) -> int:
    """How long Slurm is asked to let a job run: longer than the deadline that its watcher keeps."""
    return math.ceil((job.timeout + SECONDS_BESIDE) / 60)


@dataclass(frozen=True)
class Array:
    """Tasks for jobs of one shape, submitted together. size: how many. folder: theirs; jobs: that of the jobs.

    minutes: how long each may last. preload, threads: for what forks the workers.
    """

    name: str
    size: int
    folder: str
    jobs: str
    options: Mapping[str, str]
    shape: Shape
    minutes: int
    threads: int
    preload: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """The nodes on which a run may have its jobs."""

    partition: str
    nodes: tuple[Node, ...]

    @classmethod
    def find(cls, nodes: Sequence[Node], options: Mapping[str, str]) -> Place:
        """The partition that is asked for, else the default one; raises OptionError where there is none such."""
        names = list(dict.fromkeys(node.partition for node in nodes))
        known = ", ".join(names) or "none"
        # Several may be asked for, and Slurm takes the first that is free.
        asked = [name for name in options.get("partition", "").split(",") if name]
        for name in asked:
            if name not in names:
                raise OptionError(f"there is no partition '{name}'; partitions here: {known}")
        if not asked:
            asked = list(dict.fromkeys(node.partition for node in nodes if node.is_default))
        if not asked:
            raise OptionError(f"no partition is the default one; name one by --slurm partition=NAME: {known}")
        return cls(",".join(asked), tuple(node for node in nodes if node.partition in asked))

    def options(self, given: Mapping[str, str], gpus: Gpus) -> dict[str, str]:
        """The options with what is meant by them: this partition, and a GPU where one is needed."""
        gres = given["gres"].split(",") if "gres" in given else []
        if gpus.number and not any(each.partition(":")[0] == "gpu" for each in gres):
            gres.append(f"gpu:{gpus.number}")
        with_gres = {"gres": ",".join(gres)} if gres else {}
        return {**given, "partition": self.partition, **with_gres}

    def room(self, threads: int, gpus: Gpus) -> int:
        """How many jobs its open nodes have room for, each node counted once."""
        held = {
            node.name: node.count_gpus(gpus.kind) // gpus.number if gpus.number else node.cores // threads
            for node in self.nodes
            if node.is_open
        }
        return sum(held.values())

    def tasks(self, shape: Shape) -> int:
        """How many tasks of a shape its open nodes have room for, each node counted once; one at the least."""
        return max(1, sum({node.name: shape.copies(node) for node in self.nodes if node.is_open}.values()))

    def minutes_of_task(self, shape: Shape, least: int) -> int:
        """How long a task is to last: several jobs of at most so many minutes, where that is allowed, or one."""
        limits = [node.minutes for node in self.nodes if shape.copies(node)]
        # No node that could have a single job is shut out by what is asked for beyond it.
        shut_out = [limit for limit in limits if limit is not None and limit >= least]
        return min([JOBS_A_TASK * least, *shut_out])

    def refusal(self, gpus: Gpus) -> str:
        """Why no job at all could run here; empty where one could."""
        if not any(node.is_open for node in self.nodes):
            return f"no node of the partition '{self.partition}' takes jobs now: all are down or drained (see sinfo)"
        if not any(node.count_gpus(gpus.kind) >= gpus.number for node in self.nodes):
            kinds = sorted({name or "of no named kind" for node in self.nodes for name in node.gpus})
            return (
                f"no node of the partition '{self.partition}' has {gpus}; its GPUs: {', '.join(kinds) or 'none at all'}"
            )
        return ""

    def infeasible(self, shape: Shape, minutes: int) -> str:
        """Why a job could never run here; empty where it could."""
        fitting = [node for node in self.nodes if shape.copies(node)]
        if not fitting:
            # Many nodes are alike.
            held = dict.fromkeys(
                f"{node.cores} cores, {sum(node.gpus.values())} GPUs, {node.memory} MiB" for node in self.nodes
            )
            return f"no node of the partition '{self.partition}' has {shape}; its nodes have {'; '.join(held)}"
        limits = [node.minutes for node in fitting]
        longest = max((limit for limit in limits if limit is not None), default=0)
        if None not in limits and longest < minutes:
            return (
                f"it may take {minutes} minutes with its start and end; "
                f"the partition '{self.partition}' allows {longest}"
            )
        return ""
