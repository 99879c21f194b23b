"""Decay on factors thresholds singular values; elsewhere another law holds."""

import pytest

from checkers.solvable.factored_decay import threshold_error
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))
SETTING = {"modes": [3.0, 1.0, 0.4], "decay": 0.6, "width": 4, "steps": 1500}


def test_modes_are_shrunk_by_the_decay_or_removed() -> None:
    assert max(threshold_error(TRIALS, **SETTING).values) < 1e-9


def test_decay_on_the_product_shrinks_by_a_factor() -> None:
    given = {**SETTING, "decay_on": "product"}
    assert min(threshold_error(TRIALS, **given).values) > 0.1
    assert max(threshold_error(TRIALS, **given, formula="shrinkage").values) < 1e-9


@pytest.mark.parametrize("change", [{"layers": 3}, {"formula": "hard threshold"}])
def test_other_penalties_and_formulas_are_told_apart(change: dict[str, object]) -> None:
    assert min(threshold_error(TRIALS, **SETTING, **change).values) > 0.05
