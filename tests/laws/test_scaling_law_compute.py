"""The compute-optimal frontier: how it is found, and that SGD's is the exact one."""

import numpy as np
import pytest
import torch

from checkers.laws.scaling_law_compute import exponent_ratio, frontier
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))
SETTING = {
    "capacity": 1.5,
    "target": 2.0,
    "widths": [4, 6, 8, 11, 16, 23],
    "features": 64,
    "batch_size": 16,
    "step_size": 0.4,
    "budgets": [150.0, 2000.0],
}


def test_a_power_law_surface_has_the_textbook_frontier() -> None:
    widths = [2**k for k in range(1, 9)]
    steps = torch.arange(20_001, dtype=torch.float64).clamp_min(1)
    risks = torch.stack([1 / width + steps**-0.5 for width in widths])[None]
    compute = torch.logspace(2, 4, 9, dtype=torch.float64)
    best, width = frontier(risks, widths, compute, "optimal")
    logs = torch.log(compute).numpy()
    assert np.polyfit(logs, torch.log(best[0]).numpy(), 1)[0] == pytest.approx(-1 / 3, abs=0.02)
    assert np.polyfit(logs, torch.log(width[0]).numpy(), 1)[0] == pytest.approx(1 / 3, abs=0.02)


@pytest.mark.parametrize("exponent", ["risk", "width"])
def test_stochastic_descent_has_the_exact_frontier(exponent: str) -> None:
    values = exponent_ratio(TRIALS, exponent=exponent, **SETTING).values
    assert np.mean(values) == pytest.approx(1.0, abs=0.12)


def test_one_width_for_all_budgets_has_another_exponent() -> None:
    narrow = exponent_ratio(TRIALS, exponent="risk", **SETTING, allocation="narrowest").values
    wide = exponent_ratio(TRIALS, exponent="risk", **SETTING, allocation="widest").values
    assert max(narrow) < 0.6
    assert min(wide) > 1.2
