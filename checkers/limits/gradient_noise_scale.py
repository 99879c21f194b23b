"""What one step of stochastic gradient descent gains, as a function of its batch size."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_product
from checkers.instruments.gradient_noise import (
    curvature_noise_scale,
    per_example_gradients,
    simple_noise_scale,
)
from checkers.instruments.parameters import flatten, unflatten
from checkers.testbeds.data import draw_subset, load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import uniform
from checkers.testbeds.training import train
from lawbook import Measurement, Panel, Trials

SUBSET_SEED = 0
STEP_FACTORS = (0.5, 0.7, 1.0, 1.4, 2.0)


def one_step_gain(
    trials: Trials,
    *,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 200,
    width: int = 32,
    steps: int = 5,
    step_size: float = 0.02,
    batch_sizes: list[int],
    step_rule: Literal["best", "full-batch"] = "best",
    noise_scale: Literal["curvature", "simple"] = "curvature",
) -> Measurement:
    r"""The largest deviation from 1, over batch sizes, of the measured over the predicted one-step gain Δ(B).

    A tanh network has trained for `steps` full-batch steps on `examples` images (the same for all seeds). Δ(B) is the
    decrease of the full loss, averaged over batches drawn with replacement, at the best step size of a grid around the
    quadratic optimum, refined by a parabola (step_rule "full-batch": at the full gradient's best). Prediction:
    Δ(∞)/(1 + 𝓑/B), with Δ(∞) measured and 𝓑 = tr(HΣ)/gᵀHg ("curvature") or trΣ/‖g‖² ("simple").
    A seed is in regime while gᵀHg > 0 and 1 ≤ 𝓑 ≤ `examples`. (McCandlish et al. 2018, arXiv:1812.06162, section 2.2.)
    """
    inputs, targets = _task(trials, dataset, examples)
    network = MultilayerPerceptron((inputs.shape[-1], width, targets.shape[-1]), "tanh", bias_scale=0.0)
    parameters = train(
        network.initialise(trials.seeds, trials.device),
        lambda current: squared_loss(network.forward(current, inputs), targets),
        GradientDescent(network.step_sizes(step_size, "sgd")),
        steps=steps,
        track=trials.track,
    ).parameters

    def full_loss(current: dict[str, Tensor]) -> Tensor:
        return squared_loss(network.forward(current, inputs), targets)

    def batch_loss(current: dict[str, Tensor], batch: tuple[Tensor, Tensor]) -> Tensor:
        return squared_loss(network.forward(current, batch[0]), batch[1])

    gradients = per_example_gradients(batch_loss, parameters, inputs, targets)
    product = hessian_product(full_loss, parameters)
    scales = {
        "curvature": curvature_noise_scale(product, gradients),
        "simple": simple_noise_scale(gradients),
    }
    mean = gradient(full_loss, parameters)
    bend = (mean * product(mean)).sum(dim=1)
    best = mean.square().sum(dim=1) / bend
    origin, start = flatten(parameters), full_loss(parameters)
    factors = torch.tensor(STEP_FACTORS if step_rule == "best" else (1.0,), device=origin.device)

    def gain(directions: Tensor, step_sizes: Tensor) -> Tensor:
        """The best decrease of the full loss along mean directions `[draws, runs, parameters]`, one a run."""
        steps = (factors[:, None] * step_sizes)[:, :, None]
        reached = torch.zeros(len(factors) * len(trials), device=origin.device)
        for direction in directions:
            # All factors and runs in one batch.
            reached += full_loss(unflatten((origin - steps * direction).flatten(0, 1), parameters))
        return _peak(factors.log(), start - (reached / len(directions)).reshape(len(factors), -1))

    largest = gain(mean[None], best)
    rows = []
    for size in trials.track(batch_sizes, "batch size"):
        directions = (_batches(trials, examples, size) @ gradients).transpose(0, 1)
        shrink = 1 + scales["curvature"] / size if step_rule == "best" else 1.0
        rows.append(gain(directions, best / shrink))
    gains = torch.stack(rows, dim=1) / largest[:, None]
    sizes = torch.tensor(batch_sizes, device=gains.device)
    predicted = {name: 1 / (1 + scale[:, None] / sizes) for name, scale in scales.items()}
    ratios = gains / predicted[noise_scale]
    known = ", ".join(f"{name} {scales[name].mean().item():.3g}" for name in ("curvature", "simple"))
    return Measurement(
        values=(ratios - 1).abs().amax(dim=1),
        in_regime=(bend > 0) & (scales["curvature"] >= 1) & (scales["curvature"] <= examples),
        panels=_panel(batch_sizes, gains, predicted),
        notes=[
            f"noise scales, mean over seeds: {known}",
            "measured over predicted, by batch size: " + ", ".join(f"{ratio:.3f}" for ratio in ratios.mean(dim=0)),
        ],
    )


def _batches(trials: Trials, examples: int, size: int) -> Tensor:
    """How much every example weighs in batches with replacement, [runs, examples, examples]: as many as examples.

    Over the batches each place runs through all examples once, in an order of its own. Each batch alone is a plain draw
    with replacement, but their mean is the full gradient, so that the noise of the first order cancels.
    """
    draws = (examples, size)
    chosen = uniform(trials.seeds, draws, stream=f"batch {size}", device=trials.device).argsort(dim=1)
    weights = torch.zeros(len(trials), examples, examples, device=trials.device)
    return weights.scatter_add_(2, chosen, torch.full_like(chosen, 1 / size, dtype=torch.float32))


def _task(trials: Trials, dataset: str, examples: int) -> tuple[Tensor, Tensor]:
    images = load(dataset).to(trials.device)
    inputs, labels = draw_subset(images, [SUBSET_SEED], examples)
    return inputs[0], one_hot(labels[0], images.classes, centred=True)


def _peak(positions: Tensor, heights: Tensor) -> Tensor:
    """The top of the parabola through the highest of `heights` [positions, runs] and its neighbours."""
    if len(positions) == 1:
        return heights[0]
    top = heights.argmax(dim=0).clamp(1, len(positions) - 2)
    y = [heights.gather(0, (top + shift)[None])[0] for shift in (-1, 0, 1)]
    left = positions.to(heights)[top] - positions.to(heights)[top - 1]
    right = positions.to(heights)[top + 1] - positions.to(heights)[top]
    rise, fall = (y[1] - y[0]) / left, (y[2] - y[1]) / right
    bend = (fall - rise) / (left + right)
    tilt = (rise * right + fall * left) / (left + right)
    refined = torch.where(bend < 0, y[1] - tilt.square() / (4 * bend), heights.amax(dim=0))
    inside = heights.argmax(dim=0) == top
    return torch.where(inside, refined, heights.amax(dim=0))


def _panel(batch_sizes: list[int], gains: Tensor, predicted: dict[str, Tensor]) -> Panel:
    curvature, simple = (predicted[name].mean(dim=0) for name in ("curvature", "simple"))
    title = "One-step gain over that of the full gradient"
    return (
        Panel(title, x="batch size B", y="gain / full gain", log="xy")
        .over_seeds("measured", batch_sizes, gains)
        .line("1/(1 + tr(HΣ)/gᵀHg / B)", batch_sizes, curvature, role="predicted")
        .line("with trΣ/‖g‖² instead", batch_sizes, simple, role="reference")
    )
