"""With smaller weights at the start a second mode lags further, by the power of the modes' gap."""

import pytest

from checkers.solvable.sequential_modes import lag_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_008)))
SCALES = [1e-4, 1e-3, 1e-2]


@pytest.mark.parametrize("second", [0.5, 1.0, 1.5])
def test_the_power_is_the_relative_gap(second: float) -> None:
    found = lag_exponent(TRIALS, scales=SCALES, second=second)
    assert sum(found.values) / len(found.values) == pytest.approx(1 - second / 2, abs=0.03)
    assert all(found.in_regime or ())


def test_a_model_without_factors_has_no_lag() -> None:
    assert max(map(abs, lag_exponent(TRIALS, scales=SCALES, factored=False).values)) < 0.01
