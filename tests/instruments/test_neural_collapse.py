"""Neural collapse measures at full collapse, against dense formulas, and in units that should not matter."""

import pytest
import torch
from torch import Tensor

from checkers.instruments.neural_collapse import neural_collapse

CLASSES, WIDTH = 4, 7


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def simplex() -> Tensor:
    corners = torch.eye(CLASSES, dtype=torch.float64) - 1 / CLASSES
    return corners @ torch.linalg.qr(noise(WIDTH, CLASSES)).Q.T


def test_a_collapsed_network_scores_zero_everywhere_even_with_unequal_classes() -> None:
    labels = torch.tensor([0] * 9 + [1] * 3 + [2] * 2 + [3])
    features = (5 * simplex()[labels] + 2).unsqueeze(0)
    bias = -(3 * simplex() @ torch.full((WIDTH,), 2.0, dtype=torch.float64)).unsqueeze(0)
    measured = neural_collapse(features, labels, 3 * simplex().unsqueeze(0), bias)
    for value in vars(measured).values():
        assert value.item() == pytest.approx(0, abs=1e-7)


def test_agrees_with_dense_covariances_and_norms() -> None:
    labels = torch.arange(60) % CLASSES
    features, classifier = noise(1, 60, WIDTH) + 2 * simplex()[labels], noise(1, CLASSES, WIDTH, seed=2)
    measured = neural_collapse(features, labels, classifier)
    means = torch.stack([features[0][labels == c].mean(0) for c in range(CLASSES)])
    centred = means - means.mean(0)
    within = sum((features[0][labels == c] - means[c]).T @ (features[0][labels == c] - means[c]) for c in range(4)) / 60
    between = centred.T @ centred / CLASSES
    nc1 = (within @ torch.linalg.pinv(between, rtol=1e-10)).trace() / CLASSES
    assert measured.within_class.item() == pytest.approx(nc1.item())
    norms = centred.norm(dim=1)
    assert measured.norm_variation.item() == pytest.approx((norms.std(correction=0) / norms.mean()).item())
    cosines = [centred[a] @ centred[b] / norms[a] / norms[b] for a in range(4) for b in range(4) if a != b]
    assert measured.angle.item() == pytest.approx(torch.stack([(c + 1 / 3).abs() for c in cosines]).mean().item())
    duality = (classifier[0] / classifier[0].norm() - centred / centred.norm()).norm()
    assert measured.duality.item() == pytest.approx(duality.item())
    nearest = (features[0].unsqueeze(1) - means).norm(dim=2).argmin(1)
    chosen = (features[0] @ classifier[0].T).argmax(1)
    assert measured.disagreement.item() == pytest.approx((nearest != chosen).double().mean().item())


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_units_of_features_do_not_matter(scale: float) -> None:
    labels = torch.arange(40) % CLASSES
    features, classifier = noise(2, 40, WIDTH) + simplex()[labels], noise(2, CLASSES, WIDTH, seed=1)
    before, after = (neural_collapse(f, labels, classifier) for f in (features, scale * features))
    for name, value in vars(before).items():
        torch.testing.assert_close(getattr(after, name), value)


def test_more_within_class_noise_is_less_collapse() -> None:
    labels = torch.arange(200) % CLASSES
    levels = torch.tensor([0.01, 0.1, 1.0], dtype=torch.float64).reshape(3, 1, 1)
    features = simplex()[labels] + levels * noise(200, WIDTH)
    measured = neural_collapse(features, labels, simplex().expand(3, -1, -1)).within_class
    assert measured[0] < measured[1] < measured[2]
    assert (measured[1] / measured[0]).item() == pytest.approx(100, rel=0.2)


def test_an_absent_class_is_refused() -> None:
    with pytest.raises(ValueError, match="needs some"):
        neural_collapse(noise(1, 6, WIDTH), torch.tensor([0, 0, 1, 1, 2, 2]), noise(1, CLASSES, WIDTH))
