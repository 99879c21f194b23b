r"""Weight decay on the factors of a matrix is a soft threshold on its singular values.

$\tfrac12\lVert W_L\cdots W_1 - S\rVert_F^2 + \tfrac\lambda2\sum_l\lVert W_l\rVert_F^2$ with two layers equals, at its
minimum over factors, $\tfrac12\lVert W - S\rVert_F^2 + \lambda\lVert W\rVert_*$ (Srebro, Rennie & Jaakkola 2004),
whose solution is $(s_k - \lambda)_+$ (Mazumder, Hastie & Tibshirani 2010).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal, orthogonal
from lawbook import Measurement, Panel, Trials

Decay = Literal["factors", "product"]
Formula = Literal["soft threshold", "shrinkage", "hard threshold"]


def threshold_error(
    trials: Trials,
    *,
    modes: list[float],
    decay: float,
    width: int,
    layers: int = 2,
    decay_on: Decay = "factors",
    formula: Formula = "soft threshold",
    step_size: float = 0.1,
    steps: int = 2000,
    init_scale: float = 0.3,
) -> Measurement:
    """Largest over modes of |singular value of the trained product − the formula's|, in units of the largest mode.

    modes: singular values of the target, a square matrix with random singular vectors. Gradient descent from normal
    weights of standard deviation init_scale / √width.
    """
    size = len(modes)
    target_modes = torch.tensor(modes, dtype=torch.float64, device=trials.device)
    left, right = (
        orthogonal(trials.seeds, size, stream=side, device=trials.device, dtype=torch.float64)
        for side in ("left", "right")
    )
    target = left * target_modes @ right.mT
    sizes = [size, *[width] * (layers - 1), size]
    weights = [
        init_scale
        / width**0.5
        * normal(
            trials.seeds,
            (sizes[layer + 1], sizes[layer]),
            stream=f"layer {layer}",
            device=trials.device,
            dtype=torch.float64,
        )
        for layer in range(layers)
    ]
    for _ in trials.track(range(steps), "gradient descent"):
        weights = _step(weights, target, decay, decay_on, step_size)
    found = torch.linalg.svdvals(_product(weights))
    predicted = _predicted(target_modes, decay, formula)
    return Measurement(
        values=((found - predicted).abs().amax(-1) / target_modes[0]).cpu(),
        panels=Panel("Singular values after training", x="of the target", y="of the product")
        .over_seeds("measured", modes, found.cpu())
        .line(formula, modes, predicted.cpu(), role="predicted")
        .line("without decay", modes, modes, role="reference"),
    )


def _step(weights: list[Tensor], target: Tensor, decay: float, decay_on: Decay, step_size: float) -> list[Tensor]:
    product = _product(weights)
    error = product - target + (decay * product if decay_on == "product" else 0)
    own = decay if decay_on == "factors" else 0.0
    moved = []
    for layer, weight in enumerate(weights):
        after, before = weights[layer + 1 :], weights[:layer]
        gradient = error
        if after:
            gradient = _product(after).mT @ gradient
        if before:
            gradient = gradient @ _product(before).mT
        moved.append(weight - step_size * (gradient + own * weight))
    return moved


def _product(weights: list[Tensor]) -> Tensor:
    product = weights[0]
    for weight in weights[1:]:
        product = weight @ product
    return product


def _predicted(modes: Tensor, decay: float, formula: Formula) -> Tensor:
    if formula == "shrinkage":
        return modes / (1 + decay)
    kept = (modes - decay).clamp_min(0)
    return kept if formula == "soft threshold" else torch.where(kept > 0, modes, 0.0)
