"""The frontier of surfaces whose best width is known."""

import numpy as np
import pytest
import torch

from checkers.instruments.compute_frontier import best_frontier, single_width

WIDTHS = [2**k for k in range(1, 9)]
STEPS = torch.arange(20_001, dtype=torch.float64).clamp_min(1)
RISKS = torch.stack([1 / width + STEPS**-0.5 for width in WIDTHS])[None]
COMPUTE = torch.logspace(2, 4, 9, dtype=torch.float64)


def exponent(of: torch.Tensor) -> float:
    return float(np.polyfit(COMPUTE.log().numpy(), of[0].log().numpy(), 1)[0])


def test_a_power_law_surface_has_the_textbook_frontier() -> None:
    frontier = best_frontier(RISKS, WIDTHS, COMPUTE)
    assert exponent(frontier.risk) == pytest.approx(-1 / 3, abs=0.02)
    assert exponent(frontier.width) == pytest.approx(1 / 3, abs=0.02)


def test_a_single_width_has_its_own_curve() -> None:
    frontier = single_width(RISKS, WIDTHS, 2, COMPUTE)
    torch.testing.assert_close(frontier.risk[0], 1 / 8 + (COMPUTE / 8) ** -0.5, rtol=1e-3, atol=0)
    assert frontier.width.unique().tolist() == [8.0]
