"""Does the sharpness of a minimum tell how well it generalises? Rescaling layers says no. (Dinh et al. 2017.)"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import hessian_eigenpairs
from checkers.settings.network_zoo import CELLS, Zoo, by_seed, rank_correlation, rescale, train_zoo
from checkers.testbeds.networks import Parameters
from checkers.testbeds.randomness import permutation, uniform
from lawbook import Measurement, Panel, Trials


def rescaled_correlation(
    trials: Trials,
    *,
    largest_factor: float = 8.0,
    pairing: Literal["own", "shuffled"] = "own",
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 128,
    width: int = 32,
    steps: int = 250,
    step_size: float = 0.05,
) -> Measurement:
    """Rank correlation over a zoo between sharpness and test loss, every network rescaled but the same function.

    The first layer of network i is multiplied by α_i and the second divided by it, log α_i uniform within ±log
    `largest_factor`; with ReLU and no biases no output changes. 1 as the factor leaves the networks as trained.
    pairing: "shuffled" correlates with another network's test loss. (Dinh et al. 2017, arXiv:1703.04933, section 4.)
    """
    zoo = train_zoo(trials, dataset=dataset, examples=examples, width=width, steps=steps, step_size=step_size)
    log_factors = uniform(trials.seeds, (CELLS,), stream="rescaling", low=-1.0, high=1.0, dtype=torch.float64)
    factors = largest_factor ** log_factors.flatten()
    rescaled = rescale(zoo.parameters, factors.to(zoo.inputs))
    sharpness, test_loss = by_seed(_sharpness(zoo, rescaled)), by_seed(zoo.test_loss)
    if pairing == "shuffled":
        order = permutation(trials.seeds, CELLS, stream="pairing")
        test_loss = test_loss.gather(1, order)
    before = by_seed(_sharpness(zoo, zoo.parameters))
    return Measurement(
        values=rank_correlation(sharpness, test_loss),
        panels=_panel(before, sharpness, test_loss),
        notes=[f"as trained the correlation is {rank_correlation(before, test_loss).mean().item():.2f}"],
    )


def _sharpness(zoo: Zoo, parameters: Parameters) -> Tensor:
    return hessian_eigenpairs(zoo.loss, parameters, tolerance=1e-2).values[:, 0]


def _panel(before: Tensor, after: Tensor, test_loss: Tensor) -> Panel:
    order = test_loss[0].argsort()
    return (
        Panel("One zoo, first seed", x="test loss", y="sharpness", log="y")
        .line("as trained", test_loss[0, order], before[0, order], role="reference")
        .line("rescaled, same functions", test_loss[0, order], after[0, order])
    )
