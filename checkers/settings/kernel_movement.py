r"""How far training moves the tangent kernel, the features and the weights of an ensemble of networks.

Networks without biases are trained by full-batch gradient descent on $\tfrac1{2P}\sum_i (f(x_i) - y_i)^2$ for the
same time $t = \eta\cdot$steps. With an output scale α the function is $\alpha\,(h - h_0)$ and the step size
$\eta/\alpha^2$: time in function space is then the same at every α. (Chizat et al. 2018, arXiv:1812.07956.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.kernels import empirical_ntk, feature_kernel
from checkers.instruments.parameters import parameter_count
from checkers.testbeds.data import draw_subset, load
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import ACTIVATIONS, MultilayerPerceptron, Parameters
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import normal
from checkers.testbeds.training import train
from lawbook import Trials

DATA_SEED = 0
BLOCK = 2**20  # parameters trained at once; more leave the processor's cache


@dataclass(frozen=True)
class Setting:
    """What is learned, and by which networks.

    dataset: points on a sphere of squared norm `dimension` with target sign(x₁x₂), or images with target ±1 for a class
    of at least five; `examples` of them, the same for all seeds. readout: weights of both signs, or made positive.
    centre: subtract the function at the start. base_width: that of μP. step_size, steps: of descent. scrambled: in
    place of what training did to a layer, a random change of the same Frobenius norm.
    """

    dataset: Literal["sphere", "digits", "fashion-mnist", "cifar10"] = "sphere"
    examples: int = 16
    dimension: int = 8
    activation: Literal["tanh", "relu", "erf", "gelu"] = "tanh"
    parameterisation: Literal["ntk", "mean-field", "mup"] = "ntk"
    hidden_layers: int = 2
    readout: Literal["random", "one-sign"] = "random"
    centre: bool = False
    base_width: int = 64
    step_size: float = 0.5
    steps: int = 20
    scrambled: bool = False

    def task(self, device: str) -> Task:
        """The training set, float64."""
        if self.dataset == "sphere":
            shape = (self.examples, self.dimension)
            inputs = normal([DATA_SEED], shape, stream="sphere", device=device, dtype=torch.float64)[0]
            targets = (inputs[:, :1] * inputs[:, 1:2]).sign()
        else:
            images = load(self.dataset).to(device, torch.float64)
            chosen, labels = draw_subset(images, [DATA_SEED], self.examples)
            inputs, targets = chosen[0], (labels[0] >= 5).to(torch.float64)[:, None] * 2 - 1
        return Task(inputs / inputs.norm(dim=1, keepdim=True) * inputs.shape[1] ** 0.5, targets)

    def network(self, task: Task, width: int, output_scale: float | Tensor = 1.0) -> MultilayerPerceptron:
        """The architecture at one width; ReLU with the gain that keeps its variance."""
        return MultilayerPerceptron(
            (task.inputs.shape[1], *[width] * self.hidden_layers, 1),
            self.activation,
            self.parameterisation,
            weight_scale=math.sqrt(2) if self.activation == "relu" else 1.0,
            output_scale=output_scale,
            base_width=self.base_width,
        )

    def initialise(
        self,
        network: MultilayerPerceptron,
        seeds: tuple[int, ...],
        device: str,
        stream: str = "weights",
    ) -> Parameters:
        """One run a seed, float64."""
        initial = network.initialise(seeds, device, torch.float64, stream=stream)
        if self.readout == "one-sign":
            initial[f"weight_{network.depth}"] = initial[f"weight_{network.depth}"].abs()
        return initial

    def loss(self, network: MultilayerPerceptron, initial: Parameters, task: Task) -> Callable[[Parameters], Tensor]:
        """Every run's loss [runs]; where outputs are centred, targets move by the function at the start instead."""
        targets = task.targets + network.forward(initial, task.inputs) if self.centre else task.targets
        return lambda parameters: squared_loss(network.forward(parameters, task.inputs), targets)


@dataclass(frozen=True, eq=False)
class Task:
    """What every run learns: inputs of squared norm `dimension`, targets of size one, the same for all seeds."""

    inputs: Float[Tensor, "examples dimension"]
    targets: Float[Tensor, "examples 1"]


@dataclass(frozen=True, eq=False)
class Movement:
    r"""How far each run moved, and how much of its loss is left.

    sizes: what was asked for, by name, [runs, …]:
    "kernel": $\|\Theta_t - \Theta_0\|_F / \|\Theta_0\|_F$ on the training inputs. "features": rms over units and
    inputs of the change of the last hidden preactivations. "similarities": change of the kernel of the last hidden
    activations. "flips": share of the last hidden preactivations, over units and inputs, that change sign.
    "one_sidedness": over inputs, the mean of (flips up − flips down)² over that of flips; 1 for independent signs.
    "first_weights", "second_weights": $\|W_t - W_0\|_F/\|W_0\|_F$ of the layer.
    remaining: loss after over loss before. diverged: runs whose loss blew up; their numbers are those before it did.
    """

    sizes: dict[str, Tensor]
    remaining: Float[Tensor, " runs"]
    diverged: Bool[Tensor, " runs"]


