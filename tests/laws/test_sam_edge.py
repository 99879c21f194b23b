"""Sharpness-aware minimisation is held at the edge of its own gradient's norm."""

from __future__ import annotations

import pytest
import torch

from checkers.laws.sam_edge import Ascent, sam_edge, sharpness_over_edge
from checkers.settings.edge_of_stability import Setting, classification_task
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
SETTING = Setting(examples=50, hidden=(16, 16), labels="random")


def test_the_edge_solves_its_equation_and_tends_to_the_plain_one() -> None:
    norm, step_size, ascent = torch.tensor([0.01, 0.3], dtype=torch.float64), 0.2, 0.05
    edge = sam_edge(norm, step_size, ascent)
    assert (step_size * edge * (1 + ascent * edge / norm)).tolist() == pytest.approx([2.0, 2.0])
    assert sam_edge(norm, step_size, 1e-9).tolist() == pytest.approx([10.0, 10.0], rel=1e-5)


def test_a_step_follows_the_gradient_of_the_point_uphill() -> None:
    task = classification_task(TRIALS, SETTING, dtype=torch.float64)
    leaves = {name: tensor.requires_grad_() for name, tensor in task.initial.items()}

    def slopes(loss: torch.Tensor, at: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        return list(torch.autograd.grad(loss.sum(), list(at.values())))

    found = slopes(Ascent(task, 0.3, normalised=True).loss(leaves), leaves)
    here = slopes(task.loss(leaves), leaves)
    norm = sum(slope.flatten(1).square().sum(1) for slope in here) ** 0.5
    uphill = {
        name: (weight + 0.3 * slope / norm.reshape(-1, *[1] * (slope.ndim - 1))).detach().requires_grad_()
        for (name, weight), slope in zip(leaves.items(), here, strict=True)
    }
    for mine, expected in zip(found, slopes(task.loss(uphill), uphill), strict=True):
        torch.testing.assert_close(mine, expected)


def test_training_is_held_at_its_edge_and_plain_descent_is_not() -> None:
    given = {"step_size": 0.3, "ascent": 0.05, "steps": 300, "setting": SETTING}
    held = sharpness_over_edge(TRIALS, **given)
    assert held.in_regime == (True, True, True)
    assert all(0.9 < value < 1.2 for value in held.values)
    assert all(value < 0.7 for value in sharpness_over_edge(TRIALS, **given, edge="plain").values)
    assert all(value > 1.5 for value in sharpness_over_edge(TRIALS, **given, climbs=False).values)
