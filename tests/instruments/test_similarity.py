"""Linear CKA against its textbook forms, its invariances and its known limits."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from checkers.instruments.similarity import linear_cka

SHAPES = [(8, 3, 5), (40, 6, 6), (12, 40, 30), (30, 4, 90), (30, 90, 4), (16, 16, 17), (4, 1, 1)]


def noise(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def rotation(width: int, seed: int) -> Tensor:
    return torch.linalg.qr(noise(width, width, seed=seed)).Q


def unbiased_independence(gram: Tensor, other: Tensor) -> Tensor:
    """Song et al. 2012, eq. 5, written out."""
    n = gram.shape[0]
    ones = torch.ones(n, 1, dtype=gram.dtype)
    k, m = gram - gram.diag().diag(), other - other.diag().diag()
    trace = (k @ m).trace()
    means = (ones.T @ k @ ones * (ones.T @ m @ ones)).squeeze() / ((n - 1) * (n - 2))
    return (trace + means - 2 / (n - 2) * (ones.T @ k @ m @ ones).squeeze()) / (n * (n - 3))


def biased_independence(gram: Tensor, other: Tensor) -> Tensor:
    n = gram.shape[0]
    centring = torch.eye(n, dtype=gram.dtype) - 1 / n
    return (centring @ gram @ centring @ other).trace()


def textbook_cka(features: Tensor, others: Tensor, debiased: bool) -> Tensor:
    independence = unbiased_independence if debiased else biased_independence
    gram, other = features @ features.T, others @ others.T
    return independence(gram, other) / (independence(gram, gram) * independence(other, other)).sqrt()


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize(("inputs", "width", "other_width"), SHAPES)
def test_agrees_with_the_textbook_at_every_shape(inputs: int, width: int, other_width: int, debiased: bool) -> None:
    features = noise(3, inputs, width) + 0.7
    others = noise(3, inputs, other_width, seed=1) + features[..., :1]
    if inputs == 4 and debiased:
        others = (
            2 * features + 1
        )  # with four inputs the estimate of unrelated features' own independence may be negative
    expected = torch.stack([textbook_cka(f, o, debiased) for f, o in zip(features, others, strict=True)])
    torch.testing.assert_close(
        linear_cka(features, others, debiased=debiased), expected, rtol=1e-9, atol=1e-10, equal_nan=True
    )


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize(("inputs", "width"), [(2000, 64), (64, 2000), (600, 600)])
def test_float32_keeps_five_digits(inputs: int, width: int, debiased: bool) -> None:
    features = noise(1, inputs, width)
    others = features @ noise(width, 48, seed=1) + noise(1, inputs, 48, seed=2) + 3
    exact = linear_cka(features, others, debiased=debiased)
    rough = linear_cka(features.float(), others.float(), debiased=debiased)
    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough.double(), exact, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize("offset", [2.5, 3.5, 100.0])
@pytest.mark.parametrize(("inputs", "width"), [(40, 800), (200, 800)])
def test_a_large_mean_costs_no_more_digits_than_float32_lost_in_it(
    inputs: int, width: int, offset: float, debiased: bool
) -> None:
    features = (noise(1, inputs, width) + offset).float()
    others = features[..., :40] ** 2
    exact = linear_cka(features.double(), others.double(), debiased=debiased)
    torch.testing.assert_close(linear_cka(features, others, debiased=debiased).double(), exact, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("debiased", [False, True])
@pytest.mark.parametrize("scale", [1e-30, 1e-8, 1.0, 1e30])
@pytest.mark.parametrize(("inputs", "width"), [(1500, 40), (40, 1500)])
def test_is_one_with_itself_at_every_scale(scale: float, inputs: int, width: int, debiased: bool) -> None:
    features = scale * noise(2, inputs, width, dtype=torch.float32)
    torch.testing.assert_close(linear_cka(features, features, debiased=debiased), torch.ones(2), rtol=0, atol=1e-5)


@settings(deadline=None, max_examples=30)
@given(
    inputs=st.integers(5, 30),
    width=st.integers(2, 30),
    scale=st.floats(1e-6, 1e6),
    debiased=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_does_not_feel_rotation_shift_scale_or_the_order_of_units(
    inputs: int, width: int, scale: float, debiased: bool, seed: int
) -> None:
    features, others = noise(1, inputs, width, seed=seed), noise(1, inputs, 3, seed=seed + 1)
    moved = scale * (features @ rotation(width, seed))[..., torch.randperm(width)] + 2.5 * scale
    before = linear_cka(features, others, debiased=debiased)
    after = linear_cka(moved, others, debiased=debiased)
    torch.testing.assert_close(after, before, rtol=1e-6, atol=1e-8, equal_nan=True)


def test_is_symmetric() -> None:
    features, others = noise(2, 20, 5), noise(2, 20, 50, seed=1)
    for debiased in (False, True):
        torch.testing.assert_close(
            linear_cka(features, others, debiased=debiased), linear_cka(others, features, debiased=debiased)
        )


def test_the_debiased_form_is_near_zero_for_independent_features_where_the_biased_one_is_not() -> None:
    features, others = noise(20, 100, 300), noise(20, 100, 300, seed=1)
    assert linear_cka(features, others, debiased=True).mean().abs() < 0.01
    assert linear_cka(features, others, debiased=False).mean() > 0.5


def test_constant_features_have_no_similarity() -> None:
    constant = torch.full((1, 10, 3), 0.1)
    varying = noise(1, 10, 3, dtype=torch.float32)
    for debiased in (False, True):
        assert linear_cka(constant, varying, debiased=debiased).isnan().all()


def test_runs_do_not_touch_each_other() -> None:
    features, others = noise(3, 10, 4), noise(3, 10, 6, seed=1)
    features[1] *= 1e12
    together = linear_cka(features, others, debiased=True)
    alone = linear_cka(features[2:], others[2:], debiased=True)
    torch.testing.assert_close(together[2:], alone)


def test_too_few_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 4"):
        linear_cka(noise(1, 3, 2), noise(1, 3, 2), debiased=True)
