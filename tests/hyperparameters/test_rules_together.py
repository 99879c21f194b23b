"""The rules for width, batch size and momentum, used together from one small run."""

from __future__ import annotations

from typing import Any

import pytest

from checkers.hyperparameters.rules_together import Task, ninth_decile_excess
from lawbook import Trials

TRIALS = Trials((100_001, 100_002))
SMALL: dict[str, Any] = {"step_size": 0.02, "task": Task(examples=256, epochs=8, replicas=1)}
FROM: dict[str, Any] = {"widths": [16], "batch_sizes": [8], "momenta": [0.0]}


def test_copies_of_a_network_keep_its_best_step_size() -> None:
    task = Task(examples=256, epochs=8, replicas=1, weights="copies")
    found = ninth_decile_excess(TRIALS, **{**SMALL, **FROM, "widths": [16, 32], "task": task})
    assert found.values == pytest.approx([0.0, 0.0], abs=0.01)


@pytest.mark.parametrize(
    ("rule", "changed"),
    [("width", {"widths": [16, 64]}), ("batch size", {"batch_sizes": [4, 16]}), ("momentum", {"momenta": [0.0, 0.8]})],
)
def test_a_rule_left_out_costs_more_than_the_rule_does(rule: Any, changed: dict[str, Any]) -> None:
    kept = ninth_decile_excess(TRIALS, **{**SMALL, **FROM, **changed})
    without = ninth_decile_excess(TRIALS, **{**SMALL, **FROM, **changed}, left_out=rule)
    assert all(more > less + 0.05 for more, less in zip(without.values, kept.values, strict=True))


def test_a_small_run_whose_best_step_size_is_not_bracketed_is_out_of_regime() -> None:
    found = ninth_decile_excess(
        TRIALS, **{**SMALL, **FROM, "widths": [16, 32], "step_size": 1e-5, "search": 3, "spacing": 1.2}
    )
    assert found.in_regime == (False, False)


def test_every_configuration_but_the_small_run_is_noted() -> None:
    found = ninth_decile_excess(TRIALS, **{**SMALL, **FROM, "batch_sizes": [8, 16], "momenta": [0.0, 0.5]})
    assert len(found.notes) == 1 + 3
