r"""How far training moves the tangent kernel, the features and the weights of an ensemble of networks.

Networks without biases are trained by full-batch gradient descent on $\tfrac1{2P}\sum_i (f(x_i) - y_i)^2$ for the
same time $t = \eta\cdot$steps. With an output scale α the function is $\alpha\,(h - h_0)$ and the step size
$\eta/\alpha^2$: time in function space is then the same at every α. (Chizat et al. 2018, arXiv:1812.07956.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.kernels import empirical_ntk
from checkers.testbeds.data import draw_subset, load
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, centred
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import Track, train

DataSet = Literal["sphere", "digits", "fashion-mnist", "cifar10"]
DATA_SEED = 0


@dataclass(frozen=True, eq=False)
class Task:
    """What every run learns: inputs of squared norm `dimension`, targets of size one, the same for all seeds."""

    inputs: Float[Tensor, "examples dimension"]
    targets: Float[Tensor, "examples 1"]


@dataclass(frozen=True, eq=False)
class Movement:
    r"""How far each run moved, and how much of its loss is left.

    kernel: $\|\Theta_t - \Theta_0\|_F / \|\Theta_0\|_F$ on the training inputs. features: rms over units and inputs
    of the change of the last hidden preactivations. weights: $\|W_t - W_0\|_F/\|W_0\|_F$ of every layer, first to last.
    remaining: loss after over loss before. diverged: runs whose loss blew up; their numbers are those before it did.
    """

    kernel: Float[Tensor, " runs"]
    features: Float[Tensor, " runs"]
    weights: tuple[Float[Tensor, " runs"], ...]
    remaining: Float[Tensor, " runs"]
    diverged: Bool[Tensor, " runs"]


def draw_task(dataset: DataSet, examples: int, dimension: int, device: str) -> Task:
    """Points on a sphere with target sign(x₁x₂), or images with target ±1 for a class of at least five; float64."""
    if dataset == "sphere":
        inputs = normal(
            [DATA_SEED], (examples, dimension), stream="sphere", device=device, dtype=torch.float64
        )[0]
        targets = (inputs[:, :1] * inputs[:, 1:2]).sign()
    else:
        chosen, labels = draw_subset(load(dataset).to(device, torch.float64), [DATA_SEED], examples)
        inputs, targets = chosen[0], (labels[0] >= 5).to(torch.float64)[:, None] * 2 - 1
    length = inputs.norm(dim=1, keepdim=True) / inputs.shape[1] ** 0.5
    return Task(inputs / length, targets)


def train_and_compare(
    seeds: tuple[int, ...],
    network: MultilayerPerceptron,
    task: Task,
    *,
    step_size: float | Tensor,
    steps: int,
    centre: bool = False,
    track: Track | None = None,
) -> Movement:
    """Trains one run a seed (seeds may repeat, for cells that share a start) and measures how far each moved.

    step_size: η, one or Tensor[runs]; it is divided by the square of the network's output scale. centre: subtract the
    function at the start.
    """
    initial = network.initialise(seeds, task.inputs.device, torch.float64)
    forward = centred(network, initial) if centre else network.forward
    trained = train(
        initial,
        lambda parameters: squared_loss(forward(parameters, task.inputs), task.targets),
        GradientDescent(network.step_sizes(step_size / network.output_scale**2, "sgd")),
        steps=steps,
        track=track,
    )
    with torch.no_grad():
        before, after = (
            network.preactivations(parameters, task.inputs)[-2]
            for parameters in (initial, trained.parameters)
        )
        left = squared_loss(forward(trained.parameters, task.inputs), task.targets)
    kernels = [
        empirical_ntk(network.forward, parameters, task.inputs)
        for parameters in (initial, trained.parameters)
    ]
    return Movement(
        kernel=_relative_change(*kernels),
        features=(after - before).square().mean(dim=(1, 2)).sqrt(),
        weights=tuple(_relative_change(initial[name], trained.parameters[name]) for name in initial),
        remaining=left / trained.losses[0],
        diverged=trained.diverged,
    )


def _relative_change(before: Tensor, after: Tensor) -> Tensor:
    return (after - before).flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)


def combined_group(output_scales: Tensor, width: int) -> Tensor:
    """G = √(1+α²)/(α²n), the group that `checkers.limits.lazy_and_rich` derives for networks of one width."""
    return (1 + output_scales.square()).sqrt() / (output_scales.square() * width)
