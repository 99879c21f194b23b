"""Hand-written gradients against autograd, for every activation and depth."""

from itertools import pairwise

import pytest
import torch

from checkers.settings.linear_networks import descend, outputs_and_gradients, product


@pytest.mark.parametrize("activation", ["linear", "tanh", "relu", "squared-relu"])
@pytest.mark.parametrize("widths", [(3, 5, 2), (3, 4, 6, 2)])
def test_gradients_are_those_of_autograd(activation: str, widths: tuple[int, ...]) -> None:
    source = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=source, dtype=torch.float64)  # noqa: E731
    weights = [draw(4, out, into).requires_grad_() for into, out in pairwise(widths)]
    inputs, targets = draw(4, 3, 7), draw(4, 2, 7)
    outputs, gradients = outputs_and_gradients(weights, inputs, targets, activation)
    loss = (outputs - targets).square().sum() / 2
    for ours, theirs in zip(gradients, torch.autograd.grad(loss, weights), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_descent_leaves_the_given_weights_alone_and_shows_every_step_before_it_is_taken() -> None:
    weights = [torch.ones(1, 1, 1), torch.ones(1, 1, 1)]
    seen = []
    trained = descend(
        weights,
        torch.ones(1, 1),
        torch.full((1, 1), 2.0),
        step_size=0.1,
        steps=range(2),
        observe=lambda _, outputs: seen.append(outputs.item()),
    )
    assert weights[0].item() == 1.0
    assert seen == pytest.approx([1.0, 1.21])
    assert product(trained).item() == pytest.approx(1.1869**2, rel=1e-3)
