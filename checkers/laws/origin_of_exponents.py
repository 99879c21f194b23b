"""Three origins of one exponent: what the data alone say about the slope of a learning curve on images."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.positive_definite import solve_positive_definite
from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_regression import draw_features, risk_panel, sign_averaged_risk
from checkers.testbeds.data import load
from checkers.testbeds.randomness import permutation
from checkers.theory.kernel_regression_risk import predicted_risk
from lawbook import Measurement, Trials

Origin = Literal["spectrum", "subtasks", "dimension"]
NEIGHBOURS = 10


def exponent_gap(
    trials: Trials,
    *,
    samples: list[int],
    origin: Origin = "spectrum",
    dataset: Literal["digits", "mnist1d", "fashion-mnist"] = "digits",
    pool: int = 1797,
    ridge: float = 0.1,
    inputs: Literal["images", "gaussian features"] = "images",
    shuffled_labels: bool = False,
) -> Measurement:
    """Measured less predicted exponent of the test risk of kernel regression over the number of samples.

    The target is the parity of the class, centred; the kernel exp(−‖x − x'‖/√d); training sets are distinct images of
    a pool, whose eigenfunctions are the data that a prediction may use, and which is what risk averages over. origin:
    "spectrum" the slope of the predicted risk; "subtasks" that of what the n leading eigenfunctions, learned one by
    one, leave of the target; "dimension" 4 over the intrinsic dimension by nearest neighbours. inputs: images, or
    independent Gaussians in their eigenfunctions' place. shuffled_labels: the labels in another order, of which the
    prediction knows nothing. (Sharma & Kaplan 2020, arXiv:2004.10802.)
    """
    examples = load(dataset).to(trials.device, torch.float64)
    images = torch.cat([examples.inputs, examples.test_inputs])[:pool]
    parity = torch.cat([examples.labels, examples.test_labels])[:pool] % 2
    target = parity.to(images) - parity.to(images).mean()
    distances = torch.cdist(images, images)
    kernel = torch.exp(-distances / images.shape[1] ** 0.5)
    spectrum, basis = (part.flip(-1) for part in torch.linalg.eigh(kernel / pool))
    power = (basis.mT @ target).square() / pool
    measured = []
    for count in trials.track(samples, "sample size"):
        if inputs == "images":
            risk = _image_risk(trials, kernel, target, count, ridge, shuffled_labels)
        else:
            features = draw_features(trials, count, pool, "gaussian")
            risk = sign_averaged_risk(features, spectrum, power, ridge, 0.0)
        measured.append(risk)
    risks = torch.stack(measured, 1).cpu()
    law = [predicted_risk(spectrum.clamp_min(0).cpu(), power.cpu(), count, ridge=ridge) for count in samples]
    theory = torch.tensor(law, dtype=torch.float64)
    if origin == "spectrum":
        predicted = float(log_log_slope(samples, theory[None])[0])
    elif origin == "subtasks":
        left = torch.stack([power[count:].sum() for count in samples]).cpu()
        predicted = float(log_log_slope(samples, left[None])[0])
    else:
        predicted = -4 / _intrinsic_dimension(distances)
    slope = log_log_slope(samples, risks)
    return Measurement(
        values=predicted - slope,
        panels=risk_panel(samples, risks, theory),
        notes=[f"predicted exponent {-predicted:.3f}, measured {-float(slope.mean()):.3f}"],
    )


def _image_risk(trials: Trials, kernel: Tensor, target: Tensor, count: int, ridge: float, shuffled: bool) -> Tensor:
    pool = len(target)
    targets = target.expand(len(trials), -1)
    if shuffled:
        targets = target[permutation(trials.seeds, pool, stream="label order", device=trials.device)]
    order = permutation(trials.seeds, pool, stream=f"training set {count}", device=trials.device)
    chosen = order[:, :count]
    seen = kernel[chosen]
    gram = seen.gather(2, chosen[:, None, :].expand(-1, count, -1))
    gram.diagonal(dim1=1, dim2=2).add_(ridge)
    weights = solve_positive_definite(gram, targets.gather(1, chosen)[:, :, None])
    return ((seen.mT @ weights)[:, :, 0] - targets).square().mean(1)


def _intrinsic_dimension(distances: Tensor) -> float:
    """Levina and Bickel's estimate from the nearest neighbours, the inverse averaged over points; copies left out."""
    nearest = distances.topk(NEIGHBOURS + 1, largest=False).values[:, 1:].cpu().numpy()
    nearest = nearest[nearest[:, 0] > 0]
    return float(1 / np.log(nearest[:, -1:] / nearest[:, :-1]).mean())
