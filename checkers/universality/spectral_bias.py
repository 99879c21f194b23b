r"""Which frequencies on a circle a lazy network learns first, and when.

On N equispaced points of a circle the infinitely wide tangent kernel is a circulant matrix, so Fourier modes are its
eigenvectors. Gradient descent with step size η on $\frac{1}{2N}\sum_i (f(x_i) - y_i)^2$ multiplies the error of
mode k by $1 - \eta\lambda_k$ a step, $\lambda_k$ an eigenvalue of $\Theta/N$, and halves it after
$\ln 2 / (-\ln(1 - \eta\lambda_k))$ steps. (Basri et al. 2019, arXiv:1906.00425.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import Forward, MultilayerPerceptron, Parameters, centred
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal, uniform
from checkers.testbeds.training import Snapshot, train
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Panel, Trials

RELU_SCALE = math.sqrt(2)
BIAS_SCALE = 1.0
OBSERVATIONS = 150


def half_time(
    trials: Trials,
    *,
    quantity: Literal["ratio", "slope"] = "ratio",
    model: Literal["network", "fourier-features"] = "network",
    width: int = 1024,
    output_scale: float = 100.0,
    bandwidth: float = 20.0,
    frequencies: list[int],
    points: int = 32,
    step_size: float = 0.4,
    horizon: float = 1.6,
) -> Measurement:
    """How long a two-layer ReLU network takes to halve its error at each frequency, over what its kernel predicts.

    quantity: "ratio" is the geometric mean over frequencies of measured over predicted half-times; "slope" the slope
    of log half-time over log frequency, over that of the prediction. The target is a sum of cosines of amplitude 1 and
    random phase, one a frequency; outputs start at 0; η is step_size/α² with α = output_scale, of which small values
    are the rich regime. Training lasts `horizon` predicted half-times of the slowest mode, and an error that is not
    halved by then counts as halved then. model: "fourier-features" trains the readout of random cosines of the given
    bandwidth instead, against the same prediction. (Rahaman et al. 2018, arXiv:1806.08734; Basri et al. 2019.)
    """
    angles = torch.arange(points, dtype=torch.float64) * (2 * math.pi / points)
    circle = torch.stack([angles.cos(), angles.sin()], dim=1) * math.sqrt(2)
    rates = -torch.log1p(-step_size * kernel_spectrum(circle)[frequencies])
    predicted = math.log(2) / rates
    phases = uniform(trials.seeds, (len(frequencies),), stream="phases", high=2 * math.pi, dtype=torch.float64)
    modes = torch.cos(torch.tensor(frequencies)[:, None] * angles + phases[:, :, None])
    modes, inputs = modes.float().to(trials.device), circle.float().to(trials.device)
    targets = modes.sum(dim=1)[:, :, None]
    if model == "network":
        initial, forward = _network(trials, width, output_scale, inputs)
        optimiser = GradientDescent(step_size / output_scale**2)
    else:
        initial, forward = _fourier_features(trials, width, bandwidth, inputs)
        optimiser = GradientDescent(step_size)

    def errors(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            residual = targets - forward(snapshot.parameters, inputs)
        return {"errors": (modes @ residual).squeeze(2) * (2 / points)}

    steps = math.ceil(horizon * float(predicted.max()))
    watched = {round(steps ** (k / (OBSERVATIONS - 1))) for k in range(OBSERVATIONS)} | {0}
    trained = train(
        initial,
        lambda parameters: squared_loss(forward(parameters, inputs), targets),
        optimiser,
        steps=steps,
        observe=errors,
        observe_at=sorted(watched),
        track=trials.track,
    )
    errors_seen = trained.observed["errors"].double().cpu()
    halved, reached = first_halving(trained.observed_at, errors_seen)
    if quantity == "ratio":
        values = (halved / predicted).log().mean(dim=1).exp()
    else:
        values = log_log_slope(frequencies, halved) / log_log_slope(frequencies, predicted[None])
    missed = int((~reached).sum())
    return Measurement(
        values=values,
        in_regime=~trained.diverged,
        panels=[
            Panel("Steps to halve the error of a frequency", x="frequency k", y="half-time (steps)", log="xy")
            .over_seeds("measured, range over seeds", frequencies, halved, middle="geometric mean")
            .line("kernel's eigenvalues", frequencies, predicted, role="predicted"),
            _error_panel(frequencies, trained.observed_at, errors_seen, rates),
        ],
        notes=[
            f"slope of the prediction {float(log_log_slope(frequencies, predicted[None])):.3f}, "
            f"measured {float(log_log_slope(frequencies, halved).mean()):.3f}",
            f"errors never halved: {missed} of {halved.numel()}",
        ],
    )


def kernel_spectrum(circle: Tensor, kernel: Literal["tangent", "readout"] = "tangent") -> Tensor:
    """Eigenvalues λ_k of Θ/N for k = 0 … N/2 of the infinitely wide network on equispaced points of a circle.

    kernel: "readout" is the part of Θ that training the last layer alone has, which is the covariance of outputs.
    """
    kernels = infinite_width_kernels(
        circle, circle[:1], depth=2, activation="relu", weight_scale=RELU_SCALE, bias_scale=BIAS_SCALE
    )
    column = (kernels.ntk if kernel == "tangent" else kernels.nngp)[-1, :, 0]
    spectrum: Tensor = torch.fft.rfft(column).real / len(circle)
    return spectrum


def first_halving(steps: Sequence[int], errors: Tensor) -> tuple[Tensor, Tensor]:
    """When each of errors [observations, …] first falls to half its start, and whether it does (else the last step).

    Between observations the error is taken to be exponential in steps, as it is in the lazy limit.
    """
    share = (errors / errors[0]).clamp_min(1e-9).log()
    times = torch.tensor(steps, dtype=torch.float64)
    fallen = first_fall(times, share.movedim(0, -1), math.log(0.5))
    return fallen.place, fallen.reached


def _network(trials: Trials, width: int, output_scale: float, inputs: Tensor) -> tuple[Parameters, Forward]:
    network = MultilayerPerceptron(
        (2, width, 1),
        "relu",
        "ntk",
        weight_scale=RELU_SCALE,
        bias_scale=BIAS_SCALE,
        output_scale=output_scale,
    )
    initial = network.initialise(trials.seeds, trials.device)
    return initial, centred(network, initial)


def _fourier_features(trials: Trials, width: int, bandwidth: float, inputs: Tensor) -> tuple[Parameters, Forward]:
    """√2 cos(bandwidth·w·x/√2 + b) with standard normal w: a kernel far narrower than the modes, hence flat on them."""
    directions = normal(trials.seeds, (2, width), stream="directions", device=trials.device)
    shifts = uniform(trials.seeds, (1, width), stream="shifts", high=2 * math.pi, device=trials.device)
    features = torch.cos(inputs @ directions * (bandwidth / math.sqrt(2)) + shifts) * math.sqrt(2 / width)

    def forward(parameters: Any, inputs: Tensor) -> Tensor:
        return features @ parameters["readout"]

    return {"readout": torch.zeros(len(trials), width, 1, device=trials.device)}, forward


def _error_panel(frequencies: Sequence[int], steps: Sequence[int], errors: Tensor, rates: Tensor) -> Panel:
    title = "Error left at the lowest, a middle and the highest frequency"
    panel = Panel(title, x="steps", y="error over its start", log="x")
    times = torch.tensor(steps, dtype=torch.float64)[1:]
    for mode in sorted({0, len(frequencies) // 2, len(frequencies) - 1}):
        name, measured = f"k = {frequencies[mode]}", errors[1:, :, mode] / errors[0, :, mode]
        law = torch.exp(-rates[mode] * times)
        panel = panel.line(name, times, measured.mean(dim=1))
        panel = panel.line(f"{name}, predicted", times, law, role="predicted")
    return panel
