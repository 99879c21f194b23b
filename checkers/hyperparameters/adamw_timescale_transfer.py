"""Whether the decay's time scale, counted in epochs, says how well AdamW does whatever its step size."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.slopes import log_log_slope
from checkers.settings.scale_invariant_network import ScaleInvariantNetwork
from checkers.testbeds import randomness
from checkers.testbeds.data import Examples, load
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.minibatches import take, without_replacement
from checkers.testbeds.networks import Parameters
from checkers.testbeds.optimisers import AdamW
from checkers.testbeds.training import train
from lawbook import Measurement, Panel, Trials


def timescale_drift(
    trials: Trials,
    *,
    step_sizes: list[float],
    timescales: list[float],
    normalised: bool = True,
    level: float = 1 / 3,
    epochs: int = 40,
    batch_size: int = 50,
    hidden: int = 32,
    label_noise: float = 0.3,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 1400,
) -> Measurement:
    """Slope over log step size of the log time scale τ at which the test loss falls to `level`·log(classes).

    timescales: τ = 1/(ηλ) in epochs, increasing; the crossing is interpolated in log τ. A seed that does not cross
    within them at every step size is out of regime. A share `label_noise` of training labels is drawn at random, so
    that averaging helps. Rows start at length 1, second moments average over 100 steps, the step size is constant.
    normalised: whether rows count by their direction alone. (Wang & Aitchison 2024, arXiv:2405.13698.)
    """
    data = load(dataset).to(trials.device)
    steps_an_epoch = examples // batch_size
    cells = [(step_size, tau) for step_size in step_sizes for tau in timescales]
    seeds = tuple(seed for _ in cells for seed in trials.seeds)
    sizes, decays = (
        torch.tensor(column, device=trials.device).repeat_interleave(len(trials))
        for column in (
            [size for size, _ in cells],
            [1 / (size * tau * steps_an_epoch) for size, tau in cells],
        )
    )
    inputs, labels = data.inputs[:examples], _noisy_labels(data, examples, seeds, label_noise)
    network = ScaleInvariantNetwork(inputs.shape[1], hidden, data.classes, normalised=normalised)

    def loss(parameters: Parameters, order: Tensor) -> Tensor:
        return cross_entropy(network.forward(parameters, inputs[order]), take(labels, order, per_run=True))

    trained = train(
        network.initialise(seeds, trials.device, torch.float32, 1.0),
        loss,
        AdamW(sizes, beta2=0.99, epsilon=1e-12, weight_decay=decays),
        steps=epochs * steps_an_epoch,
        batches=without_replacement(seeds, examples, batch_size, device=trials.device),
        track=trials.track,
    ).parameters
    with torch.no_grad():
        outputs = network.forward(trained, data.test_inputs)
        losses = cross_entropy(outputs, data.test_labels.expand(len(seeds), -1)).double().cpu()
    table = losses.reshape(len(step_sizes), len(timescales), len(trials)).permute(2, 0, 1)
    places = torch.tensor(timescales, dtype=torch.float64).log()
    fallen = first_fall(places, table, level * math.log(data.classes))
    panel = Panel(
        "Test loss after training, mean over seeds",
        x="time scale 1/(ηλ) in epochs",
        y="cross-entropy",
        log="x",
    )
    for row, step_size in enumerate(step_sizes):
        panel = panel.line(f"step size {step_size:g}", timescales, table[:, row].mean(dim=0))
    return Measurement(
        values=log_log_slope(step_sizes, fallen.place.exp()),
        in_regime=fallen.between.all(dim=1),
        panels=panel,
    )


def _noisy_labels(data: Examples, examples: int, seeds: tuple[int, ...], share: float) -> Tensor:
    """[runs, examples] training labels, of which about `share` are uniform draws."""
    device = data.labels.device
    drawn = randomness.integers(seeds, (examples,), stream="random labels", high=data.classes, device=device)
    redrawn = randomness.uniform(seeds, (examples,), stream="redrawn", device=device) < share
    return torch.where(redrawn, drawn, data.labels[:examples])
