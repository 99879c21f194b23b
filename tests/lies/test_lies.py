"""No check of the registry believes a lie: its own measurement, judged against a region moved away, never passes."""

import importlib.util
from pathlib import Path

import pytest

from lawbook.book import CheckState, open_book
from lawbook.verdicts.judgement import Rule, judge

ROOT = Path(__file__).parents[2]

_spec = importlib.util.spec_from_file_location("plant_lies", Path(__file__).with_name("plant_lies.py"))
assert _spec is not None
assert _spec.loader is not None
plant_lies = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(plant_lies)


def recorded() -> dict[str, CheckState]:
    return {
        f"{id}/{state.check.name}.{state.tier}": state
        for id, entry in open_book(ROOT).states.items()
        for state in entry.checks
        # The opposite of a one-sided statement that failed is no lie.
        if state.record is not None and state.outcome in ("pass", "inconclusive", "void")
    }


RECORDED = recorded()


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_measurement_does_not_pass_against_a_region_moved_away(name: str) -> None:
    state = RECORDED[name]
    record, settings = state.record, state.check.settings(state.tier)
    assert record is not None
    assert settings is not None
    region = plant_lies.moved_region(state.check.expect.region)
    rule = Rule.of(region, record.confidence, record.estimator, settings.seeds, settings.seed_limit)
    values = [float("nan") if value is None else value for value in record.values]
    finding = judge(values, record.in_regime, rule, min(record.looks, len(rule.looks)) - 1)
    assert finding.outcome != "pass", f"{name} believes that its value lies in {region}"


@pytest.mark.parametrize(
    "expect",
    [{"between": [0.97, 1.15]}, {"equals": 0.0, "within": 0.1}, {"at_most": 1e-6}, {"at_least": 0.5}],
)
def test_the_lie_in_a_claim_file_is_the_region_moved_away(expect: dict[str, object]) -> None:
    from lawbook.registry.models import Expectation

    lie = Expectation.model_validate(plant_lies.lying_expectation(expect)).region
    assert lie == pytest.approx(plant_lies.moved_region(Expectation.model_validate(expect).region))
