r"""The Huber objective of the two-variable loss law with gradient and Gauss–Newton curvature, for many laws at once.

With softmax shares $p_1, p_2, p_3$ of the three terms, residuals $r = \hat\ell - \ln L$ and weights
$w = \min(1, \delta/|r|)$, the gradient by the three log terms is $w\,r\,p$ and the curvature $w\,p\,p^\top$; those by
exponents carry factors $\ln N$ and $\ln D$. All sums over points are one matrix product with the monomials of $\ln N$
and $\ln D$.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.batched_newton import Evaluate

_CPU_BLOCK, _CUDA_BLOCK = 2**17, 2**27  # bytes of a temporary: within a core's cache, or enough to fill a GPU
# bounds on log terms about the mean log loss: squares of what is lower would be denormal numbers, which are slow
_HIGHEST, _LOWEST = 60.0, {torch.float64: -60.0, torch.float32: -15.0}


@dataclass(frozen=True, eq=False)
class LossLawObjective:
    """Weighted points of one or more rows of losses, in logarithms centred by their means.

    Centring all but decouples each exponent from its factor: steps and starts are in these coordinates, to which
    `inward` leads and from which `outward` leads back.
    """

    log_size: Float[Tensor, " points"]
    log_data: Float[Tensor, " points"]
    log_loss: Float[Tensor, "rows points"]
    mean_size: Float[Tensor, ""]
    mean_data: Float[Tensor, ""]
    mean_loss: Float[Tensor, " rows"]
    monomials: Float[Tensor, "6 points"]
    weights: Float[Tensor, "rows points"] | None
    huber: float

    @classmethod
    def of(
        cls,
        sizes: Tensor,
        data: Tensor,
        losses: Tensor,
        *,
        huber: float,
        weights: Tensor | None = None,
        dtype: torch.dtype = torch.float64,
    ) -> LossLawObjective:
        """The objective over sizes and data [points] and losses [rows, points], each point weighted.

        dtype: what evaluations are made in; logarithms are centred in float64 first.
        """
        size, amount, loss = sizes.double().log(), data.double().log(), losses.double().log()
        n, d = size - size.mean(), amount - amount.mean()
        monomials = torch.stack([torch.ones_like(n), n, n * n, d, d * d, n * d])
        return cls(
            log_size=n.to(dtype),
            log_data=d.to(dtype),
            log_loss=(loss - loss.mean(1, keepdim=True)).to(dtype),
            mean_size=size.mean().to(dtype),
            mean_data=amount.mean().to(dtype),
            mean_loss=loss.mean(1).to(dtype),
            monomials=monomials.to(dtype),
            weights=None if weights is None else weights.to(dtype),
            huber=huber,
        )

    def inward(self, laws: Float[Tensor, "problems 5"]) -> Float[Tensor, "problems 5"]:
        """(a, α, b, β, e) in centred coordinates; equally many consecutive laws belong to each row of losses."""
        return self._moved(laws, -1.0)

    def outward(self, laws: Float[Tensor, "problems 5"]) -> Float[Tensor, "problems 5"]:
        """The inverse of `inward`."""
        return self._moved(laws, 1.0)

    def evaluator(self, laws_a_row: int) -> Evaluate:
        """The objective of laws in centred coordinates, of which `laws_a_row` in a row belong to each row of losses."""

        def evaluate(laws: Tensor, problems: Tensor) -> tuple[Tensor, Tensor, Tensor]:
            limit = _CPU_BLOCK if laws.device.type == "cpu" else _CUDA_BLOCK
            block = max(1, limit // (len(self.log_size) * laws.element_size()))
            rows = problems // laws_a_row
            parts = zip(torch.split(laws, block), torch.split(rows, block), strict=True)
            return _assembled(torch.cat([self._sums(some, their_rows) for some, their_rows in parts], 2))

        return evaluate

    def _moved(self, laws: Tensor, direction: float) -> Tensor:
        a, alpha, b, beta, e = laws.unbind(1)
        loss = direction * self.mean_loss.repeat_interleave(len(laws) // len(self.mean_loss))
        size, data = direction * alpha * self.mean_size, direction * beta * self.mean_data
        return torch.stack([a + size + loss, alpha, b + data + loss, beta, e + loss], 1)

    def _sums(self, laws: Tensor, rows: Tensor) -> Tensor:
        """Sums over points of ten weighted quantities times six monomials: [6, 10, laws]."""
        a, alpha, b, beta, e = torch.split(laws, 1, 1)
        single = len(self.log_loss) == 1
        bounds = (_LOWEST[laws.dtype], _HIGHEST)
        by_size = torch.addcmul(a, alpha, self.log_size, value=-1).clamp_(*bounds).exp_()
        by_data = torch.addcmul(b, beta, self.log_data, value=-1).clamp_(*bounds).exp_()
        total = (by_size + by_data).add_(e.clamp(*bounds).exp())
        inverse = total.reciprocal()
        share_size, share_data = by_size.mul_(inverse), by_data.mul_(inverse)
        residual = total.log_().sub_(self.log_loss if single else self.log_loss[rows])
        size = residual.abs()
        within = size.clamp(max=self.huber)
        terms = residual.new_empty(10, *residual.shape)
        value, weight, pull, w_size, w_data, pull_size, pull_data, size_size, data_data, size_data = terms
        torch.mul(size.sub(within, alpha=0.5), within, out=value)
        torch.div(self.huber, size.clamp_(min=self.huber), out=weight)
        if self.weights is not None:
            point_weights = self.weights if single else self.weights[rows]
            value.mul_(point_weights)
            weight.mul_(point_weights)
        torch.mul(weight, residual, out=pull)
        torch.mul(weight, share_size, out=w_size)
        torch.mul(weight, share_data, out=w_data)
        torch.mul(w_size, residual, out=pull_size)
        torch.mul(w_data, residual, out=pull_data)
        torch.mul(w_size, share_size, out=size_size)
        torch.mul(w_data, share_data, out=data_data)
        torch.mul(w_size, share_data, out=size_data)
        # the narrow factor first: with it last the product is five times slower on a CPU
        return (self.monomials @ terms.flatten(0, 1).T).reshape(len(self.monomials), len(terms), -1)


def _assembled(sums: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Objective, gradient and curvature by (a, α, b, β, e) from the sums of all laws [6, 10, laws].

    The third share is what the other two leave of 1, so its sums are differences.
    """
    value, weight, pull, w_size, w_data, pull_size, pull_data, size_size, data_data, size_data = sums[0]
    by_n, by_nn, by_d, by_dd, by_nd = sums[1:]
    size_floor = w_size - size_size - size_data
    data_floor = w_data - data_data - size_data
    floor_floor = weight - w_size - w_data - size_floor - data_floor
    size_floor_n = by_n[3] - by_n[7] - by_n[9]
    data_floor_d = by_d[4] - by_d[8] - by_d[9]
    gradient = torch.stack([pull_size, -by_n[5], pull_data, -by_d[6], pull - pull_size - pull_data], 1)
    rows = [
        [size_size, -by_n[7], size_data, -by_d[9], size_floor],
        [-by_n[7], by_nn[7], -by_n[9], by_nd[9], -size_floor_n],
        [size_data, -by_n[9], data_data, -by_d[8], data_floor],
        [-by_d[9], by_nd[9], -by_d[8], by_dd[8], -data_floor_d],
        [size_floor, -size_floor_n, data_floor, -data_floor_d, floor_floor],
    ]
    curvature = torch.stack([torch.stack(row, 1) for row in rows], 1)
    return value, gradient, curvature
