"""Draws depend on a seed and a stream, and on nothing else."""

from __future__ import annotations

import math

import pytest
import torch

from checkers.testbeds import minibatches, randomness

DRAWS = {
    "normal": lambda seeds: randomness.normal(seeds, (3, 2), stream="x"),
    "uniform": lambda seeds: randomness.uniform(seeds, (3, 2), stream="x"),
    "integers": lambda seeds: randomness.integers(seeds, (9,), stream="x", high=1000),
    "signs": lambda seeds: randomness.signs(seeds, (40,), stream="x"),
    "permutation": lambda seeds: randomness.permutation(seeds, 30, stream="x"),
    "subset": lambda seeds: randomness.subset(seeds, 30, 10, stream="x"),
    "orthogonal": lambda seeds: randomness.orthogonal(seeds, 4, stream="x"),
    "with replacement": lambda seeds: next(minibatches.with_replacement(seeds, 100, 8)),
    "without replacement": lambda seeds: next(minibatches.without_replacement(seeds, 100, 8)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_seed_draws_the_same_alone_and_in_any_company(name: str) -> None:
    draw = DRAWS[name]
    company = draw([8, 3, -5, 3])
    assert torch.equal(company[1], draw([3])[0])
    assert torch.equal(company[1], company[3])
    assert torch.equal(company[2], draw([-5])[0])
    assert not torch.equal(company[0], company[1])


def test_streams_are_independent_and_the_global_generator_is_left_alone() -> None:
    torch.manual_seed(0)
    state = torch.get_rng_state()
    weights = randomness.normal([3], (5,), stream="weights")
    data = randomness.normal([3], (5,), stream="data")
    assert not torch.equal(weights, data)
    assert torch.equal(torch.get_rng_state(), state)


def test_draws_have_the_law_they_are_named_after() -> None:
    gaussian = randomness.normal(range(50), (2000,), stream="law", dtype=torch.float64)
    assert gaussian.mean().abs() < 0.02
    assert gaussian.var().item() == pytest.approx(1, abs=0.03)
    assert gaussian.pow(4).mean().item() == pytest.approx(3, abs=0.2)
    flat = randomness.uniform(range(50), (2000,), stream="law", low=-1, high=3)
    assert flat.min() >= -1
    assert flat.max() < 3
    assert flat.std().item() == pytest.approx(4 / math.sqrt(12), rel=0.02)
    assert set(randomness.integers(range(5), (200,), stream="law", low=2, high=5).unique().tolist()) == {
        2,
        3,
        4,
    }
    assert set(randomness.signs(range(5), (20,), stream="law").unique().tolist()) == {-1.0, 1.0}


def test_subsets_hold_different_indices_and_cannot_outgrow_the_set() -> None:
    drawn = randomness.subset([1, 2], 10, 10, stream="x")
    assert drawn.sort(dim=1).values.tolist() == [list(range(10))] * 2
    with pytest.raises(ValueError, match="cannot choose 11 different items out of 10"):
        randomness.subset([1], 10, 11, stream="x")


def test_orthogonal_matrices_are_orthogonal_and_haar() -> None:
    drawn = randomness.orthogonal(range(4000), 3, stream="x", dtype=torch.float64)
    torch.testing.assert_close(drawn @ drawn.mT, torch.eye(3, dtype=torch.float64).expand(4000, 3, 3))
    assert drawn.mean(dim=0).abs().max() < 0.04  # QR with R's signs left as they come fails this
    assert drawn.diagonal(dim1=1, dim2=2).sum(dim=1).square().mean().item() == pytest.approx(1, abs=0.1)


def test_an_epoch_without_replacement_sees_everything_once() -> None:
    batches = minibatches.without_replacement([4, 5], 12, 4)
    epochs = [torch.cat([next(batches) for _ in range(3)], dim=1) for _ in range(2)]
    for epoch in epochs:
        assert epoch.sort(dim=1).values.tolist() == [list(range(12))] * 2
    assert not torch.equal(epochs[0], epochs[1])


def test_an_incomplete_batch_is_left_out() -> None:
    batches = minibatches.without_replacement([4], 10, 4)
    first = torch.cat([next(batches), next(batches)], dim=1)
    assert first.unique().numel() == 8
    assert torch.cat([next(batches), next(batches)], dim=1).unique().numel() == 8


def test_draws_with_replacement_repeat_within_a_batch() -> None:
    batch = next(minibatches.with_replacement([4], 10, 2000))
    assert batch.unique().tolist() == list(range(10))
    with pytest.raises(ValueError, match="both must be positive"):
        minibatches.with_replacement([4], 0, 3)
    with pytest.raises(ValueError, match="a batch of 11 from 10 examples"):
        minibatches.without_replacement([4], 10, 11)


def test_taking_examples_works_on_shared_and_on_per_run_data() -> None:
    data = torch.arange(24.0).reshape(2, 4, 3)
    indices = torch.tensor([[3, 0], [1, 1]])
    assert torch.equal(minibatches.take(data[0], indices)[1], data[0][[1, 1]])
    assert torch.equal(minibatches.take(data, indices, per_run=True)[1], data[1][[1, 1]])
