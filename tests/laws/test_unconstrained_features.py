"""The unconstrained-features model: its closed form against brute force, and descent against the theorem."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from checkers.laws.unconstrained_features import FreeFeatures, departure_from_simplex, smallest_margin
from checkers.theory.unconstrained_features import least_margin_loss
from lawbook import Trials

TRIALS = Trials((100_000, 100_001))
SMALL = FreeFeatures(classes=3, per_class=2, width=5, decay=0.1, steps=400)


@pytest.mark.parametrize(("classes", "decays"), [(3, (0.1, 0.2)), (10, (0.05, 0.05))])
def test_the_margin_is_that_of_the_cheapest_simplex_built_by_hand(classes: int, decays: tuple[float, float]) -> None:
    simplex = np.eye(classes) - 1 / classes

    def cost(margin: float) -> float:
        # W = aS and H = bS with ab = margin, the decays balanced between them.
        norm = np.square(simplex).sum()
        a = math.sqrt(margin * math.sqrt(decays[1] / decays[0] / classes))
        b = margin / a
        entropy = math.log1p((classes - 1) * math.exp(-margin))
        return entropy + decays[0] / 2 * a**2 * norm + decays[1] / (2 * classes) * b**2 * norm

    found = minimize_scalar(cost, bounds=(1e-6, 20), method="bounded", options={"xatol": 1e-9})
    margin, loss = least_margin_loss(classes, *decays)
    assert margin == pytest.approx(found.x, rel=1e-5)
    assert loss == pytest.approx(found.fun, rel=1e-9)


def test_too_much_decay_leaves_nothing_and_too_little_no_minimum() -> None:
    assert least_margin_loss(4, 0.5, 0.5) == (0.0, math.log(4))
    with pytest.raises(ValueError, match="no minimum"):
        least_margin_loss(4, 0.0, 0.5)


def test_descent_ends_at_the_simplex_with_the_margin_of_the_theorem() -> None:
    assert max(departure_from_simplex(TRIALS, setting=SMALL).values) < 1e-9
    assert smallest_margin(TRIALS, setting=SMALL).values == pytest.approx([math.log(3**0.5 / 0.1 - 2)] * 2, rel=1e-9)


@pytest.mark.parametrize("change", [{"decay": 0.0}, {"first_class_weight": 8}])
def test_no_simplex_without_decay_or_balance(change: dict[str, float]) -> None:
    changed = replace(SMALL, **change)  # type: ignore[arg-type]
    assert min(departure_from_simplex(TRIALS, setting=changed).values) > 1e-3


def test_in_one_dimension_features_decay_to_nothing_which_has_no_geometry() -> None:
    values = departure_from_simplex(TRIALS, setting=replace(SMALL, width=1)).values
    assert all(map(math.isnan, values))
