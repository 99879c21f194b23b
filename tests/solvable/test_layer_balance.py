"""Balance is kept by the units that have the symmetry, and drifts as the step size allows."""

import pytest

from checkers.solvable.layer_balance import drift_exponent, one_step_error
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
DRIFT = {"widths": [5, 8, 3], "points": 16, "step_sizes": [0.01, 0.005, 0.0025], "horizon": 1.0}
STEP = {"widths": [5, 8, 8, 3], "points": 16, "step_size": 0.01, "steps": 10}


@pytest.mark.parametrize(("activation", "charge"), [("linear", "matrix"), ("relu", "diagonal")])
def test_the_drift_of_symmetric_units_is_proportional_to_the_step_size(activation: str, charge: str) -> None:
    values = drift_exponent(TRIALS, **DRIFT, activation=activation, charge=charge).values
    assert values == pytest.approx([1.0] * 3, abs=0.1)


@pytest.mark.parametrize(("activation", "charge"), [("tanh", "matrix"), ("tanh", "diagonal"), ("relu", "matrix")])
def test_without_the_symmetry_the_drift_does_not_shrink(activation: str, charge: str) -> None:
    values = drift_exponent(TRIALS, **DRIFT, activation=activation, charge=charge).values
    assert values == pytest.approx([0.0] * 3, abs=0.1)


@pytest.mark.parametrize(("activation", "degree"), [("relu", 1), ("squared-relu", 2)])
def test_the_charge_of_a_unit_knows_its_degree(activation: str, degree: int) -> None:
    setting = {**DRIFT, "activation": activation, "charge": "diagonal"}
    assert drift_exponent(TRIALS, **setting, degree=degree).values == pytest.approx([1.0] * 3, abs=0.1)
    assert drift_exponent(TRIALS, **setting, degree=3 - degree).values == pytest.approx([0.0] * 3, abs=0.1)


@pytest.mark.parametrize(("activation", "charge"), [("linear", "matrix"), ("relu", "diagonal")])
def test_one_step_changes_the_balance_by_the_gradients_balance(activation: str, charge: str) -> None:
    assert max(one_step_error(TRIALS, **STEP, activation=activation, charge=charge).values) < 1e-9


def test_tanh_units_change_it_at_first_order() -> None:
    assert min(one_step_error(TRIALS, **STEP, activation="tanh").values) > 0.5
