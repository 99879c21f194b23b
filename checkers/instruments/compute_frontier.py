"""The compute-optimal frontier of training curves: the least risk at compute C = width × steps, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import finite_runs
from checkers.instruments.arguments import check_float


@dataclass(frozen=True, eq=False)
class Frontier:
    """Risk and width that each run gives to every budget; NaN for a run with a risk that is not a finite number."""

    risk: Float[Tensor, "runs budgets"]
    width: Float[Tensor, "runs budgets"]


def best_frontier(
    risks: Float[Tensor, "runs widths steps"], widths: list[int], compute: Float[Tensor, " budgets"]
) -> Frontier:
    """The best of the widths at each budget, and between them the vertex of a parabola in log(width).

    risks: before step 0, 1, …, long enough for the narrowest at the largest budget. The parabola goes through the best
    of the given widths and its neighbours.
    """
    log_risks = _healthy_logs(risks)
    logs = torch.stack([_at_steps(log_risks[:, index], compute / width) for index, width in enumerate(widths)], 1)
    best = logs.argmin(1, keepdim=True).clamp(1, len(widths) - 2)
    left, middle, right = (logs.gather(1, best + shift)[:, 0] for shift in (-1, 0, 1))
    places = torch.log(torch.tensor(widths, dtype=torch.float64, device=logs.device))
    x0, x1, x2 = (places[best[:, 0] + shift] for shift in (-1, 0, 1))
    rise, fall = (right - middle) / (x2 - x1), (middle - left) / (x1 - x0)
    curvature = (rise - fall) / (x2 - x0)
    vertex = (x0 + x1) / 2 - fall / (2 * curvature.clamp_min(1e-12))
    return Frontier(logs.amin(1).exp(), vertex.clamp(x0, x2).exp())


def single_width(
    risks: Float[Tensor, "runs widths steps"],
    widths: list[int],
    chosen: int,
    compute: Float[Tensor, " budgets"],
) -> Frontier:
    """The width at place `chosen` at every budget."""
    logs = _at_steps(_healthy_logs(risks)[:, chosen], compute / widths[chosen])
    return Frontier(logs.exp(), torch.where(logs.isnan(), torch.nan, float(widths[chosen])))


def _healthy_logs(risks: Tensor) -> Tensor:
    check_float("risks", risks.dtype)
    return torch.where(finite_runs(risks)[:, None, None], risks.double(), torch.nan).log()


def _at_steps(log_risks: Tensor, steps: Tensor) -> Tensor:
    """log(risk) [runs, budgets] at fractional step counts ≥ 1, between whole ones linear in log(steps)."""
    below = steps.floor().long().clamp(1, log_risks.shape[1] - 2)
    share = torch.log(steps / below) / torch.log((below + 1) / below)
    low, high = log_risks[:, below], log_risks[:, below + 1]
    return low + share.clamp(0, 1) * (high - low)
