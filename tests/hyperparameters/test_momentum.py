"""Heavy ball against gradient descent at the effective step size and against its flow, on a small network."""

import pytest

from checkers.hyperparameters import momentum
from checkers.hyperparameters.momentum import distance_exponent, flow_distance_exponent
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"steps": [200, 400, 800], "time": 2.0, "examples": 8, "dimension": 3, "width": 6}


def test_the_distance_to_the_effective_step_size_is_of_first_order() -> None:
    assert distance_exponent(TRIALS, **SMALL).values == pytest.approx((1.0, 1.0), abs=0.15)


def test_without_momentum_there_is_no_distance_to_speak_of() -> None:
    (panel,) = distance_exponent(TRIALS, momentum=1e-9, **SMALL).panels
    assert max(panel.lines[0].y) < 1e-6


@pytest.mark.parametrize("missing", [None, "heavy_ball_coefficient", "heavy_ball_delay"])
def test_the_delayed_flow_of_the_modified_loss_is_followed_to_second_order_and_no_other(
    missing: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing is not None:
        monkeypatch.setattr(momentum, missing, lambda step_size, beta: 0.0)
    expected = 2.0 if missing is None else 1.1
    assert flow_distance_exponent(TRIALS, **SMALL).values == pytest.approx((expected, expected), abs=0.25)


def test_a_momentum_that_rises_as_steps_shrink_is_followed_by_neither() -> None:
    for exponent in (distance_exponent, flow_distance_exponent):
        assert max(map(abs, exponent(TRIALS, held="inertia", **SMALL).values)) < 0.3
