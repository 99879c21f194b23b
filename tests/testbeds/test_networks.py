"""Networks start and step as their parameterisation's table says, and every run is a network of its own."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import PARAMETERISATIONS, MultilayerPerceptron, centred
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import train

DOUBLE = torch.float64


def effective_deviation(network: MultilayerPerceptron, layer: int) -> float:
    """The standard deviation, seen over many draws, of what multiplies a layer's input."""
    drawn = network.initialise(range(40), dtype=DOUBLE)[f"weight_{layer}"]
    return (drawn * network.weight_multiplier(layer)).std().item()


@pytest.mark.parametrize(
    ("parameterisation", "expected"),
    [
        ("standard", (2 / math.sqrt(10), 3 / math.sqrt(48), 5 / math.sqrt(24))),
        ("ntk", (2 / math.sqrt(10), 3 / math.sqrt(48), 5 / math.sqrt(24))),
        ("mean-field", (2 / math.sqrt(10), 3 / math.sqrt(48), 5 / 24)),
        ("mup", (2 / math.sqrt(10), 3 / math.sqrt(48), 5 / math.sqrt(24) * math.sqrt(16 / 24))),
    ],
)
def test_effective_weights_have_the_parameterisations_variance(
    parameterisation: str, expected: tuple[float, ...]
) -> None:
    network = MultilayerPerceptron(
        (10, 48, 24, 30),
        parameterisation=parameterisation,
        weight_scale=(2, 3, 5),
        base_width=16,
    )
    measured = [effective_deviation(network, layer) for layer in (1, 2, 3)]
    assert measured == pytest.approx(expected, rel=0.03)


def test_biases_scale_at_initialisation_or_in_the_forward_map() -> None:
    for parameterisation, deviation in (("standard", 0.3), ("mup", 0.3), ("ntk", 1.0), ("mean-field", 1.0)):
        network = MultilayerPerceptron(
            (3, 500, 1),
            "linear",
            parameterisation,
            bias_scale=0.3,
        )
        parameters = network.initialise(range(20), dtype=DOUBLE)
        assert parameters["bias_1"].std().item() == pytest.approx(deviation, rel=0.05)
        at_zero = network.preactivations(parameters, torch.zeros(1, 3, dtype=DOUBLE))[0]
        assert at_zero.std().item() == pytest.approx(0.3, rel=0.05)


def test_mup_at_base_width_is_the_standard_parameterisation() -> None:
    standard = MultilayerPerceptron((5, 64, 64, 2), "relu", bias_scale=0.1)
    mup = MultilayerPerceptron((5, 64, 64, 2), "relu", "mup", bias_scale=0.1, base_width=64)
    for ours, theirs in zip(standard.initialise([1]).values(), mup.initialise([1]).values(), strict=True):
        torch.testing.assert_close(ours, theirs)
    for optimiser in ("sgd", "adam"):
        assert mup.step_size_multipliers(optimiser) == standard.step_size_multipliers(optimiser)


def test_step_size_multipliers_follow_the_table() -> None:
    mup = MultilayerPerceptron((5, 128, 256, 2), "relu", "mup", bias_scale=0.0, base_width=64)
    assert mup.step_size_multipliers("sgd") == {
        "weight_1": 2, "bias_1": 2, "weight_2": 2, "bias_2": 4, "weight_3": 0.25, "bias_3": 1
    }  # fmt: skip
    assert mup.step_size_multipliers("adam") == {
        "weight_1": 1, "bias_1": 1, "weight_2": 0.5, "bias_2": 1, "weight_3": 0.25, "bias_3": 1
    }  # fmt: skip
    mean_field = MultilayerPerceptron((5, 16, 64, 2), "relu", "mean-field")
    assert mean_field.step_size_multipliers("sgd") == {"weight_1": 64, "weight_2": 64, "weight_3": 64}
    assert mean_field.step_size_multipliers("adam") == {"weight_1": 1, "weight_2": 0.25, "weight_3": 1}
    for name in ("standard", "ntk"):
        network = MultilayerPerceptron((5, 16, 64, 2), "relu", name)
        assert set(network.step_size_multipliers("adam").values()) == {1.0}
    step_sizes = mup.step_sizes(torch.tensor([0.1, 0.2]), "adam")
    torch.testing.assert_close(step_sizes["weight_3"], torch.tensor([0.025, 0.05]))


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
@pytest.mark.parametrize("parameterisation", ["mup", "mean-field"])
def test_one_step_changes_every_layers_activations_alike_at_every_width(parameterisation: str, optimiser: str) -> None:
    inputs = torch.linspace(-2, 2, 40, dtype=DOUBLE).reshape(8, 5).cos()
    targets = inputs[:, :1] * 3
    changes = []
    for width in (64, 1024):
        network = MultilayerPerceptron(
            (5, width, width, 1),
            "tanh",
            parameterisation,
            bias_scale=0.5,
        )
        start = network.initialise(range(8), dtype=DOUBLE)
        step_sizes = network.step_sizes(0.02, optimiser)
        rule = GradientDescent(step_sizes) if optimiser == "sgd" else Adam(step_sizes, epsilon=1e-20)
        end = train(
            start,
            lambda parameters, network=network: squared_loss(network.forward(parameters, inputs), targets),
            rule,
            steps=1,
        ).parameters
        before, after = network.preactivations(start, inputs), network.preactivations(end, inputs)
        changes.append([(new - old).square().mean().sqrt() for new, old in zip(after, before, strict=True)])
    for narrow, wide in zip(*changes, strict=True):
        assert 0.5 < (wide / narrow).item() < 2.0  # a factor 16 in width: any wrong exponent moves this fourfold


