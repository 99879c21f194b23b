"""Steps and examples lie on a hyperbola if every batch size has its own step size."""

import pytest

from checkers.limits.batch_trade_off import trade_off_product
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_the_product_is_one() -> None:
    found = trade_off_product(TRIALS, batch_sizes=[16, 64])
    assert mean(found.values) == pytest.approx(1.0, abs=0.15)
    assert all(found.in_regime or ())


def test_one_step_size_for_all_leaves_the_hyperbola() -> None:
    assert min(trade_off_product(TRIALS, batch_sizes=[8], rule="small-batch").values) > 50


def test_the_fewest_examples_belong_to_a_noise_level() -> None:
    assert min(trade_off_product(TRIALS, batch_sizes=[16], noise=2.0).values) > 3
