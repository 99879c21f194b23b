r"""Addition modulo p: a network fits its training pairs, and only long afterwards, under weight decay, the others.

$f(a, b) = \frac{1}{n}\,V\,(W[e_a; e_b])^2$: quadratic units, squared loss on one-hot targets, full batch, AdamW. (Power
et al. 2022, 2201.02177; the solvable network, Gromov 2023, 2301.02679.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.losses import accuracy, squared_loss
from checkers.testbeds.modular_addition import addition_table, split_pairs
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import AdamW
from checkers.testbeds.randomness import permutation
from checkers.testbeds.training import Snapshot, Trajectory, train
from lawbook import Measurement, Panel, Trials

FITTED, GENERALISED = 0.99, 0.9
LEVELS = {"training": FITTED, "test": GENERALISED}
EVERY = 5

Labels = Literal["sum", "random"]


def delay_of_generalisation(
    trials: Trials,
    *,
    share: float = 0.5,
    decay: float = 1.0,
    start: float = 1.0,
    labels: Labels = "sum",
    modulus: int = 31,
    width: int = 256,
    step_size: float = 5e-3,
    steps: int = 2000,
) -> Measurement:
    """Steps until 90 % of the test pairs are right over steps until 99 % of the training pairs are.

    share: of the p² pairs to train on. decay: AdamW's, decoupled. start: the scale of the first weights, over
    one-over-root-fan-in. labels: those of the table, or its own in random order, which can be fitted but not learned.
    Accuracy is read every five steps, until all seeds are there. In regime are seeds whose training and test accuracy
    both get there.
    """
    path = _trained(
        trials, decay, share=share, start=start, labels=labels, modulus=modulus, width=width, step_size=step_size,
        steps=steps, until=LEVELS,
    )  # fmt: skip
    right, times = path.observed, path.observed_at[1:]
    fitted, learned = (_first(right["training"], FITTED), _first(right["test"], GENERALISED))
    arrived = fitted.isfinite() & learned.isfinite()
    return Measurement(
        learned.clamp_max(steps) / fitted.clamp(EVERY, steps),
        in_regime=arrived,
        panels=[
            Panel("Accuracy", x="step", y="share of pairs that are right", log="x")
            .over_seeds("training pairs", times, right["training"][1:].T)
            .over_seeds("test pairs", times, right["test"][1:].T),
            Panel("Norm of all weights", x="step", y="norm", log="x").over_seeds(
                "measured", times, right["norm"][1:].T
            ),
        ],
        notes=(
            f"{int(fitted.isfinite().sum())} of {len(trials)} fit, {int(learned.isfinite().sum())} generalise",
            f"median step of fitting {_median(fitted)}, of generalising {_median(learned)}",
        ),
    )


def exponent_in_decay(
    trials: Trials,
    *,
    of: Literal["generalising", "fitting"] = "generalising",
    decays: tuple[float, ...] = (1.0, 2.0),
    share: float = 0.5,
    start: float = 1.0,
    labels: Labels = "sum",
    modulus: int = 31,
    width: int = 256,
    step_size: float = 5e-3,
    steps: int = 800,
) -> Measurement:
    """The exponent of weight decay in the steps until test (or training) pairs are right, from the same start.

    In regime are seeds that get there at every decay; training ends where all have. The other arguments are those of
    `delay_of_generalisation`.
    """
    part = "test" if of == "generalising" else "training"
    reached = []
    panel = Panel("Test accuracy", x="step × decay", y="share of pairs that are right", log="x")
    for decay in decays:
        path = _trained(
            trials, decay, share=share, start=start, labels=labels, modulus=modulus, width=width, step_size=step_size,
            steps=steps, until={part: LEVELS[part]},
        )  # fmt: skip
        reached.append(_first(path.observed[part], LEVELS[part]))
        times = [time * decay for time in path.observed_at[1:]]
        panel = panel.over_seeds(f"decay {decay:g}", times, path.observed["test"][1:].T)
    taken = torch.stack(reached)
    return Measurement(
        log_log_slope(torch.tensor(decays, dtype=torch.float64), taken.clamp(EVERY, steps).T.cpu()),
        in_regime=taken.isfinite().all(0),
        panels=panel,
        notes=f"median steps {', '.join(_median(steps) for steps in reached)} at decay {decays}",
    )


def _trained(
    trials: Trials,
    decay: float,
    *,
    share: float,
    start: float,
    labels: Labels,
    modulus: int,
    width: int,
    step_size: float,
    steps: int,
    until: Mapping[str, float],
) -> Trajectory:
    """A run a seed; accuracies and the weights' norm every five steps, until each part is at its level in every run."""
    sums = addition_table(modulus, device=trials.device)[1]
    training, test = split_pairs(trials.seeds, modulus, share, device=trials.device)
    table = sums.expand(len(trials), -1)
    if labels == "random":
        table = table.gather(1, permutation(trials.seeds, len(sums), stream="labels", device=trials.device))
    seen, unseen = table.gather(1, training), table.gather(1, test)
    targets = torch.nn.functional.one_hot(seen, modulus).to(torch.float32)
    shown, hidden = (_places(pairs, modulus) for pairs in (training, test))
    network = MultilayerPerceptron((2 * modulus, width, modulus), "quadratic", bias_scale=None, weight_scale=start)
    arrived = torch.zeros(len(trials), dtype=torch.bool, device=trials.device)

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        with torch.no_grad():
            right = {
                "training": accuracy(_outputs(snapshot.parameters, shown), seen),
                "test": accuracy(_outputs(snapshot.parameters, hidden), unseen),
            }
        arrived.logical_or_(torch.stack([right[part] >= level for part, level in until.items()]).all(0))
        return {**right, "norm": snapshot.flat.norm(dim=1)}

    return train(
        network.initialise(trials.seeds, trials.device),
        lambda parameters: squared_loss(_outputs(parameters, shown), targets),
        AdamW(step_size, weight_decay=decay, beta2=0.98),
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, EVERY),
        done=lambda losses: arrived.all().expand_as(arrived),
        track=trials.track,
    )


def _places(pairs: Tensor, modulus: int) -> Tensor:
    """The two entries of a pair's code that are 1, as places in the codes of all runs laid end to end, [pairs, 2]."""
    places = torch.stack([pairs // modulus, modulus + pairs % modulus], dim=2)
    own = 2 * modulus * torch.arange(len(pairs), device=pairs.device)
    return (places + own[:, None, None]).flatten(0, 1)


def _outputs(parameters: Mapping[str, Tensor], places: Tensor) -> Tensor:
    """V (W x)² of every run's pairs; W x is the sum of two columns of W, since two entries of the code x are 1."""
    first, second = parameters["weight_1"], parameters["weight_2"]
    # Not `embedding_bag`, whose gradient adds up in no fixed order on a GPU.
    fields = torch.nn.functional.embedding(places, first.mT.flatten(0, 1)).sum(1)
    return fields.square().reshape(len(first), -1, first.shape[1]) @ second.mT


def _first(path: Tensor, level: float) -> Tensor:
    """The step at which each run is first seen to reach `level`, infinite where none does."""
    reached = path >= level
    step = EVERY * reached.to(torch.float64).argmax(0).to(torch.float64)
    return torch.where(reached.any(0), step, math.inf)


def _median(steps: Tensor) -> str:
    middle = float(steps.median())
    return f"{middle:.0f}" if math.isfinite(middle) else "never"
