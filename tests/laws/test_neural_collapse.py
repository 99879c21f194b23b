"""Decay of features brings a small trained network nearer to collapse; chance has the simplex that it should."""

import pytest
import torch

from checkers.instruments.neural_collapse import neural_collapse
from checkers.laws.neural_collapse import chance_of_simplex, collapse
from lawbook import Trials

SMALL = {"per_class": 4, "hidden": (32,), "steps": 300}


@pytest.mark.parametrize("judged", ["variability", "simplex"])
def test_decay_of_features_brings_a_fitted_network_nearer_to_collapse_than_decay_of_weights(
    judged: str,
) -> None:
    trials = Trials((100_000, 100_001))
    features, weights, free = (
        collapse(trials, judged=judged, decay_of=kind, decay=decay, **SMALL)  # type: ignore[arg-type]
        for kind, decay in (("features", 0.02), ("weights", 0.002), ("features", 0.0))
    )
    assert features.in_regime == weights.in_regime == free.in_regime == (True, True)
    assert max(features.values) < min(free.values)
    assert max(features.values) < min(weights.values)


def test_a_much_larger_class_keeps_the_class_means_from_a_simplex() -> None:
    settings = {"per_class": 3, "hidden": (64,), "steps": 1000, "decay_of": "features", "decay": 0.02}
    trials = Trials((100_000, 100_001))
    equal, unequal = (
        collapse(trials, judged="simplex", first_class_weight=weight, **settings).values  # type: ignore[arg-type]
        for weight in (1, 10)
    )
    assert max(equal) < 0.5 < 1 < min(unequal)


def test_decay_of_weights_is_of_all_of_them() -> None:
    trials, settings = Trials((100_000, 100_001)), {"judged": "simplex", "per_class": 4, "hidden": (16,)}
    strong = collapse(trials, decay_of="weights", decay=1.0, steps=300, **settings)  # type: ignore[arg-type]
    assert strong.in_regime == (False, False)  # all weights are gone, and with them the fit


def test_a_network_that_does_not_fit_its_examples_is_out_of_regime() -> None:
    measured = collapse(
        Trials((100_000,)),
        judged="variability",
        decay_of="features",
        decay=0.02,
        per_class=4,
        hidden=(8,),
        steps=1,
    )
    assert measured.in_regime == (False,)


@pytest.mark.parametrize("width", [64, 512])
def test_class_means_in_random_directions_score_one_by_chance(width: int) -> None:
    source = torch.Generator().manual_seed(3)
    means = torch.randn(200, 10, width, generator=source, dtype=torch.float64)
    seen = neural_collapse(means, torch.arange(10), torch.ones(200, 10, width, dtype=torch.float64))
    norms, angles = chance_of_simplex(width)
    assert seen.norm_variation.mean().item() == pytest.approx(norms, rel=0.15)  # the formula is of first order
    assert seen.angle.mean().item() == pytest.approx(angles, rel=0.05)
