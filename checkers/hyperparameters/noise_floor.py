"""The loss that gradient noise holds up: stochastic gradient descent at rest, at two batch sizes."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.data import load, one_hot
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.minibatches import take, with_replacement
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import Snapshot, train
from checkers.theory.stationary_second_moment import stationary_excess
from lawbook import Measurement, Panel, Trials

Rule = Literal["linear", "constant", "square-root"]
POWER: dict[Rule, float] = {"linear": 1.0, "square-root": 0.5, "constant": 0.0}


def floor_ratio(
    trials: Trials,
    *,
    rule: Rule = "linear",
    expected: Literal["one", "exact"] = "one",
    batch_size: int = 8,
    factor: int = 8,
    step_size: float = 0.005,
    components: int = 16,
    settled: int = 1000,
    steps: int = 9000,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
) -> Measurement:
    """Excess loss at rest with `factor` times the batch size over that at `batch_size`, over what is expected.

    A linear readout of the inputs' leading principal components learns the centred labels by squared loss; batches
    are drawn with replacement, the larger ones as the smaller ones joined. settled, steps: at `batch_size`, from the
    minimiser, how many steps pass before the average begins and how many in all; at the larger batch `factor` times
    fewer. rule: what the factor does to `step_size`. expected: 1, as the rule says, or the ratio of the exact
    stationary second moments under the linear rule. (Goyal et al. 2017, arXiv:1706.02677; Mandt et al. 2017,
    arXiv:1704.04289; Liu, Ziyin & Ueda 2021, arXiv:2012.03636.)
    """
    inputs, targets = _regression(dataset, components, trials.device)
    best = torch.linalg.lstsq(inputs, targets).solution
    residuals = targets - inputs @ best
    hessian = inputs.mT @ inputs / len(inputs)
    initial = {"readout": best.expand(len(trials), -1, -1)}

    def loss(parameters: dict[str, Tensor], indices: Tensor) -> Tensor:
        return squared_loss(take(inputs, indices) @ parameters["readout"], take(targets, indices))

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        # For least squares ½ tr(δᵀHδ) is the loss on all examples less its minimum.
        error = snapshot.parameters["readout"] - best
        return {"excess": (error * (hessian @ error)).sum(dim=(1, 2)) / 2}

    paths = []
    for scale in (1, factor):
        trajectory = train(
            initial,
            loss,
            GradientDescent(step_size * scale ** POWER[rule]),
            steps=steps // scale,
            batches=with_replacement(trials.seeds, len(inputs), batch_size * scale, device=trials.device),
            observe=observe,
            observe_at=range(0, steps // scale + 1, factor // scale),
            track=trials.track,
        )
        paths.append(trajectory.observed["excess"].cpu())
    small, large = (path[settled // factor :].mean(dim=0) for path in paths)
    exact = [
        stationary_excess(inputs, residuals, step_size=step_size * scale, batch_size=batch_size * scale)
        for scale in (1, factor)
    ]
    return Measurement(
        values=large / small / (exact[1] / exact[0] if expected == "exact" else 1.0),
        panels=_panel(batch_size, factor, paths, exact),
        notes=[
            f"theory's ratio of the floors under the linear rule is {exact[1] / exact[0]:.3f}",
            f"measured over theory at batch size {batch_size}: {float(small.mean()) / exact[0]:.3f}",
        ],
    )


def _regression(dataset: str, components: int, device: str) -> tuple[Tensor, Tensor]:
    """Leading principal components of the training inputs [n, components] and centred one-hot labels, float64."""
    data = load(dataset).to(device, torch.float64)
    centred = data.inputs - data.inputs.mean(dim=0)
    directions = torch.linalg.eigh(centred.mT @ centred).eigenvectors[:, -components:]
    targets = one_hot(data.labels, data.classes, dtype=torch.float64)
    return centred @ directions, targets - targets.mean(dim=0)


def _panel(batch_size: int, factor: int, paths: list[Tensor], exact: list[float]) -> Panel:
    panel = Panel(
        "Excess loss, mean over seeds and over blocks of steps",
        x=f"steps at batch size {batch_size}",
        y="excess loss",
        log="y",
    )
    for scale, path, level in zip((1, factor), paths, exact, strict=True):
        block = max(1, len(path) // 60)
        kept = path[1 : 1 + (len(path) - 1) // block * block].reshape(-1, block, path.shape[1])
        means = kept.mean(dim=(1, 2))
        times = (torch.arange(len(means)) + 0.5) * block * factor
        name = f"batch size {batch_size * scale}"
        panel = panel.line(name, times, means).line(f"{name}, exact", times, level, role="predicted")
    return panel
