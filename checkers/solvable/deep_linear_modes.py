"""Two-layer linear networks from small random weights: when is each mode learned, and along which curve?

The network is W2·W1 with inputs the identity (whitened) and targets diag(modes), hence mode k of the network is the
diagonal entry k of the product. Random Gaussian weights are rotation invariant, so a diagonal target loses nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.settings.linear_networks import Activation, descend
from checkers.settings.mode_dates import capped_relative_error, crossing_times
from checkers.testbeds.randomness import normal
from checkers.theory.saxe_modes import euler_lag, half_time, mode_strength
from lawbook import Curve, Measurement, Trials

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
        curves=[
            *_strength_curves(times, history[:, 0], modes, initial[0]),
            *_half_time_curves(modes, measured, predicted),
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
    return Measurement(
        values=error.amax((0, 2)),
        curves=[
            *_strength_curves(times, history[:, 0], modes, initial[0]),
            *(
                Curve(
                    f"s = {mode:g}",
                    *_thinned(times, error[:, :, k].mean(1)),
                    panel="Distance from the sigmoid, mean over seeds",
                    x_label="time = step size × steps",
                    y_label="|u − sigmoid| / s",
                )
                for k, mode in enumerate(modes)
            ),
        ],
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


def _strength_curves(times: Tensor, history: Tensor, modes: list[float], initial: Tensor) -> list[Curve]:
    """Measured strengths of one run `[steps, modes]` over their sigmoids."""
    axes = {
        "panel": "Mode strengths, first seed",
        "x_label": "time = step size × steps",
        "y_label": "mode strength u",
    }
    curves = []
    for k, mode in enumerate(modes):
        predicted = torch.as_tensor(mode_strength(times, mode, initial[k].item()))
        curves.append(Curve(f"s = {mode:g}", *_thinned(times, history[:, k]), **axes))
        curves.append(Curve(f"sigmoid, s = {mode:g}", *_thinned(times, predicted), role="predicted", **axes))
    return curves


def _half_time_curves(modes: list[float], measured: Tensor, predicted: Tensor) -> list[Curve]:
    axes = {
        "panel": "Half-time against mode strength",
        "x_label": "singular value s",
        "y_label": "half-time",
        "x_scale": "log",
        "y_scale": "log",
    }
    return [
        Curve(
            "measured, mean and range over seeds",
            modes,
            measured.mean(0),
            low=measured.amin(0),
            high=measured.amax(0),
            **axes,
        ),
        Curve("predicted", modes, predicted.mean(0), role="predicted", **axes),
    ]
