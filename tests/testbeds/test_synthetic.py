"""Synthetic data have the moments, structure and labels that their theory assumes."""

from __future__ import annotations

import math

import pytest
import torch

from checkers.testbeds import (
    gaussian_clones,
    gaussian_spectra,
    linear_teacher,
    modular_addition,
    soft_committee,
    sparse_parities,
)

DOUBLE = torch.float64


def test_gaussian_inputs_have_the_spectrum_as_their_covariance() -> None:
    spectrum = gaussian_spectra.power_law_spectrum(6, 1.5)
    torch.testing.assert_close(spectrum[3], torch.tensor(4**-1.5, dtype=DOUBLE))
    inputs = gaussian_spectra.gaussian_inputs(range(20), 5000, spectrum).reshape(-1, 6)
    torch.testing.assert_close(inputs.mT @ inputs / len(inputs), spectrum.diag(), rtol=0.03, atol=0.01)


def test_a_tail_is_what_a_long_sum_has_beyond_its_head() -> None:
    rest = gaussian_spectra.power_law_spectrum(200_000, 2.5)[40:].sum()
    assert gaussian_spectra.power_law_tail(40, 2.5) == pytest.approx(float(rest), rel=1e-5)
    with pytest.raises(ValueError, match="must exceed 1"):
        gaussian_spectra.power_law_tail(40, 1.0)


def test_a_power_law_target_has_its_source_exponent() -> None:
    spectrum = gaussian_spectra.power_law_spectrum(1000, 1.5)
    target = gaussian_spectra.power_law_target([1, 2], spectrum, 0.7)
    index = torch.arange(1, 1001, dtype=DOUBLE)
    torch.testing.assert_close(target[0].square() * spectrum, index ** -(1 + 2 * 0.7 * 1.5))
    assert 400 < (target[0] > 0).sum() < 600
    assert not torch.equal(target[0], target[1])


def test_a_linear_teacher_has_the_strengths_as_singular_values() -> None:
    teacher = linear_teacher.linear_teacher([1, 2], [5.0, 3.0, 0.5], inputs=8, outputs=4)
    values = torch.linalg.svdvals(teacher)
    torch.testing.assert_close(values, torch.tensor([5.0, 3.0, 0.5, 0.0], dtype=DOUBLE).expand(2, 4))
    with pytest.raises(ValueError, match="no 3 singular values"):
        linear_teacher.linear_teacher([1], [1.0, 1.0, 1.0], inputs=8, outputs=2)


def test_whitened_inputs_are_exactly_white() -> None:
    inputs = linear_teacher.whitened_inputs([1, 2], 30, 8)
    torch.testing.assert_close(inputs.mT @ inputs / 30, torch.eye(8, dtype=DOUBLE).expand(2, 8, 8))
    with pytest.raises(ValueError, match="give at least 8"):
        linear_teacher.whitened_inputs([1], 7, 8)


def test_an_orthogonal_committee_has_unit_overlaps_and_erf_units() -> None:
    teacher = soft_committee.draw_committee([1, 2], 3, 40, scale=2.0, orthogonal=True, stream="teacher")
    own = soft_committee.overlaps(teacher["weight"], teacher["weight"])
    torch.testing.assert_close(own, 4 * torch.eye(3, dtype=DOUBLE).expand(2, 3, 3))
    inputs = torch.linspace(-1, 1, 40, dtype=DOUBLE)[None]
    fields = teacher["weight"][1] @ inputs[0] / math.sqrt(40)
    expected = sum(math.erf(field / math.sqrt(2)) for field in fields.tolist())
    outputs = soft_committee.committee_outputs(teacher, inputs)
    assert outputs[1, 0].item() == pytest.approx(expected)
    torch.testing.assert_close(soft_committee.committee_outputs(teacher, inputs.expand(2, 1, 40)), outputs)


def test_the_addition_table_adds() -> None:
    codes, labels = modular_addition.addition_table(7)
    assert codes.shape == (49, 14)
    first, second = codes[:, :7].argmax(dim=1), codes[:, 7:].argmax(dim=1)
    assert torch.equal((first + second) % 7, labels)
    assert (codes.sum(dim=1) == 2).all()
    assert len({tuple(row) for row in codes.tolist()}) == 49


def test_pairs_are_split_without_overlap() -> None:
    training, test = modular_addition.split_pairs([1, 2], 7, 0.4)
    assert training.shape == (2, 20)
    for run in range(2):
        assert sorted([*training[run].tolist(), *test[run].tolist()]) == list(range(49))
    with pytest.raises(ValueError, match="leaves 49 of 49 pairs to train on, 0 to test"):
        modular_addition.split_pairs([1], 7, 1.0)


def test_a_sparse_parity_is_the_product_of_its_bits() -> None:
    inputs, labels = sparse_parities.sparse_parity([1, 2], 500, 10, 3)
    assert torch.equal(labels, inputs[..., 0] * inputs[..., 1] * inputs[..., 2])
    assert set(inputs.unique().tolist()) == {-1.0, 1.0}
    assert labels.mean().abs() < 0.1
    with pytest.raises(ValueError, match="a parity of 11 out of 10 bits"):
        sparse_parities.sparse_parity([1], 5, 10, 11)


