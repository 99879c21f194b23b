r"""Time in units of the intrinsic step size ηλ: how normalised weights forget their length under SGD with decay.

A rescaling of all weights, w → cw, leaves a scale-invariant network's function as it is. SGD with decay then brings
‖w‖⁴ back at the rate 4ηλ per step; and (cw, c²η, λ/c²) follows the very path of directions of (w, η, λ).
Li, Lyu & Arora 2020 (2010.02916), sections 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import slope
from checkers.settings.scale_invariant_network import ScaleInvariantNetwork, directions
from checkers.testbeds import data, minibatches
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import integers
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

Batch = tuple[Tensor, Tensor]
FOLDS = 2.0  # the gap is followed until it should have fallen by exp(−2)


def relaxation_rate(
    trials: Trials,
    *,
    step_size: float = 160.0,
    weight_decay: float = 0.0000125,
    power: Literal[2, 4] = 4,
    momentum: float = 0.0,
    kick: float = 2**0.5,
    settle: int = 400,
    dataset: str = "digits",
    hidden: int = 32,
    batch_size: int = 16,
    gain: float = 0.05,
    labels: Literal["noise", "real"] = "noise",
) -> Measurement:
    r"""Rate per step at which the gap in ‖w‖^power between a kicked and an unkicked copy of a network closes.

    After `settle` steps every row is multiplied by `kick` in one copy; both then see the same batches. The gap is the
    mean over rows and the rate minus the least-squares slope of its logarithm, over 2/(4ηλ) steps. Without decay's
    counterpart, the growth by updates, each power would fall at power·ηλ; with it ‖w‖⁴ alone does. labels: fresh
    random ones at every step, or the real ones. momentum: of heavy ball, whose rate is larger by 1/(1−β).
    """
    examples = data.load(dataset).to(trials.device, torch.float64)
    network = _network(examples, hidden, gain)
    start = network.initialise(trials.seeds, trials.device, torch.float64, 1.0)
    loss = partial(_loss, network, examples.inputs)
    steps = round(FOLDS / (4 * step_size * weight_decay))
    batches = _batches(trials, examples, batch_size, settle + steps, labels)
    rule = GradientDescent(step_size, momentum=momentum, weight_decay=weight_decay)
    settled = train(start, loss, rule, steps=settle, batches=batches, track=trials.track).parameters
    both = {name: torch.cat([weight, kick * weight]) for name, weight in settled.items()}

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        lengths = torch.cat([weight.norm(dim=2) for weight in snapshot.parameters.values()], dim=1)
        return {"power": (lengths**power).mean(dim=1)}

    times = range(0, steps + 1, max(1, steps // 100))
    observed = train(both, loss, rule, steps=steps, batches=_twice(batches), observe=observe, observe_at=times)
    plain, kicked = observed.observed["power"].chunk(2, dim=1)
    gaps = ((kicked - plain) / (kicked - plain)[0]).clamp(min=1e-6)
    seen = torch.tensor(observed.observed_at, dtype=gaps.dtype, device=gaps.device)
    intrinsic = seen * step_size * weight_decay
    law = torch.exp(-power * intrinsic)
    return Measurement(
        values=-slope(seen, gaps.log().T),
        panels=Panel(
            "Closing of the gap after a rescaling",
            x="intrinsic time ηλ·steps",
            y=f"gap in ‖w‖^{power} over its start",
            log="y",
        )
        .over_seeds(f"‖w‖^{power}", intrinsic, gaps.T)
        .line(f"exp(−{power}ηλt)", intrinsic, law, role="predicted"),
    )


def path_deviation(
    trials: Trials,
    *,
    step_size: float = 40.0,
    weight_decay: float = 0.0005,
    scale: float = 3.0,
    decay_power: float = -2.0,
    steps: int = 100,
    dataset: str = "digits",
    hidden: int = 32,
    batch_size: int = 16,
    gain: float = 0.2,
) -> Measurement:
    r"""Largest distance between unit weight rows of training (w, η, λ) and (cw, c²η, c^p λ), same batches, c = scale.

    p: `decay_power`; −2 keeps ηλ. In float64, over the path, rows of both layers. (Li et al. 2020.)
    """
    examples = data.load(dataset).to(trials.device, torch.float64)
    network = _network(examples, hidden, gain)
    start = network.initialise(trials.seeds, trials.device, torch.float64, 1.0)
    loss = partial(_loss, network, examples.inputs)
    both = {name: torch.cat([weight, scale * weight]) for name, weight in start.items()}
    batches = _twice(_batches(trials, examples, batch_size, steps, "real"))
    ones = torch.ones(len(trials), dtype=torch.float64, device=trials.device)
    rule = GradientDescent(
        step_size * torch.cat([ones, scale**2 * ones]),
        weight_decay=weight_decay * torch.cat([ones, scale**decay_power * ones]),
    )

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        rows = [directions(weight) for weight in snapshot.parameters.values()]
        gaps = [(one - two).norm(dim=2).amax(dim=1) for one, two in (row.chunk(2) for row in rows)]
        return {"gap": torch.stack(gaps).amax(dim=0)}

    trajectory = train(both, loss, rule, steps=steps, batches=batches, observe=observe, observe_at=range(1, steps + 1))
    gaps = trajectory.observed["gap"]
    axes = Panel("Two runs of equal ηλ", x="step", y="largest distance of unit rows", log="y")
    return Measurement(
        values=gaps.amax(dim=0),
        panels=axes.line("distance of directions", trajectory.observed_at, gaps.amax(dim=1)),
    )


def _network(examples: data.Examples, hidden: int, gain: float) -> ScaleInvariantNetwork:
    return ScaleInvariantNetwork(examples.inputs.shape[1], hidden, examples.classes, gain)


def _loss(network: ScaleInvariantNetwork, inputs: Tensor, parameters: Parameters, batch: Batch) -> Tensor:
    order, labels = batch
    return cross_entropy(network.forward(parameters, inputs[order]), labels)


def _batches(trials: Trials, examples: data.Examples, size: int, steps: int, labels: str) -> Iterator[Batch]:
    """Indices and labels [runs, size]; as "noise" the labels are drawn afresh at every step."""
    orders = minibatches.without_replacement(trials.seeds, len(examples.labels), size, device=trials.device)
    if labels == "real":
        return ((order, examples.labels[order]) for order in orders)
    drawn = integers(trials.seeds, (steps, size), stream="labels", high=examples.classes, device=trials.device)
    return zip(orders, drawn.unbind(dim=1), strict=False)


def _twice(batches: Iterator[Batch]) -> Iterator[Batch]:
    return ((torch.cat([order, order]), torch.cat([labels, labels])) for order, labels in batches)
