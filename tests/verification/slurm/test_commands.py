"""What Slurm's commands print is read, and what they complain of is passed on; the commands here only pretend."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import Slurm, SlurmError, State, submission_environment
from lawbook.verification.slurm.request import Array, Gpus, Shape

Pretend = Callable[[str, str], None]


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pretend:
    """Puts a shell script in the place of a command; none of Slurm's own is left."""
    place = tmp_path / "bin"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}:/usr/bin-without-slurm:/bin-without-slurm")

    def make(name: str, script: str) -> None:
        path = place / name
        path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        path.chmod(0o755)

    return make


def test_nodes_come_from_sinfo(pretend: Pretend) -> None:
    pretend(
        "sinfo", "echo 'n1|short*|up|idle|4|16000|1:00:00|gpu:toy:2'; echo 'n1|long|up|idle|4|16000|infinite|(null)'"
    )
    found = Slurm().nodes()
    assert [(node.partition, node.minutes, node.count_gpus("")) for node in found] == [
        ("short", 60, 2),
        ("long", None, 0),
    ]


def test_an_answer_that_is_none_is_told(pretend: Pretend) -> None:
    pretend("sinfo", "echo 'slurm is being upgraded'")
    with pytest.raises(SlurmError, match="'slurm is being upgraded'"):
        Slurm().nodes()


def test_the_largest_array_is_the_clusters(pretend: Pretend) -> None:
    pretend("scontrol", "echo 'MaxArraySize            = 501'; echo 'MaxDBDMsgs = 20012'")
    assert Slurm().largest_array() == 501
    pretend("scontrol", "echo 'MaxArraySize            = 0'")
    assert Slurm().largest_array() == 1


@pytest.mark.parametrize("strange", ["9" * 5000, "²", "-3", "1e3", "x"])
def test_numbers_that_are_none_break_nothing(pretend: Pretend, strange: str) -> None:
    pretend("scontrol", f"echo 'MaxArraySize = {strange}'; echo 'JobId=7 ExitCode={strange}:{strange}'")
    pretend("squeue", f"echo 'run-1|{strange}|RUNNING|None'")
    pretend("sinfo", f"echo 'n1|short*|up|idle|{strange}|{strange}|{strange}|gpu:toy:{strange}'")
    assert Slurm().largest_array() == 1
    assert Slurm().how_ended("7_1") == ""
    assert Slurm().states(["run-1"]) == {("run-1", 0): State("RUNNING", "None")}
    assert [node.name for node in Slurm().nodes()] == ["n1"]


def test_states_come_by_array_and_place(pretend: Pretend, tmp_path: Path) -> None:
    lines = "run-1|0|RUNNING|None\nrun-1|11|PENDING|Resources\nrun-2|N/A|CANCELLED|None"
    pretend("squeue", f'echo "$@" > {tmp_path}/asked\ncat <<END\n{lines}\nEND')
    assert Slurm().states(["run-1", "run-2"]) == {
        ("run-1", 0): State("RUNNING", "None"),
        ("run-1", 11): State("PENDING", "Resources"),
        ("run-2", 0): State("CANCELLED", "None"),
    }
    asked = (tmp_path / "asked").read_text().split()
    assert {"--name=run-1,run-2", "--array", "--states=all"} <= set(asked)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("0:9", " by SIGKILL (out of memory, perhaps)"),
        ("137:0", " by SIGKILL (out of memory, perhaps)"),
        ("1:0", " with status 1"),
        ("0:53", ", as its node cannot write below the registry: is that on a disk which the nodes share?"),
        ("0:0", ""),
    ],
)
def test_how_a_job_ended_is_said_in_words(pretend: Pretend, code: str, said: str) -> None:
    pretend("scontrol", f"echo 'JobId=7 JobState=FAILED ExitCode={code} RunTime=00:00:07'")
    assert Slurm().how_ended("7_1") == said


