"""The first order of Euler's global error, against closed forms and against gradient descent itself."""

import math

import pytest
import torch
from torch import Tensor

from checkers.theory.euler_error import euler_error

START = {"w": torch.tensor([[1.0, -2.0], [0.5, 3.0]], dtype=torch.float64)}
CURVATURES = torch.tensor([1.0, 3.0], dtype=torch.float64)


def quadratic(parameters: dict[str, Tensor]) -> Tensor:
    return (CURVATURES * parameters["w"].square()).sum(dim=1) / 2


def quartic(parameters: dict[str, Tensor]) -> Tensor:
    return parameters["w"].pow(4).sum(dim=1) / 4 + parameters["w"].prod(dim=1) / 3


def test_on_a_parabola_the_error_is_that_of_a_power_against_an_exponential() -> None:
    # (1 − ηa)^(T/η) = e^{−aT}(1 − ηa²T/2 + …)
    found = euler_error(quadratic, START, 2.0)
    decayed = START["w"] * torch.exp(-2.0 * CURVATURES)
    torch.testing.assert_close(found.flow, decayed, rtol=1e-7, atol=1e-10)
    torch.testing.assert_close(found.error, -decayed * CURVATURES**2, rtol=1e-6, atol=1e-9)


def test_gradient_descent_is_off_by_it_to_second_order() -> None:
    found, misses = euler_error(quartic, START, 0.5), []
    for steps in (400, 800):
        place = START["w"].clone()
        for _ in range(steps):
            leaf = place.requires_grad_()
            (slope,) = torch.autograd.grad(quartic({"w": leaf}).sum(), leaf)
            place = (place - 0.5 / steps * slope).detach()
        misses.append((place - found.flow - 0.5 / steps * found.error).norm().item())
    assert math.log2(misses[0] / misses[1]) == pytest.approx(2.0, abs=0.05)


def test_without_contraction_errors_of_steps_add_up() -> None:
    # ½ ∫ a² w e^{−at} dt = ½ a w (1 − e^{−aT})
    found = euler_error(quadratic, START, 2.0, contraction=False)
    expected = -START["w"] * CURVATURES * (1 - torch.exp(-2.0 * CURVATURES)) / 2
    torch.testing.assert_close(found.error, expected, rtol=1e-6, atol=1e-9)
