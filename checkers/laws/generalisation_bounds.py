r"""Bounds on the generalisation error against the errors measured on a zoo of small networks.

For a network $f(x) = W_2\,\mathrm{relu}(W_1x)$ with margins $m_i = f(x_i)_{y_i} - \max_{j\ne y_i} f(x_i)_j$ on $n$
examples, let $\gamma$ be the margin that nine tenths of them exceed (at least 0.001). The measures are

- spectral: $\frac{\|X\|_F}{\gamma n}\prod_l\|W_l\|_\sigma
  \bigl(\sum_l(\|W_l^\top\|_{2,1}/\|W_l\|_\sigma)^{2/3}\bigr)^{3/2}$, the complexity of Bartlett, Foster &
  Telgarsky 2017 (arXiv:1706.08498) without its logarithms;
- frobenius: $\|W_1\|_F\|W_2\|_F/(\gamma\sqrt n)$ (Neyshabur, Tomioka & Srebro 2015, arXiv:1503.00036);
- flatness: sharpness times the squared norm of all weights;
- pac-bayes: for weights perturbed by a Gaussian of deviation $\sigma$, with a prior of that deviation around the
  initial weights $w_0$, mean training error $+\sqrt{(\|w-w_0\|^2/2\sigma^2 + \log(2\sqrt n\,k/\delta))/2n}$, the least
  over $k$ values of $\sigma$ (McAllester's bound as in Dziugaite & Roy 2017, arXiv:1703.11008, not optimised). It
  bounds the mean error of perturbed networks; their mean training error is taken over a few draws, without the
  confidence that a certificate would need for that.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.instruments.parameters import flatten, unflatten
from checkers.settings.network_zoo import CELLS, LABEL_NOISE, Zoo, by_seed, rank_correlation, train_zoo
from checkers.testbeds.losses import accuracy
from checkers.testbeds.randomness import normal, permutation
from lawbook import Measurement, Panel, Trials

MARGIN_QUANTILE = 0.1
SMALLEST_MARGIN = 1e-3
SMALLEST_ERROR = 1e-3
CONFIDENCE_LOSS = 0.05
POSTERIOR_WIDTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
POSTERIOR_DRAWS = 8


def bound_correlation(
    trials: Trials,
    *,
    measure: Literal["spectral", "frobenius", "flatness", "pac-bayes"],
    within_noise_level: bool = False,
    pairing: Literal["own", "shuffled"] = "own",
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 128,
    width: int = 32,
    steps: int = 250,
    step_size: float = 0.05,
) -> Measurement:
    """Spearman's correlation over the zoo between a measure of complexity and the test error.

    within_noise_level: correlate at fixed label noise, mean over the levels: noise raises both the error and any norm
    that pays for fitting it, and so makes measures look better than they are. pairing: "shuffled" takes another
    network's test error, which leaves nothing but chance.
    """
    zoo = train_zoo(trials, dataset=dataset, examples=examples, width=width, steps=steps, step_size=step_size)
    complexity, error = by_seed(_measure(zoo, measure, trials)), by_seed(zoo.test_error)
    if pairing == "shuffled":
        error = error.gather(1, permutation(trials.seeds, CELLS, stream="pairing"))
    order = error[0].argsort()
    axes = Panel("One zoo, first seed", x="test error", y=f"{measure} measure", log="y")
    panel = axes.line(measure, error[0, order], complexity[0, order])
    if not within_noise_level:
        return Measurement(values=rank_correlation(complexity, error), panels=panel)
    levels = zip(complexity.chunk(len(LABEL_NOISE), 1), error.chunk(len(LABEL_NOISE), 1), strict=True)
    return Measurement(
        values=torch.stack([rank_correlation(*level) for level in levels]).mean(dim=0), panels=panel
    )


def bound_tightness(
    trials: Trials,
    *,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 128,
    width: int = 32,
    steps: int = 250,
    step_size: float = 0.05,
) -> Measurement:
    """The PAC-Bayes bound over the test error, mean over the zoo's networks that were trained on clean labels."""
    zoo = train_zoo(trials, dataset=dataset, examples=examples, width=width, steps=steps, step_size=step_size)
    bound, error = by_seed(_pac_bayes(zoo, trials)), by_seed(zoo.test_error)
    clean = slice(0, CELLS // len(LABEL_NOISE))
    ratio = bound / error.clamp_min(SMALLEST_ERROR)
    order = error[0].argsort()
    return Measurement(
        values=ratio[:, clean].mean(dim=1),
        panels=Panel("One zoo, first seed", x="test error", y="error or bound on it")
        .line("PAC-Bayes bound", error[0, order], bound[0, order])
        .line("test error", error[0, order], error[0, order], role="reference"),
    )


def _measure(zoo: Zoo, measure: str, trials: Trials) -> Tensor:
    if measure == "pac-bayes":
        return _pac_bayes(zoo, trials)
    first, second = zoo.parameters["weight_1"], zoo.parameters["weight_2"]
    count = zoo.inputs.shape[1]
    if measure == "flatness":
        return _sharpness(zoo) * flatten(zoo.parameters).square().sum(dim=1)
    if measure == "frobenius":
        return _norm(first) * _norm(second) / (_margin(zoo) * math.sqrt(count))
    largest = [torch.linalg.matrix_norm(weight, ord=2) for weight in (first, second)]
    columns = [weight.norm(dim=2).sum(dim=1) for weight in (first, second)]
    ratios = sum((column / top) ** (2 / 3) for column, top in zip(columns, largest, strict=True))
    return _norm(zoo.inputs) / (_margin(zoo) * count) * largest[0] * largest[1] * ratios**1.5


def _margin(zoo: Zoo) -> Tensor:
    outputs = zoo.network.forward(zoo.parameters, zoo.inputs)
    own = outputs.gather(2, zoo.labels[:, :, None])[:, :, 0]
    others = outputs.scatter(2, zoo.labels[:, :, None], -math.inf).amax(dim=2)
    return (own - others).quantile(MARGIN_QUANTILE, dim=1).clamp_min(SMALLEST_MARGIN)


def _pac_bayes(zoo: Zoo, trials: Trials) -> Tensor:
    count = zoo.inputs.shape[1]
    moved = flatten(zoo.parameters)
    distance = (moved - flatten(zoo.initial)).square().sum(dim=1)
    noise = normal(trials.seeds, (POSTERIOR_DRAWS, moved.shape[1]), stream="posterior", device=trials.device)
    noise = noise.repeat_interleave(CELLS, 0).to(moved)
    bounds = []
    for deviation in POSTERIOR_WIDTHS:
        errors = []
        for draw in range(POSTERIOR_DRAWS):
            perturbed = unflatten(moved + deviation * noise[:, draw], zoo.parameters)
            errors.append(1 - accuracy(zoo.network.forward(perturbed, zoo.inputs), zoo.labels))
        divergence = distance / (2 * deviation**2)
        chosen = math.log(2 * math.sqrt(count) * len(POSTERIOR_WIDTHS) / CONFIDENCE_LOSS)
        bounds.append(torch.stack(errors).mean(dim=0) + ((divergence + chosen) / (2 * count)).sqrt())
    return torch.stack(bounds).amin(dim=0)


def _sharpness(zoo: Zoo) -> Tensor:
    return hessian_eigenpairs(zoo.loss, zoo.parameters, tolerance=1e-2).values[:, 0]


def _norm(matrices: Tensor) -> Tensor:
    return matrices.square().sum(dim=(1, 2)).sqrt()
