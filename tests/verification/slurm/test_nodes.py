"""What sinfo says of nodes is read as it is meant."""

from __future__ import annotations

import pytest

from lawbook.verification.slurm.nodes import read_gpus, read_minutes, read_node


def test_a_line_of_sinfo_is_a_node_of_a_partition() -> None:
    node = read_node("gpu07|gpu*|up|mix|64|515000|2-00:00:00|gpu:h100:4(S:0-1)")
    assert (node.name, node.partition, node.is_default, node.is_open) == ("gpu07", "gpu", True, True)
    assert (node.cores, node.memory, node.minutes) == (64, 515000, 2880)
    assert (node.count_gpus("h100"), node.count_gpus(""), node.count_gpus("a100")) == (4, 4, 0)


@pytest.mark.parametrize(
    ("is_up", "state"),
    [
        ("up", "down"),
        ("up", "drain"),
        ("up", "drng"),
        ("up", "idle*"),
        ("up", "down*"),
        ("up", "fail"),
        ("down", "idle"),
    ],
)
def test_a_node_that_takes_no_job_is_not_open(is_up: str, state: str) -> None:
    assert not read_node(f"n|p|{is_up}|{state}|4|1000|infinite|(null)").is_open


@pytest.mark.parametrize("state", ["idle", "mix", "alloc", "comp", "resv", "plnd", "idle~"])
def test_a_node_that_is_full_or_asleep_is_open(state: str) -> None:
    assert read_node(f"n|p|up|{state}|4|1000|infinite|(null)").is_open


def test_other_lines_are_none() -> None:
    with pytest.raises(ValueError, match="sinfo: warning"):
        read_node("sinfo: warning")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("(null)", {}),
        ("gpu:4", {"": 4}),
        ("gpu", {"": 1}),
        ("gpu:²", {"²": 1}),
        (f"gpu:toy:{'9' * 5000}", {f"toy:{'9' * 5000}": 1}),
        ("gpu:a100:2,gpu:v100:1(S:1),nvme:1", {"a100": 2, "v100": 1}),
        ("gpu:nvidia_a100-sxm4-80gb:8(S:0-3)", {"nvidia_a100-sxm4-80gb": 8}),
        ("gpu:h100:4(S:0,2),gpu:h100:4(S:1)", {"h100": 8}),
    ],
)
def test_gpus_are_counted_by_their_kind(said: str, meant: dict[str, int]) -> None:
    assert read_gpus(said) == meant


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("infinite", None), ("n/a", None), ("30:00", 30), ("1:00:00", 60), ("1-00:00:00", 1440), ("7-12:30:00", 10830)],
)
def test_time_limits_are_read_in_each_of_their_forms(said: str, minutes: int | None) -> None:
    assert read_minutes(said) == minutes