def train_and_compare(
    trials: Trials,
    setting: Setting,
    width: int,
    quantities: Sequence[str],
    *,
    output_scales: Sequence[float] = (1.0,),
    stream: str = "weights",
) -> Movement:
    """Trains a run for every α of `output_scales` and seed, α by α, and measures how far each moved.

    quantities: names of sizes of `Movement`. A run's step size is η/α²; all α of a seed start from the same weights.
    """
    task = setting.task(trials.device)
    seeds = trials.seeds * len(output_scales)
    scales = torch.tensor(output_scales, dtype=torch.float64, device=trials.device).repeat_interleave(len(trials))
    at_once = max(1, BLOCK // parameter_count(setting.network(task, width).initialise(seeds[:1])))
    parts = []
    for start in range(0, len(seeds), at_once):
        chosen = slice(start, start + at_once)
        scale = scales[chosen] if len(output_scales) > 1 else output_scales[0]
        network = setting.network(task, width, scale)
        initial = setting.initialise(network, seeds[chosen], trials.device, stream)
        loss = setting.loss(network, initial, task)
        step_sizes = network.step_sizes(setting.step_size / scale**2, "sgd")
        trained = train(initial, loss, GradientDescent(step_sizes), steps=setting.steps)
        final = trained.parameters
        if setting.scrambled:
            final = _scrambled(seeds[chosen], initial, final)
        pair = _Pair(network, task, initial, final)
        sizes = {name: getattr(pair, name)() for name in quantities}
        parts.append(Movement(sizes, loss(trained.parameters) / trained.losses[0], trained.diverged))
    return Movement(
        {name: torch.cat([part.sizes[name] for part in parts]).cpu() for name in quantities},
        torch.cat([part.remaining for part in parts]).cpu(),
        torch.cat([part.diverged for part in parts]).cpu(),
    )


def sweep_output_scales(
    trials: Trials, setting: Setting, width: int, output_scales: Sequence[float], stream: str = "weights"
) -> tuple[Float[Tensor, "seeds scales"], Bool[Tensor, "seeds scales"]]:
    """The kernel's relative change for every seed at every α, and which runs diverged."""
    moved = train_and_compare(trials, setting, width, ["kernel"], output_scales=output_scales, stream=stream)
    shape = len(output_scales), len(trials)
    return moved.sizes["kernel"].reshape(shape).T, moved.diverged.reshape(shape).T


def _scrambled(seeds: tuple[int, ...], before: Mapping[str, Tensor], after: Mapping[str, Tensor]) -> Parameters:
    """Weights as far from `before` as `after` is, layer by layer, along a random line of each run's own."""
    moved = {}
    for name, start in before.items():
        line = normal(seeds, start.shape[1:], stream=f"line {name}", device=start.device, dtype=start.dtype)
        length = (after[name] - start).flatten(1).norm(dim=1) / line.flatten(1).norm(dim=1)
        moved[name] = start + length.reshape(-1, *[1] * (start.ndim - 1)) * line
    return moved


@dataclass(frozen=True, eq=False)
class _Pair:
    """A block of networks before and after training; a method for every size of `Movement`."""

    network: MultilayerPerceptron
    task: Task
    initial: Parameters
    final: Parameters

    def kernel(self) -> Tensor:
        forward, inputs = self.network.forward, self.task.inputs
        return _relative_change(*(empirical_ntk(forward, at, inputs) for at in (self.initial, self.final)))

    def features(self) -> Tensor:
        before, after = self._preactivations()
        return (after - before).square().mean(dim=(1, 2)).sqrt()

    def similarities(self) -> Tensor:
        before, after = map(ACTIVATIONS[self.network.activation], self._preactivations())
        return feature_kernel(after) - feature_kernel(before)

    def flips(self) -> Tensor:
        return self._signs.abs().mean(dim=(1, 2))

    def one_sidedness(self) -> Tensor:
        signs = self._signs
        return signs.sum(dim=2).square().mean(dim=1) / signs.abs().sum(dim=2).mean(dim=1)

    def first_weights(self) -> Tensor:
        return _relative_change(self.initial["weight_1"], self.final["weight_1"])

    def second_weights(self) -> Tensor:
        return _relative_change(self.initial["weight_2"], self.final["weight_2"])

    @cached_property
    def _signs(self) -> Tensor:
        """1 where a preactivation rose through zero, −1 where it fell, [runs, examples, width]."""
        before, after = ((part > 0).to(part) for part in self._preactivations())
        return after - before

    def _preactivations(self) -> list[Tensor]:
        """Of the last hidden layer, before and after."""
        return [self.network.preactivations(at, self.task.inputs)[-2] for at in (self.initial, self.final)]


def _relative_change(before: Float[Tensor, "runs ..."], after: Float[Tensor, "runs ..."]) -> Float[Tensor, " runs"]:
    """The Frobenius norm of every run's change over that of its start."""
    return (after - before).flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)


def combined_group(output_scales: Tensor, width: int) -> Tensor:
    """G = √(1+α²)/(α²n), the group that `checkers.limits.lazy_and_rich` derives for networks of one width."""
    return (1 + output_scales.square()).sqrt() / (output_scales.square() * width)
