"""The predicted power runs through the middle of what was measured, at any number of seeds."""

import pytest
import torch

from checkers.settings.power_panel import power_panel

PLACES = [1, 4, 16]


def test_a_power_law_lies_on_its_line() -> None:
    values = torch.tensor([[3.0, 1.5, 0.75], [12.0, 6.0, 3.0]])
    measured, predicted = power_panel("Title", "n", "size", PLACES, values, -0.5).lines
    assert measured.y == pytest.approx([6.0, 3.0, 1.5])
    assert predicted.y == pytest.approx(measured.y)
    assert (measured.role, predicted.role) == ("measured", "predicted")


def test_another_power_crosses_it_in_the_middle() -> None:
    predicted = power_panel("Title", "n", "size", PLACES, torch.tensor([[3.0, 3.0, 3.0]]), 1).lines[1]
    assert predicted.y == pytest.approx([0.75, 3.0, 12.0])
