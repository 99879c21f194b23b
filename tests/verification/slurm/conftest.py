"""A Slurm of one's own on this machine, for as long as a test module lasts; and jobs for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import Slurm
from lawbook.verification.slurm.executor import SlurmExecutor
from tests.verification.jobs_on_a_node import CHECKER
from tests.verification.slurm.pretended import PATIENCE, Clock
from tests.verification.slurm.slurm_here import SlurmHere, lacking


@pytest.fixture(scope="module")
def slurm_here() -> Iterator[SlurmHere]:
    """Slurm on this machine, and the environment of this process such that it is found; skipped where it is not."""
    if said := lacking():
        pytest.skip(said)
    before = os.environ.copy()
    with tempfile.TemporaryDirectory(prefix="slurm-") as place:
        here = SlurmHere(Path(place))
        try:
            here.start()
            os.environ |= {**here.environment, "LEAKED_TOKEN": "secret"}
            yield here
        finally:
            os.environ.clear()
            os.environ |= before
            here.stop_all()


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """A job of the checker above: `make_job(seed, seconds=…)`."""
    (tmp_path / "checkers").mkdir()
    (tmp_path / "checkers/__init__.py").write_text("")
    (tmp_path / "checkers/on_a_node.py").write_text(CHECKER)

    def make(seed: int = 0, timeout: float = 60.0, memory: int = 512, **params: Any) -> Job:
        checker = "checkers.on_a_node:measure"
        return Job(str(tmp_path), checker, params, (seed,), "cpu", 1, timeout, memory)

    return make


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Callable[..., SlurmExecutor]:
    """`make(slurm, slots=…)`: the executor."""

    def executor(slurm: Slurm, slots: int | None = None, **options: object) -> SlurmExecutor:
        return SlurmExecutor(
            slots,
            root=tmp_path,
            threads=1,
            slurm=slurm,
            patience=PATIENCE,
            clock=clock,
            sleep=clock.sleep,
            environment={},
            **options,  # type: ignore[arg-type]
        )

    return executor
