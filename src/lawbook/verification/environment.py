"""The machine and the packages that a run has: cores, devices, versions. Nothing here imports torch."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import lawbook
from lawbook.evidence.record import Environment
from lawbook.verification.precision import PRECISION

# The drivers without which torch has no accelerator; looking for them costs nothing, asking torch seconds.
DRIVERS = ("libcuda.so.1", "libamdhip64.so", "nvcuda.dll")
NAME_DEVICE = "import sys, torch; print(torch.cuda.get_device_name(sys.argv[1]))"
COUNT_DEVICES = "import torch; print(torch.cuda.device_count() if torch.cuda.is_available() else 0)"


# Importing torch from a cold network disk takes minutes; more is a driver that hangs.
SECONDS_TO_ANSWER = 300.0


class DeviceError(Exception):
    """The device that was asked for is not to be had; the text says why."""


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def find_devices(asked: str) -> tuple[str, ...]:
    """The torch devices to use for `auto`, `cpu`, `cuda` (all of them) or `cuda:N`.

    Raises DeviceError where CUDA is asked for and not available.
    """
    if asked == "cpu":
        return ("cpu",)
    if asked == "auto":
        count = _count_cuda_devices() if any(map(_is_loadable, DRIVERS)) else 0
        return tuple(f"cuda:{number}" for number in range(count)) or ("cpu",)
    if not re.fullmatch(r"cuda(:\d+)?", asked):
        raise DeviceError(f"no device '{asked}'; devices: auto, cpu, cuda, cuda:N")
    count = _count_cuda_devices()
    if count == 0:
        raise DeviceError(f"device '{asked}' was asked for, but torch finds no CUDA device here; try --device cpu")
    if asked == "cuda":
        return tuple(f"cuda:{number}" for number in range(count))
    if int(asked.removeprefix("cuda:")) >= count:
        raise DeviceError(f"device '{asked}' was asked for, but CUDA devices here end at cuda:{count - 1}")
    return (asked,)


def device_name(device: str) -> str:
    """The name of a CUDA device, as its driver gives it; empty where it cannot be had."""
    try:
        return _ask_torch(NAME_DEVICE, device)
    except DeviceError:
        return ""


def describe_environment(threads: int, commit: str, modified: bool) -> Environment:
    """Versions and processor; the device is that of the CPU, to be replaced where a job says otherwise."""
    return Environment(
        lawbook=lawbook.__version__,
        python=platform.python_version(),
        torch=_version("torch"),
        numpy=_version("numpy"),
        scipy=_version("scipy"),
        platform=f"{platform.system()} {platform.machine()}",
        device=_processor(),
        threads=threads,
        precision=PRECISION,
        commit=commit,
        modified=modified,
    )


def missing_packages(needed: Sequence[str]) -> list[str]:
    """Those of the distributions that are not installed."""
    return [name for name in needed if not _version(name)]


def install_advice(extra: str) -> str:
    """The command that installs an extra: of the checkout that this engine runs from, else of the released package."""
    checkout = Path(lawbook.__file__).resolve().parents[2]
    if not (checkout / "src" / "lawbook").is_dir() or not (checkout / "pyproject.toml").is_file():
        return f"pip install 'lawbook[{extra}]'"
    place = "." if Path.cwd().resolve() == checkout else checkout
    return f"pip install -e '{place}[{extra}]'"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        described = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        described = None
    return described[1].strip() if described else platform.processor() or platform.machine()


def _is_loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _count_cuda_devices() -> int:
    said = _ask_torch(COUNT_DEVICES)
    return int(said) if said.isdigit() else 0


def _ask_torch(question: str, *arguments: str) -> str:
    """What torch says, empty where it cannot; raises DeviceError where it does not answer.

    In a process of its own, as a process that has talked to CUDA can no longer fork workers that do.
    """
    command = [sys.executable, "-c", question, *arguments]
    asked = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        said, _ = asked.communicate(timeout=SECONDS_TO_ANSWER)
    except subprocess.TimeoutExpired:
        asked.kill()
        # What hangs in the kernel does not even end by that.
        with contextlib.suppress(subprocess.TimeoutExpired):
            asked.communicate(timeout=1.0)
        raise DeviceError(
            f"torch does not answer within {SECONDS_TO_ANSWER:g} seconds what devices there are: its driver or "
            "its files hang; --device cpu does without"
        ) from None
    return said.strip() if asked.returncode == 0 else ""
