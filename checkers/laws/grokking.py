r"""Addition modulo p: a network fits its training pairs, and only long afterwards, under weight decay, the others.

$f(a, b) = \frac{1}{n}\,V\,(W[e_a; e_b])^2$: quadratic units, squared loss on one-hot targets, full batch, AdamW. (Power
et al. 2022, 2201.02177; the solvable network, Gromov 2023, 2301.02679.)
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.losses import accuracy, squared_loss
from checkers.testbeds.minibatches import take
from checkers.testbeds.modular_addition import addition_table, split_pairs
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import AdamW
from checkers.testbeds.randomness import permutation
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

FITTED, GENERALISED = 0.99, 0.9


def delay_of_generalisation(
    trials: Trials,
    *,
    share: float = 0.5,
    decay: float = 1.0,
    start: float = 1.0,
    labels: Literal["sum", "random"] = "sum",
    modulus: int = 31,
    width: int = 256,
    step_size: float = 5e-3,
    steps: int = 2000,
    every: int = 5,
) -> Measurement:
    """Steps until 90 % of the test pairs are right over steps until 99 % of the training pairs are.

    share: of the p² pairs to train on. decay: AdamW's, decoupled. start: the scale of the first weights, over
    one-over-root-fan-in. labels: those of the table, or its own in random order, which can be fitted but not learned.
    Accuracy is read every `every` steps. In regime are seeds whose training and test accuracy both get there.
    """
    inputs, sums = addition_table(modulus, device=trials.device)
    training, test = split_pairs(trials.seeds, modulus, share, device=trials.device)
    table = sums.expand(len(trials), -1)
    if labels == "random":
        table = table.gather(1, permutation(trials.seeds, len(sums), stream="labels", device=trials.device))
    seen, unseen = table.gather(1, training), table.gather(1, test)
    targets = torch.nn.functional.one_hot(seen, modulus).to(inputs)
    shown, hidden = take(inputs, training), take(inputs, test)
    network = MultilayerPerceptron(
        (2 * modulus, width, modulus), "quadratic", bias_scale=None, weight_scale=start
    )

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            return {
                "training": accuracy(network.forward(snapshot.parameters, shown), seen),
                "test": accuracy(network.forward(snapshot.parameters, hidden), unseen),
                "norm": snapshot.flat.norm(dim=1),
            }

    path = train(
        network.initialise(trials.seeds, trials.device),
        lambda parameters: squared_loss(network.forward(parameters, shown), targets),
        AdamW(step_size, weight_decay=decay, beta2=0.98),
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, every),
        track=trials.track,
    )
    right = path.observed
    fitted = _first(right["training"], FITTED) * every
    learned = _first(right["test"], GENERALISED) * every
    arrived = fitted.isfinite() & learned.isfinite()
    never = learned.nan_to_num(posinf=float(steps))
    return Measurement(
        never / fitted.clamp(every, steps),
        in_regime=arrived,
        panels=[
            Panel("Accuracy", x="step", y="share of pairs that are right", log="x")
            .over_seeds("training pairs", path.observed_at[1:], right["training"][1:].T)
            .over_seeds("test pairs", path.observed_at[1:], right["test"][1:].T),
            Panel("Norm of all weights", x="step", y="norm", log="x").over_seeds(
                "measured", path.observed_at[1:], right["norm"][1:].T
            ),
        ],
        notes=(
            f"{int(fitted.isfinite().sum())} of {len(trials)} fit, {int(learned.isfinite().sum())} generalise",
            f"median step of fitting {_median(fitted)}, of generalising {_median(learned)}",
        ),
    )


def _first(path: Tensor, level: float) -> Tensor:
    """The first observation at which each run reaches `level`, infinite where none does."""
    reached = path >= level
    index = reached.to(torch.float64).argmax(0).to(torch.float64)
    return torch.where(reached.any(0), index, math.inf)


def _median(steps: Tensor) -> str:
    middle = float(steps.median())
    return f"{middle:.0f}" if math.isfinite(middle) else "never"
