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

from checkers.instruments.accurate_sums import finite_runs, unit_scale
from checkers.instruments.arguments import check_tensors
from checkers.instruments.centring import centred, deviations

_ROUNDING = 32  # eps: class means, of features that reach 1, are the same where they differ by less


@dataclass(frozen=True, eq=False)
class NeuralCollapse:
    r"""All 0 at full collapse; [runs], in the features' dtype; NaN where undefined.

    within_class: NC1, $\frac1K\operatorname{tr}\Sigma_W\Sigma_B^\dagger$; undefined where no class has two examples
    or class means are equal.
    norm_variation: NC2, standard deviation over mean of $\lVert m_c\rVert$. angle: NC2, mean over pairs of
    $\lvert\cos(m_c, m_{c'}) + \frac1{K-1}\rvert$. classifier_norm_variation, classifier_angle: the same of the
    classifier's rows, centred by their mean. duality: NC3, $\lVert W/\lVert W\rVert_F - M/\lVert M\rVert_F\rVert_F$,
    M having rows $m_c$. disagreement: NC4, share of examples where the network's class is not that of the nearest
    class mean.
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

    labels: 0 … classes − 1, shared by all runs; every class must occur. Features' and classifier's units do not
    matter (NC4 apart, which uses both as they are). A run that is not finite or whose features do not vary gives NaN,
    and so do the classifier's measures where its rows are equal. Raises ValueError for absent classes or fewer than 2.
    """
    check_tensors(
        features=(features, "runs examples width"),
        classifier=(classifier, "runs classes width"),
        bias=(classifier[:, :, 0] if bias is None else bias, "runs classes"),
    )
    classes = classifier.shape[1]
    if labels.shape != features.shape[1:2]:
        raise ValueError(f"labels must be one an example, {features.shape[1]}, not {tuple(labels.shape)}")
    counts = torch.bincount(labels.clamp(min=-1) + 1, minlength=classes + 1)
    if classes < 2 or len(counts) != classes + 1 or counts[0] > 0 or bool((counts[1:] == 0).any()):
        raise ValueError(
            f"labels below 0 and of each class number {counts.tolist()}; each of the classifier's {classes} needs some"
        )
    about_mean, unit = deviations(features)
    membership = torch.nn.functional.one_hot(labels, classes).to(features.dtype)
    means = (membership.mT / counts[1:].unsqueeze(1)) @ about_mean
    between = means - means.mean(1, keepdim=True)
    norm_variation, angle = _departure_from_simplex(between)
    classifier_norm_variation, classifier_angle = _departure_from_simplex(centred(classifier))
    within = _within_over_between(about_mean - means[:, labels], between)
    return NeuralCollapse(
        within_class=within if bool((counts[1:] > 1).any()) else torch.full_like(within, torch.nan),
        norm_variation=norm_variation,
        angle=angle,
        classifier_norm_variation=classifier_norm_variation,
        classifier_angle=classifier_angle,
        duality=(_of_unit_norm(unit_scale(classifier)) - _of_unit_norm(between)).flatten(1).norm(dim=1),
        disagreement=_disagreement(about_mean, unit, means, features, classifier, bias),
    )


def _within_over_between(residuals: Tensor, centred: Tensor) -> Tensor:
    r"""tr(Σ_W Σ_B^†)/K in the at most K−1 directions in which class means differ; no width² matrix is formed."""
    classes, eps = centred.shape[1], torch.finfo(centred.dtype).eps
    healthy = finite_runs(centred)
    # one NaN would stop the decomposition of every run
    _, strengths, directions = torch.linalg.svd(
        torch.where(healthy.reshape(-1, 1, 1), centred, 0.0), full_matrices=False
    )
    spread = (residuals @ directions.mT).square().mean(1)
    differs = strengths > (1e2 * eps * strengths[:, :1]).clamp(min=_ROUNDING * eps)
    differs[:, classes - 1 :] = False
    ratio: Tensor = torch.where(differs, spread / strengths.square(), 0.0).sum(1)
    return torch.where(differs.any(1) & healthy, ratio, torch.nan)


def _departure_from_simplex(rows: Tensor) -> tuple[Tensor, Tensor]:
    classes = rows.shape[1]
    norms: Tensor = torch.linalg.vector_norm(rows, dim=2)
    known = torch.where(norms > _ROUNDING * torch.finfo(rows.dtype).eps, norms, torch.nan)
    cosines = (rows @ rows.mT) / (known.unsqueeze(1) * known.unsqueeze(2))
    pairs = ~torch.eye(classes, dtype=torch.bool, device=rows.device)
    departure = (cosines + 1 / (classes - 1)).abs()[:, pairs].mean(1)
    variation = norms.std(1, correction=0) / norms.mean(1)
    return torch.where(known.isnan().all(1), torch.nan, variation), departure


def _of_unit_norm(rows: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(rows, dim=(1, 2), keepdim=True)
    return rows / torch.where(norms > _ROUNDING * torch.finfo(rows.dtype).eps, norms, torch.nan)


def _disagreement(
    about_mean: Tensor, unit: Tensor, means: Tensor, features: Tensor, classifier: Tensor, bias: Tensor | None
) -> Tensor:
    """NC4, with logits less what all classes have in common, in units in which they are in range."""
    nearest = torch.cdist(about_mean, means).argmin(2)
    rows, row_unit = deviations(classifier)
    mean = features.mean(1).double()
    # by a unit of weights: what a row gives the mean input, and its bias
    own = (rows.double() @ mean.unsqueeze(2)).squeeze(2)
    if bias is not None:
        own = own + (bias - bias.mean(1, keepdim=True)).double() / torch.where(row_unit > 0, row_unit, 1.0)
    own = (own / unit).clamp(-1e30, 1e30).to(features.dtype)
    logits = torch.baddbmm(own.unsqueeze(1), about_mean, rows.mT)
    decided = (logits.amax(2) > logits.amin(2)).any(1)
    defined = (unit > 0).squeeze(1) & decided & finite_runs(logits)
    share = (nearest != logits.argmax(2)).to(features.dtype).mean(1)
    return torch.where(defined, share, torch.nan)
