"""Parts of a run: disjoint, complete, the same wherever they are worked out, and about as long as each other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lawbook.verification.shards import deal

NAMES = st.text("abcdefgh/-", min_size=1, max_size=8)
SECONDS = st.none() | st.floats(0, 1e5)


@given(seconds=st.dictionaries(NAMES, SECONDS, max_size=40), parts=st.integers(1, 9), data=st.data())
def test_parts_are_disjoint_complete_and_do_not_depend_on_the_order(
    seconds: dict[str, float | None], parts: int, data: st.DataObject
) -> None:
    dealt = deal(seconds, parts)
    assert len(dealt) == parts
    assert sorted(name for part in dealt for name in part) == sorted(seconds)
    other_order = data.draw(st.permutations(list(seconds.items())))
    assert deal(dict(other_order), parts) == dealt


@given(seconds=st.lists(st.floats(0, 1e4), min_size=1, max_size=60), parts=st.integers(1, 9))
def test_no_part_is_longer_than_graham_allows(seconds: list[float], parts: int) -> None:
    lengths = {f"check-{number}": length for number, length in enumerate(seconds)}
    longest = max(sum(lengths[name] for name in part) for part in deal(dict(lengths), parts))
    # No deal is shorter than the mean part, than the longest check, or than two of the first `parts` + 1.
    ordered = sorted(seconds, reverse=True)
    pair = ordered[parts - 1] + ordered[parts] if len(ordered) > parts else 0.0
    least = max(sum(seconds) / parts, ordered[0], pair)
    assert longest <= least + ordered[0] + 1e-6
    assert longest <= 1.5 * least + 1e-6


def test_checks_without_a_time_are_dealt_out_evenly() -> None:
    dealt = deal(dict.fromkeys("abcdef"), 3)
    assert [len(part) for part in dealt] == [2, 2, 2]
    assert sorted(len(part) for part in deal(dict.fromkeys("abcdef", 0.0), 4)) == [1, 1, 2, 2]


def test_every_check_runs_in_just_one_shard(laboratory: Any) -> None:
    for name in ("one", "two", "three", "four"):
        laboratory.plant(name)
    said = [laboratory.verify("--shard", f"{part}/2", exit_code=0) for part in (1, 2)]
    for name in ("one", "two", "three", "four"):
        laboratory.record(f"{name}/centre")
    assert all(f"Shard {part}/2:" in text for part, text in zip((1, 2), said, strict=True))
    histories = (laboratory.root / ".lawbook").rglob("*.jsonl")
    lines = [line for path in histories for line in path.read_text().splitlines()]
    assert len(lines) == sum(int(text.split("Shard ")[1].split()[1]) for text in said)


def test_a_part_without_a_check_is_told_apart_from_a_choice_of_none(laboratory: Any) -> None:
    laboratory.plant("one")
    codes = [laboratory.run("verify", "--device", "cpu", "--shard", f"{part}/2") for part in (1, 2)]
    assert sorted(result.exit_code for result in codes) == [0, 2]
    said = next(result.output for result in codes if result.exit_code == 2)
    assert "there are 1; take no more parts than that" in " ".join(said.split())


def test_a_part_that_cannot_be_is_refused(laboratory: Any) -> None:
    for wrong in ("0/2", "3/2", "1", "a/b", "1/0"):
        assert "2/8" in laboratory.verify("--shard", wrong, exit_code=2)
