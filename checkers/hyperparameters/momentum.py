"""Heavy ball against gradient descent with the step size that momentum makes of its own, and against its flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.parameters import flatten
from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import train
from checkers.theory.gradient_flow import gradient_flow
from checkers.theory.modified_loss import Loss, heavy_ball_coefficient, heavy_ball_delay, penalised
from lawbook import Measurement, Panel, Trials

Held = Literal["momentum", "inertia"]


def distance_exponent(
    trials: Trials,
    *,
    momentum: float = 0.8,
    steps: list[int],
    time: float = 4.0,
    held: Held = "momentum",
    examples: int = 32,
    dimension: int = 8,
    width: int = 16,
) -> Measurement:
    """Slope over log effective step size of the log distance between heavy ball and gradient descent, same steps.

    Heavy ball takes N steps of size η = (1 − β)·T/N for each N of `steps`, gradient descent N steps of size T/N. held:
    β itself, or η/(1 − β)², the mass of the particle that heavy ball is: β is then `momentum` at the fewest steps and
    1 − β falls as 1/N. Distances d are put as d/(d + way travelled). A tanh network with two hidden layers learns
    another one on Gaussian inputs; squared loss; float64. (Kovachki & Stuart 2021, arXiv:1906.04285; Wang et al. 2023,
    arXiv:2307.15196.)
    """
    loss, initial = _problem(trials, examples, dimension, width)

    def gap(own: float, beta: float, count: int) -> tuple[Tensor, Tensor]:
        heavy = flatten(train(initial, loss, GradientDescent(own, momentum=beta), steps=count).parameters)
        plain = flatten(train(initial, loss, GradientDescent(own / (1 - beta)), steps=count).parameters)
        return heavy - plain, heavy - flatten(initial)

    return _exponent(trials, gap, momentum, steps, time, held, 1)


def flow_distance_exponent(
    trials: Trials,
    *,
    momentum: float = 0.8,
    steps: list[int],
    time: float = 4.0,
    held: Held = "momentum",
    examples: int = 32,
    dimension: int = 8,
    width: int = 16,
) -> Measurement:
    """Slope over log effective step size of the log distance between heavy ball and the flow that it should follow.

    As `distance_exponent`, but instead of gradient descent the flow of L + η(1+β)/(4(1−β)²)‖∇L‖² up to the time
    T − ηβ/(1−β)²; without the second term or the delay the flow is off at first order. (Kovachki & Stuart 2021.)
    """
    loss, initial = _problem(trials, examples, dimension, width)

    def gap(own: float, beta: float, count: int) -> tuple[Tensor, Tensor]:
        followed = penalised(loss, heavy_ball_coefficient(own, beta))
        end = time - heavy_ball_delay(own, beta)
        heavy = flatten(train(initial, loss, GradientDescent(own, momentum=beta), steps=count).parameters)
        flow = gradient_flow(followed, initial, [end], relative_tolerance=1e-8).states[-1]
        return heavy - flow, flow - flatten(initial)

    return _exponent(trials, gap, momentum, steps, time, held, 2)


def _exponent(
    trials: Trials,
    gap: Callable[[float, float, int], tuple[Tensor, Tensor]],
    momentum: float,
    steps: list[int],
    time: float,
    held: Held,
    power: int,
) -> Measurement:
    """gap: heavy ball's step size, its momentum and the steps → what separates the ends, and the way travelled."""
    distances = []
    for count in trials.track(steps, "step size"):
        beta = momentum if held == "momentum" else 1 - (1 - momentum) * steps[0] / count
        apart, travelled = (vector.norm(dim=1) for vector in gap((1 - beta) * time / count, beta, count))
        distances.append(apart / (apart + travelled))
    effective = time / torch.tensor(steps, dtype=torch.float64)
    found = torch.stack(distances, dim=1).cpu()
    line = found[:, -1].log().mean().exp() * (effective / effective[-1]) ** power
    panel = (
        Panel(
            "Distance at the end, relative to the way travelled",
            x="effective step size",
            y="distance",
            log="xy",
        )
        .over_seeds("measured", effective, found, middle="geometric mean")
        .line(f"slope {power}", effective, line, role="predicted")
    )
    return Measurement(values=log_log_slope(effective, found), panels=panel)


def _problem(trials: Trials, examples: int, dimension: int, width: int) -> tuple[Loss, Parameters]:
    """A tanh network's squared loss against another one on Gaussian inputs, and where it starts; float64."""
    network = MultilayerPerceptron((dimension, width, width, 1), "tanh", bias_scale=0.0, weight_scale=1.5)
    inputs = normal(trials.seeds, (examples, dimension), stream="inputs", device=trials.device, dtype=torch.float64)
    teacher = network.initialise(trials.seeds, trials.device, torch.float64, stream="teacher")
    targets = network.forward(teacher, inputs)
    initial = network.initialise(trials.seeds, trials.device, torch.float64)

    def loss(parameters: Parameters) -> Tensor:
        return squared_loss(network.forward(parameters, inputs), targets)

    return loss, initial
