"""What Slurm's own commands say of a cluster and of jobs there, read without its accounting, which need not exist.

Where a job has ended some minutes ago (MinJobAge), Slurm no longer knows it at all.
"""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lawbook.verification.running_job import signal_name
from lawbook.verification.slurm.nodes import BETWEEN, NODE_FORM, Node, number, read_node
from lawbook.verification.slurm.request import LEAST_MINUTES, Array
from lawbook.verification.worker_environment import worker_environment

SECONDS_TO_ANSWER = 60.0
# A thousand jobs are a thousand files, on a network disk perhaps.
SECONDS_TO_SUBMIT = 600.0
# The "signal" by which Slurm says that it could not open the files for what a job prints.
NO_OUTPUT = 53


class SlurmError(Exception):
    """A command of Slurm failed, or did not answer; the text says what it said."""


@dataclass(frozen=True)
class State:
    """Of a job: Slurm's word for its state, such as RUNNING, and for the reason that it is in it."""

    word: str
    reason: str


class Slurm:
    """The cluster of this machine, through Slurm's own commands."""

    def nodes(self) -> list[Node]:
        """Every node of the cluster, once for each of its partitions; raises SlurmError."""
        lines = ask("sinfo", "--Node", "--noheader", f"--format={NODE_FORM}").splitlines()
        try:
            return [read_node(line) for line in lines]
        except ValueError as error:
            raise SlurmError(f"sinfo gave an answer that is none: {error}") from None

    def largest_array(self) -> int:
        """How many jobs one array may have at most; raises SlurmError."""
        said = re.search(r"^MaxArraySize\s*=\s*(\S+)", ask("scontrol", "show", "config"), re.MULTILINE)
        return max(1, number(said[1], otherwise=1)) if said else 1

    def states(self, arrays: Sequence[str]) -> dict[tuple[str, int], State]:
        """The states of the jobs of some arrays, by the array's name and their place in it; raises SlurmError.

        Of a job that is over and forgotten there is none.
        """
        form = BETWEEN.join(("%j", "%K", "%T", "%r"))
        asked = ("--noheader", "--array", "--states=all", f"--name={','.join(arrays)}", f"--format={form}")
        found = {}
        for line in ask("squeue", *asked).splitlines():
            name, place, word, reason = (line.split(BETWEEN) + [""] * 4)[:4]
            if word:
                # An array of one is none.
                found[name, number(place, otherwise=0)] = State(word.strip(), reason.strip())
        return found

    def how_ended(self, job: str) -> str:
        """` with status 1`, ` by SIGKILL`: how a job has ended; empty where nobody knows."""
        try:
            said = re.search(
                r"\bExitCode=([0-9]{1,9}):([0-9]{1,9})\b", ask("scontrol", "show", "job", job, "--oneliner")
            )
        except SlurmError:
            return ""
        if said is None:
            return ""
        status, signal = int(said[1]), int(said[2])
        if signal == NO_OUTPUT:
            return ", as its node cannot write below the registry: is that on a disk which the nodes share?"
        # A shell tells of a signal by a status above 128.
        signal = signal or max(0, status - 128)
        if signal:
            return f" by {signal_name(signal)}"
        return f" with status {status}" if status else ""

    def cancel(self, *targets: str) -> None:
        """Cancel jobs or arrays by their numbers (`12`, `12_3`) or names; raises SlurmError."""
        numbers = [target for target in targets if target[:1].isdigit()]
        if numbers:
            ask("scancel", "--quiet", *numbers)
        for name in targets:
            if name not in numbers:
                ask("scancel", "--quiet", f"--name={name}")

    def refusal(self, options: Mapping[str, str]) -> str:
        """Why Slurm would not take a job with these options of sbatch; empty where it would. Nothing is submitted."""
        asked = [f"--{name}={value}" for name, value in {**options, "time": str(LEAST_MINUTES)}.items()]
        try:
            ask("sbatch", "--test-only", "--wrap=true", *asked, environment=submission_environment(os.environ, 1))
        except SlurmError as error:
            return str(error)
        return ""

    def submit(self, array: Array) -> str:
        """Submit an array and give its number; raises SlurmError.

        Slurm hands the environment of whoever submits to every node, so that it holds no secret.
        """
        said = ask(
            *(sys.executable, "-P", "-m", "lawbook.verification.slurm.submission"),
            given=pickle.dumps(array),
            environment=submission_environment(os.environ, array.threads),
            patience=SECONDS_TO_SUBMIT,
        )
        return said.strip()


def submission_environment(ours: Mapping[str, str], threads: int) -> dict[str, str]:
    """What goes with an array: what a worker may see, who asks, and where Slurm is."""
    kept = {name: ours[name] for name in ("SLURM_CONF", "USER", "LOGNAME", "SHELL") if name in ours}
    # Nothing is imported from wherever the task happens to stand.
    return {**worker_environment(ours, threads, ""), **kept, "PYTHONSAFEPATH": "1"}


def ask(
    *command: str,
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
    patience: float | None = None,
) -> str:
    """What a command prints that is given something to read; raises SlurmError where it fails or takes too long."""
    patience = patience or SECONDS_TO_ANSWER
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            env=environment,
            # The terminal's Ctrl-C is for the engine, which then cancels what it has submitted.
            start_new_session=True,
            timeout=patience,
            check=False,
        )
    except FileNotFoundError:
        raise SlurmError(f"there is no {command[0]} here; run lawbook where Slurm's own commands are") from None
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{command[0]} did not answer in {patience:g} seconds") from None
    except OSError as error:
        raise SlurmError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        said = last_line(done.stderr.decode(errors="replace"))
        raise SlurmError(said or f"{command[0]} ended with status {done.returncode}")
    return done.stdout.decode(errors="replace")


def last_line(text: str) -> str:
    """The last line that says anything."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
