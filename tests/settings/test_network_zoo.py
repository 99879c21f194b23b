"""The zoo of networks: rescaling keeps functions, label noise harms, correlations are Spearman's."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from checkers.settings.network_zoo import CELLS, rank_correlation, rescale, train_zoo
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = {"examples": 40, "width": 8, "steps": 60}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12))
def test_rank_correlation_is_spearmans_with_ties(pairs: list[tuple[int, int]]) -> None:
    first, second = (torch.tensor(column, dtype=torch.float64) for column in zip(*pairs, strict=True))
    if first.unique().numel() > 1 and second.unique().numel() > 1:
        expected = spearmanr(first.numpy(), second.numpy()).statistic
        assert rank_correlation(first[None], second[None]).item() == pytest.approx(expected, abs=1e-9)


def test_rescaling_layers_changes_no_output() -> None:
    zoo = train_zoo(TRIALS, dataset="digits", step_size=0.05, **SMALL)
    factors = torch.linspace(0.2, 5.0, 2 * CELLS)
    before = zoo.network.forward(zoo.parameters, zoo.inputs)
    after = zoo.network.forward(rescale(zoo.parameters, factors), zoo.inputs)
    torch.testing.assert_close(after, before, rtol=1e-3, atol=1e-4)


def test_label_noise_raises_the_test_error() -> None:
    zoo = train_zoo(TRIALS, dataset="digits", step_size=0.05, **SMALL)
    clean, noisy = zoo.test_error.reshape(2, 2, -1).mean(dim=(0, 2))
    assert clean < noisy
