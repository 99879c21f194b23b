"""Two-layer linear networks from small random weights: when is each mode learned, and along which curve?

The network is W2·W1 with inputs the identity (whitened) and targets diag(modes), hence mode k of the network is the
diagonal entry k of the product. Random Gaussian weights are rotation invariant, so a diagonal target loses nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.settings.linear_networks import Activation, descend
from checkers.settings.mode_dates import TIME, capped_relative_error, crossing_times
from checkers.testbeds.randomness import normal
from checkers.theory.saxe_modes import euler_lag, half_time, mode_strength
from lawbook import Measurement, Panel, Trials

POINTS_DRAWN = 160


def half_time_error(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    init_scale: float,
    step_size: float,
    activation: Activation = "linear",
    refined: bool = False,
) -> Measurement:
    """Largest over modes of |measured half-time / predicted half-time − 1|, capped at 1. (Saxe et al. 2013, eq. 7.)

    modes: singular values of the target, strictly decreasing. init_scale: standard deviation of every initial weight.
    refined: also predict what the finite width and the finite step do (`unshadowed_strength`, `euler_lag`), instead
    of the bare sigmoid of gradient flow.
    """
    layers = _random_layers(trials, modes, width, init_scale)
    times, history = _mode_history(trials, layers, modes, width, init_scale, step_size, activation)
    strengths = torch.tensor(modes, dtype=torch.float64)
    initial = (unshadowed_strength if refined else symmetric_strength)(layers).cpu()
    predicted = torch.as_tensor(half_time(strengths, initial))
    if refined:
        predicted = predicted + torch.as_tensor(
            euler_lag(strengths / 2, strengths, initial, step_size=step_size)
        )
    measured = crossing_times(history, strengths / 2, step_size)
    error = capped_relative_error(measured, predicted)
    return Measurement(
        values=error.amax(1),
        panels=[
            _strengths_panel(times, history[:, 0], modes, initial[0]),
            Panel("Half-time against mode strength", x="singular value s", y="half-time", log="xy")
            .over_seeds("measured, mean and range over seeds", modes, measured)
            .line("predicted", modes, predicted.mean(0), role="predicted"),
        ],
    )


def trajectory_error(
    trials: Trials,
    *,
    modes: list[float],
    width: int,
    init_scale: float,
    step_size: float,
    activation: Activation = "linear",
) -> Measurement:
    """Largest over modes and times of |u(t) − sigmoid(t)| / s, the sigmoid starting at the unshadowed strength."""
    layers = _random_layers(trials, modes, width, init_scale)
    times, history = _mode_history(trials, layers, modes, width, init_scale, step_size, activation)
    strengths = torch.tensor(modes, dtype=torch.float64)
    initial = unshadowed_strength(layers).cpu()
    predicted = torch.as_tensor(mode_strength(times[:, None, None], strengths, initial))
    error = (history - predicted).abs() / strengths
    distance = Panel("Distance from the sigmoid, mean over seeds", x=TIME, y="|u − sigmoid| / s")
    for k, mode in enumerate(modes):
        distance = distance.line(f"s = {mode:g}", *_thinned(times, error[:, :, k].mean(1)))
    return Measurement(
        values=error.amax((0, 2)),
        panels=[_strengths_panel(times, history[:, 0], modes, initial[0]), distance],
    )


def symmetric_strength(layers: list[Tensor]) -> Tensor:
    """u0 of every mode, `[runs, modes]`: ‖(W1 v + W2ᵀ u)/2‖², the part of the weights that gradient flow amplifies."""
    return ((layers[0] + layers[1].mT) / 2).square().sum(1)


def unshadowed_strength(layers: list[Tensor]) -> Tensor:
    """u0 of every mode without its components along the hidden directions that stronger modes take first.

    Once mode j has grown along its hidden unit vector c_j, the component along c_j of a weaker mode k changes at rate
    s_k − s_j < 0 and is lost, so mode k grows from what is orthogonal to c_1 … c_{k−1}: a share (k−1)/width less.
    Modes must come in decreasing order of strength.
    """
    _, triangular = torch.linalg.qr((layers[0] + layers[1].mT) / 2)
    return triangular.diagonal(dim1=1, dim2=2).square()


def _random_layers(trials: Trials, modes: list[float], width: int, init_scale: float) -> list[Tensor]:
    if sorted(set(modes), reverse=True) != list(modes):
        raise ValueError(f"modes must be distinct and decreasing, not {modes}")
    draw = init_scale * normal(
        trials.seeds, (2, width, len(modes)), stream="weights", device=trials.device, dtype=torch.float64
    )
    return [draw[:, 0], draw[:, 1].mT.contiguous()]


def _mode_history(
    trials: Trials,
    layers: list[Tensor],
    modes: list[float],
    width: int,
    init_scale: float,
    step_size: float,
    activation: Activation,
) -> tuple[Tensor, Tensor]:
    """Times `[steps]` and mode strengths `[steps, runs, modes]`, long enough for the weakest mode to settle."""
    typical_start = width * init_scale**2 / 2
    e_foldings = abs(torch.log(torch.tensor(modes[-1] / typical_start)).item()) + 6
    steps = int(e_foldings / (2 * modes[-1] * step_size)) + 1
    history: list[Tensor] = []
    descend(
        layers,
        torch.eye(len(modes), dtype=torch.float64, device=trials.device),
        torch.diag(torch.tensor(modes, dtype=torch.float64, device=trials.device)),
        step_size=step_size,
        steps=trials.track(range(steps), "gradient descent"),
        activation=activation,
        observe=lambda _, outputs: history.append(outputs.diagonal(dim1=1, dim2=2).clone()),
    )
    return step_size * torch.arange(steps, dtype=torch.float64), torch.stack(history).cpu()


def _thinned(x: Tensor, y: Tensor) -> tuple[list[float], list[float]]:
    every = max(1, len(x) // POINTS_DRAWN)
    return x[::every].tolist(), y[::every].tolist()


def _strengths_panel(times: Tensor, history: Tensor, modes: list[float], initial: Tensor) -> Panel:
    """Measured strengths of one run `[steps, modes]` over their sigmoids."""
    panel = Panel("Mode strengths, first seed", x=TIME, y="mode strength u")
    for k, mode in enumerate(modes):
        predicted = torch.as_tensor(mode_strength(times, mode, initial[k].item()))
        panel = panel.line(f"s = {mode:g}", *_thinned(times, history[:, k]))
        panel = panel.line(f"sigmoid, s = {mode:g}", *_thinned(times, predicted), role="predicted")
    return panel
