r"""How kernels of random finite networks approach those of infinitely wide ones.

The kernel of layer l + 1's preactivations is $\hat K_{l+1}(x, x') = \frac{\sigma_w^2}{n}\sum_i \phi(h_{l,i}(x))\,
\phi(h_{l,i}(x'))$ at the hidden width n. For one hidden layer its units are independent, so each entry's variance is
$\sigma_w^4\,(\mathbb E[\phi^2\phi^2] - \mathbb E[\phi\phi]^2)/n$ exactly, at any n. (Cho & Saul 2009, eqs. 3–6.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from checkers.instruments.kernels import feature_kernel
from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.randomness import normal
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Panel, Trials

SCALE = math.sqrt(2)  # He: keeps the variance of ReLU's signals over layers


def kernel_error_slope(
    trials: Trials,
    *,
    widths: list[int],
    hidden_layers: int = 2,
    shared: float = 0.0,
    draws: int = 32,
    examples: int = 12,
    dimension: int = 10,
) -> Measurement:
    r"""Slope over log width of the log relative Frobenius error of a random ReLU network's kernel, rms over networks.

    draws: networks a seed, over which the error is squared and averaged. shared: part of the variance of a weight that
    all units of its layer have in common. Inputs lie on a sphere and differ from seed to seed.
    (Cho & Saul 2009; Lee et al. 2017, arXiv:1711.00165.)
    """
    inputs = _sphere(trials, examples, dimension)
    theory = _theory(inputs, hidden_layers)
    size = theory.square().sum(dim=(1, 2))
    squares = []
    for width in trials.track(widths, "width"):
        total = torch.zeros_like(size)
        for draw in range(draws):
            kernel = _kernel(trials, inputs, width, hidden_layers, draw, shared)
            total += (kernel - theory).square().sum(dim=(1, 2)) / size
        squares.append(total / draws)
    errors = torch.stack(squares, dim=1).sqrt().cpu()
    return Measurement(
        values=log_log_slope(widths, errors),
        panels=power_panel("Error of the kernel", "width n", "relative error, rms over networks", widths, errors, -0.5),
    )


def excess_kurtosis(
    trials: Trials,
    *,
    width: int,
    hidden_layers: int = 2,
    networks: int = 2048,
    outputs: int = 64,
    frozen: bool = False,
) -> Measurement:
    r"""Excess kurtosis of random ReLU networks' outputs at one input.

    Given the layer before, a preactivation is Gaussian of variance $v_{l+1} = \tfrac2n\sum_i\phi(h_{l,i})^2$, where the
    $h_{l,i}$ are Gaussian of variance $v_l$: each hidden layer multiplies $\mathbb E v^2/(\mathbb E v)^2$ by $1 + 5/n$,
    and $\mathbb E f^4/(\mathbb E f^2)^2$ is three times that. networks, outputs: how many a seed and a network.
    frozen: one network's hidden layers, with a fresh readout each time.
    """
    hidden = 1 if frozen else networks

    def draw(shape: tuple[int, ...], layer: str) -> Tensor:
        drawn = normal(trials.seeds, shape, stream=layer, device=trials.device, dtype=torch.float64)
        return drawn * (SCALE / shape[-1] ** 0.5)

    signals = draw((hidden, width, 1), "layer 1")
    for layer in range(2, hidden_layers + 1):
        signals = draw((hidden, width, width), f"layer {layer}") @ signals.relu()
    found = (draw((networks, outputs, width), "readout") @ signals.relu()).flatten(1)
    variance = found.square().mean(dim=1)
    scaled = (found / variance.sqrt()[:, None]).cpu()
    density = torch.stack([torch.histc(row, 40, -5, 5) for row in scaled]) / scaled.shape[1] / 0.25
    middles = torch.linspace(-4.875, 4.875, 40, dtype=torch.float64)
    gaussian = (-middles.square() / 2).exp() / math.sqrt(2 * math.pi)
    return Measurement(
        values=found.pow(4).mean(dim=1) / variance.square() - 3,
        panels=Panel("Density of outputs", x="output over its deviation", y="density", log="y")
        .over_seeds("measured", middles, density.clamp_min(1e-7))
        .line("Gaussian", middles, gaussian, role="reference"),
    )


def fluctuation_ratio(
    trials: Trials,
    *,
    widths: list[int],
    hidden_layers: int = 1,
    examples: int = 12,
    dimension: int = 10,
) -> Measurement:
    r"""Mean over widths of $n\|\hat K - K\|_F^2$ over the sum of the variances of independent units.

    The prediction is for the last hidden layer alone, given the exact kernel before it: exact for one hidden layer.
    (Moments from the arc-cosine kernels of order 1 and 2, Cho & Saul 2009.)
    """
    inputs = _sphere(trials, examples, dimension)
    theory = _theory(inputs, hidden_layers)
    before = inputs @ inputs.mT * (SCALE**2 / dimension) if hidden_layers == 1 else _theory(inputs, hidden_layers - 1)
    variance = SCALE**4 * _fourth_moment(before) - theory.square()
    expected = variance.sum(dim=(1, 2))
    squares = torch.stack(
        [
            width * (_kernel(trials, inputs, width, hidden_layers) - theory).square().sum(dim=(1, 2))
            for width in trials.track(widths, "width")
        ],
        dim=1,
    )
    ratios = (squares / expected[:, None]).cpu()
    scale = theory.square().sum(dim=(1, 2))
    level = float((expected / scale).mean())
    measured = [float((squares[:, row] / scale).mean()) / width for row, width in enumerate(widths)]
    return Measurement(
        values=ratios.mean(dim=1),
        panels=Panel("Mean squared error of the kernel", x="width n", y="relative squared error", log="xy")
        .line("measured, mean over seeds", widths, measured)
        .line("independent units", widths, [level / width for width in widths], role="predicted"),
    )


def _sphere(trials: Trials, examples: int, dimension: int) -> Tensor:
    """Inputs [runs, examples, dimension] of squared norm `dimension`, float64."""
    shape = (examples, dimension)
    inputs = normal(trials.seeds, shape, stream="inputs", device=trials.device, dtype=torch.float64)
    return inputs / inputs.norm(dim=2, keepdim=True) * dimension**0.5


def _theory(inputs: Tensor, hidden_layers: int) -> Tensor:
    """The infinitely wide network's kernel after so many hidden layers, [runs, examples, examples]."""
    kernels = [
        infinite_width_kernels(points.cpu(), depth=hidden_layers + 1, activation="relu", weight_scale=SCALE).nngp[-1]
        for points in inputs
    ]
    return torch.stack(kernels).to(inputs)


