"""The decay of correlations over layers, in both phases."""

import math
from pathlib import Path

import pytest

from checkers.limits.edge_of_chaos import critical_growth_ratio, decay_rate_ratio
from checkers.theory.signal_propagation import critical_weight_scale, fixed_variance, signal_propagation
from lawbook import Trials
from lawbook.registry.load import load_registry

ROOT = Path(__file__).parents[2]
TRIALS = Trials(tuple(range(200_000, 200_008)))
ORDERED = {"weight_scale": 1.0, "bias_scale": 0.3, "correlation": 0.6, "window": [4, 10], "width": 512}
CHAOTIC = {"weight_scale": 3.0, "bias_scale": 0.3, "correlation": 0.3, "window": [0, 3], "width": 4096}


def test_correlations_relax_at_the_slope_of_the_map_in_both_phases() -> None:
    for phase in (ORDERED, CHAOTIC):
        ratios = decay_rate_ratio(TRIALS, **phase).values
        assert sum(ratios) / len(ratios) == pytest.approx(1.0, abs=0.25)


def test_rivals_of_the_claim_are_what_their_formulas_give() -> None:
    ordered, chaotic = signal_propagation("tanh", 1.0, 0.3), signal_propagation("tanh", 3.0, 0.3)
    critical = critical_weight_scale("tanh", 0.3)
    formulas = {
        "depth-scale-of-variance": ordered.correlation_depth / ordered.variance_depth,
        "ordered-phase-formula": -math.log(chaotic.chi_1) * chaotic.correlation_depth,
        "without-the-variance": 1 / fixed_variance("tanh", critical, 0.3),
    }
    checks = load_registry(ROOT).claims["edge-of-chaos"].checks
    claimed = {rival.name: float(str(rival.predicts)) for check in checks for rival in check.rivals}
    assert claimed == pytest.approx(formulas, rel=1e-3)


def test_networks_away_from_the_weights_that_theory_is_told_miss_its_rate() -> None:
    ratios = decay_rate_ratio(TRIALS, **ORDERED, detuning=1.1).values
    assert sum(ratios) / len(ratios) < 0.8


def test_a_seed_whose_distance_has_drowned_in_fluctuations_is_out_of_regime() -> None:
    measured = decay_rate_ratio(TRIALS, **{**CHAOTIC, "window": [0, 12], "width": 256})
    assert measured.in_regime is not None
    assert sum(measured.in_regime) < len(TRIALS) / 2


def test_on_the_critical_line_the_reciprocal_distance_grows_by_half_the_slope_of_the_slope_and_only_there() -> None:
    setting = {"bias_scale": 0.3, "correlation": 0.9, "layers": 8, "width": 8192}
    many = Trials(tuple(range(200_000, 200_032)))

    def growth(**elsewhere: float) -> float:
        ratios = critical_growth_ratio(many, **setting, **elsewhere).values
        return sum(ratios) / len(ratios)

    assert growth() == pytest.approx(0.94, abs=0.2)
    assert growth(detuning=0.96) > 1.8
    assert growth(detuning=1.04) < 0.0
