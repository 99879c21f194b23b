"""Empirical kernels against plain autodiff, example by example and run by run."""

from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor

from checkers.instruments.dense_layers import factored_gradients
from checkers.instruments.kernels import empirical_nngp, empirical_ntk, feature_kernel

RUNS, INPUTS, HIDDEN, OUTPUTS = 3, 4, 6, 2
Forward = Callable[[Mapping[str, Tensor], Tensor], Tensor]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def network_parameters() -> dict[str, Tensor]:
    return {
        "in": noise(RUNS, HIDDEN, INPUTS),
        "bias": noise(RUNS, HIDDEN, seed=1),
        "hidden": noise(RUNS, HIDDEN, HIDDEN, seed=2),
        "out": noise(RUNS, OUTPUTS, HIDDEN, seed=3),
    }


def plain(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    hidden = torch.tanh(
        torch.einsum("rbi,rhi->rbh", inputs.expand(RUNS, -1, -1), parameters["in"]) + parameters["bias"].unsqueeze(1)
    )
    hidden = torch.tanh(hidden @ parameters["hidden"].mT * 0.3)
    return hidden @ parameters["out"].mT


def fused(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    shared = inputs.expand(RUNS, *inputs.shape)
    hidden = torch.baddbmm(
        parameters["bias"].unsqueeze(1), shared, parameters["in"].transpose(1, 2), beta=0.5, alpha=0.7
    )
    hidden = torch.bmm(torch.relu(hidden), parameters["hidden"].transpose(1, 2))
    return torch.bmm(parameters["out"], torch.relu(hidden).transpose(1, 2)).transpose(1, 2)


def by_column(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    columns = inputs.T.expand(RUNS, INPUTS, -1)
    hidden = torch.baddbmm(parameters["bias"].unsqueeze(2), parameters["in"], columns, beta=0.5, alpha=0.7)
    hidden = torch.bmm(parameters["hidden"], torch.relu(hidden))
    return torch.bmm(parameters["out"], torch.relu(hidden)).transpose(1, 2)


def tied(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    hidden = torch.tanh(inputs @ parameters["in"].mT)
    hidden = torch.tanh(hidden @ parameters["hidden"].mT)
    return torch.tanh(hidden @ parameters["hidden"].mT + parameters["bias"].unsqueeze(1)) @ parameters["out"].mT


def multiplied_first(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    """Weights meet before any example: a product of parameters looks like a dense layer and is none."""
    return inputs @ (parameters["out"] @ parameters["hidden"] @ parameters["in"]).mT


def elementwise(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
    hidden = torch.einsum("bi,rhi->rbh", inputs, 2 * parameters["in"]) * parameters["bias"].unsqueeze(1)
    return torch.sin(hidden) @ parameters["out"].mT


def dense_ntk(forward: Forward, parameters: Mapping[str, Tensor], inputs: Tensor, others: Tensor) -> Tensor:
    def jacobian(run: int, points: Tensor) -> Tensor:
        names = list(parameters)

        def outputs(*tensors: Tensor) -> Tensor:
            mine = {
                name: torch.cat([tensor[:run], mine.unsqueeze(0), tensor[run + 1 :]])
                for (name, tensor), mine in zip(parameters.items(), tensors, strict=True)
            }
            return forward(mine, points)[run]

        parts = torch.autograd.functional.jacobian(outputs, tuple(parameters[name][run] for name in names))
        return torch.cat([part.reshape(len(points), OUTPUTS, -1) for part in parts], 2)

    rows = [torch.einsum("akp,blp->abkl", jacobian(r, inputs), jacobian(r, others)) for r in range(RUNS)]
    return torch.stack(rows)


@pytest.mark.parametrize("route", ["auto", "jacobian"])
@pytest.mark.parametrize("forward", [plain, fused, by_column, tied, multiplied_first, elementwise])
def test_the_ntk_agrees_with_plain_autodiff(forward: Forward, route: str) -> None:
    parameters, inputs, others = (
        network_parameters(),
        noise(OUTPUTS, INPUTS, seed=9),
        noise(5, INPUTS, seed=8),
    )
    expected = dense_ntk(forward, parameters, inputs, others)
    full = empirical_ntk(forward, parameters, inputs, others, outputs="full", route=route)
    torch.testing.assert_close(full, expected)
    mean = empirical_ntk(forward, parameters, inputs, others, route=route)
    torch.testing.assert_close(mean, expected.diagonal(dim1=3, dim2=4).mean(3))
    torch.testing.assert_close(
        empirical_ntk(forward, parameters, others, route=route),
        dense_ntk(forward, parameters, others, others).diagonal(dim1=3, dim2=4).mean(3),
    )


@pytest.mark.parametrize("forward", [plain, fused, by_column])
def test_every_parameter_of_a_plain_network_is_recognised_as_dense(forward: Forward) -> None:
    found = factored_gradients(forward, network_parameters(), noise(5, INPUTS))
    assert set(found) == {"in", "bias", "hidden", "out"}


@pytest.mark.parametrize("forward", [tied, multiplied_first, elementwise])
def test_what_is_not_a_dense_layer_is_not_mistaken_for_one(forward: Forward) -> None:
    found = factored_gradients(forward, network_parameters(), noise(OUTPUTS, INPUTS))
    assert "hidden" not in found
    assert forward is tied or "in" not in found


def test_small_memory_gives_the_same_kernel_in_blocks() -> None:
    parameters, inputs = network_parameters(), noise(7, INPUTS)
    whole = empirical_ntk(plain, parameters, inputs, outputs="full", route="jacobian")
    blocks = empirical_ntk(plain, parameters, inputs, outputs="full", route="jacobian", memory=1)
    torch.testing.assert_close(blocks, whole)


def test_the_kernel_of_a_linear_model_is_its_inputs_gram_matrix() -> None:
    inputs = noise(5, INPUTS)
    kernel = empirical_ntk(lambda p, x: x @ p["w"].mT, {"w": noise(RUNS, 1, INPUTS)}, inputs)
    torch.testing.assert_close(kernel, (inputs @ inputs.T).expand(RUNS, -1, -1))


def test_a_network_without_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="no parameters"):
        empirical_ntk(plain, {}, noise(2, INPUTS), route="jacobian")


def test_the_output_kernel_is_the_mean_product_of_outputs() -> None:
    parameters, inputs, others = network_parameters(), noise(4, INPUTS), noise(5, INPUTS, seed=1)
    outputs, other_outputs = plain(parameters, inputs), plain(parameters, others)
    kernel = empirical_nngp(plain, parameters, inputs, others)
    torch.testing.assert_close(kernel, torch.einsum("rak,rbk->rab", outputs, other_outputs) / OUTPUTS)
    torch.testing.assert_close(feature_kernel(outputs, other_outputs), kernel)
