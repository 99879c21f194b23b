"""At rest both sides agree; before it, and in the wrong relation, they do not."""

import pytest

from checkers.hyperparameters.fluctuation_dissipation import relation_ratio
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001))
SHORT = {"points": 64, "dimension": 4, "burn_in": 500, "steps": 4000}


@pytest.mark.parametrize(("step_size", "steps"), [(0.05, 16_000), (0.3, 4000)])
def test_the_first_relation_holds_at_rest_at_any_step_size(step_size: float, steps: int) -> None:
    # What is left of the sum is the change of the squared norm, over as many relaxation times.
    given = {**SHORT, "steps": steps}
    values = relation_ratio(TRIALS, relation="first", step_size=step_size, **given).values
    assert values == pytest.approx([1.0, 1.0], abs=0.03)


def test_momentum_needs_its_own_relation() -> None:
    given = {"step_size": 0.02, "momentum": 0.9, **SHORT}
    assert relation_ratio(TRIALS, relation="first with momentum", **given).values == pytest.approx([1, 1], abs=0.03)
    assert min(relation_ratio(TRIALS, relation="first", **given).values) > 3


def test_the_second_relation_holds_for_small_steps_and_not_on_the_way() -> None:
    given = {"relation": "second", "step_size": 0.05}
    assert relation_ratio(TRIALS, **given, **SHORT).values == pytest.approx([1.0, 1.0], abs=0.15)
    on_the_way = {**SHORT, "burn_in": 0, "steps": 300, "start_scale": 20.0}
    assert min(relation_ratio(TRIALS, **given, **on_the_way).values) > 2
