"""Mode dates of two-layer linear networks: predicted, and seen to fail where they must."""

from dataclasses import replace

import pytest
import torch

from checkers.settings.linear_modes import LinearModes, symmetric_strength
from checkers.solvable.deep_linear_modes import (
    half_time_error,
    trajectory_error,
    unshadowed_strength,
)
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
TWO = LinearModes((12.0, 8.0, 4.0), width=48, step_size=0.002)
TWO_LAYERS = {"setting": TWO, "init_scale": 0.002}


def test_the_sigmoid_dates_every_mode_within_two_per_cent() -> None:
    values = half_time_error(TRIALS, **TWO_LAYERS).values
    assert max(values) < 0.03
    assert len(set(values)) == len(TRIALS)


@pytest.mark.parametrize("less", ["none", "shadows", "lag"])
def test_shadows_and_the_euler_lag_explain_most_of_what_the_sigmoid_misses(less: str) -> None:
    partly = half_time_error(TRIALS, **TWO_LAYERS, corrections=less).values
    refined = half_time_error(TRIALS, **TWO_LAYERS, corrections="both").values
    assert all(with_both < without / 2 for with_both, without in zip(refined, partly, strict=True))


@pytest.mark.parametrize(
    "change",
    [
        {"setting": replace(TWO, activation="tanh")},
        {"init_scale": 0.4},
        {"setting": replace(TWO, step_size=1.05 / 12)},
    ],
)
def test_dates_are_wrong_outside_the_regime(change: dict[str, object]) -> None:
    assert min(half_time_error(TRIALS, **{**TWO_LAYERS, **change}).values) > 0.03


def test_whole_curves_are_sigmoids_for_linear_units_only() -> None:
    assert max(trajectory_error(TRIALS, **TWO_LAYERS).values) < 0.04
    saturating = {**TWO_LAYERS, "setting": replace(TWO, activation="tanh")}
    assert min(trajectory_error(TRIALS, **saturating).values) > 0.08


def test_a_panel_shows_every_mode_measured_and_predicted() -> None:
    strengths, _ = half_time_error(TRIALS, **TWO_LAYERS).panels
    assert strengths.title.startswith("Mode strengths")
    roles = [line.role for line in strengths.lines]
    assert sorted(roles) == ["measured"] * 3 + ["predicted"] * 3


def test_modes_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="decreasing"):
        half_time_error(TRIALS, **{**TWO_LAYERS, "setting": replace(TWO, modes=(4.0, 8.0))})


def test_shadowing_takes_what_lies_along_stronger_modes() -> None:
    first, second = torch.eye(4, 2, dtype=torch.float64)[None], torch.eye(2, 4, dtype=torch.float64)[None]
    first[0, 0, 1], second[0, 1, 0] = 2.0, 2.0
    torch.testing.assert_close(symmetric_strength([first, second])[0], torch.tensor([1.0, 5.0]).double())
    torch.testing.assert_close(unshadowed_strength([first, second])[0], torch.tensor([1.0, 1.0]).double())


def test_a_seed_measures_the_same_alone_and_in_company() -> None:
    together = half_time_error(TRIALS, **TWO_LAYERS).values
    alone = half_time_error(Trials(seeds=(100_001,)), **TWO_LAYERS).values
    assert alone[0] == pytest.approx(together[1], rel=1e-9)
