"""Dates lie between steps, and errors of dates are capped."""

import pytest
import torch

from checkers.settings.mode_dates import capped_relative_error, crossing_times


def test_crossings_lie_between_steps_and_are_infinite_where_there_is_none() -> None:
    history = torch.tensor([[[0.0, 0.0]], [[1.0, 0.1]], [[3.0, 0.2]]], dtype=torch.float64)
    times = crossing_times(history, torch.tensor([2.0, 1.0], dtype=torch.float64), step_size=0.1)
    assert times[0].tolist() == pytest.approx([0.15, float("inf")])


def test_errors_are_capped_where_no_prediction_exists() -> None:
    measured, predicted = torch.tensor([1.1, 9.0, 1.0, torch.inf]), torch.tensor([1.0, 1.0, torch.nan, 2.0])
    assert capped_relative_error(measured, predicted).tolist() == pytest.approx([0.1, 1.0, 1.0, 1.0])
