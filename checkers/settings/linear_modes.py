"""Linear networks that learn a diagonal map from whitened inputs: mode k is entry k of the diagonal.

Random Gaussian weights are rotation invariant, so a diagonal target loses nothing. Time is step size × steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.settings.linear_networks import Activation, descend
from checkers.testbeds.randomness import normal, uniform
from lawbook import Panel, Trials

ALIGNED_DEPTH = 3
LARGEST_ERROR = 1.0
POINTS_DRAWN = 160
TIME = "time = step size × steps"


@dataclass(frozen=True)
class LinearModes:
    """The target diag(modes), and the network that learns it by descent on ½‖product − target‖²_F.

    modes: singular values of the target, strictly decreasing. width: of every hidden layer.
    """

    modes: tuple[float, ...]
    width: int
    step_size: float
    activation: Activation = "linear"

    def strengths(self, device: str = "cpu") -> Tensor:
        """The modes, float64; ValueError unless they are distinct and decreasing."""
        if sorted(set(self.modes), reverse=True) != list(self.modes):
            raise ValueError(f"modes must be distinct and decreasing, not {self.modes}")
        return torch.tensor(self.modes, dtype=torch.float64, device=device)


@dataclass(frozen=True, eq=False)
class ModePaths:
    """Times `[steps]` and mode strengths `[steps, runs, modes]` along descent, on the CPU."""

    times: Tensor
    strengths: Tensor

    def half_times(self, setting: LinearModes) -> Tensor:
        """When each mode comes to half its final strength, `[runs, modes]`; infinite where it never does."""
        risen = first_fall(self.times, -self.strengths.movedim(0, -1), -setting.strengths() / 2)
        return torch.where(risen.reached, risen.place, torch.inf)

    def panel(self, setting: LinearModes, predicted: list[tuple[Tensor, Tensor]]) -> Panel:
        """The first run's strengths over what is predicted of every mode: times and strengths."""
        panel = Panel("Mode strengths, first seed", x=TIME, y="mode strength u")
        for k, (mode, theory) in enumerate(zip(setting.modes, predicted, strict=True)):
            panel = panel.line(f"s = {mode:g}", *thinned(self.times, self.strengths[:, 0, k]))
            panel = panel.line(f"predicted, s = {mode:g}", *thinned(*theory), role="predicted")
        return panel


def gaussian_layers(trials: Trials, setting: LinearModes, scale: float, depth: int = 2) -> list[Tensor]:
    """Independent Gaussian weights of standard deviation `scale`, first layer first, `[runs, fan_out, fan_in]`."""
    sizes = [len(setting.modes), *[setting.width] * (depth - 1), len(setting.modes)]
    draw = {"device": trials.device, "dtype": torch.float64}
    return [
        scale * normal(trials.seeds, (fan_out, fan_in), stream=f"weights {index}", **draw)
        for index, (fan_in, fan_out) in enumerate(pairwise(sizes))
    ]


def aligned_layers(
    trials: Trials, setting: LinearModes, smallest_start: float, largest_start: float, misalignment: float
) -> list[Tensor]:
    """Three layers that share orthonormal hidden frames, so that modes are aligned and balanced, and some noise.

    Mode strengths are drawn log-uniformly between smallest_start and largest_start, one a mode and run. misalignment:
    Frobenius norm of the noise on every weight matrix relative to that of the aligned weights.
    """
    count = len(setting.modes)
    draw = {"device": trials.device, "dtype": torch.float64}
    spread = uniform(trials.seeds, (count,), stream="start", **draw)
    layer_strengths = (smallest_start * (largest_start / smallest_start) ** spread) ** (1 / ALIGNED_DEPTH)
    frames = torch.linalg.qr(normal(trials.seeds, (2, setting.width, count), stream="frames", **draw)).Q
    first = frames[:, 0] * layer_strengths[:, None, :]
    middle = frames[:, 1] * layer_strengths[:, None, :] @ frames[:, 0].mT
    last = layer_strengths[:, :, None] * frames[:, 1].mT
    layers = []
    for index, layer in enumerate((first, middle, last)):
        noise = normal(trials.seeds, tuple(layer.shape[1:]), stream=f"noise {index}", **draw)
        scale = layer.norm(dim=(1, 2), keepdim=True) / noise.norm(dim=(1, 2), keepdim=True)
        layers.append(layer + misalignment * scale * noise)
    return layers


def learn(
    trials: Trials,
    setting: LinearModes,
    layers: list[Tensor],
    horizon: float,
    observe: Callable[[Tensor], None],
) -> list[Tensor]:
    """The layers after descent for a time `horizon`; `observe` sees the outputs, one matrix a run, before each step."""
    strengths = setting.strengths(trials.device)
    return descend(
        layers,
        torch.eye(len(strengths), dtype=torch.float64, device=trials.device),
        torch.diag(strengths),
        step_size=setting.step_size,
        steps=trials.track(range(round(horizon / setting.step_size)), "gradient descent"),
        activation=setting.activation,
        observe=lambda _, outputs: observe(outputs),
    )


def follow_modes(trials: Trials, setting: LinearModes, layers: list[Tensor], horizon: float) -> ModePaths:
    """Every mode's strength before every step of descent."""
    history: list[Tensor] = []
    learn(
        trials,
        setting,
        layers,
        horizon,
        lambda outputs: history.append(outputs.diagonal(dim1=1, dim2=2).clone()),
    )
    return ModePaths(setting.step_size * torch.arange(len(history), dtype=torch.float64), torch.stack(history).cpu())


def relative_excess(outputs: Tensor, setting: LinearModes) -> Tensor:
    """‖outputs − diag(modes)‖²_F / ‖diag(modes)‖²_F, `[runs]`: the loss over that of the zero map."""
    strengths = setting.strengths(str(outputs.device))
    return (outputs - torch.diag(strengths)).square().sum((1, 2)) / strengths.square().sum()


def capped_relative_error(measured: Tensor, predicted: Tensor) -> Tensor:
    """|measured / predicted − 1|, at most 1; 1 also where the prediction does not exist or is not positive."""
    error = (measured / predicted - 1).abs()
    meaningful = torch.isfinite(predicted) & (predicted > 0) & torch.isfinite(error)
    return torch.where(meaningful, error, torch.full_like(error, LARGEST_ERROR)).clamp_max(LARGEST_ERROR)


def symmetric_strength(layers: list[Tensor]) -> Tensor:
    """u0 of every mode, `[runs, modes]`: ‖(W1 v + W2ᵀ u)/2‖², the part of the weights that gradient flow amplifies."""
    return ((layers[0] + layers[1].mT) / 2).square().sum(1)


def thinned(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Some 160 points of a long curve."""
    every = max(1, len(x) // POINTS_DRAWN)
    return x[::every], y[::every]
