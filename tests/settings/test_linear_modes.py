"""Modes of linear networks: dates lie between steps, errors of dates are capped, starts are what they say."""

import pytest
import torch

from checkers.settings.linear_modes import (
    LinearModes,
    ModePaths,
    aligned_layers,
    capped_relative_error,
    gaussian_layers,
    relative_excess,
)
from checkers.settings.linear_networks import product
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))
SETTING = LinearModes((4.0, 2.0), width=6, step_size=0.1)


def test_half_times_lie_between_steps_and_are_infinite_where_there_is_none() -> None:
    strengths = torch.tensor([[[0.0, 0.0]], [[1.0, 0.1]], [[3.0, 0.2]]], dtype=torch.float64)
    paths = ModePaths(torch.tensor([0.0, 0.1, 0.2], dtype=torch.float64), strengths)
    assert paths.half_times(SETTING)[0].tolist() == pytest.approx([0.15, float("inf")])


def test_errors_are_capped_where_no_prediction_exists() -> None:
    measured, predicted = torch.tensor([1.1, 9.0, 1.0, torch.inf]), torch.tensor([1.0, 1.0, torch.nan, 2.0])
    assert capped_relative_error(measured, predicted).tolist() == pytest.approx([0.1, 1.0, 1.0, 1.0])


def test_aligned_layers_have_diagonal_products_within_their_range_and_are_balanced() -> None:
    layers = aligned_layers(TRIALS, SETTING, 0.1, 0.2, 0.0)
    end_to_end = product(layers)
    diagonal = end_to_end.diagonal(dim1=1, dim2=2)
    torch.testing.assert_close(end_to_end, torch.diag_embed(diagonal))
    assert 0.1 <= diagonal.min() <= diagonal.max() <= 0.2
    torch.testing.assert_close(layers[1].mT @ layers[1], layers[0] @ layers[0].mT)


def test_gaussian_layers_have_their_scale_and_their_depth() -> None:
    layers = gaussian_layers(TRIALS, LinearModes((4.0, 2.0), width=200, step_size=0.1), 0.3, depth=3)
    assert [tuple(layer.shape) for layer in layers] == [(2, 200, 2), (2, 200, 200), (2, 2, 200)]
    assert layers[1].std().item() == pytest.approx(0.3, rel=0.02)


def test_the_zero_map_has_all_of_the_loss_and_the_target_none() -> None:
    outputs = torch.stack([torch.zeros(2, 2), torch.diag(torch.tensor([4.0, 2.0]))]).double()
    assert relative_excess(outputs, SETTING).tolist() == [1.0, 0.0]
