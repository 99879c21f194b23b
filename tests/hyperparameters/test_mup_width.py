"""Width in μP and in the standard parameterisation, on narrow networks."""

from typing import Literal

import pytest

from checkers.hyperparameters.mup_width import activation_change_slope, step_size_drift, transfer_regret
from checkers.settings.growing_width import Setting
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
GRID = {"smallest": 1e-4, "largest": 0.03, "grid": 8, "steps": 15, "remaining": 0.8}


def mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)


@pytest.mark.parametrize(("optimiser", "step_size"), [("adam", 1e-4), ("sgd", 5e-3)])
def test_activations_move_alike_at_every_width_under_mup(optimiser: Literal["adam", "sgd"], step_size: float) -> None:
    measured = activation_change_slope(
        TRIALS, setting=Setting(optimiser=optimiser), step_size=step_size, layer=2, widths=[64, 256]
    )
    assert abs(mean(measured.values)) < 0.35


def test_the_initial_function_which_shrinks_with_the_width_has_no_part_in_the_change_of_the_output() -> None:
    many = Trials(tuple(range(200_000, 200_048)))
    measured = activation_change_slope(
        many, setting=Setting(optimiser="sgd"), step_size=5e-3, layer=3, widths=[64, 256], steps=1
    )
    # Trained against the initial function too, these seeds give −0.25.
    assert abs(mean(measured.values)) < 0.14


def test_under_adam_the_standard_parameterisation_moves_them_with_the_width() -> None:
    measured = activation_change_slope(TRIALS, setting=Setting("standard"), step_size=1e-4, layer=3, widths=[64, 256])
    assert mean(measured.values) > 0.7


def test_a_usual_readout_adds_more_than_the_width_and_a_readout_from_zero_does_not() -> None:
    usual, zero = (
        activation_change_slope(
            TRIALS,
            setting=Setting("standard", readout_scale=scale),
            step_size=1e-5,
            steps=1,
            layer=3,
            widths=[256, 1024],
        )
        for scale in (1.0, 0.0)
    )
    assert mean(usual.values) > 1.15
    assert mean(zero.values) == pytest.approx(1.0, abs=0.1)


def test_the_step_size_drifts_with_width_in_the_standard_parameterisation_alone() -> None:
    mup, standard = (
        mean(step_size_drift(TRIALS, setting=setting, widths=[32, 128], **GRID).values)
        for setting in (Setting("mup"), Setting("standard"))
    )
    assert abs(mup) < 0.4
    assert standard < -0.6


def test_a_seed_that_does_not_cross_within_the_grid_is_out_of_regime() -> None:
    assert step_size_drift(TRIALS, widths=[16, 32], **{**GRID, "largest": 2e-4}).in_regime == (False, False)


def test_a_transferred_step_size_costs_nothing_on_the_network_it_was_tuned_on() -> None:
    settings = {key: value for key, value in GRID.items() if key != "remaining"}
    assert transfer_regret(TRIALS, widths=[32, 32], **settings, setting=Setting(examples=32)).values == pytest.approx(
        (0.0, 0.0)
    )
