"""Every checker that a claim names, made small: the same numbers on both devices, and each seed's own in any company.

A checker that makes a card wait more than once a training step is told with its lines. The whole book's arms, as they
are, run by `make devices`.
"""

from __future__ import annotations

import math
import sys
from functools import cache
from types import ModuleType
from typing import Any

import pytest

from lawbook import Measurement, Trials

small_arms = sys.modules["small_arms"]
SEEDS = (0, 1, 2)
# These take minutes however small: run lengths follow from their other parameters. They run with the whole book.
LONG = small_arms.LONG
CHECKERS = [pytest.param(name, marks=pytest.mark.devices) if name in LONG else name for name in small_arms.checkers()]
EXACT, ITERATED = 1e-9, 5e-3
# Iterations that go on until the last seed has converged, to the tolerance that they were asked for.
UNTIL_ALL_CONVERGE = (
    "checkers/instruments/lanczos.py",
    "checkers/instruments/followed_eigenpairs.py",
    "checkers/instruments/batched_newton.py",
    "checkers/theory/gradient_flow.py",
)
# Single precision, and runs that follow iterated eigenvectors for hundreds of steps.
STATED = {
    "checkers.limits.depth_step_size:feature_update_slope": 1e-5,
    "checkers.limits.linearised_training:gap_slope": 1e-5,
    "checkers.limits.constant_step_batches:steps_error": 1e-6,
    "checkers.limits.constant_step_batches:trade_off_product": 1e-6,
    "checkers.laws.dominant_subspace:progress_within": 0.25,
}
# Where a number must come back more than once a step: the error of a step decides the size of the next.
MAY_WAIT = ("checkers/theory/gradient_flow.py",)
# Instruments read at looks, which are as many in a short run as in a long one; the whole book asks them too.
MEASURES_AT_LOOKS = "checkers/instruments/"
# Reads once a class, before training, which a short run does not outlast.
BEFORE_TRAINING = "checkers/testbeds/gaussian_clones.py"
# Reads two numbers at each of its looks, which a short run makes at nearly every step.
LOOKS_OFTEN = "checkers/solvable/teacher_student.py"
EXCUSED = (*MAY_WAIT, MEASURES_AT_LOOKS, BEFORE_TRAINING, LOOKS_OFTEN)
# Of what is drawn, in float32 mostly: where numbers lie in memory decides in which order they are summed.
DRAWN = 1e-5


@cache
def measured(checker: str) -> tuple[Any, Measurement]:
    """The checker's first arm made small, and what it measures on the CPU."""
    return small_arms.measure_small(small_arms.first_arms()[checker], SEEDS)  # type: ignore[no-any-return]


@cache
def on_card(checker: str) -> tuple[Measurement, Any]:
    """What it measures on the accelerator, and what it read back."""
    accelerator = sys.modules["pretended_accelerator"]
    arm, _ = measured(checker)
    with accelerator.card() as reads:
        return arm.function(Trials(SEEDS, accelerator.DEVICE, reads.track), **arm.arguments), reads


def close(one: float, other: float, tolerance: float) -> bool:
    if not math.isfinite(one):
        return repr(one) == repr(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def assert_alike(found: Measurement, expected: Measurement, tolerance: float) -> None:
    for one, other in zip(expected.values, found.values, strict=True):
        assert close(one, other, tolerance), (expected.values, found.values)
    assert found.in_regime == expected.in_regime
    for here, there in zip(expected.panels, found.panels, strict=True):
        for line, drawn in zip(here.lines, there.lines, strict=True):
            assert all(map(close, line.y, drawn.y, [DRAWN] * len(line.y))), (here.title, line, drawn)


@pytest.mark.parametrize("checker", CHECKERS)
def test_its_numbers_are_the_cpus(checker: str, accelerator: ModuleType) -> None:
    assert_alike(on_card(checker)[0], measured(checker)[1], 1e-12)


@pytest.mark.parametrize("checker", CHECKERS)
def test_it_makes_a_card_wait_at_most_once_a_step(checker: str, accelerator: ModuleType) -> None:
    _, reads = on_card(checker)
    told = {line: times for line, times in reads.often().items() if not line.startswith(EXCUSED)}
    assert not told, f"read back in {reads.steps} steps: {told}; keep such numbers on the device until the end"


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_seeds_number_does_not_depend_on_its_companions(checker: str, accelerator: ModuleType) -> None:
    arm, together = measured(checker)
    _, reads = on_card(checker)
    iterates = any(line.partition(":")[0] in UNTIL_ALL_CONVERGE for line in reads.lines)
    alone = arm.function(Trials(SEEDS[-1:]), **arm.arguments)
    tolerance = STATED.get(checker, ITERATED if iterates else EXACT)
    assert close(together.values[-1], alone.values[0], tolerance), (together.values[-1], alone.values[0])
    if together.in_regime is not None:
        assert alone.in_regime is not None
        assert alone.in_regime[0] == together.in_regime[-1]
