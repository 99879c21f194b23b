"""How much subspaces of parameter space, such as the leading Hessian eigenvectors', overlap."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import unit_scale
from checkers.instruments.arguments import check_tensors


def captured_fraction(
    vectors: Float[Tensor, "runs size"], basis: Float[Tensor, "runs dimension size"]
) -> Float[Tensor, " runs"]:
    """The fraction of each vector's squared norm that lies in the span of an orthonormal basis (Gur-Ari
    2018).

    A random vector has dimension/size in expectation. NaN for a vector of zeros, or a run that is not finite.
    """
    check_tensors(vectors=(vectors, "runs size"), basis=(basis, "runs dimension size"))
    vectors = unit_scale(vectors)
    components = (basis @ vectors[:, :, None])[:, :, 0]
    captured = components.square().sum(dim=1) / vectors.square().sum(dim=1)
    return torch.where(captured.isfinite(), captured, torch.nan)


def subspace_overlap(
    first: Float[Tensor, "runs dimension size"], second: Float[Tensor, "runs other_dimension size"]
) -> Float[Tensor, " runs"]:
    """The mean squared cosine of the principal angles between two spans: 1 if equal, 0 if orthogonal.

    Both bases are orthonormal. Where dimensions differ, the mean is over the smaller one's. NaN for a run that is not
    finite.
    """
    check_tensors(first=(first, "runs dimension size"), second=(second, "runs other_dimension size"))
    cosines = first @ second.mT
    overlap = cosines.square().sum(dim=(1, 2)) / min(first.shape[1], second.shape[1])
    return torch.where(overlap.isfinite(), overlap, torch.nan)
