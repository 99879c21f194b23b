"""What stands on a node asks its own machine what has gone wrong; the engine could only ask its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lawbook.verification.cluster_worker import ClusterWorker
from lawbook.verification.jobs import Finished, Job, Lost

CHECKER = """import os
import signal

from lawbook import Measurement, Trials


def die(trials: Trials) -> Measurement:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterWorker]:
    # It is for a process of its own.
    monkeypatch.setattr("lawbook.verification.cluster_worker.hide_from_workers", lambda: None)
    made = ClusterWorker(1, ())
    yield made
    made.close()


def result_of_dying(worker: ClusterWorker, root: Path) -> object:
    (root / "checkers").mkdir()
    (root / "checkers/__init__.py").write_text("")
    (root / "checkers/mortal.py").write_text(CHECKER)
    events, _ = worker.begin(1, Job(str(root), "checkers.mortal:die", {}, (0,), "cpu", 1, 60.0, 1024))
    while not any(isinstance(event, Finished) for event in events):
        events, _ = worker.go_on()
    return events[-1].result if isinstance(events[-1], Finished) else None


def test_a_job_that_dies_by_itself_is_lost_with_nobody_to_blame(worker: ClusterWorker, tmp_path: Path) -> None:
    lost = result_of_dying(worker, tmp_path)
    assert isinstance(lost, Lost)
    assert not lost.by_machine


def test_a_job_that_dies_where_the_node_lacks_something_is_the_nodes_fault(
    worker: ClusterWorker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawbook.verification.host.Host.trouble", lambda host: "the disk of /tmp is full")
    lost = result_of_dying(worker, tmp_path)
    assert isinstance(lost, Lost)
    assert lost.by_machine
    assert lost.reason.startswith("the disk of /tmp is full (the worker was killed by SIGKILL")
