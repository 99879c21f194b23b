"""Infinite-width kernels against wide random networks and published closed forms."""

import math

import pytest
import torch

from checkers.instruments.kernels import empirical_ntk, feature_kernel
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.theory.infinite_width import infinite_width_kernels

INPUTS = torch.randn(3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("activation", ["relu", "erf", "tanh", "linear"])
def test_wide_networks_have_these_kernels_at_initialisation(activation: str) -> None:
    scales = (1.3, 1.1, 0.9)
    network = MultilayerPerceptron((5, 512, 512, 1), activation, "ntk", weight_scale=scales, bias_scale=0.3)
    parameters = network.initialise(range(100000, 100024), dtype=torch.float64)
    expected = infinite_width_kernels(INPUTS, depth=3, activation=activation, weight_scale=scales, bias_scale=0.3)
    second = feature_kernel(network.preactivations(parameters, INPUTS)[1])
    tangent = empirical_ntk(network.forward, parameters, INPUTS)
    for measured, kernel in ((second, expected.nngp[1]), (tangent, expected.ntk[2])):
        error = measured.std(0) / math.sqrt(len(measured))
        assert ((measured.mean(0) - kernel).abs() < 5 * error + 0.01 * kernel.abs().max()).all()


def test_two_sets_of_inputs_give_a_block_of_the_whole_kernel() -> None:
    whole = infinite_width_kernels(INPUTS, depth=4, activation="erf", weight_scale=1.4, bias_scale=0.1)
    block = infinite_width_kernels(INPUTS[:1], INPUTS[1:], depth=4, activation="erf", weight_scale=1.4, bias_scale=0.1)
    torch.testing.assert_close(block.ntk, whole.ntk[:, :1, 1:])
    torch.testing.assert_close(block.nngp, whole.nngp[:, :1, 1:])


def test_he_scaled_relu_keeps_its_variance_and_its_tangent_kernel_grows_with_depth() -> None:
    unit = INPUTS / INPUTS.norm(dim=1, keepdim=True) * math.sqrt(5)
    kernels = infinite_width_kernels(unit, depth=6, activation="relu", weight_scale=math.sqrt(2))
    diagonal = kernels.nngp.diagonal(dim1=1, dim2=2)
    torch.testing.assert_close(diagonal, torch.full_like(diagonal, 2.0))
    depths = torch.arange(1, 7, dtype=torch.float64).unsqueeze(1)
    torch.testing.assert_close(kernels.ntk.diagonal(dim1=1, dim2=2), (2 * depths).expand(-1, 3))


def test_a_linear_networks_tangent_kernel_is_depth_times_its_inputs() -> None:
    kernels = infinite_width_kernels(INPUTS, depth=4, activation="linear")
    torch.testing.assert_close(kernels.ntk[-1], 4 * INPUTS @ INPUTS.T / 5)


def test_scales_that_do_not_match_the_depth_are_refused() -> None:
    with pytest.raises(ValueError, match="depth 3 with 2"):
        infinite_width_kernels(INPUTS, depth=3, activation="erf", weight_scale=(1.0, 1.0))


@pytest.mark.parametrize("scale", [10.0, 100.0])
def test_wide_networks_with_large_weights_have_these_kernels_too(scale: float) -> None:
    network = MultilayerPerceptron((5, 512, 512, 1), "tanh", "ntk", weight_scale=scale)
    parameters = network.initialise(range(100000, 100024), dtype=torch.float64)
    expected = infinite_width_kernels(INPUTS, depth=3, activation="tanh", weight_scale=scale)
    layers = network.preactivations(parameters, INPUTS)
    for measured, kernel in ((feature_kernel(layers[at]), expected.nngp[at]) for at in (1, 2)):
        error = measured.std(0) / math.sqrt(len(measured))
        assert ((measured.mean(0) - kernel).abs() < 5 * error + 0.01 * kernel.abs().max()).all()


def test_an_input_that_is_not_finite_spoils_its_own_row_and_column_alone() -> None:
    spoiled = INPUTS.clone()
    spoiled[1, 0] = math.nan
    for activation in ("relu", "erf", "tanh", "linear"):
        healthy, kernels = (
            infinite_width_kernels(inputs, depth=3, activation=activation).ntk for inputs in (INPUTS, spoiled)
        )
        assert kernels[:, 1].isnan().all()
        assert kernels[:, :, 1].isnan().all()
        torch.testing.assert_close(kernels[:, ::2, ::2], healthy[:, ::2, ::2])
