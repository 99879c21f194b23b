"""Flows agree with their closed forms, and a flow that cannot be followed says so."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from checkers.instruments.parameters import unflatten
from checkers.theory.gradient_flow import FlowStalled, gradient_flow, integrate

CURVATURES = torch.tensor([[1.0, 7.0], [0.2, 30.0]], dtype=torch.float64)


def quadratic(parameters: dict[str, Tensor]) -> Tensor:
    return (CURVATURES * parameters["w"].square()).sum(dim=1) / 2


def test_flow_on_a_quadratic_decays_exponentially_in_every_run() -> None:
    start = {"w": torch.tensor([[1.0, -2.0], [3.0, 0.5]], dtype=torch.float64)}
    times = [0.0, 0.1, 1.0, 2.5]
    path = gradient_flow(quadratic, start, times)
    for time, state in zip(times, path.states, strict=True):
        torch.testing.assert_close(state, start["w"] * torch.exp(-CURVATURES * time), rtol=1e-7, atol=1e-9)
    assert path.times == tuple(times)


def test_a_deep_linear_mode_follows_its_sigmoid() -> None:
    strength, first = 3.0, 1e-3
    times = [1.0, 2.0, 3.0]
    start = {"a": torch.full((1, 1), first**0.5), "b": torch.full((1, 1), first**0.5)}
    path = gradient_flow(lambda p: (strength - p["a"] * p["b"]).square().squeeze(1) / 2, start, times)
    for time, state in zip(times, path.states, strict=True):
        views = unflatten(state, start)
        growth = math.exp(2 * strength * time)
        exact = strength * growth / (growth - 1 + strength / first)
        assert (views["a"] * views["b"]).item() == pytest.approx(exact, rel=1e-6)


def test_a_tighter_tolerance_gives_a_smaller_error_at_more_cost() -> None:
    start = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]], dtype=torch.float64)
    errors, costs = [], []
    for tolerance in (1e-4, 1e-7, 1e-10):
        path = integrate(
            lambda y: y @ turn,
            start,
            [2 * math.pi],
            relative_tolerance=tolerance,
            absolute_tolerance=tolerance,
        )
        errors.append((path.states[0] - start).abs().max().item())
        costs.append(path.evaluations)
    assert errors[2] < 1e-8
    assert errors[0] > 100 * errors[1] > 10_000 * errors[2]
    assert costs[0] < costs[1] < costs[2]


def test_a_run_is_as_accurate_among_many_easy_ones_as_alone() -> None:
    rates = torch.full((200, 1), 1e-3, dtype=torch.float64)
    rates[7] = 50.0
    path = integrate(lambda y: -rates * y, torch.ones(200, 1, dtype=torch.float64), [0.2])
    assert path.states[0, 7].item() == pytest.approx(math.exp(-10), rel=1e-6)


def test_a_flow_that_leaves_the_finite_numbers_says_so() -> None:
    with pytest.raises(FlowStalled, match="near time 1"):
        integrate(lambda y: y.square(), torch.ones(1, 1, dtype=torch.float64), [2.0])


def test_running_out_of_evaluations_tells_how_far_it_got() -> None:
    with pytest.raises(FlowStalled, match=r"reached time 0\.\d+ of 10"):
        integrate(lambda y: -1e5 * y, torch.ones(1, 1, dtype=torch.float64), [10.0], max_evaluations=2000)


def test_times_must_increase() -> None:
    with pytest.raises(ValueError, match="times must increase"):
        integrate(lambda y: -y, torch.ones(1, 1), [1.0, 0.5])
