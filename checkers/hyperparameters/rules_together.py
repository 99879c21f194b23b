r"""Whether the rules for width, batch size and momentum, used together, find the best step size from one small run.

A network of one hidden layer (tanh, no biases, μP) learns digits with fresh noise in its labels by heavy ball, for a
fixed number of epochs. The best step size η₀ is sought for the narrowest network, the smallest batches and no momentum;
the rules take it to $\eta_0\,(B/B_0)(1-\beta)$, times μP's factors of each layer, in every other configuration.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, product
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.minima import bracketed_minimum
from checkers.testbeds.data import load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.minibatches import take, without_replacement
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

Rule = Literal["none", "width", "batch size", "momentum"]
WORST = math.log(3.0)
READOUT_SCALE = 0.1


@dataclass(frozen=True)
class Task:
    """What is learned and for how long: `examples` of digits, the same for all seeds.

    noise: standard deviation of what is drawn at every step and added to each target. replicas: weights and batches
    over which the log of the loss is averaged; a loss is that on all examples and their own targets, mean over the ends
    of the last quarter of the epochs. weights: of units drawn one by one, or of copies of the narrowest network side by
    side, whose outputs average, so that every width computes the same function at the start.
    """

    dataset: Literal["digits", "fashion-mnist"] = "digits"
    examples: int = 512
    epochs: int = 8
    noise: float = 1.0
    replicas: int = 2
    weights: Literal["independent", "copies"] = "independent"


@dataclass(frozen=True)
class Configuration:
    """What a user may change."""

    width: int
    batch_size: int
    momentum: float


def ninth_decile_excess(
    trials: Trials,
    *,
    widths: list[int],
    batch_sizes: list[int],
    momenta: list[float],
    left_out: Rule = "none",
    batch_exponent: float = 1.0,
    step_size: float = 0.1,
    spacing: float = 1.4,
    grid: int = 5,
    search: int = 9,
    task: Task = Task(),
) -> Measurement:
    """Excess of the loss at the transferred step size over the least one: what nine of ten configurations stay below.

    The first entry of each list makes the small run, whose step size is the interpolated best of `search` ones about
    `step_size`; the least loss of each of the others is that of `grid` ones about what all rules give. left_out: the
    rule that is not used (without that of the width the parameterisation is the standard one). batch_exponent: of the
    batch size in the transferred step size, 1 by the rule. A configuration whose
    least loss is at an end of its grid counts as lost, at the largest excess, and a seed is in regime where the small
    run's is not.
    """
    base = Configuration(widths[0], batch_sizes[0], momenta[0])
    small = _small_run(trials, task, base, step_size, spacing, search)
    others = [Configuration(*each) for each in product(widths, batch_sizes, momenta)][1:]
    excesses = [
        _excess(trials, task, base, configuration, small.best, spacing, grid, left_out, batch_exponent)
        for configuration in trials.track(others, "configuration")
    ]
    table = torch.stack(excesses, 1)
    places = range(1, len(others) + 1)
    return Measurement(
        values=table.quantile(0.9, dim=1),
        in_regime=small.bracketed,
        panels=Panel("Loss lost by the transferred step size", x="configuration", y="excess").over_seeds(
            "measured", places, table
        ),
        notes=[
            f"best step size of the small run {float(small.best.log().mean().exp()):.3f}",
            *(
                f"{place}: width {one.width}, batches of {one.batch_size}, momentum {one.momentum}: median excess "
                f"{float(table[:, place - 1].median()):.4f}"
                for place, one in enumerate(others, 1)
            ),
        ],
    )


def transfer_excess(
    trials: Trials,
    *,
    width: int,
    batch_size: int,
    momentum: float = 0.0,
    small: Configuration = Configuration(width=32, batch_size=8, momentum=0.0),
    step_size: float = 0.012,
    spacing: float = 1.4,
    grid: int = 5,
    search: int = 7,
    task: Task = Task(),
) -> Measurement:
    """Excess of the loss of one configuration at the step size that the rules take from the small run, over its least.

    Arguments as in `ninth_decile_excess`; an excess of 2 stands for all that is larger or not bracketed.
    """
    found = _small_run(trials, task, small, step_size, spacing, search)
    excess = _excess(trials, task, small, Configuration(width, batch_size, momentum), found.best, spacing, grid)
    return Measurement(values=excess, in_regime=found.bracketed)


@dataclass(frozen=True, eq=False)
class _SmallRun:
    best: Tensor
    bracketed: Tensor


def _small_run(
    trials: Trials, task: Task, base: Configuration, step_size: float, spacing: float, search: int
) -> _SmallRun:
    tried = _around(step_size, spacing, search).expand(len(trials), -1)
    found = bracketed_minimum(_logs(spacing, search), _losses(trials, task, base, base, tried, "mup"))
    return _SmallRun(step_size * found.place.exp(), found.bracketed)


def _excess(
    trials: Trials,
    task: Task,
    base: Configuration,
    configuration: Configuration,
    best: Tensor,
    spacing: float,
    grid: int,
    left_out: Rule = "none",
    batch_exponent: float = 1.0,
) -> Tensor:
    """Loss at the transferred step size over the least, less 1, of every seed."""
    factors = {
        "batch size": configuration.batch_size / base.batch_size,
        "momentum": (1 - configuration.momentum) / (1 - base.momentum),
    }
    ruled = best * factors["batch size"] * factors["momentum"]
    curve = _losses(trials, task, base, configuration, ruled[:, None] * _around(1.0, spacing, grid), "mup")
    least = bracketed_minimum(_logs(spacing, grid), curve)
    if left_out == "none" and batch_exponent == 1:
        taken = curve[:, grid // 2]
    else:
        used = ruled / factors.get(left_out, 1.0) * factors["batch size"] ** (batch_exponent - 1)
        kind: Literal["mup", "standard"] = "standard" if left_out == "width" else "mup"
        taken = _losses(trials, task, base, configuration, used[:, None], kind)[:, 0]
    return torch.where(least.bracketed, (taken - least.height).clamp_max(WORST), WORST).expm1()


def _logs(spacing: float, size: int) -> Tensor:
    return (torch.arange(size, dtype=torch.float64) - size // 2) * math.log(spacing)


def _around(middle: float, spacing: float, size: int) -> Tensor:
    return middle * _logs(spacing, size).exp()


def _losses(
    trials: Trials,
    task: Task,
    base: Configuration,
    configuration: Configuration,
    step_sizes: Tensor,
    parameterisation: Literal["mup", "standard"],
) -> Tensor:
    """Log of the loss at each of the step sizes [seeds, sizes], mean over replicas, float64 on the CPU."""
    data = load(task.dataset).to(trials.device)
    inputs, labels = data.inputs[: task.examples], data.labels[: task.examples]
    targets = one_hot(labels, data.classes, centred=True)
    network = MultilayerPerceptron(
        (inputs.shape[1], configuration.width, data.classes),
        "tanh",
        parameterisation,
        weight_scale=(1.0, READOUT_SCALE),
        base_width=base.width,
    )
    sizes = step_sizes.shape[1]
    seeds = [seed for seed in trials.seeds for _ in range(sizes)]
    runs = step_sizes.reshape(-1).to(inputs).repeat(task.replicas)
    streams = [f"replica {replica}" for replica in range(task.replicas)]
    drawn = [_initial(network, seeds, trials.device, stream, base.width, task.weights) for stream in streams]
    every = task.examples // configuration.batch_size

    def loss(parameters: dict[str, Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
        indices, noise = batch
        return squared_loss(network.forward(parameters, take(inputs, indices)), take(targets, indices) + noise)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            return {"loss": squared_loss(network.forward(snapshot.parameters, inputs), targets)}

    ends = range(every * (task.epochs - task.epochs // 4 + 1), every * task.epochs + 1, every)
    trained = train(
        {name: torch.cat([part[name] for part in drawn]) for name in drawn[0]},
        loss,
        GradientDescent(network.step_sizes(runs, "sgd"), momentum=configuration.momentum),
        steps=every * task.epochs,
        batches=_batches(trials, task, configuration.batch_size, data.classes, sizes, streams),
        observe=observe,
        observe_at=ends,
    )
    seen = trained.observed.get("loss")
    whole = seen is not None and len(seen) == len(ends)
    ending = seen.double().log().mean(0) if whole and seen is not None else torch.full_like(runs, WORST).double()
    ending = torch.where(trained.diverged | ~ending.isfinite(), WORST, ending).clamp_max(WORST)
    return ending.reshape(task.replicas, len(trials), sizes).mean(0).cpu()


def _initial(
    network: MultilayerPerceptron, seeds: list[int], device: str, stream: str, narrow: int, weights: str
) -> Parameters:
    if weights == "independent":
        return network.initialise(seeds, device, stream=stream)
    times = network.widths[1] // narrow
    first = replace(network, widths=(network.widths[0], narrow, network.widths[2]))
    own = first.initialise(seeds, device, stream=stream)
    return {"weight_1": own["weight_1"].repeat(1, times, 1), "weight_2": own["weight_2"].repeat(1, 1, times) / times}


def _batches(
    trials: Trials, task: Task, size: int, classes: int, copies: int, streams: list[str]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Indices [runs, batch] and noise [runs, batch, classes]; the same for all step sizes of a seed and replica."""
    orders = [
        without_replacement(trials.seeds, task.examples, size, stream=stream, device=trials.device)
        for stream in streams
    ]
    for step in count():
        indices = torch.cat([next(order) for order in orders]).repeat_interleave(copies, 0)
        noise = torch.cat(
            [
                normal(trials.seeds, (size, classes), stream=f"{stream} noise {step}", device=trials.device)
                for stream in streams
            ]
        ).repeat_interleave(copies, 0)
        yield indices, task.noise * noise
