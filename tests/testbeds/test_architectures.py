"""Residual networks and transformers: every run is the network that its definition says, whatever runs beside it."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from checkers.testbeds.attention_blocks import block_names
from checkers.testbeds.decoder_transformer import DecoderTransformer, next_token_loss
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.residual_network import ResidualNetwork
from checkers.testbeds.training import train
from checkers.testbeds.vision_transformer import VisionTransformer

DOUBLE = torch.float64
IMAGES = torch.linspace(-3, 3, 5 * 2 * 64, dtype=DOUBLE).reshape(5, 128).sin()
TOKENS = torch.arange(2 * 3 * 9).reshape(2, 3, 9).square() % 11
RESIDUAL = ResidualNetwork((2, 8, 8), classes=3, width=4, stages=2, blocks=2)
VISION = VisionTransformer((2, 8, 8), classes=3, patch=4, width=8, depth=2, heads=2)
DECODER = DecoderTransformer(vocabulary=11, context=9, width=8, depth=2, heads=2, base_width=4)


def randomised(parameters: dict[str, Tensor]) -> dict[str, Tensor]:
    """Away from the ones and zeros of norms at initialisation."""
    return {
        name: value + 0.1 * torch.arange(value.numel()).sin().reshape(value.shape) for name, value in parameters.items()
    }


def run_of(parameters: dict[str, Tensor], run: int) -> dict[str, Tensor]:
    return {name: value[run : run + 1] for name, value in parameters.items()}


@pytest.mark.parametrize(
    ("network", "inputs"),
    [(RESIDUAL, IMAGES), (VISION, IMAGES), (DECODER, TOKENS[0])],
    ids=["ResNet", "ViT", "decoder"],
)
def test_runs_do_not_touch_one_another_in_values_or_gradients(network, inputs) -> None:  # type: ignore[no-untyped-def]
    parameters = randomised(network.initialise([2, 5, 7], dtype=DOUBLE))
    leaves = {name: value.clone().requires_grad_() for name, value in parameters.items()}
    outputs = network.forward(leaves, inputs)
    outputs.square().sum().backward()
    alone = {name: value.clone().requires_grad_() for name, value in run_of(parameters, 1).items()}
    single = network.forward(alone, inputs)
    single.square().sum().backward()
    torch.testing.assert_close(outputs[1:2], single)
    for name, leaf in leaves.items():
        torch.testing.assert_close(leaf.grad[1:2], alone[name].grad)


@pytest.mark.parametrize("network", [RESIDUAL, VISION, DECODER], ids=["ResNet", "ViT", "decoder"])
def test_a_seed_starts_the_same_in_any_batch(network) -> None:  # type: ignore[no-untyped-def]
    together, alone = network.initialise([2, 5]), network.initialise([5])
    for name, value in alone.items():
        assert torch.equal(together[name][1], value[0])


@pytest.mark.parametrize("network", [RESIDUAL, VISION], ids=["ResNet", "ViT"])
def test_images_may_be_shared_or_differ_from_run_to_run(network) -> None:  # type: ignore[no-untyped-def]
    parameters = randomised(network.initialise([2, 5], dtype=DOUBLE))
    each = torch.stack([IMAGES, IMAGES.flip(0)])
    outputs = network.forward(parameters, each)
    torch.testing.assert_close(outputs[0], network.forward(parameters, IMAGES)[0])
    torch.testing.assert_close(outputs[1], network.forward(parameters, IMAGES.flip(0))[1])
    torch.testing.assert_close(outputs[:, :2], network.forward(parameters, each[:, :2]))  # no batch statistics


def test_a_residual_network_is_its_definition() -> None:
    parameters = randomised(RESIDUAL.initialise([2, 5], dtype=DOUBLE))
    p = {name: value[1] for name, value in parameters.items()}

    def norm(hidden: Tensor, name: str) -> Tensor:
        return torch.relu(F.group_norm(hidden, 1, p[f"{name}.scale"], p[f"{name}.shift"]))

    hidden = F.conv2d(IMAGES.reshape(5, 2, 8, 8), p["stem"], padding=1)
    for name, stride in (
        ("stage_1.block_1", 1), ("stage_1.block_2", 1), ("stage_2.block_1", 2), ("stage_2.block_2", 1)
    ):  # fmt: skip
        branch = norm(hidden, f"{name}.norm_1")
        carried = F.conv2d(branch, p[f"{name}.shortcut"], stride=2) if stride == 2 else hidden
        branch = F.conv2d(branch, p[f"{name}.convolution_1"], stride=stride, padding=1)
        branch = F.conv2d(norm(branch, f"{name}.norm_2"), p[f"{name}.convolution_2"], padding=1)
        hidden = carried + branch
    features = norm(hidden, "final_norm").mean(dim=(2, 3))
    torch.testing.assert_close(RESIDUAL.features(parameters, IMAGES)[1], features)
    torch.testing.assert_close(RESIDUAL.forward(parameters, IMAGES)[1], features @ p["readout"].T)
    assert features.shape == (5, 8)


def reference_blocks(
    p: dict[str, Tensor], residual: Tensor, *, depth: int, heads: int, scale: float, causal: bool
) -> Tensor:
    """One run's blocks by PyTorch's own attention; residual [batch, length, width]."""
    for block in range(1, depth + 1):
        part = {name: p[f"block_{block}.{name}"] for name in (n.split(".")[1] for n in block_names(1))}
        hidden = F.layer_norm(residual, residual.shape[-1:], part["attention_norm"])
        query, key, value = (
            piece.unflatten(-1, (heads, -1)).transpose(1, 2)
            for piece in F.linear(hidden, part["query_key_value"]).chunk(3, dim=-1)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=causal, scale=scale)
        residual = residual + F.linear(mixed.transpose(1, 2).flatten(2), part["attention_out"])
        hidden = F.layer_norm(residual, residual.shape[-1:], part["expand_norm"])
        residual = residual + F.linear(F.gelu(F.linear(hidden, part["expand"])), part["contract"])
    return F.layer_norm(residual, residual.shape[-1:], p["final_norm"])


def test_a_vision_transformer_is_its_definition() -> None:
    parameters = randomised(VISION.initialise([2, 5], dtype=DOUBLE))
    p = {name: value[1] for name, value in parameters.items()}
    patches = F.unfold(IMAGES.reshape(5, 2, 8, 8), 4, stride=4).transpose(1, 2)
    residual = F.linear(patches, p["patches"]) + p["positions"]
    features = reference_blocks(p, residual, depth=2, heads=2, scale=0.5, causal=False).mean(dim=1)
    torch.testing.assert_close(VISION.features(parameters, IMAGES)[1], features)
    torch.testing.assert_close(VISION.forward(parameters, IMAGES)[1], F.linear(features, p["readout"]))


@pytest.mark.parametrize(("parameterisation", "scale"), [("standard", 0.5), ("mup", 2**0.5 / 4)])
def test_a_decoder_is_its_definition(parameterisation: str, scale: float) -> None:
    network = DecoderTransformer(11, 9, 8, 2, 2, parameterisation, base_width=4)
    parameters = randomised(network.initialise([2, 5], dtype=DOUBLE))
    p = {name: value[1] for name, value in parameters.items()}
    residual = p["embedding"][TOKENS[1, :, :7]] + p["positions"][:7]
    features = reference_blocks(p, residual, depth=2, heads=2, scale=scale, causal=True)
    logits = network.forward(parameters, TOKENS[..., :7])
    torch.testing.assert_close(logits[1], F.linear(features, p["readout"]))
    losses = next_token_loss(logits, TOKENS[..., :8])
    expected = F.cross_entropy(logits[1].flatten(0, 1), TOKENS[1, :, 1:8].flatten())
    torch.testing.assert_close(losses[1], expected)


def test_a_decoder_never_sees_the_future() -> None:
    parameters = randomised(DECODER.initialise([2, 5], dtype=DOUBLE))
    changed = TOKENS.clone()
    changed[..., 5] = (changed[..., 5] + 1) % 11
    before, after = DECODER.forward(parameters, TOKENS), DECODER.forward(parameters, changed)
    torch.testing.assert_close(after[:, :, :5], before[:, :, :5])
    assert ((after - before)[:, :, 5:].abs().amax(dim=-1) > 0).all()


def test_second_derivatives_of_a_transformer_exist() -> None:
    parameters = {name: value.requires_grad_() for name, value in DECODER.initialise([2], dtype=DOUBLE).items()}
    loss = next_token_loss(DECODER.forward(parameters, TOKENS[0, :, :-1]), TOKENS[:1])
    (slope,) = torch.autograd.grad(loss.sum(), parameters["block_1.query_key_value"], create_graph=True)
    (curvature,) = torch.autograd.grad(slope.square().sum(), parameters["block_1.query_key_value"])
    assert curvature.abs().max() > 0


def test_mup_at_base_width_is_the_standard_parameterisation() -> None:
    standard, mup = (DecoderTransformer(11, 9, 8, 1, 2, name, base_width=8) for name in ("standard", "mup"))
    assert mup.attention_scale == standard.attention_scale
    for name, value in standard.initialise([1]).items():
        torch.testing.assert_close(mup.initialise([1])[name], value)
    assert mup.step_sizes(0.1, "adam") == standard.step_sizes(0.1, "adam")
    assert set(mup.step_sizes(0.1, "sgd")) == set(mup.initialise([1]))


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_one_step_of_mup_changes_logits_alike_at_every_width(optimiser: str) -> None:
    changes = []
    for width in (32, 256):
        network = DecoderTransformer(11, 9, width, 1, 4, "mup", base_width=32)
        start = network.initialise(range(4), dtype=DOUBLE)
        step_sizes = network.step_sizes(0.01, optimiser)
        rule = GradientDescent(step_sizes) if optimiser == "sgd" else Adam(step_sizes, epsilon=1e-20)
        tokens = TOKENS[:1].expand(4, 3, 9)
        end = train(
            start,
            lambda p, network=network, tokens=tokens: next_token_loss(network.forward(p, tokens[..., :-1]), tokens),
            rule,
            steps=1,
        ).parameters
        moved = network.forward(end, tokens) - network.forward(start, tokens)
        changes.append(moved.square().mean().sqrt().item())
    assert 0.5 < changes[1] / changes[0] < 2.0  # the standard parameterisation gives 6


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: VisionTransformer((1, 8, 8), patch=3), "images of 8×8 do not split into patches of 3"),
        (lambda: VisionTransformer((1, 8, 8), width=30), "a width of 30 does not split into 4 heads"),
        (lambda: DecoderTransformer(width=64, heads=3), "3 heads divide not both 64 and 64"),
        (lambda: DecoderTransformer(parameterisation="ntk"), "no parameterisation 'ntk'"),
        (lambda: DECODER.step_sizes(0.1, "lion"), "known for 'sgd' and 'adam', not 'lion'"),
        (
            lambda: DECODER.forward(DECODER.initialise([1]), torch.zeros(1, 10, dtype=torch.int64)),
            "10 tokens exceed the context of 9",
        ),
    ],
)
def test_what_does_not_fit_is_refused(build, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        build()
