"""Crossings of straight lines, and what stands where there is none."""

import math

import pytest
import torch

from checkers.instruments.crossings import first_fall

PLACES = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64)


def heights(*rows: list[float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_a_fall_is_placed_on_the_line_between_its_neighbours() -> None:
    found = first_fall(PLACES, heights([4.0, 2.0, -2.0], [4.0, 0.0, 8.0]), 1.0)
    assert found.place.tolist() == [1.5, 0.75]
    assert found.reached.all()
    assert found.between.all()


def test_where_a_run_starts_below_or_never_falls_the_nearer_end_stands_and_is_told_apart() -> None:
    found = first_fall(PLACES, heights([0.0, 5.0, 0.0], [4.0, 3.0, 2.0], [math.nan, math.nan, math.nan]), 1.0)
    assert found.place.tolist() == [0.0, 3.0, 3.0]
    assert found.reached.tolist() == [True, False, False]
    assert not found.between.any()


def test_every_run_may_have_its_level_and_a_rise_is_a_fall_of_the_negative() -> None:
    rising = heights([0.0, 2.0, 6.0], [0.0, 2.0, 6.0]).reshape(2, 1, 3)
    found = first_fall(PLACES, -rising, -torch.tensor([[1.0], [4.0]], dtype=torch.float64))
    assert found.place.tolist() == [[0.5], [2.0]]


def test_a_level_is_taken_in_the_precision_of_the_heights() -> None:
    assert first_fall(PLACES, heights([1.0, 0.0, 0.0]), 0.1).place.item() == pytest.approx(0.9, abs=1e-15)


@pytest.mark.parametrize("high", [math.inf, 1e300])
def test_after_an_infinite_height_the_fall_is_a_step(high: float) -> None:
    place = first_fall(PLACES, heights([4.0, high, 0.0]), 1.0).place.item()
    assert place == pytest.approx(1.0 if math.isinf(high) else 3.0)
