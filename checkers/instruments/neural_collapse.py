r"""The four measures of neural collapse of last-layer features and classifier (Papyan, Han & Donoho 2020).

With class means $\mu_c$ of features, their mean $\mu = \frac1K\sum_c\mu_c$ over classes (not over examples: they
differ where classes are unequal), $m_c = \mu_c - \mu$, within-class covariance $\Sigma_W$ (mean over examples) and
between-class covariance $\Sigma_B = \frac1K\sum_c m_c m_c^\top$.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.instruments.accurate_sums import unit_scale


@dataclass(frozen=True, eq=False)
class NeuralCollapse:
    r"""All 0 at full collapse; [runs], in the features' dtype.

    within_class: NC1, $\frac1K\operatorname{tr}\Sigma_W\Sigma_B^\dagger$.
    norm_variation: NC2, standard deviation over mean of $\lVert m_c\rVert$. angle: NC2, mean over pairs of
    $\lvert\cos(m_c, m_{c'}) + \frac1{K-1}\rvert$. classifier_norm_variation, classifier_angle: the same of the
    classifier's rows, centred by their mean. duality: NC3, $\lVert W/\lVert W\rVert_F - M/\lVert M\rVert_F\rVert_F$, M
    having rows $m_c$. disagreement: NC4, share of examples where the network's class is not that of the nearest class
    mean.
    """

    within_class: Float[Tensor, " runs"]
    norm_variation: Float[Tensor, " runs"]
    angle: Float[Tensor, " runs"]
    classifier_norm_variation: Float[Tensor, " runs"]
    classifier_angle: Float[Tensor, " runs"]
    duality: Float[Tensor, " runs"]
    disagreement: Float[Tensor, " runs"]


def neural_collapse(
    features: Float[Tensor, "runs examples width"],
    labels: Int[Tensor, " examples"],
    classifier: Float[Tensor, "runs classes width"],
    bias: Float[Tensor, "runs classes"] | None = None,
) -> NeuralCollapse:
    """The measures for every run, of features of the same examples and the linear classifier on them.

    labels: 0 … classes − 1, shared by all runs; every class must occur. Features' and classifier's units do not matter
    (NC4 apart, which uses both as they are). Raises ValueError for absent classes or fewer than 2.
    """
    classes = classifier.shape[1]
    counts = torch.bincount(labels, minlength=classes)
    if classes < 2 or len(counts) != classes or bool((counts == 0).any()):
        raise ValueError(
            f"labels hold examples of each class as {counts.tolist()}; each of the classifier's {classes} needs some"
        )
    scaled = unit_scale(features)
    membership = torch.nn.functional.one_hot(labels, classes).to(features.dtype)
    means = (membership.mT / counts.unsqueeze(1)) @ scaled
    centred = means - means.mean(1, keepdim=True)
    rows = unit_scale(classifier)
    norm_variation, angle = _departure_from_simplex(centred)
    classifier_norm_variation, classifier_angle = _departure_from_simplex(rows - rows.mean(1, keepdim=True))
    return NeuralCollapse(
        within_class=_within_over_between(scaled - means[:, labels], centred),
        norm_variation=norm_variation,
        angle=angle,
        classifier_norm_variation=classifier_norm_variation,
        classifier_angle=classifier_angle,
        duality=(_of_unit_norm(rows) - _of_unit_norm(centred)).flatten(1).norm(dim=1),
        disagreement=_disagreement(scaled, means, features, classifier, bias),
    )


def _within_over_between(residuals: Tensor, centred: Tensor) -> Tensor:
    r"""tr(Σ_W Σ_B^†)/K in the at most K−1 directions in which class means differ; no width² matrix is formed."""
    classes = centred.shape[1]
    _, strengths, directions = torch.linalg.svd(centred, full_matrices=False)
    spread = (residuals @ directions.mT).square().mean(1)
    differs = strengths > 1e2 * torch.finfo(strengths.dtype).eps * strengths[:, :1]
    differs[:, classes - 1 :] = False
    ratio: Tensor = torch.where(differs, spread / strengths.square(), 0.0).sum(1)
    return ratio


def _departure_from_simplex(rows: Tensor) -> tuple[Tensor, Tensor]:
    classes = rows.shape[1]
    norms: Tensor = torch.linalg.vector_norm(rows, dim=2)
    cosines = (rows @ rows.mT) / (norms.unsqueeze(1) * norms.unsqueeze(2))
    pairs = ~torch.eye(classes, dtype=torch.bool, device=rows.device)
    departure = (cosines + 1 / (classes - 1)).abs()[:, pairs].mean(1)
    return norms.std(1, correction=0) / norms.mean(1), departure


def _of_unit_norm(rows: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(rows, dim=(1, 2), keepdim=True)
    return rows / norms


def _disagreement(
    scaled: Tensor, means: Tensor, features: Tensor, classifier: Tensor, bias: Tensor | None
) -> Tensor:
    nearest = torch.cdist(scaled, means).argmin(2)
    logits = features @ classifier.mT
    chosen = (logits if bias is None else logits + bias.unsqueeze(1)).argmax(2)
    return (nearest != chosen).to(features.dtype).mean(1)
