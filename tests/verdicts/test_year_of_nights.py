"""The figures that the method page gives for a year of nights."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def simulation() -> ModuleType:
    path = Path(__file__).with_name("simulate_year.py")
    specification = importlib.util.spec_from_file_location("simulate_year", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["simulate_year"] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_the_method_pages_figures_are_those_of_the_simulation(simulation: ModuleType) -> None:
    page = (ROOT / "site/pages/method.md").read_text()
    for row in simulation.table():
        assert row in page


def test_confirmation_makes_false_alarms_rarer_by_far_and_pooling_narrows_the_interval(
    simulation: ModuleType,
) -> None:
    alone = simulation.simulate(0.0, 10.0, confirm=False, books=1, seed=5)
    twice = simulation.simulate(0.0, 10.0, confirm=True, books=1, seed=5)
    assert twice.fails < alone.fails / 20
    assert twice.reach < 0.05
