"""The second moment of stochastic gradient descent at rest, against the average over every batch there is."""

from itertools import product

import pytest
import torch

from checkers.testbeds.randomness import normal
from checkers.theory.stationary_second_moment import stationary_excess, stationary_second_moment

COUNT, BATCH, STEP = 5, 2, 0.3
INPUTS = normal([200_000], (COUNT, 2), stream="inputs", dtype=torch.float64)[0]
TARGETS = normal([200_000], (COUNT, 3), stream="targets", dtype=torch.float64)[0]
RESIDUALS = TARGETS - INPUTS @ torch.linalg.lstsq(INPUTS, TARGETS).solution


def after_one_step(second: torch.Tensor) -> torch.Tensor:
    """The mean of δδᵀ over all batches, where δ had the second moment `second` and mean zero."""
    total = torch.zeros_like(second)
    for batch in product(range(COUNT), repeat=BATCH):
        inputs, residuals = INPUTS[list(batch)], RESIDUALS[list(batch)]
        kept = torch.eye(2, dtype=torch.float64) - STEP * inputs.mT @ inputs / BATCH
        kick = STEP * inputs.mT @ residuals / BATCH
        total += kept @ second @ kept.mT + kick @ kick.mT
    return total / COUNT**BATCH


def test_a_step_over_all_batches_leaves_it_as_it_is() -> None:
    second = stationary_second_moment(INPUTS, RESIDUALS, step_size=STEP, batch_size=BATCH)
    torch.testing.assert_close(after_one_step(second), second, rtol=1e-10, atol=0.0)


def test_the_excess_is_the_mean_loss_above_the_least() -> None:
    second = stationary_second_moment(INPUTS, RESIDUALS, step_size=STEP, batch_size=BATCH)
    hessian = INPUTS.mT @ INPUTS / COUNT
    excess = stationary_excess(INPUTS, RESIDUALS, step_size=STEP, batch_size=BATCH)
    assert excess == pytest.approx(float((hessian @ second).trace()) / 2)


def test_small_steps_leave_the_ratio_of_step_size_and_batch_size_alone() -> None:
    small, large = (stationary_excess(INPUTS, RESIDUALS, step_size=1e-5 * k, batch_size=2 * k) for k in (1, 50))
    assert large / small == pytest.approx(1.0, abs=0.01)


def test_a_step_that_is_too_long_has_no_rest() -> None:
    with pytest.raises(ValueError, match="without end"):
        stationary_second_moment(INPUTS, RESIDUALS, step_size=5.0, batch_size=BATCH)
