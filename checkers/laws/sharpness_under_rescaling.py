r"""One function, many sharpnesses: layers rescaled at a fixed function. (Dinh et al. 2017.)

A ReLU network without biases computes the same function when its first layer is multiplied by α and its second divided
by it. By the chain rule the Hessian becomes $D^{-1}HD^{-1}$ with D = α on the first layer's weights and 1/α on the
second's, so that $\lambda_{\max}(\alpha) \ge \max(\alpha^{-2}\lambda_{\max}(H_{11}), \alpha^2\lambda_{\max}(H_{22}))$
for its diagonal blocks, and for $H \succeq 0$ at most their sum.
"""

from __future__ import annotations

from typing import Literal

import torch

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.settings.network_zoo import RESIDUAL, Kind, Zoo, ZooSetting, rescale, train_zoo
from checkers.testbeds.networks import Parameters
from lawbook import Measurement, Panel, Trials


def sharpness_spread(
    trials: Trials,
    *,
    among: Literal["rescalings", "networks"] = "rescalings",
    sharpness: Kind = "plain",
    largest_power: int = 3,
    setting: ZooSetting = ZooSetting(),
) -> Measurement:
    r"""Largest over smallest sharpness among rescalings of one trained network, the least such ratio in a zoo of 18.

    The first layer is multiplied by α = 2^k and the second divided by it, k = −largest_power … largest_power.
    among: "networks" compares the zoo's networks as trained instead, which compute different functions.
    sharpness: "plain" is $\lambda_{\max}(\nabla^2L)$; "relative" is the largest eigenvalue where every layer's weights
    are counted in units of its Frobenius norm, which no rescaling changes. (Dinh et al. 2017, arXiv:1703.04933,
    section 4.)
    """
    zoo = train_zoo(trials, setting)
    if among == "networks":
        seen = zoo.sharpness(kind=sharpness)
        return Measurement(values=seen.amax(dim=1) / seen.amin(dim=1))
    factors = [2.0**power for power in range(-largest_power, largest_power + 1)]
    alphas = [torch.full_like(zoo.test_loss, factor) for factor in factors]
    seen = torch.stack([zoo.sharpness(rescale(zoo.parameters, alpha), sharpness) for alpha in alphas])
    ratios = seen.amax(dim=0) / seen.amin(dim=0)
    panel = (
        Panel(
            "Rescalings of a trained network, first seed",
            x="first layer multiplied by α",
            y="sharpness",
            log="xy",
        )
        .line("first network", factors, seen[:, 0, 0])
        .over_seeds("all networks, geometric mean", factors, seen[:, 0].T, role="reference", middle="geometric mean")
    )
    if sharpness == "plain":
        first, second = (_block_sharpness(zoo, layer) for layer in zoo.parameters)
        envelope = [max(first / factor**2, second * factor**2) for factor in factors]
        panel = panel.line("first network, by its blocks", factors, envelope, role="predicted")
    return Measurement(
        values=ratios.amin(dim=1),
        panels=panel,
        notes=[f"the largest ratio of any network is {ratios.max().item():.4g}"],
    )


def _block_sharpness(zoo: Zoo, layer: str) -> float:
    """The largest eigenvalue of the first network's Hessian in one layer's weights, the other held, as trained."""

    def loss(block: Parameters) -> torch.Tensor:
        return zoo.loss({**zoo.parameters, **block})

    pairs = hessian_eigenpairs(loss, {layer: zoo.parameters[layer]}, tolerance=RESIDUAL)
    return pairs.values[0, 0].item()
