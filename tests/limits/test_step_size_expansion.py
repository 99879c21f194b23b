"""Gradient descent against flows: the exponents of backward error analysis, on a small configuration."""

import pytest

from checkers.limits.step_size_expansion import Teaching, distance_exponent, first_order_ratio
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"time": 2.0, "setting": Teaching(examples=8, dimension=3, width=6)}


@pytest.mark.parametrize(
    ("coefficient", "exponent"), [(0.0, 1.0), (0.25, 2.0), (-0.25, 1.0)], ids=["plain", "exact", "wrong-sign"]
)
def test_only_the_exact_coefficient_removes_the_first_order(coefficient: float, exponent: float) -> None:
    measured = distance_exponent(TRIALS, coefficient=coefficient, steps=[80, 160, 320], **SMALL)
    assert measured.values == pytest.approx([exponent] * 2, abs=0.1)


def test_steps_of_second_order_are_off_the_flow_by_second_order_and_off_the_penalised_one_by_first() -> None:
    for coefficient, exponent in ((0.0, 2.0), (0.25, 1.0)):
        measured = distance_exponent(TRIALS, coefficient=coefficient, method="heun", steps=[80, 160, 320], **SMALL)
        assert measured.values == pytest.approx([exponent] * 2, abs=0.2)


def test_the_distance_has_the_constant_of_eulers_global_error_and_no_other() -> None:
    setting = {"steps": [160, 640], **SMALL}
    assert first_order_ratio(TRIALS, **setting).values == pytest.approx([1.0] * 2, abs=0.03)
    assert all(abs(value - 1) > 0.1 for value in first_order_ratio(TRIALS, **setting, contraction=False).values)
    assert max(first_order_ratio(TRIALS, **setting, method="heun").values) < 0.1
