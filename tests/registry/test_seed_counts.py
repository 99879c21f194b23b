from __future__ import annotations

import pytest

from lawbook.registry.seed_counts import fewest_seeds


@pytest.mark.parametrize(("confidence", "fewest"), [(0.9, 5), (0.95, 6), (0.99, 8), (0.5, 2), (0.75, 3)])
def test_a_median_takes_the_smallest_number_whose_whole_range_covers_it_often_enough(
    confidence: float, fewest: int
) -> None:
    assert fewest_seeds("median", confidence) == fewest


def test_a_mean_takes_three() -> None:
    assert fewest_seeds("mean", 0.99) == 3