def test_how_a_job_ended_that_nobody_knows_is_left_out(pretend: Pretend) -> None:
    pretend("scontrol", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1")
    assert Slurm().how_ended("7_1") == ""


def test_jobs_are_cancelled_by_number_or_name(pretend: Pretend, tmp_path: Path) -> None:
    pretend("scancel", f'echo "$@" >> {tmp_path}/asked')
    Slurm().cancel("12", "run-1", "13_4", "run-2")
    assert (tmp_path / "asked").read_text().splitlines() == [
        "--quiet 12 13_4",
        "--quiet --name=run-1",
        "--quiet --name=run-2",
    ]


def test_a_refusal_is_slurms_own_words(pretend: Pretend) -> None:
    pretend("sbatch", 'case "$*" in *--account=none*) echo "sbatch: error: Invalid account" >&2; exit 1;; esac')
    assert Slurm().refusal({"partition": "short", "account": "physics"}) == ""
    assert Slurm().refusal({"account": "none"}) == "sbatch: error: Invalid account"


def test_a_command_that_is_not_there_fails_or_hangs_is_told(pretend: Pretend, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SlurmError, match="there is no sinfo here; run lawbook where Slurm's own commands are"):
        Slurm().nodes()
    pretend("sinfo", "exit 3")
    with pytest.raises(SlurmError, match="sinfo ended with status 3"):
        Slurm().nodes()
    monkeypatch.setattr("lawbook.verification.slurm.commands.SECONDS_TO_ANSWER", 0.2)
    pretend("sinfo", "exec sleep 600")
    with pytest.raises(SlurmError, match=r"sinfo did not answer in 0\.2 seconds"):
        Slurm().nodes()


def test_what_is_submitted_carries_no_secret_and_no_option_of_its_own() -> None:
    ours = {
        "PATH": "/bin",
        "SLURM_CONF": "/etc/slurm.conf",
        "SLURM_JWT": "secret",
        "SBATCH_ARRAY_INX": "0-99",
        "GITHUB_TOKEN": "secret",
        "HOME": "/home/me",
    }
    kept = submission_environment(ours, threads=3)
    assert {name: kept[name] for name in ("PATH", "SLURM_CONF", "HOME")} == {
        "PATH": "/bin",
        "SLURM_CONF": "/etc/slurm.conf",
        "HOME": "/home/me",
    }
    assert kept["OMP_NUM_THREADS"] == "3"
    assert not {"SLURM_JWT", "SBATCH_ARRAY_INX", "GITHUB_TOKEN"} & kept.keys()


@pytest.mark.skipif(importlib.util.find_spec("submitit") is None, reason="submitit is not installed")
def test_an_array_is_one_script_with_what_its_tasks_take(
    pretend: Pretend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through submitit, to an sbatch that only keeps the script."""
    pretend("srun", "exit 1")
    pretend("sbatch", f'cat "$1" > {tmp_path}/script; env > {tmp_path}/environment; echo "Submitted batch job 41"')
    monkeypatch.setenv("LEAKED_TOKEN", "secret")
    job = Job(str(tmp_path), "checkers.a:b", {"width": 3}, (0, 1), "cpu", 2, 60.0, 1024)
    shape = Shape.of(job, Gpus("toy", 1))
    options = {"partition": "short", "account": "physics", "gres": "gpu:toy", "reservation": "night"}
    array = Array("run-1", 3, str(tmp_path / "run-1"), str(tmp_path / "jobs-1"), options, shape, 9, 2, ("json",))
    assert Slurm().submit(array) == "41"
    script = (tmp_path / "script").read_text()
    asked = {line.removeprefix("#SBATCH --") for line in script.splitlines() if line.startswith("#SBATCH")}
    wanted = {"array=0-2%3", "job-name=run-1", "time=9", "nodes=1", "ntasks-per-node=1", "cpus-per-task=2", "mem=2048M"}
    wanted |= {"partition=short", "account=physics", "gres=gpu:toy", "reservation=night", "no-requeue"}
    assert wanted <= asked
    assert "LEAKED_TOKEN" not in (tmp_path / "environment").read_text()
    kept = tmp_path / "run-1/submitit"
    assert {path.name for path in kept.glob("*.pkl")} == {f"41_{place}_submitted.pkl" for place in range(3)}


@pytest.mark.skipif(importlib.util.find_spec("submitit") is None, reason="submitit is not installed")
def test_what_sbatch_refuses_is_told_in_its_words(pretend: Pretend, tmp_path: Path) -> None:
    pretend("srun", "exit 1")
    pretend("sbatch", 'echo "sbatch: error: AssocMaxSubmitJobLimit" >&2; exit 1')
    job = Job(str(tmp_path), "checkers.a:b", {}, (0,), "cpu", 1, 60.0, 1024)
    shape = Shape.of(job, Gpus("", 0))
    array = Array("run-1", 1, str(tmp_path / "run-1"), str(tmp_path / "jobs-1"), {}, shape, 9, 1, ())
    with pytest.raises(SlurmError, match="AssocMaxSubmitJobLimit"):
        Slurm().submit(array)
    assert os.environ["PATH"]
