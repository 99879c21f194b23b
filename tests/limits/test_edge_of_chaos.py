"""The decay of correlations over layers, in both phases."""

import pytest

from checkers.limits.edge_of_chaos import critical_growth_ratio, decay_rate_ratio
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_008)))
ORDERED = {"weight_scale": 1.0, "bias_scale": 0.3, "correlation": 0.6, "window": [4, 10], "width": 128}
CHAOTIC = {"weight_scale": 3.0, "bias_scale": 0.3, "correlation": 0.3, "window": [0, 3], "width": 256}


def test_correlations_relax_at_the_slope_of_the_map_in_both_phases() -> None:
    for phase in (ORDERED, CHAOTIC):
        ratios = decay_rate_ratio(TRIALS, **phase).values
        assert sum(ratios) / len(ratios) == pytest.approx(1.0, abs=0.25)


def test_the_formula_of_the_ordered_phase_fails_in_the_chaotic_one() -> None:
    ratios = decay_rate_ratio(TRIALS, **CHAOTIC, formula="ordered").values
    assert sum(ratios) / len(ratios) < 0


def test_a_seed_whose_distance_has_drowned_in_fluctuations_is_out_of_regime() -> None:
    measured = decay_rate_ratio(TRIALS, **{**CHAOTIC, "window": [0, 12]})
    assert measured.in_regime is not None
    assert sum(measured.in_regime) < len(TRIALS) / 2


def test_on_the_critical_line_the_reciprocal_distance_grows_as_in_the_recursion_and_only_there() -> None:
    setting = {"bias_scale": 0.3, "correlation": 0.6, "window": [0, 12], "width": 256}
    many = Trials(tuple(range(200_000, 200_024)))

    def growth(detuning: float) -> float:
        ratios = critical_growth_ratio(many, **setting, detuning=detuning).values
        return sum(ratios) / len(ratios)

    assert growth(1.0) == pytest.approx(1.0, abs=0.25)
    assert growth(0.8) > 4
    assert growth(1.2) < 0.4
