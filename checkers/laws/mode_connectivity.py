r"""Whether two runs that share their first steps can be joined by a straight line of low loss.

Two children go on from one parent, each with its own order of batches; the barrier is how far the loss on the line
between them rises above the chord between their ends. (Frankle et al. 2020, 1912.05671, section 2.) Two runs from
different starts are joined after one's hidden units are matched to the other's. (Ainsworth et al. 2022, 2209.04836.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.unit_matching import match_units
from checkers.testbeds import minibatches
from checkers.testbeds.data import load
from checkers.testbeds.losses import accuracy, cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Parameters, Trajectory, train
from lawbook import Measurement, Panel, Trials

POINTS = 11
FITTED = 0.9


def barrier(
    trials: Trials,
    *,
    fork: int,
    steps: int,
    same_start: bool = True,
    matched: bool = False,
    width: int = 64,
    depth: int = 2,
    step_size: float = 0.1,
    momentum: float = 0.9,
    batch_size: int = 32,
    dataset: Literal["digits", "mnist1d", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 1400,
) -> Measurement:
    """The largest rise of the test error along the line between two children, above the mean of their own errors.

    fork: steps the children share. steps: of each from the very start. same_start: False draws the second child's
    weights afresh and shares nothing. matched: the second child's hidden units are first put in the order that is most
    like the first's, layer by layer, by correlation over the training examples. In regime are pairs that are both 90 %
    right on the training examples: a barrier to a bad end says nothing.
    """
    data = load(dataset).to(trials.device)
    inputs, labels = data.inputs[:examples], data.labels[:examples]
    network = MultilayerPerceptron(
        (inputs.shape[1], *[width] * depth, data.classes), "relu", weight_scale=2**0.5, bias_scale=0.0
    )
    optimiser = GradientDescent(step_size, momentum)

    def loss(parameters: Mapping[str, Tensor], chosen: Tensor) -> Tensor:
        return cross_entropy(
            network.forward(parameters, minibatches.take(inputs, chosen)), minibatches.take(labels, chosen)
        )

    def orders(stream: str) -> Iterator[Tensor]:
        return minibatches.without_replacement(
            trials.seeds, len(inputs), batch_size, stream=stream, device=trials.device
        )

    def child(parent: Trajectory, stream: str) -> Parameters:
        return train(
            parent.parameters,
            loss,
            optimiser,
            steps=steps - fork,
            batches=orders(stream),
            resume=parent,
            track=trials.track,
        ).parameters

    def parent(stream: str) -> Trajectory:
        start = network.initialise(trials.seeds, trials.device, stream=stream)
        return train(start, loss, optimiser, steps=fork, batches=islice(orders("shared"), fork))

    shared = parent("weights")
    first = child(shared, "first child")
    second = child(shared if same_start else parent("other weights"), "second child")
    if matched:
        second = in_order_of(network, first, second, inputs)
    errors, losses = [], []
    with torch.no_grad():
        ends = [accuracy(network.forward(child, inputs), labels) for child in (first, second)]
        for share in torch.linspace(0, 1, POINTS).tolist():
            between = {name: first[name].lerp(second[name], share) for name in first}
            outputs = network.forward(between, data.test_inputs)
            errors.append(1 - accuracy(outputs, data.test_labels))
            losses.append(cross_entropy(outputs, data.test_labels))
    error = torch.stack(errors, 1)
    rise = error.amax(1) - (error[:, 0] + error[:, -1]) / 2
    shares = torch.linspace(0, 1, POINTS).tolist()
    return Measurement(
        rise,
        in_regime=torch.stack(ends).amin(0) >= FITTED,
        panels=[
            Panel("Test error on the line", x="place between the children", y="share that is wrong").over_seeds(
                "measured", shares, error
            ),
            Panel("Test loss on the line", x="place between the children", y="cross-entropy, nats", log="y").over_seeds(
                "measured", shares, torch.stack(losses, 1)
            ),
        ],
        notes=f"children are {float(error[:, [0, -1]].mean()):.3f} wrong on test examples",
    )


def in_order_of(network: MultilayerPerceptron, first: Parameters, second: Parameters, inputs: Tensor) -> Parameters:
    """The second network with its hidden units in the order most like the first's: the same function."""
    ordered = dict(second)
    for layer in range(1, network.depth):
        with torch.no_grad():
            mine, others = (network.preactivations(weights, inputs)[layer - 1].relu() for weights in (first, ordered))
        order = match_units(mine, others).permutation
        name, after, bias = f"weight_{layer}", f"weight_{layer + 1}", f"bias_{layer}"
        ordered[name] = ordered[name].gather(1, order[:, :, None].expand_as(ordered[name]))
        ordered[bias] = ordered[bias].gather(1, order)
        ordered[after] = ordered[after].gather(2, order[:, None, :].expand_as(ordered[after]))
    return ordered
