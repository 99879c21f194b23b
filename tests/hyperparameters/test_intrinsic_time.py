"""Relaxation of lengths and the symmetry of intrinsic time, on small configurations."""

from checkers.hyperparameters.intrinsic_time import path_deviation, relaxation_rate
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"hidden": 16, "batch_size": 8, "weight_decay": 0.00005, "settle": 60}


def test_fourth_powers_of_lengths_relax_at_the_predicted_rate_and_squares_do_not() -> None:
    fourth = relaxation_rate(TRIALS, **SMALL).values
    square = relaxation_rate(TRIALS, power=2, **SMALL).values
    unit = 160 * SMALL["weight_decay"]
    assert all(abs(value / (4 * unit) - 1) < 0.2 for value in fourth)
    assert all(value / (2 * unit) > 1.25 for value in square)


def test_only_the_product_of_step_size_and_decay_matters() -> None:
    assert max(path_deviation(TRIALS, steps=40).values) < 1e-8
    assert min(path_deviation(TRIALS, steps=40, decay_power=0.0).values) > 0.1
