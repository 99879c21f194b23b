"""Which devices a run uses, here or on a cluster, and by what name its records call them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lawbook.evidence.record import DeviceKind
from lawbook.verification.canary import CANARY
from lawbook.verification.device_names import device_token
from lawbook.verification.environment import DeviceError, available_cores, device_name, find_devices
from lawbook.verification.executors import ExecutorName, open_executor
from lawbook.verification.jobs import DEFAULT_MEMORY, Executor, Finished, Job, Measured

SECONDS_TO_SAY_ITS_NAME = 120.0


@dataclass(frozen=True)
class RunDevices:
    """The torch devices to use; their token in records' names; how many jobs share this machine's cores."""

    names: tuple[str, ...]
    token: str
    sharing: int

    @property
    def kind(self) -> DeviceKind:
        return "cpu" if self.token == "cpu" else "cuda"


def choose_devices(
    asked: str,
    executor: ExecutorName,
    *,
    root: Path,
    slurm: Sequence[str] = (),
    say: Callable[[str], None] = lambda text: None,
) -> RunDevices:
    """The devices for `auto`, `cpu`, `cuda` or `cuda:N`; Slurm's are asked of the cluster, not of this machine.

    say: told where that takes a while. Raises DeviceError where there are none such, UnavailableError where the cluster
    has none.
    """
    cores = available_cores()
    if executor != "slurm":
        names = find_devices(asked)
        if names[0] == "cpu":
            return RunDevices(names, "cpu", cores)
        return RunDevices(names, device_token(device_name(names[0])), len(names))
    if asked.startswith("cuda:"):
        raise DeviceError(f"device '{asked}' was asked for, but Slurm gives each job a card itself; try --device cuda")
    if asked not in ("auto", "cpu", "cuda"):
        raise DeviceError(f"no device '{asked}'; devices on a Slurm cluster: auto, cpu, cuda")
    wants_card = any(option.removeprefix("--").startswith("gres=gpu") for option in slurm)
    if asked == "cpu" or (asked == "auto" and not wants_card):
        return RunDevices(("cpu",), "cpu", cores)
    opened = open_executor("slurm", 1, threads=1, preload=["torch"], gpu=True, root=root, slurm=slurm)
    say("Waiting until a card of the cluster says its name")
    with closing(opened):
        return RunDevices(("cuda:0",), device_token(name_of_card(opened, root)), cores)


def name_of_card(executor: Executor, root: Path) -> str:
    """What a card calls itself, by a job of the engine's own on it; raises DeviceError where that gives none."""
    job = Job(str(root), CANARY, {}, (0,), "cuda:0", 1, SECONDS_TO_SAY_ITS_NAME, DEFAULT_MEMORY)
    executor.submit(CANARY, job)
    while True:
        for event in executor.wait(1.0):
            if isinstance(event, Finished):
                if isinstance(event.result, Measured):
                    return event.result.device
                raise DeviceError(f"no card of the cluster says its name: {event.result.reason}")
