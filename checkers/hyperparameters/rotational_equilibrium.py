"""The angle that each step turns a scale-invariant weight vector by, once weight decay and updates balance."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.scale_invariant_network import ScaleInvariantNetwork
from checkers.testbeds import data, minibatches
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import Parameters
from checkers.testbeds.optimisers import AdamW, GradientDescent, Optimiser
from checkers.testbeds.training import Snapshot, train
from checkers.theory.equilibrium_angles import (
    adamw_norm,
    coupled_momentum_angle,
    decoupled_angle,
    drift_shift,
)
from lawbook import Measurement, Panel, Trials

BETWEEN = 4  # steps from one angle that is looked at to the next
SHIFT = 0.025  # half of 0.05, the narrowest tolerance that angles are judged by: drift may not decide


def angle_of_a_step(
    trials: Trials,
    *,
    optimiser: Literal["sgd", "adamw"] = "sgd",
    step_size: float = 0.2,
    weight_decay: float = 0.001,
    momentum: float = 0.9,
    normalised: bool = True,
    start: float = 1.0,
    dataset: str = "digits",
    hidden: int = 64,
    batch_size: int = 16,
    gain: float = 0.2,
    steps: int = 1200,
    settled: int = 500,
) -> Measurement:
    r"""Root mean square angle between successive weight rows, in radians, at every fourth step after `settled`.

    Rows are those of both layers of a network that uses their directions alone; cross-entropy on batches without
    replacement. momentum: of SGD, whose decay is in the gradient, or AdamW's β₁ (β₂ = 0.99). gain: of the logits;
    small, so that the loss never comes near zero. start: length of every row, for AdamW in units of its length at
    equilibrium. A seed is in regime where the rows' lengths are so settled that their drift over the window moves the
    angle by at most SHIFT of itself. (Wan et al. 2020, 2006.08419; Kosson et al. 2023, 2305.17212.)
    """
    examples = data.load(dataset).to(trials.device)
    dimension = examples.inputs.shape[1]
    network = ScaleInvariantNetwork(dimension, hidden, examples.classes, gain, normalised)
    if optimiser == "adamw":
        start *= adamw_norm(step_size, weight_decay, dimension)
    initial = network.initialise(trials.seeds, trials.device, torch.float32, start)

    def loss(parameters: Parameters, order: Tensor) -> Tensor:
        return cross_entropy(network.forward(parameters, examples.inputs[order]), examples.labels[order])

    trajectory = train(
        initial,
        loss,
        _optimiser(optimiser, step_size, weight_decay, momentum),
        steps=steps,
        batches=minibatches.without_replacement(trials.seeds, len(examples.labels), batch_size, device=trials.device),
        observe=_Rotation().observe,
        observe_at=[step + after for step in range(0, steps - 1, BETWEEN) for after in (0, 1)],
        track=trials.track,
    )
    squares, norms = trajectory.observed["squared angle"][1::2], trajectory.observed["log norm"][1::2]
    from_here = settled // BETWEEN
    drift = (norms[-1] - norms[from_here]) / (BETWEEN * (len(norms) - 1 - from_here))
    rate = step_size * weight_decay / (1 - momentum if optimiser == "sgd" else 1.0)
    shift = drift_shift(drift, rate)
    angle = coupled_momentum_angle if optimiser == "sgd" else decoupled_angle
    return Measurement(
        values=squares[from_here:].mean(dim=0).sqrt(),
        in_regime=shift.abs() <= SHIFT,
        panels=_panels(squares, norms, angle(step_size, weight_decay, momentum)),
        notes=[f"the drift of the rows' lengths moves the angle by at most {shift.abs().max().item():.2g}"],
    )


class _Rotation:
    """Angles between the rows of one observation and those of the one before."""

    def __init__(self) -> None:
        self._before: Parameters = {}

    def observe(self, snapshot: Snapshot) -> dict[str, Tensor]:
        """The mean over all rows of the squared angle, [runs], and of the log norm."""
        squared, norms = [], []
        for name, weight in snapshot.parameters.items():
            length = weight.norm(dim=-1)
            direction = weight / length[..., None]
            before = self._before.get(name, direction)
            # 2·arcsin(chord/2) keeps the digits that arccos of a cosine near 1 loses.
            squared.append((2 * torch.asin(((direction - before).norm(dim=-1) / 2).clamp(max=1))).square())
            norms.append(length.log())
            self._before[name] = direction.clone()
        return {
            "squared angle": torch.cat(squared, dim=1).mean(dim=1),
            "log norm": torch.cat(norms, dim=1).mean(dim=1),
        }


def _optimiser(name: str, step_size: float, weight_decay: float, momentum: float) -> Optimiser:
    if name == "adamw":
        return AdamW(step_size, beta1=momentum, beta2=0.99, weight_decay=weight_decay, epsilon=1e-12)
    return GradientDescent(step_size, momentum=momentum, weight_decay=weight_decay)


def _panels(squares: Tensor, norms: Tensor, expected: float, pieces: int = 60) -> list[Panel]:
    block = max(1, squares.shape[0] // pieces)
    kept = squares[: squares.shape[0] // block * block]
    roots = kept.reshape(-1, block, kept.shape[1]).mean(dim=1).sqrt()
    times = (torch.arange(len(roots)) + 0.5) * block * BETWEEN
    lengths = norms[::block].exp().mean(dim=1)
    return [
        Panel("Angle of a step", x="step", y="rms angle (radians)", log="y")
        .over_seeds("measured", times, roots.T)
        .line("equilibrium", times, expected, role="predicted"),
        Panel("Length of a row", x="step", y="geometric mean length", log="y").line(
            "length", torch.arange(len(lengths)) * block * BETWEEN, lengths, role="reference"
        ),
    ]
