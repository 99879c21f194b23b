"""The batched trainer does to every run what torch.optim does to one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from checkers.testbeds import minibatches, schedules
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import Adam, AdamW, GradientDescent, Optimiser
from checkers.testbeds.training import Snapshot, train

SEEDS = (3, 11, 4)
STEP_SIZES = torch.tensor([0.05, 0.02, 0.11], dtype=torch.float64)
NETWORK = MultilayerPerceptron((5, 7, 2), "tanh", bias_scale=0.3)
INPUTS = torch.linspace(-1, 1, 60, dtype=torch.float64).reshape(12, 5).sin()
TARGETS = torch.linspace(-1, 2, 24, dtype=torch.float64).reshape(12, 2).cos()


def loss(parameters: dict[str, Tensor]) -> Tensor:
    return squared_loss(NETWORK.forward(parameters, INPUTS), TARGETS)


def batch_loss(parameters: dict[str, Tensor], indices: Tensor) -> Tensor:
    return squared_loss(NETWORK.forward(parameters, INPUTS[indices]), TARGETS[indices])


def initial() -> dict[str, Tensor]:
    return NETWORK.initialise(SEEDS, dtype=torch.float64)


def quadratic(parameters: dict[str, Tensor]) -> Tensor:
    return parameters["w"].square().sum(dim=1) / 2


TorchOptimiser = Callable[[list[Tensor], float], torch.optim.Optimizer]
PAIRS: dict[str, tuple[Callable[[Tensor], Optimiser], TorchOptimiser]] = {
    "gradient descent": (
        lambda step: GradientDescent(step),
        lambda tensors, step: torch.optim.SGD(tensors, step),
    ),
    "heavy ball with decay": (
        lambda step: GradientDescent(step, momentum=0.9, weight_decay=0.1),
        lambda tensors, step: torch.optim.SGD(tensors, step, momentum=0.9, weight_decay=0.1),
    ),
    "Adam": (
        lambda step: Adam(step, beta1=0.8, beta2=0.95, epsilon=1e-4, weight_decay=0.1),
        lambda tensors, step: torch.optim.Adam(tensors, step, (0.8, 0.95), 1e-4, weight_decay=0.1),
    ),
    "AdamW": (
        lambda step: AdamW(step, weight_decay=0.3),
        lambda tensors, step: torch.optim.AdamW(tensors, step, weight_decay=0.3),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_run_follows_torch_optim_step_by_step(name: str) -> None:
    ours, theirs = PAIRS[name]
    trajectory = train(
        initial(),
        loss,
        ours(STEP_SIZES),
        steps=25,
        observe=lambda snapshot: {"flat": snapshot.flat},
        observe_at=range(26),
    )
    for run, step_size in enumerate(STEP_SIZES.tolist()):
        single = {key: value[run : run + 1].clone().requires_grad_() for key, value in initial().items()}
        optimiser = theirs(list(single.values()), step_size)
        for step in range(26):
            flat = torch.cat([tensor.detach().flatten() for tensor in single.values()])
            torch.testing.assert_close(trajectory.observed["flat"][step, run], flat, rtol=1e-12, atol=1e-13)
            optimiser.zero_grad()
            loss(single).sum().backward()
            optimiser.step()
