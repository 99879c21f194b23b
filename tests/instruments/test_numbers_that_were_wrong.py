"""Inputs for which instruments once gave a number that meant nothing, each with what is right."""

import math

import pytest
import torch
from torch import Tensor

from checkers.instruments.alignment import effective_rank, relative_change
from checkers.instruments.followed_eigenpairs import followed_eigenpairs
from checkers.instruments.lanczos import Eigenpairs, top_eigenpairs
from checkers.instruments.loss_law import LossLaw, fit_loss_law, standard_starts
from checkers.instruments.neighbours import mutual_nearest_neighbours
from checkers.instruments.neural_collapse import neural_collapse
from checkers.instruments.neural_features import feature_correlation, matrix_power
from checkers.instruments.offset_power_law import fit_power_law_with_offset
from checkers.instruments.similarity import linear_cka
from checkers.instruments.spectral_density import spectral_density
from checkers.instruments.unit_matching import match_units

STARTS = standard_starts()[::90]


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


HONEST = {
    "twenty points, 1 %": (torch.logspace(0, 3, 20), (0.1, 2.0, -0.5), 0.01),
    "twelve points, 10 %": (torch.logspace(1, 3, 12), (0.2, 3.0, -0.8), 0.1),
    "eight points, 1 %": (torch.logspace(0, 3, 8), (0.0, 3.0, -1.0), 0.01),
    "forty points rising": (torch.logspace(0, 2, 40), (1.0, 1.0, 0.7), 0.03),
    "six sizes, three seeds": (torch.logspace(0, 3, 6).repeat(3), (0.1, 2.0, -0.5), 0.02),
}


@pytest.mark.parametrize("setting", HONEST)
def test_one_honest_law_in_twenty_is_suspect(setting: str) -> None:
    x, (offset, factor, slope), spread = HONEST[setting]
    x = x.double()
    fit = fit_power_law_with_offset(x, (offset + factor * x**slope) * torch.exp(spread * noise(1000, len(x))))
    assert 0.025 < fit.suspect.double().mean().item() < 0.08  # 0.05 within 3.6 standard errors and a little curvature


@pytest.mark.parametrize("points", [8, 12, 20])
@pytest.mark.parametrize("bend", ["two powers", "logarithmic"])
def test_nine_bent_laws_in_ten_are_suspect_at_one_per_cent_noise(points: int, bend: str) -> None:
    x = torch.logspace(0, 3, points, dtype=torch.float64)
    bent = 2 * x**-0.5 + 30 * x**-1.5 if bend == "two powers" else torch.exp(-x.log() - 0.1 * x.log() ** 2)
    fit = fit_power_law_with_offset(x, bent * torch.exp(0.01 * noise(200, points)))
    assert fit.suspect.double().mean().item() > 0.9


@pytest.mark.parametrize("spread", [1e-3, 1e-4])
@pytest.mark.parametrize("nearness", ["cosine", "euclidean"])
def test_neighbours_within_tight_clusters_are_found_in_float32(spread: float, nearness: str) -> None:
    clusters = 3 * noise(4, 16, seed=1)[torch.arange(100) % 4]
    features = (clusters + spread * noise(100, 16)).float().unsqueeze(0)
    measured = mutual_nearest_neighbours(features, features.flip(2), neighbours=5, nearness=nearness)
    assert measured.item() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_exact_last_pairs_are_followed_to_the_leading_ones(count: int) -> None:
    entries, axes = (
        -torch.arange(1.0, 9.0, dtype=torch.float64)[None],
        torch.eye(8, dtype=torch.float64)[None],
    )
    last = Eigenpairs(
        entries[:, :count],
        axes[:, :count],
        torch.zeros(1, count).double(),
        torch.ones(1).bool(),
        axes[:, :0],
        0,
    )
    pairs = followed_eigenpairs(lambda vectors: entries * vectors, last)
    torch.testing.assert_close(pairs.values, entries[:, :count])
    assert pairs.vectors[0, 0, 0].abs().item() == pytest.approx(1)
    assert bool(pairs.converged.all())


def _planted(sizes: Tensor, data: Tensor) -> Tensor:
    law = LossLaw(*(torch.full((2,), value, dtype=torch.float64) for value in (6.2, 0.35, 7.6, 0.37, 0.6)))
    return law.predict(sizes, data) * torch.exp(1e-3 * noise(2, len(sizes)))


SIZES, DATA = 10 ** (8 + 2 * torch.rand(2, 60, generator=torch.Generator().manual_seed(0)).double())


@pytest.mark.parametrize("scale", [1.0, 1e18, 1e-18, 1e150])
def test_units_of_the_loss_do_not_matter(scale: float) -> None:
    losses = _planted(SIZES, DATA)
    before, after = (fit_loss_law(SIZES, DATA, unit * losses, starts=STARTS) for unit in (1.0, scale))
    torch.testing.assert_close(after.law.size_exponent, before.law.size_exponent, rtol=1e-3, atol=0)


