"""The gain of a noisy step on a small configuration: the law's noise scale predicts it, others do not."""

from checkers.limits.gradient_noise_scale import one_step_gain
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_004)))
SMALL = {"examples": 80, "width": 8, "batch_sizes": [1, 8, 64]}


def largest(**setting: object) -> float:
    measured = one_step_gain(TRIALS, **SMALL, **setting)
    return sum(measured.values) / len(TRIALS)


def test_the_gain_follows_the_noise_scale_that_weighs_by_curvature_at_every_batch_size() -> None:
    assert largest() < 0.15


def test_the_noise_scale_without_curvature_misses_the_gain() -> None:
    assert largest(noise_scale="simple") > 0.3


def test_small_batches_need_smaller_steps_than_the_full_gradient() -> None:
    assert largest(step_rule="full-batch") > 2


def test_a_noise_scale_above_the_number_of_examples_is_out_of_regime() -> None:
    measured = one_step_gain(TRIALS, **{**SMALL, "batch_sizes": [1]}, steps=40)
    assert measured.in_regime is not None
    assert not any(measured.in_regime)
