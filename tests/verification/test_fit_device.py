"""Seeds that do not fit into a device's memory together are measured in parts, and the record says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from lawbook import Measurement, Panel
from lawbook.verification.fit_device import measure_in_parts
from lawbook.verification.jobs import Failure, Job, Measured
from lawbook.verification.precision import pin_precision
from lawbook.verification.worker import run_job

TIMES = [0.0, 1.0, 2.0]


@pytest.fixture(autouse=True)
def _process_as_before() -> Iterator[None]:
    """A worker's settings are for its process alone, which here is everybody's."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("default")
    torch.set_flush_denormal(False)


def measurement(seeds: tuple[int, ...], middle: str = "mean") -> Measurement:
    panel = (
        Panel("path", x="time", y="loss")
        .over_seeds("measured", TIMES, [[seed + time for time in TIMES] for seed in seeds], middle=middle)  # type: ignore[arg-type]
        .line("theory", TIMES, [1.0, math.nan, 3.0], role="predicted")
    )
    return Measurement([float(seed) for seed in seeds], panels=panel, notes=["as always"])


def memory_for(most: int, calls: list[int]) -> Callable[[tuple[int, ...]], Measurement]:
    def measure(seeds: tuple[int, ...]) -> Measurement:
        calls.append(len(seeds))
        if len(seeds) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return measurement(seeds)

    return measure


@pytest.mark.parametrize("most", [1, 2, 3, 5, 9])
def test_the_values_are_those_of_all_seeds_in_their_order(most: int) -> None:
    seeds = tuple(range(10, 19))
    whole = measure_in_parts(measurement, seeds)
    assert measure_in_parts(memory_for(most, []), seeds).values == whole.values


def test_what_did_not_fit_once_is_not_tried_again() -> None:
    calls: list[int] = []
    measure_in_parts(memory_for(2, calls), tuple(range(8)))
    assert calls == [8, 4, 2, 2, 2, 2]


def test_the_note_says_the_parts_and_what_fits_has_none() -> None:
    assert measure_in_parts(memory_for(9, []), (1, 2, 3)).notes == ("as always",)
    assert measure_in_parts(memory_for(2, []), (1, 2, 3)).notes == (
        "as always",
        "measured in parts of 2, 1 seeds, as the device's memory was too small for all at once",
    )


@pytest.mark.parametrize("middle", ["mean", "median", "geometric mean"])
def test_lines_over_seeds_are_drawn_over_all_of_them(middle: str) -> None:
    seeds = (1, 2, 6, 7, 30)

    def measure(part: tuple[int, ...]) -> Measurement:
        if len(part) > 3:
            raise torch.OutOfMemoryError
        return measurement(part, middle)

    parted = measure_in_parts(measure, seeds)
    (whole,) = measurement(seeds, middle).panels
    assert repr(parted.panels) == repr((whole,))
    assert not any("alone" in note for note in parted.notes)


def test_what_differs_and_shows_no_seeds_is_the_first_parts_and_says_so() -> None:
    def measure(part: tuple[int, ...]) -> Measurement:
        if len(part) > 1:
            raise torch.OutOfMemoryError
        panel = Panel("fit").line("through the points", TIMES, float(part[0])).map("m", [1.0], [1.0], [part])
        return Measurement([0.0], panels=panel)

    parted = measure_in_parts(measure, (4, 5))
    assert parted.panels[0].lines[0].y == (4.0, 4.0, 4.0)
    assert parted.notes[-1] == "drawn for the first 1 seeds alone: 'through the points' of 'fit', 'm' of 'fit'"


def test_the_regime_of_a_part_that_says_none_is_reached() -> None:
    def measure(part: tuple[int, ...]) -> Measurement:
        if len(part) > 1:
            raise torch.OutOfMemoryError
        return Measurement([0.0], in_regime=[False] if part == (2,) else None)

    assert measure_in_parts(measure, (1, 2, 3)).in_regime == (True, False, True)


def test_one_seed_that_does_not_fit_and_other_errors_are_raised() -> None:
    with pytest.raises(torch.OutOfMemoryError):
        measure_in_parts(memory_for(0, []), (1, 2))
    calls: list[int] = []

    def wrong(part: tuple[int, ...]) -> Measurement:
        calls.append(len(part))
        raise RuntimeError("shapes do not go together")

    with pytest.raises(RuntimeError, match="shapes"):
        measure_in_parts(wrong, (1, 2))
    assert calls == [2]


CHECKER = """
import torch
from lawbook import Measurement, Trials

def measure(trials: Trials, *, most: int = 2) -> Measurement:
    if len(trials) > most:
        raise torch.OutOfMemoryError("too large")
    return Measurement([float(seed) for seed in trials.seeds])
"""


@pytest.fixture
def result_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Measured | Failure]:
    (tmp_path / "hungry_checker.py").write_text(CHECKER)
    monkeypatch.syspath_prepend(tmp_path)

    def run(most: int) -> Measured | Failure:
        job = Job(str(tmp_path), "hungry_checker:measure", {"most": most}, (3, 4, 5, 6), "cpu", 1, 60.0, 4096)
        return run_job(job, lambda label, done, total: None)

    return run


def test_a_worker_measures_in_parts_what_does_not_fit(
    result_of: Callable[[int], Measured | Failure],
) -> None:
    result = result_of(2)
    assert isinstance(result, Measured)
    assert result.values == (3.0, 4.0, 5.0, 6.0)
    assert result.notes[0].startswith("measured in parts of 2, 2 seeds")


def test_a_worker_whose_single_seed_does_not_fit_fails(
    result_of: Callable[[int], Measured | Failure],
) -> None:
    result = result_of(0)
    assert isinstance(result, Failure)
    assert result.reason.startswith("OutOfMemoryError: too large")


def test_a_worker_computes_in_full_precision() -> None:
    torch.backends.cudnn.allow_tf32 = True
    torch.set_float32_matmul_precision("high")
    pin_precision()
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32
    assert torch.get_float32_matmul_precision() == "highest"
    assert torch.backends.cudnn.deterministic
    assert torch.is_deterministic_algorithms_warn_only_enabled()
