"""A grown batch rests above a decayed step size by an exact factor."""

import pytest

from checkers.hyperparameters.batch_growth import curve_distance, floor_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))


@pytest.mark.parametrize(("step_size", "factor"), [(0.5, 4.0), (1.0, 2.0)])
def test_the_floors_are_apart_by_the_formula(step_size: float, factor: float) -> None:
    values = floor_ratio(TRIALS, step_size=step_size, factor=factor).values
    assert values == pytest.approx([(2 - step_size / factor) / (2 - step_size)] * 2, rel=0.02)


def test_the_curves_agree_as_the_step_size_falls() -> None:
    far, near = (max(curve_distance(TRIALS, step_size=eta, factor=4.0).values) for eta in (0.2, 0.05))
    assert near < far / 3
    assert min(curve_distance(TRIALS, step_size=0.05, factor=4.0, schedule="neither").values) > 1
