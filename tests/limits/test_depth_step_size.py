"""Features move with depth as the factors of branches and step size say, one fewer under Adam."""

import pytest

from checkers.limits.depth_step_size import feature_update_slope
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))
DEPTHS = [8, 32]


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(
    ("optimiser", "branch", "step", "slope"),
    [
        ("adam", 0.5, 0.5, 0.0),
        ("adam", 0.5, 0.0, 0.5),
        ("adam", 1.0, 0.0, 0.0),
        ("sgd", 0.5, 0.0, 0.0),
        ("sgd", 1.0, 0.0, -1.0),
    ],
)
def test_the_count_of_factors_gives_the_power(optimiser: str, branch: float, step: float, slope: float) -> None:
    found = feature_update_slope(
        TRIALS, optimiser=optimiser, branch_exponent=branch, step_exponent=step, depths=DEPTHS, width=32
    )
    assert mean(found.values) == pytest.approx(slope, abs=0.15)
    assert all(found.in_regime or ())
