r"""Bounds on the generalisation error against the errors measured on a zoo of small networks.

For a network $f(x) = W_2\,\mathrm{relu}(W_1x)$ with margins $m_i = f(x_i)_{y_i} - \max_{j\ne y_i} f(x_i)_j$ on $n$
examples, let $\gamma$ be the margin that nine tenths of them exceed (at least 0.001). The measures are

- spectral: $\frac{\|X\|_F}{\gamma n}\prod_l\|W_l\|_\sigma
  \bigl(\sum_l(\|W_l^\top\|_{2,1}/\|W_l\|_\sigma)^{2/3}\bigr)^{3/2}$, the complexity of Bartlett, Foster &
  Telgarsky 2017 (arXiv:1706.08498) without its logarithms;
- pac-bayes: the bound of `checkers/theory/pac_bayes.py` on the mean error of networks whose weights are perturbed by a
  Gaussian of deviation $\sigma$, with a prior of that deviation around the initial weights $w_0$, so that KL is
  $\|w-w_0\|^2/2\sigma^2$; the least over five values of $\sigma$, not optimised (Langford & Seeger's bound as in
  Dziugaite & Roy 2017, arXiv:1703.11008). Every example is answered by 16 perturbed networks of its own, and the bound
  holds with probability .95 over these as well;
- unseen: the error on examples that trained no network. It is no measure of complexity, but orders networks as the test
  error does, up to chance.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.parameters import flatten
from checkers.settings.network_zoo import (
    CELLS,
    LABEL_NOISE,
    Zoo,
    ZooSetting,
    by_seed,
    rank_correlation,
    train_zoo,
)
from checkers.testbeds.losses import accuracy
from checkers.testbeds.randomness import normal, permutation
from checkers.theory.pac_bayes import error_bound
from lawbook import Measurement, Panel, Trials

MARGIN_QUANTILE = 0.1
SMALLEST_MARGIN = 1e-3
SMALLEST_ERROR = 1e-3
FAILURE = 0.05
POSTERIOR_WIDTHS = (0.003, 0.01, 0.03, 0.1, 0.3)
POSTERIOR_DRAWS = 16

Measure = Literal["spectral", "unseen"]
Prior = Literal["initial", "zero", "trained"]


def bound_correlation(
    trials: Trials,
    *,
    measure: Measure,
    within_noise_level: bool = False,
    pairing: Literal["own", "shuffled"] = "own",
    setting: ZooSetting = ZooSetting(),
) -> Measurement:
    """Spearman's correlation over the zoo between a measure of complexity and the test error.

    within_noise_level: correlate at fixed label noise, mean over the levels: noise raises both the error and any norm
    that pays for fitting it, and so makes measures look better than they are. pairing: "shuffled" takes another
    network's test error, which leaves nothing but chance.
    """
    zoo = train_zoo(trials, setting)
    measured = _spectral_complexity(zoo) if measure == "spectral" else _unseen_error(zoo)
    complexity, error = by_seed(measured), by_seed(zoo.test_error)
    if pairing == "shuffled":
        error = error.gather(1, permutation(trials.seeds, CELLS, stream="pairing"))
    order = error[0].argsort()
    axes = Panel("One zoo, first seed", x="test error", y=f"{measure} measure", log="y")
    panel = axes.line(measure, error[0, order], complexity[0, order].clamp_min(SMALLEST_ERROR))
    levels = len(LABEL_NOISE) if within_noise_level else 1
    pairs = zip(complexity.chunk(levels, 1), error.chunk(levels, 1), strict=True)
    return Measurement(torch.stack([rank_correlation(*pair) for pair in pairs]).mean(dim=0), panels=panel)


def bound_tightness(trials: Trials, *, prior: Prior = "initial", setting: ZooSetting = ZooSetting()) -> Measurement:
    """The PAC-Bayes bound over the test error, mean over the zoo's networks that were trained on clean labels.

    prior: where the Gaussian of the prior stands: at the initial weights, at zero, or at the trained weights
    themselves; then the error is taken on examples that did not train them, or it would be no bound.
    """
    zoo = train_zoo(trials, setting)
    bound, error = by_seed(_pac_bayes(zoo, trials, prior)), by_seed(zoo.test_error)
    clean = slice(0, CELLS // len(LABEL_NOISE))
    ratio = bound / error.clamp_min(SMALLEST_ERROR)
    order = error[0].argsort()
    return Measurement(
        values=ratio[:, clean].mean(dim=1),
        panels=Panel("One zoo, first seed", x="test error", y="error or bound on it")
        .line("PAC-Bayes bound", error[0, order], bound[0, order])
        .line("test error", error[0, order], error[0, order], role="reference"),
        notes=[f"mean over seeds: bound {bound[:, clean].mean():.3f}, test error {error[:, clean].mean():.3f}"],
    )


def _unseen_error(zoo: Zoo) -> Tensor:
    return 1 - accuracy(zoo.network.forward(zoo.parameters, zoo.unseen_inputs), zoo.unseen_labels)


def _spectral_complexity(zoo: Zoo) -> Tensor:
    largest = [torch.linalg.matrix_norm(weight, ord=2) for weight in zoo.parameters.values()]
    columns = [weight.norm(dim=2).sum(dim=1) for weight in zoo.parameters.values()]
    ratios = sum((column / top) ** (2 / 3) for column, top in zip(columns, largest, strict=True))
    size = zoo.inputs.flatten(1).norm(dim=1) / (_margin(zoo) * zoo.inputs.shape[1])
    return size * largest[0] * largest[1] * ratios**1.5


def _margin(zoo: Zoo) -> Tensor:
    outputs = zoo.network.forward(zoo.parameters, zoo.inputs)
    own = outputs.gather(2, zoo.labels[:, :, None])[:, :, 0]
    others = outputs.scatter(2, zoo.labels[:, :, None], -math.inf).amax(dim=2)
    return (own - others).quantile(MARGIN_QUANTILE, dim=1).clamp_min(SMALLEST_MARGIN)


def _pac_bayes(zoo: Zoo, trials: Trials, prior: Prior) -> Tensor:
    inputs, labels = zoo.inputs, zoo.labels
    distance = flatten(zoo.parameters).square().sum(dim=1)
    if prior == "initial":
        distance = (flatten(zoo.parameters) - flatten(zoo.initial)).square().sum(dim=1)
    elif prior == "trained":
        inputs, labels, distance = zoo.unseen_inputs, zoo.unseen_labels, torch.zeros_like(distance)
    wrong = _perturbed_errors(zoo, trials, inputs, labels)
    bounds = [
        error_bound(
            errors,
            distance / (2 * deviation**2),
            examples=inputs.shape[1],
            draws=POSTERIOR_DRAWS,
            choices=len(POSTERIOR_WIDTHS),
            failure=FAILURE,
        )
        for deviation, errors in zip(POSTERIOR_WIDTHS, wrong, strict=True)
    ]
    return torch.stack(bounds).amin(dim=0)


def _perturbed_errors(zoo: Zoo, trials: Trials, inputs: Tensor, labels: Tensor) -> Tensor:
    """Mean error, [widths, runs], where networks of its own answer every example, all weights perturbed independently.

    A layer's outputs are then independent Gaussians, of the perturbation's deviation times the length of its input, so
    that no weights need be drawn (Kingma, Salimans & Welling 2015, arXiv:1506.02557).
    """
    wrong = torch.zeros(len(POSTERIOR_WIDTHS), len(labels), dtype=torch.float64, device=labels.device)
    for draw in range(POSTERIOR_DRAWS):
        noises = [
            normal(
                trials.seeds,
                (labels.shape[1], weight.shape[1]),
                stream=f"posterior {draw} {name}",
                device=trials.device,
            ).repeat_interleave(CELLS, 0)
            for name, weight in zoo.parameters.items()
        ]
        for index, deviation in enumerate(POSTERIOR_WIDTHS):
            layer = inputs
            for noise, weight in zip(noises, zoo.parameters.values(), strict=True):
                field = layer @ weight.mT + deviation * layer.norm(dim=2, keepdim=True) * noise.to(layer)
                layer = field.relu()
            wrong[index] += 1 - accuracy(field, labels)
    return wrong / POSTERIOR_DRAWS
