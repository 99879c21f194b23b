"""Trained networks touch the best possible loss from above, if they have the time."""

from dataclasses import replace

from checkers.settings.linear_bottleneck import Bottleneck
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
SETTING = Bottleneck(spectrum_exponent=0.75, modes=32, horizon=200.0)
WIDTHS = [2, 3, 4, 6, 8]


def test_trained_losses_are_the_least_ones() -> None:
    ratio = SETTING.trained_losses(TRIALS, WIDTHS) / SETTING.exact_losses(WIDTHS)
    assert 1 - 1e-9 <= float(ratio.min()) <= float(ratio.max()) < 1.005


def test_a_short_time_resolves_the_narrow_networks_alone() -> None:
    short = replace(SETTING, horizon=8.0)
    ratio = (short.trained_losses(TRIALS, WIDTHS) / short.exact_losses(WIDTHS)).mean(0)
    assert ratio[0] < 1.1
    assert ratio[-1] > 1.15
