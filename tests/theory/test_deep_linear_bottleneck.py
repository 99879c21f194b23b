"""The bottleneck's loss against brute-force sums and a truncated singular value decomposition."""

import numpy as np
import pytest

from checkers.theory.deep_linear_bottleneck import bottleneck_loss


def test_the_loss_is_that_of_the_best_low_rank_matrix_plus_what_lies_beyond() -> None:
    modes, width, exponent = 60, 7, 0.8
    source = np.random.default_rng(0)
    left, right = (np.linalg.qr(source.normal(size=(modes, modes)))[0] for _ in range(2))
    target = left @ np.diag(np.arange(1, modes + 1) ** -exponent) @ right
    outer, values, inner = np.linalg.svd(target)
    best = outer[:, :width] @ np.diag(values[:width]) @ inner[:width]
    beyond = float(bottleneck_loss(modes, exponent))
    assert float(bottleneck_loss(width, exponent)) == pytest.approx(
        0.5 * np.sum((target - best) ** 2) + beyond, rel=1e-10
    )


@pytest.mark.parametrize("exponent", [0.75, 1.0, 1.5])
def test_wide_networks_follow_the_power_law_at_n_plus_one_half(exponent: float) -> None:
    alpha = 2 * exponent - 1
    widths = np.array([64.0, 4096.0])
    power_law = (widths + 0.5) ** -alpha / (2 * alpha)
    np.testing.assert_allclose(bottleneck_loss(widths, exponent), power_law, rtol=2e-4)


def test_a_spectrum_of_infinite_power_is_refused() -> None:
    with pytest.raises(ValueError, match="exceeds 1/2"):
        bottleneck_loss(4, 0.5)
