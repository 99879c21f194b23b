r"""Power laws $y = c + A x^{s}$ whose offset $c$ is unknown, and how far to believe them.

Least squares on $\ln y - \ln(c + A x^s)$ over $(\ln A, s, c)$ from several offsets, of either sign, with the
linearised interval of Student with $n - 3$ degrees of freedom. A free offset bends to hide departures from a power
law, so such a slope can be precise and wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from scipy.special import stdtrit
from torch import Tensor

from checkers.instruments.batched_newton import Evaluate, best_of_starts, minimise
from checkers.instruments.power_law import check_abscissa

_FIRST_OFFSETS = (-3.0, 0.0, 0.7, 0.95, 0.999)  # over the smallest y


@dataclass(frozen=True, eq=False)
class OffsetPowerLawFit:
    """A power law with fitted offset of each run; all fields [runs], numbers in float64.

    slope: s, with [low, high] its interval and `error` its standard error. factor: A. offset: c.
    slope_of_larger_half: s fitted anew, offset and all, to the larger half of the x alone.
    suspect: True where that slope lies outside the interval: then no law of this form describes all points. Where it is
    False the slope may still be biased: fix the offset where theory gives it, or compare with the exact finite curve.
    converged: False where the search ran out of steps, or some y is not positive and finite (then the rest is NaN).
    """

    slope: Float[Tensor, " runs"]
    low: Float[Tensor, " runs"]
    high: Float[Tensor, " runs"]
    error: Float[Tensor, " runs"]
    factor: Float[Tensor, " runs"]
    offset: Float[Tensor, " runs"]
    slope_of_larger_half: Float[Tensor, " runs"]
    suspect: Bool[Tensor, " runs"]
    converged: Bool[Tensor, " runs"]


def fit_power_law_with_offset(
    x: Float[Tensor, " points"], y: Float[Tensor, "runs points"], *, confidence: float = 0.95
) -> OffsetPowerLawFit:
    """The power law through each run's positive points, its offset unknown: read `suspect` before use.

    Raises ValueError for fewer than 8 points (the larger half must determine three parameters too), or x not positive
    or all equal. If the offset is known, `fit_power_law` gives sharper and safer slopes.
    """
    check_abscissa(x, 8)
    valid = (y.isfinite() & (y > 0)).all(1)
    values = torch.where(valid.unsqueeze(1), y.double(), 1.0)
    larger = x.argsort()[len(x) // 2 :]
    whole, converged = _fit(x, values)
    half, _ = _fit(x[larger], values[:, larger])
    error = _slope_error(x, values, whole)
    width = error * float(stdtrit(len(x) - 3, 0.5 + confidence / 2))
    log_factor, slope, offset = whole.unbind(1)
    low, high, half_slope = slope - width, slope + width, half[:, 1]
    outside = (half_slope < low) | (half_slope > high)

    def known(value: Tensor) -> Tensor:
        return torch.where(valid, value, torch.nan)

    return OffsetPowerLawFit(
        slope=known(slope),
        low=known(low),
        high=known(high),
        error=known(error),
        factor=known(log_factor.exp()),
        offset=known(offset),
        slope_of_larger_half=known(half_slope),
        suspect=outside & valid,
        converged=valid & converged,
    )


def _fit(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """(ln A, s, c) of each run [runs, 3], and whether it came to rest."""
    t, unit = x.double().log(), y.amin(1, keepdim=True)
    centre = t.mean()
    scaled = y / unit
    offsets = torch.tensor(_FIRST_OFFSETS, dtype=torch.float64, device=y.device)
    logs = (scaled.unsqueeze(1) - offsets.unsqueeze(1)).log()
    slopes = logs @ (t - centre) / (t - centre).square().sum()
    starts = torch.stack([logs.mean(2), slopes, offsets.expand(len(y), -1)], 2)
    evaluate = _evaluator(t - centre, scaled.log(), len(offsets))
    minima = minimise(evaluate, starts.flatten(0, 1), tolerance=1e-10)
    best, _ = best_of_starts(minima, len(y))
    level, slope, offset = minima.parameters[best].unbind(1)
    unit = unit.squeeze(1)
    return torch.stack([level - slope * centre + unit.log(), slope, offset * unit], 1), minima.converged[best]


def _evaluator(t: Tensor, log_y: Tensor, starts: int) -> Evaluate:
    def evaluate(parameters: Tensor, problems: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        residual, derivatives = _linearised(parameters, t, log_y[problems // starts])
        objective = 0.5 * residual.square().sum(1).nan_to_num(nan=torch.inf)
        gradient = (derivatives @ residual.unsqueeze(2)).squeeze(2)
        return objective, gradient, derivatives @ derivatives.mT

    return evaluate


def _linearised(parameters: Tensor, t: Tensor, log_y: Tensor) -> tuple[Tensor, Tensor]:
    """Residuals [problems, points] (NaN where the law is not positive) and their derivatives [problems, 3, points]."""
    level, slope, offset = torch.split(parameters, 1, 1)
    power = torch.exp(level + slope * t)
    law = power + offset
    residual = law.log() - log_y
    by_level = power / law
    return residual, torch.stack([by_level, by_level * t, 1 / law], 1)


def _slope_error(x: Tensor, y: Tensor, parameters: Tensor) -> Tensor:
    """The slope's standard error: what it has of information beyond factor and offset."""
    residual, derivatives = _linearised(parameters, x.double().log(), y.log())
    units = torch.linalg.vector_norm(derivatives, dim=2, keepdim=True)
    others = (derivatives / units)[:, (0, 2)].mT
    own = derivatives[:, 1].unsqueeze(2)
    basis = torch.linalg.qr(others).Q
    left: Tensor = own - basis @ (basis.mT @ own)
    variance = residual.square().sum(1) / (y.shape[1] - 3)
    return (variance / left.square().sum((1, 2))).sqrt()
