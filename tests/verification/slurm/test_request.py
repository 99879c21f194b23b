"""What is asked of a cluster is refused in words where it cannot be had, before anything is submitted."""

from __future__ import annotations

import pytest

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.nodes import Node
from lawbook.verification.slurm.request import Gpus, OptionError, Place, Shape, minutes_for, read_options

NODES = [
    Node("c1", "cpu", True, True, 32, 64000, minutes=60),
    Node("c2", "cpu", True, False, 32, 64000, minutes=60),
    Node("g1", "gpu", False, True, 64, 256000, {"h100": 4}),
    Node("g2", "gpu", False, True, 64, 256000, {"a100": 8}),
]


def job(timeout: float = 60.0, memory: int = 4096, threads: int = 1) -> Job:
    return Job("/registry", "checkers.a:b", {}, (0,), "cpu", threads, timeout, memory)


def test_options_given_count_before_those_kept_in_the_environment() -> None:
    kept = {"SBATCH_PARTITION": "cpu", "SBATCH_ACCOUNT": "physics", "SBATCH_ARRAY_INX": "0-99", "SLURM_TOKEN": "x"}
    assert read_options(["partition=gpu", "--gres=gpu:h100"], kept) == {
        "partition": "gpu",
        "account": "physics",
        "gres": "gpu:h100",
    }


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("partitoin=gpu", "no option 'partitoin'; did you mean 'partition'?"),
        ("time=5", "no option 'time'"),
        ("partition", "'partition' has no value; write --slurm partition=VALUE"),
        ("partition= ", "'partition' has no value"),
        ("account=a\n#SBATCH --uid=0", "no spaces"),
        ("account=a b", "no spaces"),
    ],
)
def test_an_option_that_is_none_is_refused(option: str, said: str) -> None:
    with pytest.raises(OptionError) as refused:
        read_options([option], {})
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("gres", "meant"),
    [
        ("gpu", Gpus("", 1)),
        ("gpu:2", Gpus("", 2)),
        ("gpu:²", Gpus("²", 1)),
        (f"gpu:{'9' * 5000}", Gpus("9" * 5000, 1)),
        ("gpu:h100", Gpus("h100", 1)),
        ("gpu:h100:2", Gpus("h100", 2)),
        ("nvme:1", Gpus("", 0)),
        ("nvme:1,gpu:h100:2", Gpus("h100", 2)),
    ],
)
def test_gpus_are_asked_for_by_kind_and_number(gres: str, meant: Gpus) -> None:
    assert Gpus.of({"gres": gres}, needed=False) == meant
    assert Gpus.of({}, needed=True) == Gpus("", 1)


def test_the_partition_is_the_one_asked_for_else_the_default() -> None:
    assert Place.find(NODES, {}).partition == "cpu"
    assert [node.name for node in Place.find(NODES, {"partition": "gpu"}).nodes] == ["g1", "g2"]
    assert len(Place.find(NODES, {"partition": "cpu,gpu"}).nodes) == 4
    with pytest.raises(OptionError, match="there is no partition 'h100'; partitions here: cpu, gpu"):
        Place.find(NODES, {"partition": "h100"})
    with pytest.raises(OptionError, match="no partition is the default one"):
        Place.find(NODES[2:], {})


def test_a_gpu_that_a_job_needs_is_asked_for_once() -> None:
    gpu = Place.find(NODES, {"partition": "gpu"})
    asked = {"partition": "gpu", "account": "physics"}
    assert gpu.options(asked, Gpus("", 1)) == {**asked, "gres": "gpu:1"}
    assert gpu.options({**asked, "gres": "gpu:h100"}, Gpus("h100", 1)) == {**asked, "gres": "gpu:h100"}
    assert gpu.options({**asked, "gres": "nvme:1"}, Gpus("", 1)) == {**asked, "gres": "nvme:1,gpu:1"}
    assert Place.find(NODES, {}).options({}, Gpus("", 0)) == {"partition": "cpu"}


def test_room_is_counted_on_open_nodes_once_each() -> None:
    assert Place.find(NODES, {}).room(1, Gpus("", 0)) == 32
    assert Place.find(NODES, {}).room(5, Gpus("", 0)) == 6
    gpu = Place.find(NODES, {"partition": "gpu"})
    assert gpu.room(1, Gpus("", 1)) == 12
    assert gpu.room(1, Gpus("a100", 2)) == 4
    twice = Place.find([NODES[0], Node("c1", "debug", False, True, 32, 64000)], {"partition": "cpu,debug"})
    assert twice.room(1, Gpus("", 0)) == 32


def test_there_is_room_for_as_many_tasks_as_cores_memory_and_gpus_allow() -> None:
    cpu = Place.find(NODES, {})
    assert cpu.tasks(Shape(1, 1000, Gpus("", 0))) == 32
    assert cpu.tasks(Shape(1, 20000, Gpus("", 0))) == 3
    assert Place.find(NODES, {"partition": "gpu"}).tasks(Shape(1, 1000, Gpus("a100", 2))) == 4
    # A node may open again while jobs wait.
    assert Place.find(NODES[1:2], {}).tasks(Shape(1, 1000, Gpus("", 0))) == 1


def test_a_task_lasts_for_several_jobs_but_shuts_out_no_node_that_could_have_one() -> None:
    shape = Shape(1, 1000, Gpus("", 0))
    assert Place.find(NODES, {}).minutes_of_task(shape, 8) == 32
    assert Place.find(NODES, {}).minutes_of_task(shape, 40) == 60
    both = Place.find(NODES, {"partition": "cpu,gpu"})
    assert both.minutes_of_task(shape, 40) == 60
    assert both.minutes_of_task(shape, 67) == 268


def test_a_place_says_why_no_job_could_run_there() -> None:
    gpu = Place.find(NODES, {"partition": "gpu"})
    assert gpu.refusal(Gpus("h100", 4)) == ""
    assert "has 1 GPU of the kind 'b200'; its GPUs: a100, h100" in gpu.refusal(Gpus("b200", 1))
    assert "has 1 GPU; its GPUs: none at all" in Place.find(NODES, {}).refusal(Gpus("", 1))
    closed = Place.find(NODES[1:2], {})
    assert "all are down or drained" in closed.refusal(Gpus("", 0))


def test_a_job_is_held_against_each_node_and_the_time_limit() -> None:
    cpu = Place.find(NODES, {})
    assert cpu.infeasible(Shape.of(job(), Gpus("", 0)), minutes_for(job())) == ""
    large = cpu.infeasible(Shape.of(job(memory=63000), Gpus("", 0)), 10)
    assert large == (
        "no node of the partition 'cpu' has 1 core and 64024 MiB of memory; its nodes have 32 cores, 0 GPUs, 64000 MiB"
    )
    assert "no node of the partition 'cpu' has 33 cores" in cpu.infeasible(Shape.of(job(threads=33), Gpus("", 0)), 10)
    long = job(timeout=3600.0)
    assert "it may take 67 minutes with its start and end; the partition 'cpu' allows 60" in cpu.infeasible(
        Shape.of(long, Gpus("", 0)), minutes_for(long)
    )
    gpu = Place.find(NODES, {"partition": "gpu"})
    assert gpu.infeasible(Shape.of(long, Gpus("h100", 1)), minutes_for(long)) == ""
