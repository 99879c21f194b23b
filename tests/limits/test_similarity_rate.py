"""How agreement in what was learned grows with width, and what it does without a limit."""

from statistics import mean

import pytest

from checkers.limits.similarity_rate import dissimilarity_slope
from checkers.settings.kernel_movement import Setting
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_006)))
WIDTHS = [64, 128, 256]


def slope(**options: object) -> float:
    return mean(dissimilarity_slope(TRIALS, widths=WIDTHS, draws=3, **options).values)


def test_what_mean_field_networks_disagree_in_falls_as_one_over_the_width() -> None:
    assert slope() == pytest.approx(-1.0, abs=0.2)


def test_networks_whose_features_learn_random_things_agree_no_more_when_wide() -> None:
    assert slope(setting=Setting()) == pytest.approx(0.0, abs=0.2)


def test_kernels_of_unrelated_inputs_agree_no_more_at_any_width() -> None:
    assert slope(compared="inputs in another order") == pytest.approx(0.0, abs=0.05)
