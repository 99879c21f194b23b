"""The linear scaling rule on a small configuration."""

import pytest

from checkers.hyperparameters.linear_scaling import loss_ratio
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"batch_sizes": [8, 32], "examples": 256, "epochs": 4, "width": 16}


def test_a_step_proportional_to_the_batch_keeps_the_loss() -> None:
    assert loss_ratio(TRIALS, **SMALL).values == pytest.approx((1.0, 1.0), abs=0.1)


def test_a_constant_step_loses_by_the_steps_it_does_not_take() -> None:
    assert min(loss_ratio(TRIALS, rule="constant", **SMALL).values) > 1.2


def test_a_diverging_run_counts_as_the_largest_ratio() -> None:
    values = loss_ratio(TRIALS, **{**SMALL, "step_size": 5.0}).values
    assert all(value <= 100 for value in values)


def test_noise_in_the_labels_holds_the_loss_up_and_less_of_it_does_so_less() -> None:
    noisy = {**SMALL, "label_noise": 3.0, "averaged": 2}
    assert max(loss_ratio(TRIALS, rule="equal-time", **noisy).values) < 0.8
    assert loss_ratio(TRIALS, rule="equal-time", **SMALL).values == pytest.approx((1.0, 1.0), abs=0.05)
