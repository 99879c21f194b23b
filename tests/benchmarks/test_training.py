"""An ensemble in the batched trainer against a loop over torch.optim."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from checkers.testbeds import minibatches
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import train

RUNS = 64
BATCH = 32
STEPS = 100
STEP_SIZE = 0.1
WIDTHS = (64, 32, 10)
EXAMPLES = 1000
Compare = Callable[[str, Callable[[], object], Callable[[], object], float], float]


def test_an_ensemble_of_64_runs(compare: Compare) -> None:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(EXAMPLES, WIDTHS[0], generator=generator)
    labels = torch.randint(WIDTHS[-1], (EXAMPLES,), generator=generator)
    network = MultilayerPerceptron(WIDTHS, "tanh", bias_scale=0.0)
    initial = network.initialise(range(RUNS))
    supply = minibatches.without_replacement(range(RUNS), EXAMPLES, BATCH)
    orders = [next(supply) for _ in range(STEPS)]

    def batch_loss(parameters: dict[str, Tensor], indices: Tensor) -> Tensor:
        return cross_entropy(network.forward(parameters, inputs[indices]), labels[indices])

    def ours() -> Tensor:
        return train(initial, batch_loss, GradientDescent(STEP_SIZE, 0.9), steps=STEPS, batches=orders).losses

    def peer() -> Tensor:
        return torch.tensor([_one_run(run) for run in range(RUNS)]).T

    def _one_run(run: int) -> list[float]:
        module = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
        values = [initial[name][run] for name in ("weight_1", "bias_1", "weight_2", "bias_2")]
        with torch.no_grad():
            for parameter, value in zip(module.parameters(), values, strict=True):
                parameter.copy_(value)
        optimiser = torch.optim.SGD(module.parameters(), lr=STEP_SIZE, momentum=0.9)
        losses = []
        for indices in orders:
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(module(inputs[indices[run]]), labels[indices[run]])
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
        return losses

    torch.testing.assert_close(ours(), peer(), rtol=1e-3, atol=1e-4)
    compare("training 64 networks at batch 32", ours, peer, 6.0)
