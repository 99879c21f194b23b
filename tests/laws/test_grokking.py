"""Generalisation comes late for half of the table, and never without a rule."""

from __future__ import annotations

from checkers.laws.grokking import delay_of_generalisation, exponent_in_decay
from lawbook import Trials

TRIALS = Trials((100001, 100002))
SMALL = {"modulus": 13, "width": 128}


def test_more_data_and_a_smaller_start_shorten_the_delay() -> None:
    late, plenty = (delay_of_generalisation(TRIALS, **SMALL, share=share, steps=900) for share in (0.6, 0.85))
    assert min(late.values) > max(plenty.values)


def test_labels_without_a_rule_are_fitted_and_out_of_regime() -> None:
    measured = delay_of_generalisation(TRIALS, **SMALL, share=0.6, labels="random", steps=300)
    assert measured.in_regime == (False, False)
    assert "2 of 2 fit, 0 generalise" in measured.notes


def test_accuracies_are_of_the_two_parts_of_the_table() -> None:
    training, test = delay_of_generalisation(TRIALS, **SMALL, share=0.6, steps=300).panels[0].lines
    assert training.y[-1] == 1.0
    assert test.y[0] < 0.3


def test_generalising_waits_for_decay_and_fitting_does_not() -> None:
    given = {**SMALL, "share": 0.6, "decays": (1.0, 3.0)}
    assert max(exponent_in_decay(TRIALS, **given, steps=900).values) < -0.5
    assert min(exponent_in_decay(TRIALS, **given, of="fitting", steps=100).values) > -0.4
