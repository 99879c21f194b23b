"""Bounds lie above what they bound, and every measure gives a correlation."""

import pytest

from checkers.laws.generalisation_bounds import bound_correlation, bound_tightness
from checkers.settings.network_zoo import ZooSetting
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = ZooSetting(examples=40, unseen=400, width=8, steps=60)


@pytest.mark.parametrize("prior", ["initial", "zero", "trained"])
def test_the_pac_bayes_bound_lies_above_the_error_it_bounds(prior: str) -> None:
    assert min(bound_tightness(TRIALS, prior=prior, setting=SMALL).values) > 1  # type: ignore[arg-type]


def test_a_prior_that_knows_more_bounds_more_tightly() -> None:
    trained, initial, zero = (
        bound_tightness(TRIALS, prior=prior, setting=SMALL).values  # type: ignore[arg-type]
        for prior in ("trained", "initial", "zero")
    )
    for told in range(len(TRIALS)):
        assert trained[told] < initial[told] <= zero[told]
    assert max(trained) < 2


@pytest.mark.parametrize("measure", ["spectral", "unseen"])
def test_every_measure_gives_a_correlation(measure: str) -> None:
    values = bound_correlation(TRIALS, measure=measure, within_noise_level=True, setting=SMALL).values  # type: ignore[arg-type]
    assert all(-1 <= value <= 1 for value in values)


def test_the_error_on_unseen_images_orders_networks_of_mixed_noise() -> None:
    assert min(bound_correlation(TRIALS, measure="unseen", setting=SMALL).values) > 0.6
