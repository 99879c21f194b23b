"""Spikes above the transition show as theory says, below not at all."""

import pytest

from checkers.solvable.spike_transition import first_step, spiked_covariance
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


def test_above_the_transition_value_and_vector_follow_the_formulas() -> None:
    given = {"aspect": 0.25, "spike": 2.0, "samples": 800}
    top = mean(spiked_covariance(TRIALS, **given, quantity="top eigenvalue").values)
    assert top == pytest.approx(3.0 * 1.125, rel=0.06)
    overlap = mean(spiked_covariance(TRIALS, **given, quantity="overlap").values)
    assert overlap == pytest.approx((1 - 0.25 / 4) / 1.125, rel=0.06)


def test_below_the_transition_the_vector_knows_nothing() -> None:
    given = {"aspect": 0.25, "spike": 0.2, "samples": 800, "quantity": "overlap"}
    assert mean(spiked_covariance(TRIALS, **given).values) < 0.05


def test_a_first_step_is_a_spike_along_the_labels() -> None:
    given = {"dimension": 100, "width": 200, "examples": 800, "spike": 4.0}
    assert mean(first_step(TRIALS, **given, quantity="top eigenvalue").values) == pytest.approx(1.0, abs=0.07)
    assert mean(first_step(TRIALS, **given, quantity="overlap").values) == pytest.approx(1.0, abs=0.07)
    assert mean(first_step(TRIALS, **given, quantity="overlap", shuffled=True).values) < 0.1
    assert mean(first_step(TRIALS, **given, quantity="top eigenvalue", centred=False).values) < 0.9
