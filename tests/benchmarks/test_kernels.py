"""The empirical tangent kernel against the contraction of per-example Jacobians that torch.func's guide shows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from checkers.instruments.kernels import empirical_ntk
from checkers.testbeds.networks import MultilayerPerceptron

Compare = Callable[[str, Callable[[], object], Callable[[], object], float], float]
RUNS, INPUTS = 4, 64


def one_network(weights: tuple[Tensor, ...], example: Tensor) -> Tensor:
    hidden = example
    for layer, weight in enumerate(weights):
        hidden = weight @ (torch.relu(hidden) if layer else hidden)
    return hidden


@pytest.mark.parametrize(("width", "outputs"), [(512, 1), (256, 10)])
def test_tangent_kernel_of_a_multilayer_perceptron(width: int, outputs: int, compare: Compare) -> None:
    network = MultilayerPerceptron((10, width, width, outputs), "relu")
    parameters = network.initialise(range(RUNS))
    inputs = torch.randn(INPUTS, 10, generator=torch.Generator().manual_seed(0))
    jacobian = torch.func.vmap(torch.func.jacrev(one_network), (None, 0))

    def ours() -> Tensor:
        return empirical_ntk(network.forward, parameters, inputs, outputs="full")

    def peer() -> Tensor:
        kernels = []
        for run in range(RUNS):
            parts = jacobian(tuple(tensor[run] for tensor in parameters.values()), inputs)
            flat = [part.flatten(2) for part in parts]
            kernels.append(sum(torch.einsum("akp,blp->abkl", part, part) for part in flat))
        return torch.stack(kernels)

    torch.testing.assert_close(ours(), peer(), rtol=1e-4, atol=1e-4)
    compare(f"tangent kernels, width {width}, {outputs} outputs, {RUNS} runs, {INPUTS} inputs", ours, peer, 10.0)
