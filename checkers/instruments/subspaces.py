"""How much subspaces of parameter space, such as the leading Hessian eigenvectors', overlap."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor


def captured_fraction(
    vectors: Float[Tensor, "runs size"], basis: Float[Tensor, "runs dimension size"]
) -> Float[Tensor, " runs"]:
    """The fraction of each vector's squared norm that lies in the span of an orthonormal basis (Gur-Ari
    2018).

    A random vector has dimension/size in expectation.
    """
    components = (basis @ vectors[:, :, None])[:, :, 0]
    return components.square().sum(dim=1) / vectors.square().sum(dim=1)


def subspace_overlap(
    first: Float[Tensor, "runs dimension size"], second: Float[Tensor, "runs dimension size"]
) -> Float[Tensor, " runs"]:
    """The mean squared cosine of the principal angles between two spans: 1 if equal, 0 if orthogonal.

    Both bases are orthonormal. Where dimensions differ, the mean is over the smaller one's.
    """
    cosines = first @ second.mT
    return cosines.square().sum(dim=(1, 2)) / min(first.shape[1], second.shape[1])
