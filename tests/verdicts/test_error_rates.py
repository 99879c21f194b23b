"""How often judging errs, by simulation, with doubling in force: never more than the stated confidence
allows.

Every trial draws from a distribution whose true value is known and is judged look after look, as `verify`
does. The bounds leave three standard errors of the simulation itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from lawbook.registry.models import Estimator
from lawbook.verdicts.judgement import Rule, judge, looks_again

TRIALS = 3000
Draw = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]

normal: Draw = lambda random, shape: random.normal(0.0, 1.0, shape)  # noqa: E731
heavy_tailed: Draw = lambda random, shape: random.standard_t(3, shape)  # noqa: E731
skewed: Draw = lambda random, shape: np.log(2) - random.exponential(1.0, shape)  # noqa: E731


def outcomes(
    draw: Draw, region: tuple[float, float], estimator: Estimator, seeds: int, confidence: float
) -> Counter[str]:
    """How many trials come out as what. The true value of `draw` is 0."""
    rule = Rule.of(region, confidence, estimator, seeds, 4 * seeds)
    samples = draw(np.random.default_rng(seeds), (TRIALS, 4 * seeds)).tolist()
    return Counter(_settle(sample, rule) for sample in samples)


def _settle(sample: list[float], rule: Rule) -> str:
    for look, seen in enumerate(rule.looks):
        finding = judge(sample[:seen], None, rule, look)
        if not looks_again(finding, rule, look, is_control=False):
            break
    return finding.outcome


def bound(error: float) -> float:
    return error + 3 * math.sqrt(error * (1 - error) / TRIALS)


CASES = [
    pytest.param(normal, "mean", 3, 0.95, id="normal, mean of 3"),
    pytest.param(normal, "mean", 8, 0.95, id="normal, mean of 8"),
    pytest.param(normal, "mean", 4, 0.9, id="normal, mean of 4 at .9"),
    pytest.param(heavy_tailed, "mean", 3, 0.95, id="t with 3 degrees of freedom, mean of 3"),
    pytest.param(heavy_tailed, "mean", 5, 0.95, id="t with 3 degrees of freedom, mean of 5"),
    pytest.param(normal, "median", 6, 0.95, id="normal, median of 6"),
    pytest.param(heavy_tailed, "median", 8, 0.99, id="t with 3 degrees of freedom, median of 8 at .99"),
    pytest.param(skewed, "median", 6, 0.95, id="exponential, median of 6"),
]


@pytest.mark.parametrize(("draw", "estimator", "seeds", "confidence"), CASES)
def test_a_true_claim_at_the_regions_edge_fails_no_more_often_than_the_confidence_allows(
    draw: Draw, estimator: Estimator, seeds: int, confidence: float
) -> None:
    told = outcomes(draw, (0.0, math.inf), estimator, seeds, confidence)
    # Only intervals that miss on one side make it fail, so half of the error is all that it may take.
    assert told["fail"] / TRIALS <= bound((1 - confidence) / 2)


@pytest.mark.parametrize(("draw", "estimator", "seeds", "confidence"), CASES)
def test_a_false_claim_just_past_the_edge_passes_no_more_often_than_the_confidence_allows(
    draw: Draw, estimator: Estimator, seeds: int, confidence: float
) -> None:
    told = outcomes(draw, (1e-9, math.inf), estimator, seeds, confidence)
    assert told["pass"] / TRIALS <= bound((1 - confidence) / 2)


@pytest.mark.parametrize(("draw", "estimator", "seeds", "confidence"), CASES)
def test_a_region_that_is_one_point_apart_from_the_truth_is_missed_on_either_side_within_the_confidence(
    draw: Draw, estimator: Estimator, seeds: int, confidence: float
) -> None:
    told = outcomes(draw, (-1e-9, 1e-9), estimator, seeds, confidence)
    assert told["pass"] == 0
    assert told["fail"] / TRIALS <= bound(1 - confidence)


def test_doubling_settles_most_of_what_one_look_leaves_open() -> None:
    region = (-1.3, 1.3)
    rule = Rule.of(region, 0.95, "mean", 6, 6)
    samples = normal(np.random.default_rng(0), (500, 6)).tolist()
    at_once = Counter(_settle(sample, rule) for sample in samples)
    doubled = outcomes(normal, region, "mean", 6, 0.95)
    assert at_once["inconclusive"] / 500 > 0.3
    assert doubled["inconclusive"] / TRIALS < 0.02
    assert doubled["pass"] / TRIALS > 0.97
