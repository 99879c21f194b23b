"""The frontier's exponents are those of the model, and another allocation has others."""

import numpy as np
import pytest

from checkers.laws.scaling_law_compute import frontier_exponent
from checkers.settings.online_regression import OnlineRegression
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_006)))
SMALL = {
    "setting": OnlineRegression(capacity=1.5, target=2.0, features=23, batch_size=16, step_size=0.4),
    "widths": [4, 6, 8, 11, 16, 23],
    "budgets": [150.0, 2000.0],
}


def mean_exponent(**changes: object) -> float:
    return float(np.mean(frontier_exponent(TRIALS, **{**SMALL, **changes}).values))


@pytest.mark.parametrize("of", ["risk", "width"])
def test_best_risk_and_best_width_have_the_exponents_of_the_model(of: str) -> None:
    assert mean_exponent(of=of) == pytest.approx(0.4, abs=0.04)


def test_a_rougher_target_falls_slower() -> None:
    rough = OnlineRegression(capacity=1.5, target=1.5, features=23, batch_size=16, step_size=0.4)
    assert mean_exponent(of="risk", setting=rough) == pytest.approx(0.2, abs=0.03)


def test_one_width_for_all_budgets_has_another_exponent() -> None:
    assert mean_exponent(of="risk", allocation="narrowest") < 0.25
    assert mean_exponent(of="risk", allocation="widest") > 0.5
