r"""Many small minimisations at once, each by damped Gauss–Newton steps (Levenberg 1944; Marquardt 1963).

A problem with gradient $g$ and positive semidefinite curvature $H$ steps by $-(H + \lambda D)^{-1} g$ with
$D = \operatorname{diag} H + \mu\max\operatorname{diag} H$; $\lambda$ falls after a step that lowers the objective and
grows after one that would not, which is then not taken. Problems that are done leave the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from checkers.instruments.arguments import check_float, check_tensors

# parameters of some problems [active, k] and which problems they are [active] -> objective, gradient, curvature
Evaluate = Callable[[Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]

_FIRST_DAMPING, _EASE, _STIFFEN, _FLOOR, _CEILING = 1e-2, 0.2, 5.0, 1e-9, 1e12
_UNFELT = 0.1  # μ: keeps directions that the objective does not feel from running away
_LONGEST_STEP = 10.0


@dataclass(frozen=True, eq=False)
class Minima:
    """Where each problem ended: parameters [problems, k], objective [problems], and whether it came to rest."""

    parameters: Float[Tensor, "problems k"]
    objective: Float[Tensor, " problems"]
    converged: Bool[Tensor, " problems"]


def minimise(
    evaluate: Evaluate,
    starts: Float[Tensor, "problems k"],
    *,
    tolerance: float = 1e-8,
    max_steps: int = 200,
) -> Minima:
    """The local minimum that each problem reaches from its start, in the starts' dtype (float64 for small tolerances).

    tolerance: a problem is at rest after two steps in a row that lower its objective by less than this fraction of
    it, or where no step however short lowers it. Problems not at rest after `max_steps` are flagged, and so are those
    whose objective is not finite or whose steps cannot be solved for; numbers of the first are NaN.
    """
    check_tensors(starts=(starts, "problems k"))
    everyone = torch.arange(len(starts), device=starts.device)
    parameters = starts.clone()
    objective, gradient, curvature = evaluate(parameters, everyone)
    damping = torch.full_like(objective, _FIRST_DAMPING)
    quiet = torch.zeros_like(everyone)
    stuck = torch.zeros_like(everyone, dtype=torch.bool)
    active = everyone
    for _ in range(max_steps):
        if not len(active):
            break
        step, solved = _damped_step(gradient[active], curvature[active], damping[active])
        proposal = parameters[active] + step
        value, slope, bend = evaluate(proposal, active)
        lower = solved & (value < objective[active])
        gained = objective[active] - value
        small = lower & (gained <= tolerance * objective[active].abs())
        # Once for all: to index by a mask makes a card wait each time.
        rows = lower.nonzero().squeeze(1)
        taken = active[rows]
        parameters[taken], objective[taken] = proposal[rows], value[rows]
        gradient[taken], curvature[taken] = slope[rows], bend[rows]
        eased, stiffened = (damping[active] * _EASE).clamp(min=_FLOOR), damping[active] * _STIFFEN
        damping[active] = torch.where(lower, eased, stiffened)
        stuck[active] = ~solved
        quiet[active] = torch.where(lower, torch.where(small, quiet[active] + 1, 0), quiet[active])
        active = active[(quiet[active] < 2) & (damping[active] < _CEILING)]
    finite = objective.isfinite()
    converged = finite & ~stuck
    converged[active] = False
    known, value = (
        torch.where(finite.unsqueeze(1), parameters, torch.nan),
        torch.where(finite, objective, torch.nan),
    )
    return Minima(known, value, converged)


def best_of_starts(minima: Minima, groups: int) -> tuple[Int[Tensor, " groups"], Float[Tensor, " groups"]]:
    """The best minimum of each group of equally many consecutive problems, and which share of it found that.

    A start found it where its objective is within 0.1 % of the best one's. Non-finite objectives never win; the share
    is NaN where there is no other. Raises ValueError for problems that do not fall into so many groups.
    """
    check_float("objective", minima.objective.dtype)
    if groups < 1 or not len(minima.objective) or len(minima.objective) % groups:
        raise ValueError(f"{len(minima.objective)} problems do not make {groups} groups of equally many")
    finite = minima.objective.isfinite()
    objective = torch.where(finite, minima.objective, torch.inf).reshape(groups, -1)
    lowest, where = objective.min(1)
    within = objective <= (lowest + 0.001 * lowest.abs()).unsqueeze(1)
    share = torch.where(lowest.isfinite(), within.to(objective.dtype).mean(1), torch.nan)
    return where + objective.shape[1] * torch.arange(groups, device=where.device), share


def _damped_step(gradient: Tensor, curvature: Tensor, damping: Tensor) -> tuple[Tensor, Tensor]:
    diagonal = curvature.diagonal(dim1=1, dim2=2)
    scale = diagonal + _UNFELT * diagonal.amax(1, keepdim=True) + torch.finfo(gradient.dtype).tiny
    factor, failed = torch.linalg.cholesky_ex(curvature + torch.diag_embed(damping.unsqueeze(1) * scale))
    step = -torch.cholesky_solve(gradient.unsqueeze(2), factor).squeeze(2)
    return step.clamp(-_LONGEST_STEP, _LONGEST_STEP), failed == 0
