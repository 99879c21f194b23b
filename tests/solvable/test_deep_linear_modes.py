"""Mode dates of two- and three-layer linear networks: predicted, and seen to fail where they must."""

import pytest
import torch

from checkers.solvable import three_layer_modes
from checkers.solvable.deep_linear_modes import (
    half_time_error,
    symmetric_strength,
    trajectory_error,
    unshadowed_strength,
)
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
TWO_LAYERS = {"modes": [12.0, 8.0, 4.0], "width": 48, "init_scale": 0.002, "step_size": 0.002}
THREE_LAYERS = {
    "modes": [12.0, 8.0, 4.0],
    "width": 16,
    "smallest_start": 0.004,
    "largest_start": 0.01,
    "misalignment": 0.05,
    "step_size": 0.001,
}


def test_the_sigmoid_dates_every_mode_within_two_per_cent() -> None:
    values = half_time_error(TRIALS, **TWO_LAYERS).values
    assert max(values) < 0.03
    assert len(set(values)) == len(TRIALS)


def test_shadows_and_the_euler_lag_explain_most_of_what_the_sigmoid_misses() -> None:
    bare = half_time_error(TRIALS, **TWO_LAYERS).values
    refined = half_time_error(TRIALS, **TWO_LAYERS, refined=True).values
    assert all(with_both < without / 4 for with_both, without in zip(refined, bare, strict=True))


@pytest.mark.parametrize("change", [{"activation": "tanh"}, {"init_scale": 0.4}, {"step_size": 1.05 / 12}])
def test_dates_are_wrong_outside_the_regime(change: dict[str, object]) -> None:
    assert min(half_time_error(TRIALS, **{**TWO_LAYERS, **change}).values) > 0.03


def test_whole_curves_are_sigmoids_for_linear_units_only() -> None:
    assert max(trajectory_error(TRIALS, **TWO_LAYERS).values) < 0.04
    assert min(trajectory_error(TRIALS, **TWO_LAYERS, activation="tanh").values) > 0.08


def test_a_panel_shows_every_mode_measured_and_predicted() -> None:
    strengths, _ = half_time_error(TRIALS, **TWO_LAYERS).panels
    assert strengths.title.startswith("Mode strengths")
    roles = [line.role for line in strengths.lines]
    assert sorted(roles) == ["measured"] * 3 + ["predicted"] * 3


def test_modes_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="decreasing"):
        half_time_error(TRIALS, **{**TWO_LAYERS, "modes": [4.0, 8.0]})


def test_shadowing_takes_what_lies_along_stronger_modes() -> None:
    first, second = torch.eye(4, 2, dtype=torch.float64)[None], torch.eye(2, 4, dtype=torch.float64)[None]
    first[0, 0, 1], second[0, 1, 0] = 2.0, 2.0
    torch.testing.assert_close(symmetric_strength([first, second])[0], torch.tensor([1.0, 5.0]).double())
    torch.testing.assert_close(unshadowed_strength([first, second])[0], torch.tensor([1.0, 1.0]).double())


def test_three_layers_follow_the_three_layer_formula() -> None:
    assert max(three_layer_modes.half_time_error(TRIALS, **THREE_LAYERS).values) < 0.01


@pytest.mark.parametrize("change", [{"formula_depth": 2}, {"activation": "tanh"}, {"misalignment": 1.0}])
def test_three_layer_dates_are_wrong_for_another_formula_unit_or_start(change: dict[str, object]) -> None:
    assert min(three_layer_modes.half_time_error(TRIALS, **{**THREE_LAYERS, **change}).values) > 0.02


def test_a_seed_measures_the_same_alone_and_in_company() -> None:
    together = half_time_error(TRIALS, **TWO_LAYERS).values
    alone = half_time_error(Trials(seeds=(100_001,)), **TWO_LAYERS).values
    assert alone[0] == pytest.approx(together[1], rel=1e-9)
