"""The width exponent comes out as predicted, and wrong in each of the three ways that it is known to."""

import pytest

from checkers.laws.scaling_law_width import fitted_exponent, loss_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))
SETTING = {
    "spectrum_exponent": 0.75,
    "widths": [2, 3, 4, 6, 8],
    "modes": 32,
    "init_scale": 0.05,
    "step_size": 0.5,
    "horizon": 200.0,
}


def test_the_exponent_is_twice_the_spectrums_minus_one() -> None:
    assert fitted_exponent(TRIALS, **SETTING, irreducible=0.05).values == pytest.approx([0.5] * 3, abs=0.01)


@pytest.mark.parametrize(
    ("change", "exponent"),
    [({"offset": "ignored"}, 0.45), ({"offset": "fitted"}, 0.4), ({"horizon": 8.0}, 0.4)],
)
def test_ignored_or_free_offsets_and_short_training_give_smaller_exponents(
    change: dict[str, object], exponent: float
) -> None:
    assert max(fitted_exponent(TRIALS, **{**SETTING, "irreducible": 0.05, **change}).values) < exponent + 0.01


def test_trained_losses_touch_the_best_possible_ones_from_above() -> None:
    values = loss_ratio(TRIALS, **SETTING).values
    assert 1 - 1e-9 <= min(values) <= max(values) < 1.001
    assert min(loss_ratio(TRIALS, **{**SETTING, "horizon": 8.0}).values) > 1.05
