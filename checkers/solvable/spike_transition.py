r"""Eigenvalues of sample covariances with one spike, and of a network's weights after one step of training.

Population covariance $I + \theta\,bb^\top$, d dimensions, n samples, γ = d/n: above θ = √γ the top eigenvalue leaves
the bulk and its eigenvector knows b (Baik & Silverstein 2006; Benaych-Georges & Nadakuditi 2012); below, neither.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from lawbook import Measurement, Panel, Trials

Quantity = Literal["top eigenvalue", "overlap"]


def spiked_covariance(
    trials: Trials, *, aspect: float, spike: float, quantity: Quantity, samples: int = 1000
) -> Measurement:
    """Top eigenvalue of the sample covariance, or squared overlap of its eigenvector with the spike's direction.

    aspect: γ, dimensions over samples. Gaussian samples; the spike lies along the first axis, as any axis would do.
    """
    dimension = round(aspect * samples)
    data = normal(trials.seeds, (samples, dimension), stream="samples", device=trials.device, dtype=torch.float64)
    data[..., 0] *= (1 + spike) ** 0.5
    values, vectors = torch.linalg.eigh(data.mT @ data / samples)
    top, overlap = values[:, -1], vectors[:, 0, -1].square()
    return Measurement(
        values=(top if quantity == "top eigenvalue" else overlap).cpu(),
        panels=_spectrum(values, (1 + aspect**0.5) ** 2, (1 + spike) * (1 + aspect / spike)),
    )


def first_step(
    trials: Trials,
    *,
    dimension: int,
    width: int,
    examples: int,
    spike: float,
    quantity: Quantity,
    centred: bool = True,
    shuffled: bool = False,
) -> Measurement:
    r"""The same two quantities of a tanh network's first layer after one full-batch step, relative to theory.

    f(x) = aᵀ tanh(Wx)/√width, rows of W of norm about one, labels y of a linear teacher with noise. The step size is
    set so that the gradient's rank-one part, of norm ‖A‖, has the strength θ = ‖A‖² d/width. The overlap is with Xᵀy.
    centred: the output at the start is subtracted. shuffled: the overlap is with that of labels in another order.
    """
    device, wide = trials.device, torch.float64
    inputs = normal(trials.seeds, (examples, dimension), stream="inputs", device=device, dtype=wide)
    weights = normal(trials.seeds, (width, dimension), stream="weights", device=device, dtype=wide) / dimension**0.5
    readout = normal(trials.seeds, (width,), stream="readout", device=device, dtype=wide)
    teacher = normal(trials.seeds, (dimension, 1), stream="teacher", device=device, dtype=wide) / dimension**0.5
    noise = normal(trials.seeds, (examples,), stream="noise", device=device, dtype=wide)
    labels = (inputs @ teacher)[..., 0] + 0.5 * noise
    hidden = (inputs @ weights.mT).tanh()
    error = labels if centred else labels - (hidden @ readout[..., None])[..., 0] / width**0.5
    slopes = 1 - hidden.square()
    gradient = (slopes * error[..., None] * readout[:, None, :]).mT @ inputs / (examples * width**0.5)
    direction = (error[:, None, :] @ inputs)[:, 0]
    rank_one = slopes.mean((-1, -2))[:, None] * direction / (examples * width**0.5)
    strength = readout.norm(dim=-1) * rank_one.norm(dim=-1)
    moved = weights + gradient * (((spike * width / dimension) ** 0.5) / strength)[:, None, None]
    aspect = dimension / width
    values, vectors = torch.linalg.eigh(moved.mT @ moved * aspect)
    target = (error.flip(-1)[:, None, :] @ inputs)[:, 0] if shuffled else direction
    overlap = (vectors[..., -1] * target / target.norm(dim=-1, keepdim=True)).sum(-1).square()
    edge, outlier = (1 + aspect**0.5) ** 2, (1 + spike) * (1 + aspect / spike)
    expected = (1 - aspect / spike**2) / (1 + aspect / spike)
    found = values[:, -1] / outlier if quantity == "top eigenvalue" else overlap / expected
    return Measurement(values=found.cpu(), panels=_spectrum(values, edge, outlier))


def _spectrum(values: Tensor, edge: float, outlier: float) -> Panel:
    mean = values.mean(0).cpu()
    ranks = range(1, len(mean) + 1)
    return (
        Panel("Spectrum", x="rank", y="eigenvalue")
        .line("measured, mean over seeds", ranks, mean)
        .line("top eigenvalue", [1, len(mean)], outlier, role="predicted")
        .line("edge of the bulk", [1, len(mean)], edge, role="reference")
    )
