"""A diagonal network ends where its potential is least, and the two norms are its ends."""

from checkers.solvable.diagonal_network import distance_to_minimiser
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_004)))
SMALL = {"samples": 8, "dimension": 16, "support": 2}


def test_training_ends_at_the_minimiser_of_the_potential() -> None:
    found = distance_to_minimiser(TRIALS, scales=[0.3, 1.0], **SMALL)
    assert all(found.in_regime or ())
    assert max(found.values) < 1e-3


def test_a_large_start_ends_at_the_least_euclidean_norm_and_a_small_one_does_not() -> None:
    large = distance_to_minimiser(TRIALS, scales=[4.0], reference="least l2", **SMALL)
    small = distance_to_minimiser(TRIALS, scales=[0.2], reference="least l2", **SMALL)
    assert max(large.values) < 1e-3 < 0.05 < min(small.values)


def test_a_smaller_start_is_nearer_to_the_least_absolute_norm() -> None:
    near = distance_to_minimiser(TRIALS, scales=[0.2], reference="least l1", **SMALL)
    far = distance_to_minimiser(TRIALS, scales=[2.0], reference="least l1", **SMALL)
    assert sum(near.values) < sum(far.values)


def test_an_uneven_start_has_another_minimiser() -> None:
    assert min(distance_to_minimiser(TRIALS, scales=[0.3], unevenness=0.5, **SMALL).values) > 0.01
