r"""Where stochastic gradient descent on least squares comes to rest: the exact second moment of its error.

With examples $(x_i, y_i)$, minimiser $w^*$, residuals $r_i = y_i - w^{*\top}x_i$ and a batch of B independent draws,
one step maps the error $\delta = w - w^*$ to $(I-\eta H_B)\delta + \frac\eta B\sum x r^\top$. As
$\sum_i x_i r_i^\top = 0$, the mean error decays, and the second moment $S = \mathbb E\,\delta\delta^\top$, summed
over outputs, comes to rest at

$$HS + SH - \eta\left[\left(1-\tfrac1B\right)HSH + \tfrac1B\,\overline{(x^\top S x)\,xx^\top}\right]
= \tfrac{\eta}{B}\,\overline{\|r\|^2\,xx^\top},\qquad H = \overline{xx^\top},$$

bars being means over the examples. To leading order η and B enter through η/B alone. (Liu, Ziyin & Ueda 2021,
arXiv:2012.03636; Ziyin et al. 2022, arXiv:2102.05375.)
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor


def stationary_second_moment(
    inputs: Float[Tensor, "n d"], residuals: Float[Tensor, "n outputs"], *, step_size: float, batch_size: int
) -> Float[Tensor, "d d"]:
    """S, solved for in the d(d+1)/2 coordinates of symmetric matrices; float64 is wanted.

    Loss: half the squared error, summed over outputs, mean over the batch. ValueError where no stationary second
    moment exists, that is, where the step is too long.
    """
    count, dimension = inputs.shape
    basis = _symmetric_basis(dimension, inputs)
    hessian = inputs.mT @ inputs / count
    # (xᵀE_k x) of every example and basis matrix: the fourth moments are its Gram matrix.
    squares = torch.einsum("ni,kij,nj->nk", inputs, basis, inputs)
    decay = 2 * _coordinates(hessian @ basis, basis)
    drift = _coordinates(hessian @ basis @ hessian, basis)
    noise = squares.mT @ squares / count
    operator = decay - step_size * ((1 - 1 / batch_size) * drift + noise / batch_size)
    source = step_size / batch_size * (squares.mT @ residuals.square().sum(dim=1)) / count
    # A step multiplies second moments by 1 − η·operator, symmetric here; it contracts only where this is positive.
    if float(torch.linalg.eigvalsh(operator)[0]) <= 0:
        raise ValueError(f"at step size {step_size:g} and batch size {batch_size} second moments grow without end")
    return torch.einsum("k,kij->ij", torch.linalg.solve(operator, source), basis)


def stationary_excess(
    inputs: Float[Tensor, "n d"], residuals: Float[Tensor, "n outputs"], *, step_size: float, batch_size: int
) -> float:
    """Mean loss over the examples at rest less the least one, ½ tr(HS); arguments as above."""
    second = stationary_second_moment(inputs, residuals, step_size=step_size, batch_size=batch_size)
    return float((inputs @ second * inputs).sum() / (2 * len(inputs)))


def _symmetric_basis(dimension: int, like: Tensor) -> Float[Tensor, "basis d d"]:
    """An orthonormal basis of the symmetric matrices."""
    rows, columns = torch.triu_indices(dimension, dimension, device=like.device)
    basis = like.new_zeros(len(rows), dimension, dimension)
    order = torch.arange(len(rows), device=like.device)
    weight = torch.where(rows == columns, 1.0, 0.5**0.5).to(like)
    basis[order, rows, columns] = weight
    basis[order, columns, rows] = weight
    return basis


def _coordinates(images: Tensor, basis: Tensor) -> Tensor:
    """The matrix whose column k holds the coordinates of the symmetric part of image k."""
    return basis.flatten(1) @ images.flatten(1).mT
