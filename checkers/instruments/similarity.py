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
from checkers.instruments.arguments import check_tensors
from checkers.instruments.centring import centred

FEW_INPUTS = 128  # up to here a call's overhead outweighs its arithmetic, and float64 Gram matrices cost nothing
SPREAD = 0.1  # of the mean square: with less about the mean, centring a Gram matrix would cost more than a digit
RANGE = 1e-15, 1e15  # of the mean square, whose fourth powers are safe in float32
LEFT_OVER = 16.0  # eps: an own estimate below this share of the terms that it is a difference of is their rounding


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
    inputs or is not finite (or, debiased, where its own estimate is not above rounding, as for one-hot features).
    Raises ValueError for fewer than 4 inputs, or 2 for the biased form. Source: Kornblith et al. 2019; Song et al.
    2012; Nguyen et al. 2020.
    """
    check_tensors(features=(features, "runs inputs width"), others=(others, "runs inputs other_width"))
    inputs = features.shape[1]
    needed = 4 if debiased else 2
    if inputs < needed:
        raise ValueError(f"CKA of {inputs} inputs: the {'de' * debiased}biased form needs at least {needed}")
    independence = (_debiased_independence if debiased else _independence)(features, others)
    # a representation that does not vary leaves exact zeros, and 0/0 is NaN
    norms = independence.diagonal(dim1=1, dim2=2).sqrt().prod(1)
    return (independence[:, 0, 1] / norms).to(features.dtype)


def _independence(features: Tensor, others: Tensor) -> Tensor:
    """Each run's table [[H(K, K), H(K, L)], [H(L, K), H(L, L)]], by whatever is less work at the shape."""
    if _grams_are_cheaper(features, others):
        return _pairs(_centred_grams(features, others))
    left, right = centred(features), centred(others)
    return _table(_own(left), squared_norm(left.mT @ right), _own(right))


def _debiased_independence(features: Tensor, others: Tensor) -> Tensor:
    """The table of the unbiased H, times n(n-3), by whatever is less work at the shape.

    It begins with sums over pairs of distinct inputs: a diagonal added and subtracted would cost digits.
    """
    if _grams_are_cheaper(features, others):
        grams = _centred_grams(features, others)
        diagonals = grams.diagonal(dim1=2, dim2=3)
        squares = diagonals.to(torch.float64, copy=True)
        diagonals.zero_()
        return _debias(_pairs(grams), squares, torch.finfo(features.dtype).eps)
    left, right = centred(features), centred(others)
    squares = torch.stack([_squared_lengths(left), _squared_lengths(right)], 1)
    diagonal = squares @ squares.mT
    cross = squared_norm(left.mT @ right) - diagonal[:, 0, 1]
    own, other_own = _hollow_own(left, diagonal[:, 0, 0]), _hollow_own(right, diagonal[:, 1, 1])
    return _debias(_table(own, cross, other_own), squares, torch.finfo(features.dtype).eps)


def _centred_grams(features: Tensor, others: Tensor) -> Tensor:
    """XXᵀ and YYᵀ of centred features, [runs, 2, inputs, inputs], up to a factor each.

    They are centred after the product, which spares passes over the features, where that costs no digits.
    """
    grams = _grams(features, others)
    means = grams.mean(3, keepdim=True)
    offset = means.mean(2, keepdim=True)
    powers, offsets = grams.diagonal(dim1=2, dim2=3).mean(2), offset[:, :, 0, 0]
    safe = [
        all(RANGE[0] < power < RANGE[1] and mean < (1 - SPREAD) * power for power, mean in zip(*pair, strict=True))
        for pair in zip(powers.tolist(), offsets.tolist(), strict=True)
    ]
    grams.sub_(means).sub_((means - offset).mT)
    if not all(safe):
        apart = [run for run, fine in enumerate(safe) if not fine]
        grams[apart] = _grams(centred(features[apart]), centred(others[apart]))
    return grams


def _grams(features: Tensor, others: Tensor) -> Tensor:
    grams = torch.stack([features @ features.mT, others @ others.mT], 1)
    return grams.double() if features.shape[1] <= FEW_INPUTS else grams


def _pairs(grams: Tensor) -> Tensor:
    """The table of the Gram matrices' inner products."""
    if grams.shape[2] <= FEW_INPUTS:
        flat = grams.flatten(2)
        return flat @ flat.mT
    gram, other_gram = grams.unbind(1)
    return _table(squared_norm(gram), inner_product(gram, other_gram), squared_norm(other_gram))


def _debias(pairs: Tensor, squares: Tensor, eps: float) -> Tensor:
    """The unbiased table from sums over pairs of distinct inputs and squared lengths of each; NaN for rounding's."""
    inputs = squares.shape[2]
    totals = squares.sum(2, keepdim=True)
    diagonals = squares @ squares.mT
    unbiased = torch.add(pairs, diagonals, alpha=-2 / (inputs - 2))
    unbiased.baddbmm_(totals, totals.mT, alpha=1 / ((inputs - 1) * (inputs - 2)))
    tables = zip(unbiased.tolist(), pairs.tolist(), diagonals.tolist(), strict=True)
    for run, (mine, distinct, same) in enumerate(tables):
        for k in (0, 1):
            if not mine[k][k] > LEFT_OVER * eps * (distinct[k][k] + same[k][k]):
                unbiased[run, k, k] = torch.nan
    return unbiased


def _table(own: Tensor, cross: Tensor, other_own: Tensor) -> Tensor:
    return torch.stack([own, cross, cross, other_own], 1).reshape(-1, 2, 2)


def _squared_lengths(features: Tensor) -> Tensor:
    lengths: Tensor = torch.linalg.vector_norm(features, dim=-1)
    return lengths.double().square()


def _hollow(gram: Tensor) -> Tensor:
    gram.diagonal(dim1=-2, dim2=-1).zero_()
    return gram


def _own(features: Tensor) -> Tensor:
    return squared_norm(_smaller_gram(features))


def _hollow_own(features: Tensor, diagonal: Tensor) -> Tensor:
    gram = _smaller_gram(features)
    if gram.shape[-1] == features.shape[1]:
        return squared_norm(_hollow(gram))
    return squared_norm(gram) - diagonal


def _smaller_gram(features: Tensor) -> Tensor:
    gram: Tensor = features.mT @ features if features.shape[2] < features.shape[1] else features @ features.mT
    return gram


def _grams_are_cheaper(features: Tensor, others: Tensor) -> bool:
    inputs, width, other_width = features.shape[1], features.shape[2], others.shape[2]
    by_features = width * other_width + width * min(width, inputs) + other_width * min(other_width, inputs)
    return inputs <= FEW_INPUTS or inputs * (width + other_width) < by_features
