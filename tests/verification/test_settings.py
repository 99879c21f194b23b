"""A check whose checker takes a setting, from its file to its record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TASK = '''"""A noise that several experiments share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noise:
    """Normal draws around a centre."""

    centre: float = 0.0
    spread: float = 0.1
    shifts: tuple[float, ...] = (0.0,)
'''
CHECKER = '''"""Draws from a setting."""

import random

from checkers.settings.noise import Noise
from lawbook import Measurement, Trials


def draw(trials: Trials, *, noise: Noise = Noise(centre=5.0)) -> Measurement:
    """One draw a seed, shifted; the shifts are a tuple, as the setting says."""
    assert isinstance(noise, Noise) and isinstance(noise.shifts, tuple)
    draws = [random.Random(seed).gauss(noise.centre, noise.spread) for seed in trials.seeds]
    return Measurement([value + sum(noise.shifts) for value in draws])
'''


@pytest.fixture
def plant(laboratory: Any, check: Callable[..., Any], settings: Callable[..., Any]) -> Callable[..., None]:
    """Plants the claim `noisy`, whose check shifts the centre 5 of its setting by −5, with one control."""
    for path, text in (("settings/noise.py", TASK), ("laws/draws.py", CHECKER)):
        file = laboratory.root / "checkers" / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)

    def plant(control: dict[str, Any], **changes: Any) -> None:
        whole = check(
            "centre",
            checker="checkers.laws.draws:draw",
            quick=settings({"noise": {"spread": 0.01, "shifts": [-4.0, -1.0]}}),
            controls=[{"name": "moved", "why": "elsewhere", **control}],
            **changes,
        )
        laboratory.plant("noisy", whole)

    return plant


def test_a_setting_reaches_the_checker_and_its_fields_merge(laboratory: Any, plant: Any) -> None:
    plant({"params": {"noise": {"centre": 6.0}}})
    laboratory.verify(exit_code=0)
    record = laboratory.record("noisy/centre")
    assert record.outcome == "pass"
    assert record.params == {"noise": {"spread": 0.01, "shifts": [-4.0, -1.0]}}
    assert record.controls[0].params == {"noise": {"spread": 0.01, "shifts": [-4.0, -1.0], "centre": 6.0}}
    assert record.controls[0].estimate == pytest.approx(1.0, abs=0.05)


def test_a_formula_may_name_a_field_of_a_setting(laboratory: Any, plant: Any) -> None:
    expect = {"equals": "noise.centre - 5", "within": "100 * noise.spread"}
    plant({"params": {"noise": {"centre": 7.0}}, "judge_with": {"noise.centre": 5.0}}, expect=expect)
    laboratory.verify(exit_code=0)
    record = laboratory.record("noisy/centre")
    assert (record.outcome, record.controls[0].outcome) == ("pass", "fail")
    assert record.accept == pytest.approx((-1.0, 1.0))


def test_another_value_of_a_field_in_the_setting_makes_evidence_stale(laboratory: Any, plant: Any) -> None:
    plant({"params": {"noise": {"centre": 6.0}}})
    laboratory.verify(exit_code=0)
    assert "1 fresh" in laboratory.verify()
    laboratory.edit("checkers/settings/noise.py", "spread: float = 0.1", "spread: float = 0.2")
    assert "1 fresh" not in laboratory.verify()


def test_a_control_that_repeats_a_field_is_refused(laboratory: Any, plant: Any) -> None:
    plant({"params": {"noise": {"centre": 5.0}}})
    assert "the control measures the same as the check" in laboratory.verify(exit_code=2)


def test_show_names_the_fields_of_settings_with_dots(laboratory: Any, plant: Any) -> None:
    plant({"params": {"noise": {"centre": 6.0}}, "quick": {"noise": {"spread": 0.02}}})
    page = laboratory.run("show", "noisy").output
    assert "params: noise.spread = 0.01, noise.shifts = [-4.0, -1.0]" in page
    assert "control moved with: noise.centre = 6.0, noise.spread = 0.02" in page
