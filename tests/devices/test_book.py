"""Every arm of the quick book, as it is, on the pretended accelerator: `make devices`, for a night, not for a commit.

Numbers are the CPU's. Which lines read back more than once a training step is written to build/reads-of-a-card.txt.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from lawbook import Trials

small_arms = sys.modules["small_arms"]
SEEDS = (0, 1, 2)
TOLD = small_arms.ROOT / "build" / "reads-of-a-card.txt"
ARMS = {name: checker for name, checker, _ in small_arms.arms()}
# Iterations in which a number must come back, as it decides whether, or how, they go on.
MAY_WAIT = (
    "checkers/instruments/lanczos.py",
    "checkers/instruments/followed_eigenpairs.py",
    "checkers/instruments/batched_newton.py",
    "checkers/theory/gradient_flow.py",
)

pytestmark = pytest.mark.devices


@pytest.fixture(scope="module")
def told() -> Iterator[dict[str, dict[str, Any]]]:
    """Arms by name, each with the lines that read back too often, written down in the end."""
    found: dict[str, dict[str, Any]] = {}
    yield found
    TOLD.parent.mkdir(exist_ok=True)
    lines = [
        f"{name}: {line} {times} times in {reads['steps']} steps"
        for name, reads in sorted(found.items())
        for line, times in reads["lines"].items()
    ]
    with TOLD.open("a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("name", ARMS)
def test_its_numbers_are_the_cpus_and_it_seldom_makes_a_card_wait(
    name: str, accelerator: ModuleType, told: dict[str, dict[str, Any]]
) -> None:
    (arm,) = (whole for whole in small_arms.whole_arms() if whole.arm == name)
    expected = arm.function(Trials(SEEDS), **arm.arguments)
    with accelerator.card() as reads:
        found = arm.function(Trials(SEEDS, accelerator.DEVICE, reads.track), **arm.arguments)
    for one, other in zip(expected.values, found.values, strict=True):
        assert repr(one) == repr(other) or math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    assert found.in_regime == expected.in_regime
    often = reads.often()
    told[name] = {"steps": reads.steps, "lines": often}
    unexcused = {line: times for line, times in often.items() if not line.startswith(MAY_WAIT)}
    assert not unexcused, f"read back in {reads.steps} steps: {unexcused}"
