r"""Linear centred kernel alignment (CKA) of two representations of the same inputs.

With centred features $X \in \mathbb R^{n\times d}$, $Y \in \mathbb R^{n\times e}$ and Gram matrices $K =
XX^\top$, $L = YY^\top$,
$$\mathrm{CKA}(X, Y) = \frac{H(K, L)}{\sqrt{H(K, K)\,H(L, L)}},$$
where $H(K, L) = \operatorname{tr} KL = \lVert X^\top Y\rVert_F^2$ gives the biased form (Kornblith et al.
2019) and the unbiased estimate of the Hilbert–Schmidt independence criterion (Song et al. 2012, eq. 5) gives
the debiased one. That estimate does not feel a shift of the features, and for centred ones it is, with $p_i
= \lVert x_i\rVert^2$, $q_i = \lVert y_i\rVert^2$, up to the factor $1/n(n-3)$ that cancels,
$$H(K, L) = \lVert X^\top Y\rVert_F^2 - \frac{n}{n-2}\sum_i p_i q_i + \frac{\sum_i p_i \sum_i
q_i}{(n-1)(n-2)},$$ so that no $n\times n$ matrix is needed where $n$ is larger than the widths.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import inner_product, squared_norm
from checkers.instruments.centring import centred


def linear_cka(
    features: Float[Tensor, "runs inputs width"],
    others: Float[Tensor, "runs inputs other_width"],
    *,
    debiased: bool,
) -> Float[Tensor, " runs"]:
    """Linear CKA of two representations, 1 where they agree up to rotation, shift and scale.

    features, others: what each run's two networks make of the same inputs, in the same order; float32 or
    float64. debiased: the unbiased estimate, near 0 for independent features at any width; it may be
    slightly negative. The biased one is in [0, 1] and grows with width over inputs even for independent
    features. Returns one number a run, in the features' dtype; NaN where a representation does not vary over
    inputs (or, debiased, where its own estimate is not positive). Raises ValueError for fewer than 4 inputs,
    or 2 for the biased form. Source: Kornblith et al. 2019; Song et al. 2012; Nguyen et al. 2020.
    """
    inputs = features.shape[1]
    needed = 4 if debiased else 2
    if inputs < needed:
        raise ValueError(f"CKA of {inputs} inputs: the {'de' * debiased}biased form needs at least {needed}")
    left, right = centred(features), centred(others)
    cross, left_own, right_own = (
        _independence_debiased(left, right) if debiased else _independence(left, right)
    )
    alignment = cross / (left_own.sqrt() * right_own.sqrt())
    defined = (left_own > 0) & (right_own > 0)
    return torch.where(defined, alignment, torch.nan).to(features.dtype)


def _independence(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """tr KL, tr KK and tr LL, by whichever of features and Gram matrices takes fewer operations."""
    if _grams_are_cheaper(left, right):
        gram, other_gram = left @ left.mT, right @ right.mT
        return inner_product(gram, other_gram), squared_norm(gram), squared_norm(other_gram)
    return (
        squared_norm(left.mT @ right),
        squared_norm(_smaller_gram(left)),
        squared_norm(_smaller_gram(right)),
    )


def _independence_debiased(left: Tensor, right: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The unbiased H of (K, L), (K, K) and (L, L), times n(n-3)."""
    squares, other_squares = _squared_lengths(left), _squared_lengths(right)
    if _grams_are_cheaper(left, right):
        gram, other_gram = _hollow(left @ left.mT), _hollow(right @ right.mT)
        cross = inner_product(gram, other_gram)
        own, other_own = squared_norm(gram), squared_norm(other_gram)
    else:
        cross = squared_norm(left.mT @ right) - (squares * other_squares).sum(1)
        own, other_own = _hollow_squared_norm(left, squares), _hollow_squared_norm(right, other_squares)
    return (
        _debias(cross, squares, other_squares),
        _debias(own, squares, squares),
        _debias(other_own, other_squares, other_squares),
    )


def _debias(hollow_inner: Tensor, squares: Tensor, other_squares: Tensor) -> Tensor:
    """The estimate from the sum over pairs of distinct inputs; the diagonal, if in it, would cost digits."""
    inputs = squares.shape[1]
    diagonal = (squares * other_squares).sum(1) * (2 / (inputs - 2))
    means: Tensor = squares.sum(1) * other_squares.sum(1) / ((inputs - 1) * (inputs - 2))
    return hollow_inner - diagonal + means


def _squared_lengths(features: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(features, dim=-1)
    return lengths.double().square()


def _hollow(gram: Tensor) -> Tensor:
    gram.diagonal(dim1=-2, dim2=-1).zero_()
    return gram


def _hollow_squared_norm(features: Tensor, squares: Tensor) -> Tensor:
    gram = _smaller_gram(features)
    if gram.shape[-1] == features.shape[1]:
        return squared_norm(_hollow(gram))
    return squared_norm(gram) - squares.square().sum(1)


def _smaller_gram(features: Tensor) -> Tensor:
    gram: Tensor = features.mT @ features if features.shape[2] < features.shape[1] else features @ features.mT
    return gram


def _grams_are_cheaper(left: Tensor, right: Tensor) -> bool:
    inputs, width, other_width = left.shape[1], left.shape[2], right.shape[2]
    by_features = width * other_width + width * min(width, inputs) + other_width * min(other_width, inputs)
    return inputs * (width + other_width) < by_features
