"""Norms and gradients of deep random networks against their laws."""

import pytest

from checkers.limits.norms_of_depth import fourth_moment_ratio, gradient_growth
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))


@pytest.mark.parametrize(("units", "constant"), [("relu", 5), ("linear", 2)])
def test_the_fourth_moment_compounds_layer_by_layer(units: str, constant: int) -> None:
    given = {"width": 30, "layers": 3, "draws": 30_000}
    values = fourth_moment_ratio(TRIALS, **given, units=units).values
    assert sum(values) / 4 == pytest.approx((1 + constant / 30) ** 3, rel=0.03)


def test_scaled_branches_do_not_compound() -> None:
    deep = [
        sum(fourth_moment_ratio(TRIALS, width=20, layers=layers, draws=20_000, residual="over root depth").values) / 4
        for layers in (5, 20)
    ]
    assert deep == pytest.approx([deep[0]] * 2, rel=0.05)


@pytest.mark.parametrize("weight_scale", [1.0, 2.0])
def test_gradients_change_by_chi_one_a_layer(weight_scale: float) -> None:
    given = {"weight_scale": weight_scale, "bias_scale": 0.3, "depth": 12, "width": 256, "inputs": 32}
    assert sum(gradient_growth(TRIALS, **given).values) / 4 == pytest.approx(1.0, abs=0.1)
    assert abs(sum(gradient_growth(TRIALS, **given, units="linear").values) / 4 - 1) > 0.5
