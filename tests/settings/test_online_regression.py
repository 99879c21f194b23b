"""Trained risks against the exact recursion, and the sum over features that are not drawn."""

import pytest
import torch

from checkers.settings.online_regression import OnlineRegression
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_400)))
SETTING = OnlineRegression(capacity=1.5, target=2.0, features=6, batch_size=4, step_size=0.3)


def test_runs_have_the_exact_risk_on_average() -> None:
    risks = SETTING.trained_risks(TRIALS, [2, 5], 60, permuted=False).mean(0)
    torch.testing.assert_close(risks, SETTING.exact_risks([2, 5], 60), rtol=0.05, atol=0)


def test_features_beyond_the_drawn_ones_count_as_noise_of_their_variance() -> None:
    more = OnlineRegression(capacity=1.5, target=2.0, features=60, batch_size=4, step_size=0.3)
    torch.testing.assert_close(SETTING.exact_risks([2, 5], 60), more.exact_risks([2, 5], 60), rtol=1e-9, atol=0)


def test_a_permuted_target_leaves_narrow_models_with_more_to_miss() -> None:
    plain, permuted = (
        SETTING.trained_risks(TRIALS, [2], 60, permuted=choice)[:, 0, -1].mean().item() for choice in (False, True)
    )
    assert permuted > plain + 0.3
    start = SETTING.trained_risks(TRIALS, [2], 1, permuted=True)[:, 0, 0]
    assert start.tolist() == pytest.approx([torch.pi**2 / 6] * len(TRIALS))