def test_a_loss_law_that_the_points_leave_open_is_refused_or_flagged() -> None:
    same = torch.full_like(SIZES, 1e9)
    for sizes, data, reason in (
        (same, DATA, "sizes are all"),
        (SIZES, same, "data are all"),
        (SIZES, 20 * SIZES, "power of"),
    ):
        with pytest.raises(ValueError, match=reason):
            fit_loss_law(sizes, data, _planted(sizes, data), starts=STARTS)
    two = torch.where(SIZES.median() < SIZES, 1e9, 1e8).double()
    for sizes, losses in ((two, _planted(two, DATA)), (SIZES, torch.full((2, 60), 3.0).double())):
        fit = fit_loss_law(sizes, DATA, losses, starts=STARTS)
        assert not fit.determined.any()
        assert not fit.converged.any()
    assert fit_loss_law(SIZES, DATA, _planted(SIZES, DATA), starts=STARTS).converged.all()


def test_a_diverged_run_among_the_points_is_refused() -> None:
    losses = _planted(SIZES, DATA)
    losses[0, 3] = math.inf
    with pytest.raises(ValueError, match="diverged"):
        fit_loss_law(SIZES, DATA, losses, starts=STARTS)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("inputs", [4, 10, 33, 150, 300])
def test_one_hot_features_have_no_debiased_similarity(inputs: int, dtype: torch.dtype) -> None:
    one_hot = torch.eye(inputs, dtype=torch.float64)
    turned = one_hot @ torch.linalg.qr(noise(inputs, inputs)).Q
    for others in (one_hot, turned, one_hot - 1 / inputs, 100 * turned):
        similarity = linear_cka(one_hot[None].to(dtype), others[None].to(dtype), debiased=True)
        assert similarity.isnan().all()


def test_collapse_of_constant_features_or_of_one_example_a_class_is_undefined() -> None:
    labels, classifier = torch.arange(40) % 4, noise(1, 4, 7)
    for value in (0.0, 0.1, 1e4):
        measured = neural_collapse(torch.full((1, 40, 7), value).double(), labels, classifier)
        assert measured.within_class.isnan().all()
        assert measured.disagreement.isnan().all()
    assert neural_collapse(noise(1, 4, 7), torch.arange(4), classifier).within_class.isnan().all()


def test_constant_or_collapsed_representations_have_no_neighbours() -> None:
    features, constant = noise(1, 40, 6), torch.full((1, 40, 6), 0.3, dtype=torch.float64)
    collapsed = features[:, torch.arange(40) % 2]
    one_hot = torch.eye(40, dtype=torch.float64)[None]
    for undefined in (constant, collapsed, one_hot, torch.full_like(constant, math.nan)):
        for pair in ((undefined, undefined), (features, undefined), (undefined, features)):
            assert mutual_nearest_neighbours(*pair, neighbours=5).isnan().all()


def test_one_spoiled_run_does_not_stop_a_decomposition_of_all() -> None:
    kernels = noise(3, 6, 6) @ noise(3, 6, 6).mT
    spoiled = kernels.clone()
    spoiled[1, 2, 3] = math.nan
    for norm in ("operator", "trace"):
        assert relative_change(spoiled, 2 * kernels, norm=norm).isnan().tolist() == [False, True, False]
    assert matrix_power(spoiled, 0.5).isnan().flatten(1).all(1).tolist() == [False, True, False]
    assert feature_correlation(kernels, spoiled).isnan().tolist() == [False, True, False]


def test_a_network_of_other_width_cannot_be_matched() -> None:
    with pytest.raises((ValueError, TypeError)):  # TypeError: from the checks of shapes that tests run under
        match_units(noise(1, 20, 6), noise(1, 20, 4))


@pytest.mark.parametrize("scale", [3e18, 1e-23, 1e30])
def test_operators_beyond_the_range_of_float32_squares_are_solved(scale: float) -> None:
    entries = (scale * torch.arange(1.0, 51.0))[None]
    kind = {"runs": 1, "size": 50, "dtype": torch.float32}
    pairs = top_eigenpairs(lambda vectors: entries * vectors, **kind)
    assert bool(pairs.converged.all())
    assert pairs.values.item() / scale == pytest.approx(50, rel=1e-3)
    unit = spectral_density(lambda vectors: entries / scale * vectors, **kind).moment(1)
    torch.testing.assert_close(
        spectral_density(lambda vectors: entries * vectors, **kind).moment(1) / scale, unit, rtol=1e-4, atol=0
    )


def test_points_that_leave_the_larger_halfs_slope_open_are_refused() -> None:
    for x in (torch.logspace(0, 3, 4).repeat(3), torch.tensor([1.0, 2.0, 3.0, 4.0] + [9.0] * 4)):
        with pytest.raises(ValueError, match="larger half"):
            fit_power_law_with_offset(x.double(), noise(2, len(x)).abs())
    x = torch.logspace(0, 3, 12, dtype=torch.float64)
    fit = fit_power_law_with_offset(x, torch.full((1, 12), 0.1, dtype=torch.float64))
    assert fit.slope.isnan().all()
    assert not fit.converged.any()


def test_integer_spectra_are_refused() -> None:
    with pytest.raises(TypeError):
        effective_rank(torch.tensor([[3, 1]]))
