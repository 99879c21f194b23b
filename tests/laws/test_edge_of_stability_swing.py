"""The curvature along the steps is the Hessian's, averaged along them, and tells an oscillation from a smooth path."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from checkers.instruments.curvature import dense_hessian, gradient
from checkers.instruments.parameters import flatten, unflatten
from checkers.laws.edge_of_stability_swing import StepProducts, curvature_along_steps, swing_curvature
from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import train
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
SMALL = Setting(examples=50, labels="random", hidden=(16, 16))


def test_products_of_steps_give_the_dense_hessian_averaged_along_the_step() -> None:
    step_size = 0.005
    task = classification_task(
        TRIALS, Setting(examples=20, labels="random", hidden=(4,), weight_scale=1.0), dtype=torch.float64
    )
    seen = train(
        task.initial,
        task.loss,
        GradientDescent(step_size),
        steps=2,
        observe=StepProducts(),
        observe_at=range(3),
    ).observed
    step = -step_size * gradient(task.loss, task.initial)
    start, expected = flatten(task.initial), torch.zeros(3, dtype=torch.float64)
    for node, weight in ((0.5 - 0.15**0.5, 5 / 18), (0.5, 8 / 18), (0.5 + 0.15**0.5, 5 / 18)):
        hessian = dense_hessian(task.loss, unflatten(start + node * step, task.initial))
        expected += weight * torch.einsum("ri,rij,rj->r", step, hessian, step)
    expected /= step.square().sum(dim=1)
    measured = curvature_along_steps(seen["across"], seen["square"], step_size)
    torch.testing.assert_close(measured, expected, rtol=1e-4, atol=0)


def test_a_step_that_undoes_the_last_scores_one_and_a_drift_takes_its_share() -> None:
    drift = torch.tensor([0.0, 0.2])
    signs = torch.tensor([1.0, -1.0]).repeat(50)[:, None, None]
    steps = signs * torch.tensor([[1.0, 0.0], [1.0, 0.0]]) + drift[:, None] * torch.tensor([0.0, 1.0])
    across, square = (steps[1:] * steps[:-1]).sum(2), steps[:-1].square().sum(2)
    share = 0.04 / 1.04
    assert curvature_along_steps(across, square, 2.0).tolist() == pytest.approx([1.0, 1 - share])


def test_gradient_descent_at_its_edge_swings_and_below_it_does_not() -> None:
    at_edge = swing_curvature(TRIALS, step_size=0.5, steps=250, setting=SMALL)
    below = swing_curvature(TRIALS, step_size=0.02, steps=250, setting=SMALL)
    assert at_edge.in_regime == below.in_regime == (True, True, True)
    noisy = swing_curvature(TRIALS, step_size=0.5, steps=250, batch_size=5, setting=SMALL)
    assert at_edge.values == pytest.approx([4, 4, 4], rel=0.1)  # 2/0.5
    assert max(below.values) < 0.1 * 2 / 0.02
    assert all(0.4 * 4 < value < 0.75 * 4 for value in noisy.values)  # uncorrelated steps give half


def test_starting_above_the_edge_is_out_of_regime() -> None:
    measured = swing_curvature(TRIALS, step_size=0.5, steps=40, setting=replace(SMALL, weight_scale=2.0))
    assert measured.in_regime == (False, False, False)
