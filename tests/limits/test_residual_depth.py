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
    measured = step_size_drift(TRIALS, branch_exponent=1.0, depths=[8, 16, 32], width=24, steps=10)
    assert mean(measured.values) == pytest.approx(1.0, abs=0.15)


def test_a_loss_that_never_crosses_is_put_at_the_end_of_the_grid_and_stays_finite() -> None:
    measured = step_size_drift(TRIALS, depths=[8, 16], width=16, steps=2, smallest=1e-4, largest=1e-3)
    assert measured.values == pytest.approx([0.0] * len(TRIALS))


def test_a_seed_gives_the_same_value_alone_and_among_others() -> None:
    together = feature_update_slope(TRIALS, depths=[8, 16], width=16)
    alone = feature_update_slope(Trials(TRIALS.seeds[2:3]), depths=[8, 16], width=16)
    assert alone.values[0] == pytest.approx(together.values[2], rel=1e-9)
