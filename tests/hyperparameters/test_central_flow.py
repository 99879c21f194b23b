"""What the central-flow checker compares, on a task small enough for a test."""

from __future__ import annotations

from typing import Any

import pytest

from checkers.hyperparameters.central_flow import averaged_descent
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002))
SMALL: dict[str, Any] = {
    "setting": Setting(examples=40, labels="random", hidden=(6,)),
    "steps": 95,
    "directions": 1,
    "step_size": 0.5,
    "approach_steps": 600,
}


def test_a_step_size_that_never_reaches_its_edge_is_out_of_regime() -> None:
    measured = averaged_descent(TRIALS, observable="distance", **{**SMALL, "step_size": 0.01, "approach_steps": 30})
    assert measured.in_regime == (False, False)
    assert measured.values == (1.0, 1.0)


def test_gradient_flow_is_its_own_distance_and_predicts_no_oscillation() -> None:
    assert averaged_descent(TRIALS, observable="distance", prediction="gradient flow", **SMALL).values == pytest.approx(
        [1.0, 1.0]
    )
    assert averaged_descent(TRIALS, observable="variance", prediction="gradient flow", **SMALL).values == (
        0,
        0,
    )


def test_gradient_flow_passes_the_edge_and_its_loss_falls_below_the_averaged_one() -> None:
    central = averaged_descent(TRIALS, observable="loss", **SMALL).values
    flow = averaged_descent(TRIALS, observable="loss", prediction="gradient flow", **SMALL).values
    assert all(above > below for above, below in zip(flow, central, strict=True))


def test_batches_add_an_oscillation_that_the_flow_does_not_predict() -> None:
    full, noisy = (averaged_descent(TRIALS, observable="variance", batch_size=size, **SMALL).values for size in (0, 4))
    assert all(below < above / 2 for below, above in zip(noisy, full, strict=True))


def test_too_few_steps_to_judge_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 95"):
        averaged_descent(TRIALS, observable="distance", steps=50)
