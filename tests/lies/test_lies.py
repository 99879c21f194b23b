"""No check of the registry believes a lie: its own measurement, judged by another law, never passes."""

import importlib.util
import math
from pathlib import Path

import pytest

from lawbook.book import CheckState, open_book
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.expectation import Expectation
from lawbook.registry.parameter_values import scalar_values
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


def outcome_against(state: CheckState, region: tuple[float, float]) -> str:
    record, settings = state.record, state.check.settings(state.tier)
    assert record is not None
    assert settings is not None
    rule = Rule.of(region, record.confidence, record.estimator, settings.seeds, settings.seed_limit)
    values = [math.nan if value is None else value for value in record.values]
    return judge(values, record.in_regime, rule, min(record.looks, len(rule.looks)) - 1).outcome


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_measurement_does_not_pass_against_a_region_moved_away(name: str) -> None:
    state = RECORDED[name]
    region = plant_lies.moved_region(state.regions.main)
    assert outcome_against(state, region) != "pass", f"{name} believes that its value lies in {region}"


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_measurement_does_not_pass_against_a_wrong_formula(name: str) -> None:
    state = RECORDED[name]
    settings = state.check.settings(state.tier)
    assert settings is not None
    values = scalar_values(resolve_checker(ROOT, state.check.checker), settings.params).numbers
    check = state.check.model_dump(exclude_none=True, include={"name", "checker", "observable", "expect"})
    for region in plant_lies.lied_regions(check, values):
        assert outcome_against(state, region) != "pass", f"{name} believes a law with the region {region}"


@pytest.mark.parametrize(
    "expect",
    [
        {"between": [0.97, 1.15]},
        {"equals": 0.0, "within": 0.1},
        {"equals": "2 / a", "within": "5 %"},
        {"at_most": 1e-6},
        {"at_least": 0.5},
    ],
)
def test_the_lie_in_a_claim_file_is_the_region_moved_away(expect: dict[str, object]) -> None:
    region = Expectation.model_validate(expect).region({"a": 0.4})
    lie = Expectation.model_validate(plant_lies.moved_away(expect, region)).region({})
    assert lie == pytest.approx(plant_lies.moved_region(region))


def test_a_wrong_formula_is_another_exponent_or_another_factor() -> None:
    law = {"equals": "2 * a - 1", "within": 0.1}
    steep, shallow = plant_lies.wrong_formulas(law, exponent=True)
    (wrong,) = plant_lies.wrong_formulas(law, exponent=False)
    middles = [sum(Expectation.model_validate(lie).region({"a": 1.0})) / 2 for lie in (steep, shallow, wrong)]
    assert middles == pytest.approx([1.15, 0.85, 1.3])
    assert plant_lies.wrong_formulas({"equals": 0.0, "within": 1}, exponent=False) == []
    assert plant_lies.wrong_formulas({"at_most": 3}, exponent=False) == []
