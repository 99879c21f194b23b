"""The gain of a noisy step on a small configuration: the law's noise scale predicts it, others do not."""

from typing import Literal

import pytest

from checkers.limits.gradient_noise_scale import one_step_gain
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_004)))


def mean_ratio(noise_scale: Literal["curvature", "simple", "none"]) -> float:
    measured = one_step_gain(
        TRIALS, examples=80, width=8, draws=48, batch_sizes=[1, 8, 64], noise_scale=noise_scale
    )
    return sum(measured.values) / len(TRIALS)


def test_the_gain_follows_the_noise_scale_that_weighs_by_curvature() -> None:
    assert mean_ratio("curvature") == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("wrong", ["simple", "none"])
def test_other_noise_scales_miss_the_gain(wrong: Literal["simple", "none"]) -> None:
    assert mean_ratio(wrong) < 0.85


def test_a_noise_scale_above_all_batches_is_out_of_regime() -> None:
    measured = one_step_gain(TRIALS, examples=80, width=8, draws=2, batch_sizes=[1], steps=20)
    assert measured.in_regime is not None
    assert not any(measured.in_regime)
