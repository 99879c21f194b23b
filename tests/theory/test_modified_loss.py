"""The flow that heavy ball follows, against heavy ball on a parabola."""

import math

import pytest
import torch

from checkers.theory.modified_loss import heavy_ball_coefficient, heavy_ball_delay, penalised

CURVATURE, MOMENTUM, TIME = 1.3, 0.7, 2.0


def heavy_ball(steps: int) -> float:
    place, velocity, step_size = 1.0, 0.0, (1 - MOMENTUM) * TIME / steps
    for _ in range(steps):
        velocity = MOMENTUM * velocity + CURVATURE * place
        place -= step_size * velocity
    return place


def flow(steps: int) -> float:
    step_size = (1 - MOMENTUM) * TIME / steps
    rate = CURVATURE + 2 * heavy_ball_coefficient(step_size, MOMENTUM) * CURVATURE**2
    return math.exp(-rate * (TIME - heavy_ball_delay(step_size, MOMENTUM)))


def test_heavy_ball_from_rest_follows_the_delayed_flow_to_second_order() -> None:
    far, near = (abs(heavy_ball(steps) - flow(steps)) for steps in (1000, 2000))
    assert math.log2(far / near) == pytest.approx(2.0, abs=0.05)


def test_without_momentum_the_coefficient_is_a_quarter_step_and_there_is_no_delay() -> None:
    assert heavy_ball_coefficient(0.2, 0.0) == pytest.approx(0.05)
    assert heavy_ball_delay(0.2, 0.0) == 0.0


def test_the_penalty_is_the_squared_gradient_of_all_parameters_run_by_run() -> None:
    point = {name: torch.tensor([[1.0], [2.0]], requires_grad=True) for name in ("a", "b")}

    def loss(parameters: dict[str, torch.Tensor]) -> torch.Tensor:
        return (parameters["a"].square() / 2 + 3 * parameters["b"]).sum(dim=1)

    each = penalised(loss, torch.tensor([0.1, 0.0]))(point)
    assert each.tolist() == pytest.approx([3.5 + 0.1 * (1 + 9), 8.0])
    values = penalised(loss, 0.1)(point)
    assert values.tolist() == pytest.approx([3.5 + 0.1 * (1 + 9), 8.0 + 0.1 * (4 + 9)])
    values.sum().backward()
    assert point["a"].grad is not None
    assert point["a"].grad[:, 0].tolist() == pytest.approx([1.2, 2.4])
