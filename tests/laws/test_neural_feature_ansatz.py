"""The change of a first layer's feature matrix follows the gradient outer product where features are learned."""

from __future__ import annotations

import pytest

from checkers.laws.neural_feature_ansatz import feature_agreement
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
LINEAR = Setting(examples=100, hidden=(32,), activation="linear", weight_scale=0.05)
RECTIFIED = Setting(examples=100, hidden=(32,), activation="relu", weight_scale=0.3)


def test_a_balanced_linear_network_obeys_the_ansatz_with_power_one_half() -> None:
    half = feature_agreement(TRIALS, steps=600, setting=LINEAR)
    whole = feature_agreement(TRIALS, steps=600, setting=LINEAR, power=1.0)
    assert half.values == pytest.approx([1.0] * 3, abs=0.02)
    assert max(whole.values) < min(half.values)


def test_lazy_training_and_another_run_s_gradients_do_not() -> None:
    given = {"steps": 400, "setting": RECTIFIED}
    rich = feature_agreement(TRIALS, **given)
    assert min(rich.values) > 0.5
    assert max(feature_agreement(TRIALS, **given, lazy_scale=30.0).values) < 0.3
    assert max(feature_agreement(TRIALS, **given, other_seed=True).values) < min(rich.values)


def test_a_run_that_has_not_learned_is_out_of_regime() -> None:
    assert feature_agreement(TRIALS, steps=16, step_size=0.001, setting=RECTIFIED).in_regime == (False,) * 3
