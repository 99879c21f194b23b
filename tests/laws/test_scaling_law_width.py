"""The width exponent comes out as predicted, and wrong in each of the three ways that it is known to."""

from dataclasses import replace

import pytest

from checkers.laws.scaling_law_width import fitted_exponent, loss_ratio
from checkers.settings.linear_bottleneck import Bottleneck
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
SETTING = Bottleneck(spectrum_exponent=0.75, modes=32, horizon=200.0)
SHORT = replace(SETTING, horizon=8.0)
WIDTHS = [2, 3, 4, 6, 8]


def test_the_exponent_is_twice_the_spectrums_minus_one() -> None:
    measured = fitted_exponent(TRIALS, setting=SETTING, widths=WIDTHS, irreducible=0.05)
    assert measured.values == pytest.approx([0.5] * 3, abs=0.01)


@pytest.mark.parametrize(
    ("change", "exponent"),
    [({"offset": "ignored"}, 0.45), ({"offset": "fitted"}, 0.4), ({"setting": SHORT}, 0.4)],
)
def test_ignored_or_free_offsets_and_short_training_give_smaller_exponents(
    change: dict[str, object], exponent: float
) -> None:
    measured = fitted_exponent(TRIALS, **{"setting": SETTING, "widths": WIDTHS, "irreducible": 0.05, **change})
    assert max(measured.values) < exponent + 0.01


def test_the_loss_ratio_is_one_from_above_after_long_training() -> None:
    values = loss_ratio(TRIALS, setting=SETTING, widths=WIDTHS).values
    assert 1 - 1e-9 <= min(values) <= max(values) < 1.001
    assert min(loss_ratio(TRIALS, setting=SHORT, widths=WIDTHS).values) > 1.05
