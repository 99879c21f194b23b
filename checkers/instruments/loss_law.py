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

from checkers.instruments.arguments import check_tensors
from checkers.instruments.batched_newton import best_of_starts, minimise
from checkers.instruments.loss_law_design import check_points, determined, enough_sizes, ordinary_unit
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

    def predict(self, sizes: Float[Tensor, " points"], data: Float[Tensor, " points"]) -> Float[Tensor, "*laws points"]:
        """The loss at every point by every law; NaN where a size or amount of data is not positive and finite."""
        check_tensors(sizes=(sizes, "points"), data=(data, "points"), one_dtype=False)
        log_size, log_data = sizes.double().log(), data.double().log()
        by_size = self.log_size_factor[..., None] - self.size_exponent[..., None] * log_size
        by_data = self.log_data_factor[..., None] - self.data_exponent[..., None] * log_data
        known = ((sizes > 0) & (data > 0) & sizes.isfinite() & data.isfinite()).to(by_size.device)
        total = by_size.exp() + by_data.exp() + self.log_irreducible[..., None].exp()
        return torch.where(known, total, torch.nan)

    @property
    def optimal_size_exponent(self) -> Float[Tensor, "*laws"]:
        r"""$\beta/(\alpha+\beta)$: the best N at compute C ∝ N·D grows as C to this power. NaN for two zeros."""
        total = self.size_exponent + self.data_exponent
        return self.data_exponent / torch.where(total == 0, torch.nan, total)

    def in_units(
        self,
        log_size: Float[Tensor, "*#laws"] | float,
        log_data: Float[Tensor, "*#laws"] | float,
        log_loss: Float[Tensor, "*#laws"] | float,
    ) -> LossLaw:
        """The same law of sizes, data and losses that are each measured in a unit with this logarithm."""
        return LossLaw(
            self.log_size_factor - self.size_exponent * log_size - log_loss,
            self.size_exponent,
            self.log_data_factor - self.data_exponent * log_data - log_loss,
            self.data_exponent,
            self.log_irreducible - log_loss,
        )


@dataclass(frozen=True, eq=False)
class LossLawFit:
    """The best law of each run, its objective, the share of starts that found it, and whether to believe it.

    A share below a few per cent says that more starts might find a better one. determined: False where the points
    leave the law open: fewer than 3 distinct N or D, a term that is not felt or does not fall, losses that do not vary,
    or the two terms' roles exchanged fit as well, as they do where D all but follows a power of N. converged: whether
    it came to rest, and is determined.
    """

    law: LossLaw
    objective: Float[Tensor, " runs"]
    share_of_starts: Float[Tensor, " runs"]
    determined: Bool[Tensor, " runs"]
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
    Computed in float64 on the losses' device. Raises ValueError for fewer than 6 points, values that are not positive
    and finite (leave out the points of runs that diverged), N or D all the same, or a D that is a power of N.
    """
    check_points(sizes, data, losses)
    if not huber > 0 or (starts is not None and (starts.ndim != 2 or starts.shape[1] != 5 or not len(starts))):
        raise ValueError("huber must be above 0, and starts be rows (a, α, b, β, e)")
    runs = losses.shape[0]
    by = [ordinary_unit(name, values) for name, values in (("sizes", sizes), ("data", data), ("losses", losses))]
    sizes, data, losses = (
        sizes.double() / by[0].exp(),
        data.double() / by[1].exp(),
        losses.double() / by[2].exp().unsqueeze(1),
    )
    grid = (standard_starts() if starts is None else starts.double()).to(losses.device)
    rough = LossLawObjective.of(sizes, data, losses, huber=huber, dtype=torch.float32)
    minima = minimise(rough.evaluator(len(grid)), rough.inward(grid.float().repeat(runs, 1)), tolerance=SIEVE)
    best, share = best_of_starts(minima, runs)
    objective = LossLawObjective.of(sizes, data, losses, huber=huber)
    polished = minimise(objective.evaluator(1), minima.parameters[best].double(), tolerance=1e-13)
    law = _law(objective.outward(polished.parameters)).in_units(-by[0], -by[1], -by[2])
    known = determined(objective, polished.parameters, polished.objective) & enough_sizes(sizes, data)
    return LossLawFit(law, polished.objective, share, known, polished.converged & known)


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

    seed: of the draws, which are the same for every run and device. Raises ValueError as `fit_loss_law` does, and for
    no resamples or a fit of other runs.
    """
    check_points(sizes, data, losses)
    runs, points = losses.shape
    if resamples < 1 or len(fit.objective) != runs:
        raise ValueError(f"{resamples} resamples of {runs} runs with a fit of {len(fit.objective)}: give a fit of all")
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
    """Fits the points that are not held out and predicts those that are, such as `sizes * data > budget`.

    Raises ValueError where none is held out, or as `fit_loss_law` does for the others.
    """
    check_tensors(sizes=(sizes, "points"), data=(data, "points"), losses=(losses, "runs points"), one_dtype=False)
    if held_out.shape != sizes.shape or not 0 < confidence < 1:
        raise ValueError("held_out must mark each point True or False, and confidence lie between 0 and 1")
    kept = ~held_out
    if not bool(held_out.any()):
        raise ValueError("held_out marks no point; mark the largest, such as `sizes * data > budget`")
    fit = fit_loss_law(sizes[kept], data[kept], losses[:, kept], starts=starts)
    laws = bootstrap_loss_law(sizes[kept], data[kept], losses[:, kept], fit, resamples=resamples, seed=seed)
    around = laws.predict(sizes[held_out], data[held_out])
    tail = (1 - confidence) / 2
    low, high = around.quantile(tail, dim=1), around.quantile(1 - tail, dim=1)
    return HeldOutPrediction(fit.law.predict(sizes[held_out], data[held_out]), low, high, losses[:, held_out].double())


def _law(parameters: Tensor) -> LossLaw:
    return LossLaw(*parameters.unbind(-1))
