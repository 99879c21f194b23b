r"""The two-variable loss law $L(N, D) = E + A N^{-\alpha} + B D^{-\beta}$ and its fit from many starts at once.

With $\hat\ell = \operatorname{LSE}(a - \alpha\ln N,\; b - \beta\ln D,\; e)$, $A = e^a$, $B = e^b$, $E = e^e$, the fit
minimises $\sum_i \operatorname{Huber}_\delta(\hat\ell_i - \ln L_i)$. All starts of all runs are one batch of
Gauss–Newton problems, a residual $r$ weighing $\min(1, \delta/|r|)$. Sources: Hoffmann et al. 2022, appendix D;
Besiroglu et al. 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from checkers.instruments.batched_newton import best_of_starts, minimise
from checkers.instruments.loss_law_objective import LossLawObjective

HUBER = 1e-3
SIEVE = 1e-3  # relative progress at which a start is compared with the others; the best goes on in float64


@dataclass(frozen=True, eq=False)
class LossLaw:
    """L = exp(log_irreducible) + exp(log_size_factor) N^-size_exponent + exp(log_data_factor) D^-data_exponent.

    Five tensors of one shape (one law an entry): float64, [runs], or [runs, resamples] from a bootstrap.
    """

    log_size_factor: Float[Tensor, "*laws"]
    size_exponent: Float[Tensor, "*laws"]
    log_data_factor: Float[Tensor, "*laws"]
    data_exponent: Float[Tensor, "*laws"]
    log_irreducible: Float[Tensor, "*laws"]

    def predict(
        self, sizes: Float[Tensor, " points"], data: Float[Tensor, " points"]
    ) -> Float[Tensor, "*laws points"]:
        """The loss at every point by every law."""
        log_size, log_data = sizes.double().log(), data.double().log()
        by_size = self.log_size_factor[..., None] - self.size_exponent[..., None] * log_size
        by_data = self.log_data_factor[..., None] - self.data_exponent[..., None] * log_data
        return by_size.exp() + by_data.exp() + self.log_irreducible[..., None].exp()

    @property
    def optimal_size_exponent(self) -> Float[Tensor, "*laws"]:
        r"""$\beta/(\alpha+\beta)$: the best N at compute C ∝ N·D grows as C to this power."""
        return self.data_exponent / (self.size_exponent + self.data_exponent)


@dataclass(frozen=True, eq=False)
class LossLawFit:
    """The best law of each run, its objective, the share of starts that found it, and whether it came to rest.

    A share below a few per cent says that more starts might find a better one.
    """

    law: LossLaw
    objective: Float[Tensor, " runs"]
    share_of_starts: Float[Tensor, " runs"]
    converged: Bool[Tensor, " runs"]


def standard_starts() -> Float[Tensor, "4500 5"]:
    """The grid of Hoffmann et al. 2022: rows (a, α, b, β, e)."""
    exponents, logs = (0.0, 0.5, 1.0, 1.5, 2.0), (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
    floors = (-1.0, -0.5, 0.0, 0.5, 1.0)
    return torch.tensor(list(product(logs, exponents, logs, exponents, floors)), dtype=torch.float64)


def fit_loss_law(
    sizes: Float[Tensor, " points"],
    data: Float[Tensor, " points"],
    losses: Float[Tensor, "runs points"],
    *,
    starts: Float[Tensor, "starts 5"] | None = None,
    huber: float = HUBER,
) -> LossLawFit:
    r"""The loss law of every run, from every start (default: `standard_starts()`).

    sizes, data: N and D of each point, positive. losses: positive. huber: $\delta$, in log loss.
    Computed in float64 on the losses' device. Raises ValueError for fewer than 6 points or losses that are not
    positive.
    """
    _check(sizes, data, losses)
    runs = losses.shape[0]
    grid = (standard_starts() if starts is None else starts.double()).to(losses.device)
    rough = LossLawObjective.of(sizes, data, losses, huber=huber, dtype=torch.float32)
    minima = minimise(rough.evaluator(len(grid)), rough.inward(grid.float().repeat(runs, 1)), tolerance=SIEVE)
    best, share = best_of_starts(minima, runs)
    objective = LossLawObjective.of(sizes, data, losses, huber=huber)
    polished = minimise(objective.evaluator(1), minima.parameters[best].double(), tolerance=1e-13)
    law = _law(objective.outward(polished.parameters))
    return LossLawFit(law, polished.objective, share, polished.converged)


def bootstrap_loss_law(
    sizes: Float[Tensor, " points"],
    data: Float[Tensor, " points"],
    losses: Float[Tensor, "runs points"],
    fit: LossLawFit,
    *,
    resamples: int,
    seed: int,
    huber: float = HUBER,
) -> LossLaw:
    """Laws [runs, resamples] refitted, from the fitted law, to points drawn anew with replacement.

    seed: of the draws, which are the same for every run and device.
    """
    runs, points = losses.shape
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(points, (resamples, points), generator=generator)
    counts = torch.zeros(resamples, points, dtype=torch.float64).scatter_add_(
        1, drawn, torch.ones_like(drawn, dtype=torch.float64)
    )
    repeated, weights = losses.repeat_interleave(resamples, 0), counts.repeat(runs, 1).to(losses.device)
    objective = LossLawObjective.of(sizes, data, repeated, weights=weights, huber=huber)
    law = fit.law
    fields = (
        law.log_size_factor,
        law.size_exponent,
        law.log_data_factor,
        law.data_exponent,
        law.log_irreducible,
    )
    start = torch.stack(fields, 1).repeat_interleave(resamples, 0)
    minima = minimise(objective.evaluator(1), objective.inward(start), tolerance=1e-10)
    return _law(objective.outward(minima.parameters).reshape(runs, resamples, 5))


@dataclass(frozen=True, eq=False)
class HeldOutPrediction:
    """Losses at points left out of the fit: predicted by the best law, with the bootstrap's interval, and measured.

    All [runs, held out]. The interval is of the law's prediction: it holds no noise of the measured loss.
    """

    predicted: Float[Tensor, "runs points"]
    low: Float[Tensor, "runs points"]
    high: Float[Tensor, "runs points"]
    measured: Float[Tensor, "runs points"]


def predict_held_out(
    sizes: Float[Tensor, " points"],
    data: Float[Tensor, " points"],
    losses: Float[Tensor, "runs points"],
    held_out: Bool[Tensor, " points"],
    *,
    resamples: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    starts: Float[Tensor, "starts 5"] | None = None,
) -> HeldOutPrediction:
    """Fits the points that are not held out and predicts those that are, such as `sizes * data > budget`."""
    kept = ~held_out
    if not bool(held_out.any()):
        raise ValueError("held_out marks no point; mark the largest, such as `sizes * data > budget`")
    fit = fit_loss_law(sizes[kept], data[kept], losses[:, kept], starts=starts)
    laws = bootstrap_loss_law(sizes[kept], data[kept], losses[:, kept], fit, resamples=resamples, seed=seed)
    around = laws.predict(sizes[held_out], data[held_out])
    tail = (1 - confidence) / 2
    low, high = around.quantile(tail, dim=1), around.quantile(1 - tail, dim=1)
    return HeldOutPrediction(
        fit.law.predict(sizes[held_out], data[held_out]), low, high, losses[:, held_out].double()
    )


def _check(sizes: Tensor, data: Tensor, losses: Tensor) -> None:
    if losses.shape[1] < 6:
        raise ValueError(
            f"{losses.shape[1]} points cannot determine the loss law's five parameters; give 6 or more"
        )
    for name, values in (("sizes", sizes), ("data", data), ("losses", losses)):
        if not bool((values > 0).all()):
            raise ValueError(f"{name} must all be positive: their logarithms are fitted")


def _law(parameters: Tensor) -> LossLaw:
    return LossLaw(*parameters.unbind(-1))
