r"""The smallest move that brings a symmetric matrix, linear in it, below zero: a semidefinite complementarity problem.

A move $-\sum_{kl} Y_{kl} G_{kl}$ changes the k × k matrix $A$ by $-\langle G_{ij}, \sum_{kl} Y_{kl} G_{kl}\rangle$.
Of the moves that make it negative semidefinite the smallest has $Y \succeq 0$, $A(Y) \preceq 0$ and $\langle Y,
A(Y)\rangle = 0$, the conditions under which Y is the fixed point $Y = [Y + A(Y)/s]_+$ of a projected gradient step
of any length $1/s > 0$.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MOST_STEPS = 256
SOLVED = 1e-12  # how near its fixed point the multiplier must be, relative to itself,
ROUNDING = 1e-15  # or else relative to A(0), which may be larger by far


def complementary_multiplier(excess: Tensor, slopes: Tensor) -> Tensor:
    """The positive semidefinite Y [runs, k, k] that restores the constraint with the smallest move.

    excess: A(0) [runs, k, k]. slopes: G [runs, k, k, parameters], symmetric in the first two. By Newton's method on the
    fixed point's residual (semismooth: Qi & Sun 1993), for as long as that halves it; in between, by accelerated
    projected gradient steps, twice as many each time. In float64, on the host, since k is small. Where no move
    restores the constraint, what comes back after 511 steps is not complementary.
    """
    symmetric = _symmetric_basis(excess.shape[1])
    directions = torch.einsum("sij,rijp->rsp", symmetric.to(slopes.device), slopes.double())
    gram = (directions @ directions.mT).cpu()
    target = torch.einsum("sij,rij->rs", symmetric, excess.double().cpu())
    stiffness = torch.linalg.matrix_norm(gram, ord=2).clamp_min(torch.finfo(torch.float64).tiny)
    problem = _Complementarity(gram / stiffness[:, None, None], target / stiffness[:, None], symmetric)
    point, steps = problem.at(torch.zeros_like(target)), 1
    while not bool(problem.solved(point).all()) and steps <= MOST_STEPS:
        point = _newton(problem, _accelerated(problem, point, steps))
        steps *= 2
    return torch.einsum("sij,rs->rij", symmetric, point.projected).to(excess)


def _newton(problem: _Complementarity, point: _Point) -> _Point:
    """Newton steps until no unsolved run's residual is halved; a run keeps only those that halve its own."""
    while not bool(problem.solved(point).all()):
        following = problem.at(point.current + problem.newton_move(point))
        halved = following.distance <= 0.5 * point.distance
        if not bool((halved & ~problem.solved(point)).any()):
            break
        point = problem.at(torch.where(halved[:, None], following.current, point.current))
    return point


def _accelerated(problem: _Complementarity, point: _Point, steps: int) -> _Point:
    """Projected gradient steps with Nesterov's momentum."""
    last = point.current
    for step in range(steps):
        following = point.projected
        point = problem.at(following + step / (step + 3) * (following - last))
        last = following
    return point


@dataclass(frozen=True)
class _Point:
    """A trial Y and where the projected gradient step takes it, in coordinates [runs, k(k+1)/2].

    values, vectors: the eigenpairs of the matrix before its projection.
    """

    current: Tensor
    projected: Tensor
    values: Tensor
    vectors: Tensor

    @property
    def residual(self) -> Tensor:
        return self.current - self.projected

    @property
    def distance(self) -> Tensor:
        """The residual's norm, [runs]."""
        norms: Tensor = torch.linalg.vector_norm(self.residual, dim=1)
        return norms


@dataclass(frozen=True)
class _Complementarity:
    """Y ⪰ 0, gram·Y ⪰ target and the two orthogonal, scaled so that gram ⪯ 1; `symmetric` is the coordinates' basis."""

    gram: Tensor
    target: Tensor
    symmetric: Tensor

    def at(self, current: Tensor) -> _Point:
        stepped = current - (self.gram @ current[:, :, None])[:, :, 0] + self.target
        values, vectors = torch.linalg.eigh(torch.einsum("sij,rs->rij", self.symmetric, stepped))
        positive = vectors @ (values.clamp_min(0)[:, :, None] * vectors.mT)
        return _Point(current, torch.einsum("sij,rij->rs", self.symmetric, positive), values, vectors)

    def solved(self, point: _Point) -> Tensor:
        """Whether a run is at its fixed point, [runs]."""
        whole = torch.linalg.vector_norm(point.projected, dim=1)
        allowed: Tensor = SOLVED * whole + ROUNDING * torch.linalg.vector_norm(self.target, dim=1)
        return point.distance <= allowed

    def newton_move(self, point: _Point) -> Tensor:
        """The move that would null the residual if it were linear; none where its derivative is singular."""
        rotated = point.vectors.mT[:, None] @ self.symmetric @ point.vectors[:, None]
        weighted = rotated * _slope_of_positive_part(point.values)[:, None]
        slope = torch.einsum("rsij,rtij->rst", weighted, rotated)
        identity = torch.eye(len(self.symmetric), dtype=slope.dtype, device=slope.device)
        jacobian = identity - slope @ (identity - self.gram)
        move = torch.linalg.solve_ex(jacobian, -point.residual[:, :, None]).result[:, :, 0]
        return torch.where(move.isfinite().all(dim=1, keepdim=True), move, torch.zeros_like(move))


def _slope_of_positive_part(values: Tensor) -> Tensor:
    """(λᵢ₊ − λⱼ₊)/(λᵢ − λⱼ) [runs, k, k], and 1 or 0 where the two are equal: the projection's derivative."""
    rise = values[:, :, None].clamp_min(0) - values[:, None, :].clamp_min(0)
    run = values[:, :, None] - values[:, None, :]
    return torch.where(run == 0, (values[:, :, None] > 0).to(values), rise / run)


def _symmetric_basis(count: int) -> Tensor:
    """An orthonormal basis of the symmetric matrices, [k(k+1)/2, k, k]."""
    first, second = torch.triu_indices(count, count)
    basis = torch.zeros(len(first), count, count, dtype=torch.float64)
    index = torch.arange(len(first))
    basis[index, first, second] += 1
    basis[index, second, first] += 1
    normalised: Tensor = basis / torch.linalg.vector_norm(basis, dim=(1, 2), keepdim=True)
    return normalised
