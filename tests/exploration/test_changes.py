"""`--set NAME=VALUE` against the signature of a checker of the book."""

from __future__ import annotations

from pathlib import Path

import pytest

from lawbook.exploration.changes import ChangeError, changed_check, changed_regions, read_changes
from lawbook.registry.checker_source import CheckerSource, resolve_checker
from lawbook.registry.entry import Entry
from lawbook.registry.load import load_registry

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def entry() -> Entry:
    return load_registry(REPOSITORY).entries["edge-of-stability"]


@pytest.fixture(scope="module")
def source(entry: Entry) -> CheckerSource:
    return resolve_checker(REPOSITORY, entry.checks[0].checker)


def test_values_are_read_as_a_claim_file_writes_them(source: CheckerSource) -> None:
    given = ["step_size=1e-3", "setting.hidden=[8, 8]", "setting.labels=random"]
    assert read_changes(given, source) == {
        "step_size": 1e-3,
        "setting": {"hidden": [8, 8], "labels": "random"},
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("setting.hiden=[8]", "'Setting' has no field 'hiden'; did you mean 'hidden'?"),
        ("seting.hidden=[8]", "has no setting 'seting'; did you mean 'setting'?"),
        ("setting.labels=rndom", "did you mean 'random'?"),
        ("steps=1.5", "'steps' must be a whole number"),
        ("step_size=.inf", "must be finite"),
        ("step_size=1\nsteps: 2", "no value that a claim file could hold"),
    ],
)
def test_what_does_not_fit_is_told_as_lint_tells_it(source: CheckerSource, given: str, told: str) -> None:
    with pytest.raises(ChangeError) as caught:
        read_changes([given], source)
    assert told in str(caught.value)


def test_a_change_reaches_the_region_and_one_field_leaves_the_others(entry: Entry, source: CheckerSource) -> None:
    check = entry.checks[0]
    before = check.quick
    assert before is not None
    changed = changed_check(check, "quick", read_changes(["step_size=0.5", "setting.hidden=[4]"], source), 5)
    assert changed.quick is not None
    assert (changed.quick.seeds, changed.quick.seed_limit) == (5, 20)
    assert changed.quick.params == {**before.params, "step_size": 0.5, "setting": {"hidden": [4]}}
    assert changed_regions(changed, "quick", source).main == pytest.approx((3.88, 4.6))
    assert check.quick == before


def test_parameters_that_leave_no_region_are_refused(entry: Entry, source: CheckerSource) -> None:
    changed = changed_check(entry.checks[0], "quick", {"step_size": 0.0}, None)
    with pytest.raises(ChangeError, match="with these parameters the claim accepts nothing"):
        changed_regions(changed, "quick", source)