def test_tasks_of_a_multitask_parity_come_at_their_frequencies_and_keep_their_bits() -> None:
    frequencies = sparse_parities.task_frequencies(5, 0.5)
    torch.testing.assert_close(frequencies[3] / frequencies[0], torch.tensor(4**-1.5, dtype=DOUBLE))
    inputs, labels, task = sparse_parities.multitask_parity([1, 2], 20_000, frequencies, bits=12, degree=3)
    seen = task.flatten().bincount(minlength=5) / task.numel()
    torch.testing.assert_close(seen.double(), frequencies, rtol=0.1, atol=0.003)
    assert torch.equal(inputs[..., :5].argmax(dim=-1), task)
    signs = 1 - 2 * inputs[..., 5:]
    for kind in range(5):
        chosen = task == kind
        parity = 1 - 2 * labels[chosen].float()
        triples = torch.combinations(torch.arange(12), 3)
        agreement = (signs[chosen][:, triples].prod(dim=2) * parity[:, None]).mean(dim=0)
        assert (agreement == 1).sum() == 1


def skewed_classes() -> tuple[torch.Tensor, torch.Tensor]:
    mixing = torch.tensor([[1.0, 0.5, 0.0], [0.0, 0.7, -0.4], [0.0, 0.0, 0.2]])
    skewed = torch.linspace(0.02, 4, 1200).reshape(400, 3).sin().exp()
    return torch.cat([skewed @ mixing, 1 - 2 * skewed[:100] @ mixing.mT]), torch.tensor([0] * 400 + [1] * 100)


@pytest.mark.parametrize("covariances", ["own", "pooled", "isotropic"])
def test_gaussian_clones_share_means_and_the_covariances_that_they_keep(
    covariances: gaussian_clones.Covariances,
) -> None:
    inputs, labels = skewed_classes()
    moments = gaussian_clones.class_moments(inputs, labels, 2).keeping(covariances)
    torch.testing.assert_close(moments.frequency, torch.tensor([0.8, 0.2], dtype=DOUBLE))
    clones, clone_labels = gaussian_clones.draw_clones(moments, range(20), 8000, dtype=DOUBLE)
    own = torch.stack([inputs[labels == label].double().mT.cov(correction=0) for label in (0, 1)])
    pooled = 0.8 * own[0] + 0.2 * own[1]
    for label in (0, 1):
        original = inputs[labels == label].double()
        copies = clones[clone_labels == label]
        assert len(copies) / clone_labels.numel() == pytest.approx((0.8, 0.2)[label], abs=0.01)
        torch.testing.assert_close(copies.mean(dim=0), original.mean(dim=0), rtol=0.02, atol=0.02)
        expected = {
            "own": own[label],
            "pooled": pooled,
            "isotropic": pooled.trace() / 3 * torch.eye(3).double(),
        }
        torch.testing.assert_close(copies.mT.cov(), expected[covariances], rtol=0.03, atol=0.02)
        standardised = (copies - copies.mean(dim=0)) / copies.std(dim=0)
        assert standardised.pow(3).mean().abs() < 0.03
        assert standardised.pow(4).mean().item() == pytest.approx(3, abs=0.1)


def test_twins_have_the_moments_exactly_and_every_seed_its_own_draws() -> None:
    inputs, labels = skewed_classes()
    moments = gaussian_clones.class_moments(inputs, labels, 2)
    twins = gaussian_clones.draw_twins(moments, (3, 4), labels, dtype=DOUBLE)
    for twin in twins:
        found = gaussian_clones.class_moments(twin, labels, 2)
        torch.testing.assert_close(found.mean, moments.mean)
        torch.testing.assert_close(found.covariance, moments.covariance)
    assert (twins[0] - twins[1]).abs().mean() > 0.1
    torch.testing.assert_close(twins[1:], gaussian_clones.draw_twins(moments, (4,), labels, dtype=DOUBLE))


def test_shifted_moments_are_those_of_the_next_class() -> None:
    moments = gaussian_clones.class_moments(*skewed_classes(), 2)
    torch.testing.assert_close(moments.shifted().mean, moments.mean.flip(0))
    torch.testing.assert_close(moments.shifted().covariance[1], moments.covariance[0])


def test_a_class_with_too_few_examples_has_no_twin() -> None:
    moments = gaussian_clones.class_moments(*skewed_classes(), 2)
    with pytest.raises(ValueError, match="a class of 3 examples cannot have every covariance in 3 dimensions"):
        gaussian_clones.draw_twins(moments, (0,), torch.tensor([0] * 5 + [1] * 3))


def test_a_class_without_examples_has_no_moments() -> None:
    with pytest.raises(ValueError, match=r"classes \[1\] have no example"):
        gaussian_clones.class_moments(torch.ones(2, 3), torch.tensor([0, 2]), 3)
