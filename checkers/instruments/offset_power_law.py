r"""Power laws $y = c + A x^{s}$ whose offset $c$ is unknown, and how far to believe them.

Least squares on $\ln y - \ln(c + A x^s)$ over $(\ln A, s, c)$ from several offsets, of either sign, with the
linearised interval of Student with $n - 3$ degrees of freedom. A free offset bends to hide departures from a power
law, so such a slope can be precise and wrong. Whether it did is tested by its residuals: a slope that drifts along
$\ln x$ leaves a bend that offset, factor and slope cannot take up, and Student's test of that bend (a score test) has
the rate of false alarms it says.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from scipy.special import stdtrit
from torch import Tensor

from checkers.instruments.arguments import check_tensors
from checkers.instruments.batched_newton import Evaluate, best_of_starts, minimise
from checkers.instruments.power_law import check_abscissa, check_confidence

_FIRST_OFFSETS = (-3.0, 0.0, 0.7, 0.95, 0.999)  # over the smallest y
_FELT = 1e-6  # of y: a smaller bend is rounding's or the search's
_OPEN = 1e-6  # sine of the angle between what slope does to the law and what offset and factor do


@dataclass(frozen=True, eq=False)
class OffsetPowerLawFit:
    """A power law with fitted offset of each run; all fields [runs], numbers in float64.

    slope: s, with [low, high] its interval and `error` its standard error. factor: A. offset: c.
    slope_of_larger_half, error_of_larger_half: s and its standard error fitted anew, offset and all, to the larger
    half of the x alone.
    suspect: True where residuals hold a bend that is beyond their noise at the fit's confidence (and 1e-6 of y): then
    no law of this form describes all points. Of honest laws 1 - confidence (5 %) are suspect; of sums of two powers
    with 1 % noise nearly all. Where it is False the slope may still be biased: fix the offset where theory gives it,
    or compare with the exact finite curve.
    converged: False where the search ran out of steps, or (then the rest is NaN) some y is not positive and finite,
    or the points leave slope and offset open, as equal y do.
    """

    slope: Float[Tensor, " runs"]
    low: Float[Tensor, " runs"]
    high: Float[Tensor, " runs"]
    error: Float[Tensor, " runs"]
    factor: Float[Tensor, " runs"]
    offset: Float[Tensor, " runs"]
    slope_of_larger_half: Float[Tensor, " runs"]
    error_of_larger_half: Float[Tensor, " runs"]
    suspect: Bool[Tensor, " runs"]
    converged: Bool[Tensor, " runs"]


def fit_power_law_with_offset(
    x: Float[Tensor, " points"], y: Float[Tensor, "runs points"], *, confidence: float = 0.95
) -> OffsetPowerLawFit:
    """The power law through each run's positive points, its offset unknown: read `suspect` before use.

    Raises ValueError for fewer than 8 points, fewer than 4 distinct x, or 3 among the larger half (which must
    determine three parameters too), or x not positive and finite. If the offset is known, `fit_power_law` gives
    sharper and safer slopes.
    """
    check_tensors(x=(x, "points"), y=(y, "runs points"), one_dtype=False)
    check_abscissa(x, 8)
    check_confidence(confidence)
    larger = x >= x.sort().values[len(x) // 2]
    for points, needed, which in ((x, 4, ""), (x[larger], 3, " among the larger half")):
        if (distinct := _distinct(points)) < needed:
            raise ValueError(f"{distinct} distinct x{which} cannot determine this power law; give {needed} or more")
    valid = (y.isfinite() & (y > 0)).all(1)
    values = torch.where(valid.unsqueeze(1), y.double(), 1.0)
    whole, converged = _fit(x, values)
    half, _ = _fit(x[larger], values[:, larger])
    varies = values.amax(1) > (1 + 8 * torch.finfo(y.dtype).eps) * values.amin(1)
    precision, half_precision = _precision(x, values, whole), _precision(x[larger], values[:, larger], half)
    valid &= varies & precision.determined
    log_factor, slope, offset = whole.unbind(1)
    width = precision.error * float(stdtrit(len(x) - 3, 0.5 + confidence / 2))
    beyond_noise = precision.bend.abs() > float(stdtrit(len(x) - 4, 0.5 + confidence / 2))

    def known(value: Tensor) -> Tensor:
        return torch.where(valid, value, torch.nan)

    return OffsetPowerLawFit(
        slope=known(slope),
        low=known(slope - width),
        high=known(slope + width),
        error=known(precision.error),
        factor=known(log_factor.exp()),
        offset=known(offset),
        slope_of_larger_half=known(half[:, 1]),
        error_of_larger_half=known(half_precision.error),
        suspect=beyond_noise & valid,
        converged=valid & converged,
    )


def _distinct(x: Tensor) -> int:
    """How many x there are, those within a millionth of the range of ln x counted once."""
    ascending = x.double().log().sort().values
    gaps = ascending.diff()
    return 1 + int((gaps > 1e-6 * (ascending[-1] - ascending[0])).sum())


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


@dataclass(frozen=True, eq=False)
class _Precision:
    """The slope's standard error, Student's statistic of a bend, and whether the points determine the slope at all."""

    error: Tensor
    bend: Tensor
    determined: Tensor


def _precision(x: Tensor, y: Tensor, parameters: Tensor) -> _Precision:
    """What residuals say, by one basis: of factor and offset, of the slope beyond them, of a bend beyond all."""
    t, points = x.double().log(), len(x)
    residual, derivatives = _linearised(parameters, t, y.log())
    columns = torch.cat([derivatives[:, (0, 2, 1)], derivatives[:, 1:2] * (t - t.mean())], 1)
    units = torch.linalg.vector_norm(columns, dim=2)
    factors = torch.linalg.qr((columns / units.unsqueeze(2)).mT)
    along = (factors.Q.mT @ residual.unsqueeze(2)).squeeze(2).square()
    own = factors.R[:, 2, 2].abs()
    total = residual.square().sum(1)
    error = (total / (points - 3)).sqrt() / (own * units[:, 2])
    bend, noise = along[:, 3], (total - along.sum(1)).clamp(min=0) / max(points - 4, 1)
    felt = bend > (_FELT**2) * points
    return _Precision(error, torch.where(felt, (bend / noise).sqrt(), 0.0), own > _OPEN)