def _kernel(
    trials: Trials, inputs: Tensor, width: int, hidden_layers: int, draw: int = 0, shared: float = 0.0
) -> Tensor:
    """The kernel of one random network a run; its units' weights have a part `shared` of their variance in common."""
    widths: Sequence[int] = (inputs.shape[2], *[width] * hidden_layers, 1)
    network = MultilayerPerceptron(widths, "relu", "standard", weight_scale=SCALE)
    parameters = network.initialise(trials.seeds, trials.device, torch.float64, stream=f"weights {width} {draw}")
    if shared:
        parameters = {
            name: math.sqrt(1 - shared) * own + math.sqrt(shared) * own[:, :1] for name, own in parameters.items()
        }
    features = network.preactivations(parameters, inputs)[-2].relu()
    return SCALE**2 * feature_kernel(features)


def _fourth_moment(kernel: Tensor) -> Tensor:
    """E[relu(u)² relu(v)²] for (u, v) of covariance `kernel`: half the arc-cosine kernel of order 2."""
    variance = kernel.diagonal(dim1=1, dim2=2)
    product = variance[:, :, None] * variance[:, None, :]
    cosine = (kernel / product.sqrt()).clamp(-1, 1)
    angle = cosine.arccos()
    shape = 3 * angle.sin() * cosine + (math.pi - angle) * (1 + 2 * cosine.square())
    return product * shape / (2 * math.pi)
