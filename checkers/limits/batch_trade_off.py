r"""Steps against examples: what a run of each batch size needs to the same loss, with the best step size at each step.

Least squares on Gaussian inputs of identity covariance in d dimensions with label noise σ, fresh examples. With the
error e of the weights, $V = \lVert e\rVert^2$ and batches of B, one step gains most at the step size
$1/(1 + \mathcal B/B)$ with the noise scale $\mathcal B = d + 1 + d\sigma^2/V$; runs take a small share of it, so that
$d\ln V/d\,\text{step} \propto -1/(1 + \mathcal B(V)/B)$: the steps to a loss are linear in 1/B along one common path.
(McCandlish et al. 2018, arXiv:1812.06162, section 2.4.)
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from checkers.testbeds.randomness import generator
from lawbook import Measurement, Panel, Trials

MAX_STEPS = 20_000


def trade_off_product(
    trials: Trials,
    *,
    batch_sizes: list[int],
    small_batch: int = 1,
    share: float = 0.05,
    rule: Literal["best", "small-batch"] = "best",
    noise: float = 1.0,
    told_noise: float = 1.0,
    dimension: int = 8,
    walkers: int = 32,
    start: float = 0.5,
    end: float = 0.1,
) -> Measurement:
    r"""Mean over batch sizes of (S/S_min − 1)(E/E_min − 1), for S steps and E = BS examples from V = start to V = end.

    S is a mean over walkers, interpolated in ln V within the last step. S_min is that of the whole gradient, E_min that
    of `small_batch` less what S_min takes there; both with label noise told_noise, the runs with noise. share: the step
    size over the best one. rule: the best of each batch size, or that of `small_batch` for all. A seed is in regime
    where all walkers arrive within 20,000 steps.
    """

    def steps(batch: int, sigma: float, tuned: float) -> Tensor:
        return _steps(trials, batch, sigma, share, tuned, dimension, walkers, math.sqrt(start), end)

    log_share = -math.log1p(-share * (2 - share))
    fewest = math.log(start / end) / log_share
    least = small_batch * (steps(small_batch, told_noise, small_batch) - fewest)
    rows = [
        steps(batch, noise, batch if rule == "best" else small_batch)
        for batch in trials.track(batch_sizes, "batch size")
    ]
    measured = torch.stack(rows, 1)
    sizes = torch.tensor(batch_sizes, dtype=torch.float64)
    examples = measured * sizes
    products = (measured / fewest - 1) * (examples / least[:, None] - 1)
    grid = torch.logspace(-1.5, 1.5, 40, dtype=torch.float64)
    chart = Panel("Steps against examples", x="examples / fewest examples − 1", y="steps / fewest steps − 1", log="xy")
    if bool((products > 0).all()):
        across, up = (examples / least[:, None] - 1).log(), (measured / fewest - 1).log()
        chart = chart.line("measured, mean over seeds", across.mean(0).exp(), up.mean(0).exp())
    return Measurement(
        values=products.mean(1).nan_to_num(nan=0.0, posinf=0.0),
        in_regime=(measured.isfinite().all(1) & least.isfinite()),
        panels=chart.line("hyperbola", grid, 1 / grid, role="predicted"),
        notes=[f"products by batch size: {', '.join(f'{product:.3f}' for product in products.mean(0))}"],
    )


def _steps(
    trials: Trials,
    batch: int,
    noise: float,
    share: float,
    tuned: float,
    dimension: int,
    walkers: int,
    length: float,
    end: float,
) -> Tensor:
    """Mean steps of each seed until V ≤ end, at the best step size of batches of `tuned`; inf unless all arrive.

    In float32: a walker's rounding is nothing beside its noise.
    """
    single = torch.float32
    error = torch.zeros(len(trials), walkers, dimension, dtype=single, device=trials.device)
    error[..., 0] = length
    sources = [generator(seed, f"batch {batch}") for seed in trials.seeds]
    size = error.square().sum(-1)
    arrived = torch.full_like(size, torch.inf)
    for count in trials.track(range(MAX_STEPS), f"batches of {batch}"):
        drawn = torch.stack(
            [torch.randn(walkers, batch, dimension + 1, generator=source, dtype=single) for source in sources]
        ).to(trials.device)
        inputs, labels = drawn[..., :-1], noise * drawn[..., -1]
        residual = (error[..., None, :] @ inputs.mT)[..., 0, :] - labels
        gradient = (residual[..., None, :] @ inputs)[..., 0, :] / batch
        scale = dimension + 1 + dimension * noise**2 / size
        error = error - (share / (1 + scale / tuned))[..., None] * gradient
        before, size = size, error.square().sum(-1)
        part = ((before / end).log() / (before / size).log()).clamp(0, 1)
        arrived = torch.where((size <= end) & arrived.isinf(), count + part, arrived)
        # Asked now and then: each such answer makes a card wait.
        if count % 64 == 63 and bool(arrived.isfinite().all()):
            break
    return arrived.double().mean(1).cpu()
