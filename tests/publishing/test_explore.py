"""What a reader may try: the command runs the check elsewhere, and the formula says what should follow."""

import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from lawbook.exploration.changes import read_changes
from lawbook.publishing.explore import exploration, explorations
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.load import load_registry
from lawbook.registry.models import Check
from lawbook.registry.parameter_values import effective_params

REPOSITORY = Path(__file__).parents[2]
TINY = REPOSITORY / "tests/tiny_registry"
CHECK = {
    "name": "centre",
    "checker": "checkers.laws.example:centre_of_noise",
    "observable": "x",
    "expect": {"equals": "2 * centre", "within": 0.3},
    "because": "so",
    "quick": {"seeds": 8, "timeout": 30, "params": {"centre": 4.0}},
    "controls": [{"name": "wide", "why": "far out", "params": {"spread": 9.0}}],
}


def check(**changes: object) -> Check:
    return Check.model_validate(CHECK | changes)


def test_the_formula_says_what_another_value_should_do() -> None:
    found = exploration(TINY, "law", check())
    assert found is not None
    first = found.knobs[0]
    assert (first.name, first.value, first.given) == ("centre", "4.0", True)
    assert first.effects == ["the law gives 8 now and 4 at 2, by 2 * centre ± 0.3"]


def test_a_control_says_what_its_value_must_do() -> None:
    found = exploration(TINY, "law", check())
    assert found is not None
    spread = next(knob for knob in found.knobs if knob.name == "spread")
    assert not spread.given
    assert spread.effects == ["at 9.0 the law must fail (control wide)"]


@pytest.mark.parametrize(
    ("expect", "setting"),
    [({"equals": "2 * centre", "within": 0.3}, "centre=2.0"), ({"at_most": 9}, "spread=9.0")],
)
def test_the_command_changes_what_the_law_depends_on_or_what_a_control_changes(
    expect: dict[str, object], setting: str
) -> None:
    found = exploration(TINY, "law", check(expect=expect))
    assert found is not None
    assert shlex.split(found.command) == ["lawbook", "try", "law/centre", "--set", setting, "--seeds", "4"]


def test_a_check_of_the_full_tier_alone_is_tried_there() -> None:
    found = exploration(TINY, "law", check(quick=None, full=CHECK["quick"]))
    assert found is not None
    assert "--tier full" in found.command


def test_every_parameter_of_the_signature_is_offered() -> None:
    source = resolve_checker(TINY, str(CHECK["checker"]))
    found = exploration(TINY, "law", check())
    assert found is not None
    assert {knob.name for knob in found.knobs} == set(effective_params(source, {"centre": 4.0}))
    assert all(knob.takes for knob in found.knobs)


def test_a_checker_that_cannot_be_read_offers_nothing() -> None:
    assert exploration(TINY, "law", check(checker="checkers.laws.example:gone")) is None


def test_every_command_that_the_book_suggests_is_one_that_try_takes() -> None:
    registry = load_registry(REPOSITORY)
    suggested = 0
    for id, entry in registry.entries.items():
        for check in entry.checks:
            found = exploration(REPOSITORY, id, check)
            assert found is not None
            words = shlex.split(found.command)
            assignments = [value for flag, value in pairwise(words) if flag == "--set"]
            changes = read_changes(assignments, resolve_checker(REPOSITORY, check.checker))
            assert changes, found.command
            suggested += 1
    assert suggested > 100


def test_what_an_earlier_check_said_of_a_parameter_is_only_named_again() -> None:
    other = check(name="again", quick={"seeds": 8, "timeout": 30, "params": {"centre": 5.0}})
    first, second = explorations(TINY, "law", [check(), other])
    assert {knob.name for knob in first.knobs} >= {"centre", "spread"}
    assert not first.as_before
    assert [knob.name for knob in second.knobs] == ["centre"]
    assert {knob.name for knob in second.as_before} == {knob.name for knob in first.knobs} - {"centre"}
