"""The depth limit of residual networks on small configurations: the exponents that counting factors gives."""

import pytest

from checkers.limits.residual_depth import feature_update_slope, step_size_drift
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_004)))


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(("exponent", "slope", "within"), [(0.5, 0.0, 0.15), (1.0, -1.0, 0.1)])
def test_features_move_by_depth_to_the_power_one_minus_twice_the_branch_exponent(
    exponent: float, slope: float, within: float
) -> None:
    measured = feature_update_slope(TRIALS, branch_exponent=exponent, depths=[8, 16, 32, 64], width=48)
    assert mean(measured.values) == pytest.approx(slope, abs=within)


def test_unscaled_branches_move_features_without_bound() -> None:
    measured = feature_update_slope(TRIALS, branch_exponent=0.0, depths=[8, 16, 32], width=32)
    assert min(measured.values) > 0.5


def test_the_step_size_must_grow_with_depth_where_branches_shrink_as_its_inverse() -> None:
    reach = {"smallest": 0.5, "largest": 80.0, "grid": 10}
    measured = step_size_drift(TRIALS, branch_exponent=1.0, depths=[8, 16, 32], width=24, steps=10, **reach)
    assert mean(measured.values) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(("smallest", "largest"), [(1e-4, 1e-3), (20.0, 30.0)], ids=["never", "at once"])
def test_a_loss_that_does_not_cross_on_the_grid_is_put_at_its_end_and_out_of_regime(
    smallest: float, largest: float
) -> None:
    measured = step_size_drift(
        TRIALS, branch_exponent=1.0, depths=[2, 3], width=16, steps=6, smallest=smallest, largest=largest
    )
    assert measured.values == pytest.approx([0.0] * len(TRIALS))
    assert measured.in_regime == (False,) * len(TRIALS)


def test_the_step_size_falls_steeply_without_the_factor_on_a_grid_that_reaches_it() -> None:
    setting = {"branch_exponent": 0.0, "depths": [8, 16], "width": 24, "steps": 10}
    short = step_size_drift(TRIALS, **setting, smallest=0.05)
    long = step_size_drift(TRIALS, **setting, smallest=1e-5, grid=28)
    assert short.in_regime is not None
    assert not all(short.in_regime)
    assert long.in_regime == (True,) * len(TRIALS)
    assert max(long.values) < -1.0


def test_a_seed_gives_the_same_value_alone_and_among_others() -> None:
    together = feature_update_slope(TRIALS, depths=[8, 16], width=16)
    alone = feature_update_slope(Trials(TRIALS.seeds[2:3]), depths=[8, 16], width=16)
    assert alone.values[0] == pytest.approx(together.values[2], rel=1e-9)
