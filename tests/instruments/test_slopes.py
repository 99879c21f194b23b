"""Least-squares slopes against SciPy's."""

import pytest
import torch
from scipy.stats import linregress

from checkers.instruments.slopes import log_log_slope, slope


def test_slopes_of_many_runs_are_those_of_scipy() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(7, generator=generator, dtype=torch.float64)
    y = torch.rand(2, 3, 7, generator=generator, dtype=torch.float64)
    found = slope(x, y)
    assert found.shape == (2, 3)
    for run in range(2):
        for part in range(3):
            expected = linregress(x.numpy(), y[run, part].numpy()).slope
            assert found[run, part].item() == pytest.approx(expected)


def test_a_power_law_gives_its_exponent_in_double_precision() -> None:
    places = [1.0, 2.0, 8.0]
    sizes = 3 * torch.tensor([places], dtype=torch.float64) ** -0.75
    assert log_log_slope(places, sizes).item() == pytest.approx(-0.75, abs=1e-14)
    assert log_log_slope(torch.tensor(places), sizes.float()).dtype == torch.float64


def test_a_run_that_is_not_positive_has_no_exponent_and_leaves_the_others_theirs() -> None:
    found = log_log_slope([1, 2, 4], torch.tensor([[1.0, -2.0, 4.0], [1.0, 2.0, 4.0]]))
    assert found[0].isnan()
    assert found[1].item() == pytest.approx(1.0)
