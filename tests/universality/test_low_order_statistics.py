"""Networks on Gaussian clones of their data, on a small configuration."""

from checkers.universality.low_order_statistics import clone_gap
from lawbook import Trials

TRIALS = Trials((200_000, 200_001, 200_002))


def test_early_in_training_clones_are_as_good_as_the_data() -> None:
    measured = clone_gap(TRIALS, width=32, steps=60)
    assert measured.in_regime == (True, True, True)
    assert max(measured.values) < 0.08


def test_clones_with_another_class_moments_are_not() -> None:
    assert min(clone_gap(TRIALS, width=32, steps=60, classes="shifted").values) > 0.3


def test_a_network_that_has_not_learned_yet_is_out_of_regime() -> None:
    assert clone_gap(TRIALS, width=32, steps=2).in_regime == (False, False, False)


def test_without_class_means_clones_of_the_average_covariance_are_worth_nothing() -> None:
    own, average = (
        clone_gap(TRIALS, width=32, steps=400, inputs="less-class-means", order=order) for order in (2, 1)
    )
    assert max(own.values) < 0.5
    assert min(average.values) > 0.7
