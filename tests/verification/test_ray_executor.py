"""The Ray executor gives what the local one gives. Skipped where Ray is not installed."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("ray")
# Ray warns of its own affairs.
pytestmark = pytest.mark.filterwarnings("default")


def test_ray_gives_the_same_numbers_and_contains_errors(laboratory: Any, check: Any, settings: Any) -> None:
    laboratory.plant("true")
    laboratory.verify(exit_code=0)
    here = laboratory.record("true/centre").values
    laboratory.plant("broken", check(quick=settings({"how": "raise"})))
    laboratory.plant("hangs", check(quick=settings({"how": "hang"}, timeout=5)))
    laboratory.verify("--force", "--executor", "ray", "--jobs", "2", exit_code=3)
    assert laboratory.record("true/centre").values == here
    assert "the ground gave way" in laboratory.record("broken/centre").reason
    assert "timed out" in laboratory.record("hangs/centre").reason
