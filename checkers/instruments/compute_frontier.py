"""The compute-optimal frontier of training curves: the least risk at compute C = width × steps, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_tensors


@dataclass(frozen=True, eq=False)
class Frontier:
    """Risk and width that each run gives to every budget."""

    risk: Float[Tensor, "runs budgets"]
    width: Float[Tensor, "runs budgets"]


def best_frontier(
    risks: Float[Tensor, "runs widths steps"], widths: list[int], compute: Float[Tensor, " budgets"]
) -> Frontier:
    """The best of the widths at each budget, and between them the vertex of a parabola in log(width).

    risks: before step 0, 1, …, long enough for the narrowest at the largest budget. The parabola goes through the best
    of the given widths and its neighbours. NaN at budgets at which a width's risk is not positive and finite. Raises
    ValueError for fewer than 3 widths, or other than the curves have.
    """
    _check(risks, widths, compute)
    if len(widths) < 3:
        raise ValueError(f"{len(widths)} widths have no neighbours on both sides; give 3 or more")
    logs = torch.stack(
        [_log_risk_at(risks[:, index], compute / width) for index, width in enumerate(widths)], 1
    )
    best = logs.argmin(1, keepdim=True).clamp(1, len(widths) - 2)
    left, middle, right = (logs.gather(1, best + shift)[:, 0] for shift in (-1, 0, 1))
    places = torch.log(torch.tensor(widths, dtype=torch.float64))
    x0, x1, x2 = (places[best[:, 0] + shift] for shift in (-1, 0, 1))
    rise, fall = (right - middle) / (x2 - x1), (middle - left) / (x1 - x0)
    curvature = (rise - fall) / (x2 - x0)
    vertex = (x0 + x1) / 2 - fall / (2 * curvature.clamp_min(1e-12))
    known = logs.isfinite().all(1)
    found = (logs.amin(1).exp(), vertex.clamp(x0, x2).exp())
    return Frontier(*(torch.where(known, part, torch.nan) for part in found))


def single_width(
    risks: Float[Tensor, "runs widths steps"],
    widths: list[int],
    chosen: int,
    compute: Float[Tensor, " budgets"],
) -> Frontier:
    """The width at place `chosen` at every budget; NaN and errors as for `best_frontier`."""
    _check(risks, widths, compute)
    logs = _log_risk_at(risks[:, chosen], compute / widths[chosen])
    known = logs.isfinite()
    found = (logs.exp(), torch.full_like(logs, widths[chosen]))
    return Frontier(*(torch.where(known, part, torch.nan) for part in found))


def _check(risks: Tensor, widths: list[int], compute: Tensor) -> None:
    check_tensors(risks=(risks, "runs widths steps"), compute=(compute, "budgets"), one_dtype=False)
    if len(widths) != risks.shape[1] or risks.shape[2] < 3:
        raise ValueError(
            f"risks {tuple(risks.shape)} must have a curve of 3 or more risks for each of widths {widths}"
        )


def _log_risk_at(risks: Tensor, steps: Tensor) -> Tensor:
    """log(risk) [runs, budgets] at fractional step counts ≥ 1, between whole ones linear in log(steps)."""
    below = steps.floor().long().clamp(1, risks.shape[1] - 2)
    share = torch.log(steps / below) / torch.log((below + 1) / below)
    low, high = torch.log(risks[:, below]), torch.log(risks[:, below + 1])
    return low + share.clamp(0, 1) * (high - low)
