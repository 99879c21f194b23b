"""Does the sharpness of a minimum tell how well it generalises? Rescaling layers says no. (Dinh et al. 2017.)"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.settings.network_zoo import CELLS, ZooSetting, by_seed, rank_correlation, rescale, train_zoo
from checkers.testbeds.randomness import permutation, uniform
from lawbook import Measurement, Panel, Trials


def rescaled_correlation(
    trials: Trials,
    *,
    largest_factor: float = 8.0,
    rescaling: Literal["random", "by test loss"] = "random",
    pairing: Literal["own", "shuffled"] = "own",
    setting: ZooSetting = ZooSetting(),
) -> Measurement:
    """Rank correlation over a zoo between sharpness and test loss, every network rescaled but the same function.

    The first layer of network i is multiplied by α_i and the second divided by it, log α_i uniform within ±log
    `largest_factor`; with ReLU and no biases no output changes. 1 as the factor leaves the networks as trained.
    rescaling: "by test loss" draws log α_i from 0 to log `largest_factor` instead, two thirds by the rank of the
    network's test loss and one third at random. pairing: "shuffled" correlates with another network's test loss.
    (Dinh et al. 2017, arXiv:1703.04933, section 4.)
    """
    zoo = train_zoo(trials, setting)
    test_loss = by_seed(zoo.test_loss)
    exponents = uniform(trials.seeds, (CELLS,), stream="rescaling", low=-1.0, high=1.0, dtype=torch.float64)
    if rescaling == "by test loss":
        ranks = test_loss.argsort(dim=1).argsort(dim=1) / (CELLS - 1)
        exponents = (2 * ranks + (1 + exponents) / 2) / 3
    factors = largest_factor ** exponents.flatten()
    sharpness = zoo.sharpness(rescale(zoo.parameters, factors.to(zoo.inputs)))
    if pairing == "shuffled":
        test_loss = test_loss.gather(1, permutation(trials.seeds, CELLS, stream="pairing"))
    before = zoo.sharpness()
    return Measurement(
        values=rank_correlation(sharpness, test_loss),
        panels=_panel(before, sharpness, test_loss),
        notes=[f"as trained the correlation is {rank_correlation(before, test_loss).mean().item():.2f}"],
    )


def _panel(before: Tensor, after: Tensor, test_loss: Tensor) -> Panel:
    order = test_loss[0].argsort()
    return (
        Panel("One zoo, first seed", x="test loss", y="sharpness", log="y")
        .line("as trained", test_loss[0, order], before[0, order], role="reference")
        .line("rescaled, same functions", test_loss[0, order], after[0, order])
    )
