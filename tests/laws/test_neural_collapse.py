"""Decay of features brings a small trained network nearer to collapse; classes are drawn as asked."""

from checkers.laws.neural_collapse import collapse
from lawbook import Trials

SMALL = {"per_class": 4, "hidden": [32], "steps": 150}


def test_decay_of_features_brings_a_fitted_network_nearer_to_the_simplex() -> None:
    trials = Trials((100_000, 100_001))
    decayed = collapse(trials, feature_decay=0.02, classifier_decay=0.02, **SMALL)
    free = collapse(trials, feature_decay=0.0, classifier_decay=0.0, **SMALL)
    assert decayed.in_regime == free.in_regime == (True, True)
    assert max(decayed.values) < min(free.values)


def test_a_network_that_does_not_fit_its_examples_is_out_of_regime() -> None:
    assert collapse(Trials((100_000,)), per_class=4, hidden=[8], steps=1).in_regime == (False,)
