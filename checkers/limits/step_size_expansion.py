r"""How close gradient descent stays to gradient flow, and to the flow of a modified loss, as its step size shrinks.

At fixed time $T$ gradient descent with step size $\eta$ is compared with the flow of
$L + c\,\eta\,\|\nabla L\|^2$: plain gradient flow for $c = 0$, backward error analysis for $c = 1/4$
(Barrett & Dherin 2020, arXiv:2009.11162).
"""

from __future__ import annotations

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.instruments.parameters import flatten
from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import train
from checkers.theory.gradient_flow import gradient_flow
from checkers.theory.modified_loss import penalised
from lawbook import Measurement, Panel, Trials

BACKWARD_ERROR = 0.25


def distance_exponent(
    trials: Trials,
    *,
    steps: list[int],
    time: float = 4.0,
    coefficient: float = 0.0,
    examples: int = 32,
    dimension: int = 8,
    width: int = 16,
) -> Measurement:
    """Slope over log step size of the log distance at time T between gradient descent and the flow of L + c·η‖∇L‖².

    steps: numbers of steps that make T, hence step sizes T/steps, the same for all seeds. Distances d are put as
    d/(d + ‖θ(T) − θ(0)‖), which changes nothing while they are small and stays finite where gradient descent leaves
    the flow. A tanh network with two hidden layers learns another one on Gaussian inputs; squared loss; float64.
    (Barrett & Dherin 2020, arXiv:2009.11162, theorem 3.1 and appendix A.)
    """
    network = MultilayerPerceptron((dimension, width, width, 1), "tanh", bias_scale=0.0, weight_scale=1.5)
    inputs = normal(
        trials.seeds, (examples, dimension), stream="inputs", device=trials.device, dtype=torch.float64
    )
    teacher = network.initialise(trials.seeds, trials.device, torch.float64, stream="teacher")
    targets = network.forward(teacher, inputs)
    initial = network.initialise(trials.seeds, trials.device, torch.float64)

    def loss(parameters: Parameters) -> Tensor:
        return squared_loss(network.forward(parameters, inputs), targets)

    sharpness = hessian_eigenpairs(loss, initial, tolerance=1e-4).values[:, 0]
    distances = []
    for count in trials.track(steps, "step size"):
        step_size = time / count
        descended = flatten(train(initial, loss, GradientDescent(step_size), steps=count).parameters)
        flow = gradient_flow(penalised(loss, coefficient * step_size), initial, [time]).states[-1]
        gap = (descended - flow).norm(dim=1)
        distances.append(gap / (gap + (flow - flatten(initial)).norm(dim=1)))
    step_sizes = time / torch.tensor(steps, dtype=torch.float64)
    found = torch.stack(distances, dim=1).cpu()
    largest = max(step_sizes) * sharpness.mean()
    return Measurement(
        values=log_log_slope(step_sizes, found),
        panels=_panel(step_sizes, found, coefficient),
        notes=[f"the largest step size times the initial sharpness is {largest.item():.3g}, mean over seeds"],
    )


def _panel(step_sizes: Tensor, distances: Tensor, coefficient: float) -> Panel:
    power = 2 if coefficient == BACKWARD_ERROR else 1
    line = distances[:, -1].log().mean().exp() * (step_sizes / step_sizes[-1]) ** power
    flow = f"to the flow of L + {coefficient:g} η‖∇L‖²" if coefficient else "to the flow of L"
    title = "Distance at the end, relative to the way travelled"
    return (
        Panel(title, x="step size", y="relative distance", log="xy")
        .over_seeds(flow, step_sizes, distances, middle="geometric mean")
        .line(f"slope {power}", step_sizes, line, role="predicted")
    )
