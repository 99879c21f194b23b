"""Angles of steps at rotational equilibrium, on a small configuration, and the closed forms they are compared with."""

import math

import pytest
import torch

from checkers.hyperparameters.rotational_equilibrium import angle_of_a_step
from checkers.theory.equilibrium_angles import coupled_momentum_angle, decoupled_angle, drift_shift, norm_path
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {
    "step_size": 4.0,
    "weight_decay": 0.0004,
    "hidden": 16,
    "batch_size": 8,
    "steps": 800,
    "settled": 160,
}


PREDICTED = coupled_momentum_angle(4.0, 0.0004, 0.9)


def test_a_step_turns_normalised_weights_alone_by_the_predicted_angle() -> None:
    assert angle_of_a_step(TRIALS, **SMALL).values == pytest.approx([PREDICTED] * 2, rel=0.1)
    raw = angle_of_a_step(TRIALS, normalised=False, **SMALL)
    assert all(abs(value / PREDICTED - 1) > 0.15 for value in raw.values)


def test_adamw_finds_its_angle_from_rows_that_are_too_long() -> None:
    measured = angle_of_a_step(
        TRIALS,
        optimiser="adamw",
        step_size=0.02,
        weight_decay=0.2,
        start=3.0,
        hidden=16,
        steps=1300,
        settled=800,
    )
    assert measured.values == pytest.approx([decoupled_angle(0.02, 0.2, 0.9)] * 2, rel=0.1)


def test_a_seed_whose_rows_still_grow_or_shrink_is_out_of_regime() -> None:
    assert angle_of_a_step(TRIALS, **SMALL).in_regime == (True, True)
    assert angle_of_a_step(TRIALS, **{**SMALL, "settled": 0, "steps": 40}).in_regime == (False, False)


def test_a_drift_of_the_length_shifts_the_angle_by_half_its_share_in_the_decay() -> None:
    step_size, decay = 0.01, 0.01
    path = norm_path(torch.tensor([1.05 * (step_size / (2 * decay)) ** 0.5]), torch.ones(1), step_size, decay, 1)
    drift = torch.log(path[1] / path[0]) / 2
    angle = step_size / path[0]  # η·‖g‖/‖w‖ with ‖g‖ = 1/‖w‖
    shift = angle / coupled_momentum_angle(step_size, decay) - 1
    assert drift_shift(drift, step_size * decay).item() == pytest.approx(shift.item(), rel=0.05)


def test_closed_forms_agree_where_they_must() -> None:
    assert coupled_momentum_angle(0.1, 0.001) == pytest.approx(math.sqrt(2e-4), rel=1e-3)
    assert decoupled_angle(0.1, 0.001, 0.0) == pytest.approx(math.sqrt(2e-4))
    assert decoupled_angle(0.1, 0.0001, 0.9) / coupled_momentum_angle(0.1, 0.0001, 0.9) == pytest.approx(
        math.sqrt(0.1), rel=1e-4
    )


def test_the_squared_squared_norm_relaxes_at_four_times_step_size_times_decay() -> None:
    path = norm_path(torch.tensor([4.0], dtype=torch.float64), torch.ones(1), 0.01, 0.01, 5000).square()
    excess = path[:, 0] - 0.01 / (2 * 0.01)
    assert torch.log(excess[0] / excess[5000]).item() / 5000 == pytest.approx(4e-4, rel=1e-3)
