r"""Power laws $y = c + A x^{s}$: slopes with intervals, run by run.

Least squares on $\ln(y - c)$ against $\ln x$, whose interval is Student's with $n - 2$ degrees of freedom: it supposes
independent relative errors of one size and a true power law, so it says nothing of a bend. A slope is therefore given
together with how much it changes over the range.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from scipy.special import stdtrit
from torch import Tensor

from checkers.instruments.arguments import check_tensors


@dataclass(frozen=True, eq=False)
class PowerLawFit:
    """A fitted power law of each run; all fields [runs] and float64.

    slope: s, with [low, high] its interval and `error` its standard error. factor: A. offset: c.
    slope_change: how much a quadratic through the same logarithms changes its slope from the smallest x to the
    largest, and slope_change_error its standard error: more than two or three of these say that no single slope
    describes the points (NaN for fewer than 4 points).
    valid: False, and the rest NaN, where some y is not finite or not above the offset.
    """

    slope: Float[Tensor, " runs"]
    low: Float[Tensor, " runs"]
    high: Float[Tensor, " runs"]
    error: Float[Tensor, " runs"]
    factor: Float[Tensor, " runs"]
    offset: Float[Tensor, " runs"]
    slope_change: Float[Tensor, " runs"]
    slope_change_error: Float[Tensor, " runs"]
    valid: Bool[Tensor, " runs"]


def fit_power_law(
    x: Float[Tensor, " points"],
    y: Float[Tensor, "runs points"],
    *,
    offset: float | Float[Tensor, " runs"] = 0.0,
    confidence: float = 0.95,
) -> PowerLawFit:
    """The power law through each run's points, its offset known.

    Raises ValueError for fewer than 3 points, or x not positive and finite or all equal.
    """
    check_tensors(x=(x, "points"), y=(y, "runs points"), one_dtype=False)
    check_abscissa(x, 3)
    check_confidence(confidence)
    known = torch.as_tensor(offset, dtype=torch.float64, device=y.device)
    if known.shape not in ((), (len(y),)):
        raise ValueError(f"the offset must be one number, or one a run [{len(y)}], not shape {tuple(known.shape)}")
    known = known.expand(len(y))
    above = y.double() - known.unsqueeze(1)
    valid = (above.isfinite() & (above > 0)).all(1)
    logs = torch.where(valid.unsqueeze(1), above, torch.nan).log()
    t = x.double().log()
    moments = _moments(t - t.mean())
    level = logs.mean(1)
    norm = moments[0].square().sum()
    slope = logs @ moments[0] / norm
    residual = logs - level.unsqueeze(1) - slope.unsqueeze(1) * moments[0]
    error = (residual.square().sum(1) / (len(x) - 2) / norm).sqrt()
    width = error * float(stdtrit(len(x) - 2, 0.5 + confidence / 2))
    change, change_error = _slope_change(moments, residual, t)
    return PowerLawFit(
        slope=slope,
        low=slope - width,
        high=slope + width,
        error=error,
        factor=torch.exp(level - slope * t.mean()),
        offset=known,
        slope_change=change,
        slope_change_error=change_error,
        valid=valid,
    )


def check_abscissa(x: Float[Tensor, " points"], needed: int) -> None:
    """Raises ValueError for fewer than `needed` points, or x not positive and finite or (up to rounding) all equal."""
    check_tensors(x=(x, "points"))
    if len(x) < needed:
        raise ValueError(f"{len(x)} points are too few for this power law; give {needed} or more")
    alike = x.amax() <= (1 + 8 * torch.finfo(x.dtype).eps) * x.amin()
    if not bool(((x > 0) & x.isfinite()).all() & ~alike):
        raise ValueError("x must be positive, finite and not all the same: its logarithm is the abscissa")


def check_confidence(confidence: float) -> None:
    """Raises ValueError for a confidence that is not between 0 and 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, not {confidence}")


def _moments(t: Tensor) -> tuple[Tensor, Tensor]:
    """The abscissa, and its square made orthogonal to it and to a constant."""
    square = t.square() - t.square().mean()
    return t, square - t * (square @ t) / (t @ t)


def _slope_change(moments: tuple[Tensor, Tensor], residual: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    points, square = len(t), moments[1]
    norm = square.square().sum()
    if points < 4 or not bool(norm > 1e-12 * moments[0].square().sum() ** 2):
        missing = torch.full_like(residual[:, 0], torch.nan)
        return missing, missing
    coefficient = residual @ square / norm
    rest = (residual - coefficient.unsqueeze(1) * square).square().sum(1) / (points - 3)
    slope_per_unit = 2 * (t.max() - t.min())
    return coefficient * slope_per_unit, (rest / norm).sqrt() * slope_per_unit
