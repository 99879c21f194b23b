"""The zoo of networks: rescaling keeps functions, label noise harms, correlations are Spearman's."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from checkers.instruments.curvature import dense_hessian
from checkers.settings.network_zoo import CELLS, ZooSetting, rank_correlation, rescale, train_zoo
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = ZooSetting(examples=40, unseen=60, width=8, steps=60)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12))
def test_rank_correlation_is_spearmans_with_ties(pairs: list[tuple[int, int]]) -> None:
    first, second = (torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True))
    if first.unique().numel() > 1 and second.unique().numel() > 1:
        expected = spearmanr(first.numpy(), second.numpy()).statistic
        assert rank_correlation(first[None], second[None]).item() == pytest.approx(expected, abs=1e-9)


def test_rescaling_layers_changes_no_output() -> None:
    zoo = train_zoo(TRIALS, SMALL)
    factors = torch.linspace(0.2, 5.0, 2 * CELLS)
    before = zoo.network.forward(zoo.parameters, zoo.inputs)
    after = zoo.network.forward(rescale(zoo.parameters, factors), zoo.inputs)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)


def test_label_noise_raises_the_test_error() -> None:
    zoo = train_zoo(TRIALS, SMALL)
    clean, noisy = zoo.test_error.reshape(2, 2, -1).mean(dim=(0, 2))
    assert clean < noisy


def test_unseen_images_are_none_that_train() -> None:
    zoo = train_zoo(TRIALS, SMALL)
    assert zoo.unseen_inputs.shape[:2] == (2 * CELLS, 60)
    for seen, unseen in zip(zoo.inputs[::CELLS], zoo.unseen_inputs[::CELLS], strict=True):
        assert torch.cdist(seen, unseen).min() > 0


def test_relative_sharpness_is_that_of_weights_in_units_of_their_layers_norm() -> None:
    zoo = train_zoo(TRIALS, SMALL)
    hessian = dense_hessian(zoo.loss, zoo.parameters)
    units = torch.cat(
        [
            weight.flatten(1).norm(dim=1, keepdim=True).expand(-1, weight[0].numel())
            for weight in zoo.parameters.values()
        ],
        dim=1,
    )
    scaled = units[:, :, None] * hessian * units[:, None, :]
    for kind, matrix in (("plain", hessian), ("relative", scaled)):
        expected = torch.linalg.eigvalsh(matrix.double())[:, -1].reshape(2, CELLS)
        torch.testing.assert_close(zoo.sharpness(kind=kind), expected, rtol=1e-3, atol=0)  # type: ignore[arg-type]