def test_runs_equal_single_networks_and_so_do_their_gradients() -> None:
    network = MultilayerPerceptron((4, 6, 5, 3), "gelu", bias_scale=0.2)
    parameters = network.initialise([5, 9], dtype=DOUBLE)
    inputs = torch.linspace(-1, 1, 28, dtype=DOUBLE).reshape(7, 4)
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    outputs = network.forward(leaves, inputs)
    outputs.square().sum(dim=(1, 2)).sum().backward()
    for run in range(2):
        single = {name: value[run].clone().requires_grad_() for name, value in parameters.items()}
        hidden = inputs
        for layer in (1, 2, 3):
            hidden = torch.nn.functional.linear(hidden, single[f"weight_{layer}"], single[f"bias_{layer}"])
            hidden = torch.nn.functional.gelu(hidden) if layer < 3 else hidden
        hidden.square().sum().backward()
        torch.testing.assert_close(outputs[run], hidden)
        for name, leaf in leaves.items():
            torch.testing.assert_close(leaf.grad[run], single[name].grad)


@pytest.mark.parametrize("parameterisation", PARAMETERISATIONS)
def test_inputs_may_be_shared_or_differ_from_run_to_run(parameterisation: str) -> None:
    network = MultilayerPerceptron((4, 6, 3), "erf", parameterisation, bias_scale=0.1)
    parameters = network.initialise([5, 9], dtype=DOUBLE)
    inputs = torch.linspace(-1, 1, 56, dtype=DOUBLE).reshape(2, 7, 4)
    each = network.forward(parameters, inputs)
    shared = torch.stack([network.forward(parameters, inputs[run])[run] for run in range(2)])
    torch.testing.assert_close(each, shared)


def test_a_seeds_network_is_the_same_in_any_batch_and_dtype() -> None:
    network = MultilayerPerceptron((4, 6, 3), bias_scale=0.1)
    batch, alone = network.initialise([0, 3, 3, 7]), network.initialise([3])
    for name, value in alone.items():
        assert torch.equal(batch[name][1], value[0])
        assert torch.equal(batch[name][2], value[0])
        assert not torch.equal(batch[name][0], value[0])
    double = network.initialise([3], dtype=DOUBLE)
    torch.testing.assert_close(double["weight_1"].float(), alone["weight_1"])


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("tanh", math.tanh(0.7)),
        ("relu", 0.7),
        ("erf", math.erf(0.7)),
        ("gelu", 0.35 * (1 + math.erf(0.7 / math.sqrt(2)))),
        ("quadratic", 0.49),
        ("linear", 0.7),
    ],
)
def test_activations_are_what_they_are_called(activation: str, expected: float) -> None:
    network = MultilayerPerceptron((1, 1, 1), activation)
    parameters = {
        "weight_1": torch.full((1, 1, 1), 0.7, dtype=DOUBLE),
        "weight_2": torch.ones(1, 1, 1, dtype=DOUBLE),
    }
    assert network.forward(parameters, torch.ones(1, 1, dtype=DOUBLE)).item() == pytest.approx(expected, rel=1e-12)


def test_the_output_scale_may_differ_from_run_to_run() -> None:
    plain = MultilayerPerceptron((4, 6, 3))
    scaled = MultilayerPerceptron((4, 6, 3), output_scale=torch.tensor([0.5, 20.0]))
    parameters = plain.initialise([1, 2])
    inputs = torch.eye(4)
    ratio = scaled.forward(parameters, inputs) / plain.forward(parameters, inputs)
    torch.testing.assert_close(ratio[:, 0, 0], torch.tensor([0.5, 20.0]))


def test_a_centred_network_starts_at_zero_and_has_the_plain_networks_gradient() -> None:
    network = MultilayerPerceptron((4, 6, 3), output_scale=10.0)
    start = network.initialise([1, 2], dtype=DOUBLE)
    forward = centred(network, start)
    inputs = torch.eye(4, dtype=DOUBLE)
    assert not forward(start, inputs).any()
    moved = {name: value * 1.5 for name, value in start.items()}
    expected = network.forward(moved, inputs) - network.forward(start, inputs)
    torch.testing.assert_close(forward(moved, inputs), expected)

    def slope(function: object) -> Tensor:
        leaves = {name: value.clone().requires_grad_() for name, value in moved.items()}
        function(leaves, inputs).sum().backward()  # type: ignore[operator]
        return leaves["weight_1"].grad

    torch.testing.assert_close(slope(forward), slope(network.forward))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widths": (4,)}, "at least input and output"),
        ({"widths": (4, 0, 1)}, "all positive"),
        ({"widths": (4, 1), "activation": "sine"}, "no activation 'sine'"),
        ({"widths": (4, 1), "parameterisation": "xyz"}, "no parameterisation 'xyz'"),
        ({"widths": (4, 3, 1), "weight_scale": (1.0,)}, "1 entries for 2 layers"),
        ({"widths": (4, 1), "parameterisation": "ntk", "bias_scale": 0.0}, "makes them inert"),
    ],
)
def test_what_makes_no_network_is_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MultilayerPerceptron(**arguments)
