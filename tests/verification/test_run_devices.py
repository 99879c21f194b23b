"""Which devices a run uses: this machine's own, or those that a Slurm cluster says it has."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import pytest

from lawbook.verification.environment import DeviceError, available_cores
from lawbook.verification.jobs import Finished, Job, Lost, Measured, Progress, Result
from lawbook.verification.run_devices import RunDevices, choose_devices


class OneCard:
    """An executor of one slot, whose jobs all end with a result."""

    slots = 1

    def __init__(self, result: Result) -> None:
        self.result = result
        self.jobs: list[Job] = []
        self.is_closed = False

    def submit(self, ticket: Hashable, job: Job) -> None:
        self.jobs.append(job)

    def wait(self, seconds: float) -> list[Progress | Finished]:
        return [Finished("ticket", self.result)]

    def close(self) -> None:
        self.is_closed = True


def cluster(monkeypatch: pytest.MonkeyPatch, result: Result) -> tuple[OneCard, dict[str, Any]]:
    """A Slurm cluster whose one job ends so; and with what it was opened."""
    card, opened = OneCard(result), {}

    def open_it(name: str, slots: int, **asked: Any) -> OneCard:
        opened.update(asked, name=name)
        return card

    monkeypatch.setattr("lawbook.verification.run_devices.open_executor", open_it)
    return card, opened


def test_cpus_are_shared_by_as_many_jobs_as_there_are_cores(tmp_path: Path) -> None:
    assert choose_devices("cpu", "local", root=tmp_path) == RunDevices(("cpu",), "cpu", available_cores())
    assert choose_devices("cpu", "local", root=tmp_path).kind == "cpu"


def test_each_card_of_this_machine_has_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawbook.verification.run_devices.find_devices", lambda asked: ("cuda:0", "cuda:1"))
    monkeypatch.setattr("lawbook.verification.run_devices.device_name", lambda device: "NVIDIA H100 80GB HBM3")
    chosen = choose_devices("auto", "local", root=tmp_path)
    assert chosen == RunDevices(("cuda:0", "cuda:1"), "h100", 2)
    assert chosen.kind == "cuda"


def test_a_card_of_a_cluster_says_its_name_by_a_job_of_the_engines_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, opened = cluster(monkeypatch, Measured((0.0,), None, (), (), 0.1, "NVIDIA A100-SXM4-80GB"))
    told: list[str] = []
    chosen = choose_devices("cuda", "slurm", root=tmp_path, slurm=["partition=gpu"], say=told.append)
    assert chosen == RunDevices(("cuda:0",), "a100", available_cores())
    assert [job.device for job in card.jobs] == ["cuda:0"]
    assert card.is_closed
    assert (opened["name"], opened["gpu"], opened["slurm"]) == ("slurm", True, ["partition=gpu"])
    assert told


def test_on_a_cluster_cards_are_taken_where_they_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster(monkeypatch, Measured((0.0,), None, (), (), 0.1, "Tesla V100-SXM2-16GB"))
    assert choose_devices("auto", "slurm", root=tmp_path).kind == "cpu"
    assert choose_devices("auto", "slurm", root=tmp_path, slurm=["gres=gpu:v100"]).token == "v100"
    assert choose_devices("cpu", "slurm", root=tmp_path, slurm=["gres=gpu:v100"]).kind == "cpu"


def test_a_card_that_says_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card, _ = cluster(monkeypatch, Lost("its node failed", by_machine=True))
    with pytest.raises(DeviceError, match="no card of the cluster says its name: its node failed"):
        choose_devices("cuda", "slurm", root=tmp_path)
    assert card.is_closed


@pytest.mark.parametrize(
    ("asked", "said"),
    [("cuda:1", "Slurm gives each job a card itself; try --device cuda"), ("tpu", "no device 'tpu'")],
)
def test_a_device_that_no_cluster_has_is_refused(tmp_path: Path, asked: str, said: str) -> None:
    with pytest.raises(DeviceError, match=said):
        choose_devices(asked, "slurm", root=tmp_path)
