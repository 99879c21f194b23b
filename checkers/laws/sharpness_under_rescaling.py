r"""One function, many sharpnesses: layers rescaled at a fixed function. (Dinh et al. 2017.)

A ReLU network without biases computes the same function when its first layer is multiplied by α and its second divided
by it. By the chain rule the Hessian becomes $D^{-1}HD^{-1}$ with D = α on the first layer's weights and 1/α on the
second's, so that $\lambda_{\max}(\alpha) \ge \max(\alpha^{-2}\lambda_{\max}(H_{11}), \alpha^2\lambda_{\max}(H_{22}))$
for its diagonal blocks, and for $H \succeq 0$ at most their sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.settings.network_zoo import CELLS, Zoo, rescale, train_zoo
from checkers.testbeds.networks import Parameters
from lawbook import Measurement, Panel, Trials

RESIDUAL = 1e-2

Sharpness = Literal["plain", "relative"]


def sharpness_spread(
    trials: Trials,
    *,
    among: Literal["rescalings", "networks"] = "rescalings",
    sharpness: Sharpness = "plain",
    largest_power: int = 3,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 128,
    width: int = 32,
    steps: int = 250,
    step_size: float = 0.05,
) -> Measurement:
    r"""Largest over smallest sharpness among rescalings of one trained network, the least such ratio in a zoo of 18.

    The first layer is multiplied by α = 2^k and the second divided by it, k = −largest_power … largest_power.
    among: "networks" compares the zoo's networks as trained instead, which compute different functions.
    sharpness: "plain" is $\lambda_{\max}(\nabla^2L)$; "relative" is the largest eigenvalue where every layer's weights
    are counted in units of its Frobenius norm, which no rescaling changes. (Dinh et al. 2017, arXiv:1703.04933,
    section 4.)
    """
    zoo = train_zoo(trials, dataset=dataset, examples=examples, width=width, steps=steps, step_size=step_size)
    powers = range(-largest_power, largest_power + 1) if among == "rescalings" else range(1)
    factors = [2.0**power for power in powers]
    seen = torch.stack([_sharpness(zoo, _rescaled(zoo, factor), sharpness) for factor in factors])
    seen = seen.detach().double().cpu().reshape(len(factors), len(trials), CELLS)
    if among == "networks":
        return Measurement(values=seen[0].amax(dim=1) / seen[0].amin(dim=1))
    ratios = seen.amax(dim=0) / seen.amin(dim=0)
    return Measurement(
        values=ratios.amin(dim=1),
        panels=_panel(zoo, factors, seen[:, 0], sharpness),
        notes=[f"the largest ratio of any network is {ratios.max().item():.4g}"],
    )


def _rescaled(zoo: Zoo, factor: float) -> Parameters:
    return rescale(zoo.parameters, torch.full_like(zoo.test_loss, factor))


def _sharpness(zoo: Zoo, parameters: Parameters, kind: Sharpness) -> Tensor:
    preconditioner = None
    if kind == "relative":
        preconditioner = torch.cat(
            [
                weight.flatten(1).norm(dim=1, keepdim=True).pow(-2).expand(-1, weight[0].numel())
                for weight in parameters.values()
            ],
            dim=1,
        )
    pairs = hessian_eigenpairs(zoo.loss, parameters, preconditioner=preconditioner, tolerance=RESIDUAL)
    return pairs.values[:, 0]


def _panel(zoo: Zoo, factors: Sequence[float], seen: Tensor, kind: Sharpness) -> Panel:
    title = "Rescalings of a trained network, first seed"
    drawn = "all networks, geometric mean"
    panel = (
        Panel(title, x="first layer multiplied by α", y="sharpness", log="xy")
        .line("first network", factors, seen[:, 0])
        .over_seeds(drawn, factors, seen.T, role="reference", middle="geometric mean")
    )
    if kind == "relative":
        return panel
    first, second = (_block_sharpness(zoo, layer)[0].item() for layer in zoo.parameters)
    envelope = [max(first / factor**2, second * factor**2) for factor in factors]
    return panel.line("first network, by its blocks", factors, envelope, role="predicted")


def _block_sharpness(zoo: Zoo, layer: str) -> Tensor:
    """The largest eigenvalue of every network's Hessian in one layer's weights, the other held, as trained."""

    def loss(block: Parameters) -> Tensor:
        return zoo.loss({**zoo.parameters, **block})

    return hessian_eigenpairs(loss, {layer: zoo.parameters[layer]}, tolerance=RESIDUAL).values[:, 0]
