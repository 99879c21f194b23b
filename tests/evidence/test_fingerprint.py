"""Fingerprints change with what is measured and with the code that runs, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lawbook.evidence.fingerprint import CodeGraph, definition_fingerprint, measurement_fingerprint
from lawbook.registry.models import Check
from lawbook.registry.regions import CheckRegions

CHECK: dict[str, Any] = {
    "name": "plateau",
    "checker": "checkers.laws.a:measure",
    "observable": "$x$",
    "expect": {"between": [0.0, 1.0]},
    "because": "theory",
    "quick": {"seeds": 4, "timeout": 10, "params": {"width": 32}},
    "controls": [{"name": "broken", "why": "no", "params": {"width": 1}}],
}


def fingerprint(tier: Any = "quick", **changes: Any) -> str:
    check = Check.model_validate({**CHECK, **changes})
    region = check.expect.region({"width": 32.0})
    controls = {control.name: region for control in check.controls}
    rivals = {rival.name: region for rival in check.rivals if rival.params is not None}
    return definition_fingerprint(check, tier, CheckRegions(region, None, controls, rivals))


def with_quick(**changes: Any) -> dict[str, Any]:
    return {**CHECK["quick"], **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"observable": "$y$"},
        {"because": "the paper"},
        {"answers": {"seeds": "the runs are long", "rivals": "none is published"}},
        {"quick": with_quick(timeout=99)},
        {"quick": with_quick(memory=999)},
        {"quick": with_quick(max_seeds=16)},
        {"controls": [{"name": "broken", "why": "another reason", "params": {"width": 1}}]},
        {"full": {"seeds": 9, "timeout": 10, "params": {}}},
        {"expect": {"equals": 0.5, "within": 0.5}},
    ],
    ids=str,
)
def test_prose_limits_of_time_and_the_other_tier_are_no_part_of_a_definition(changes: dict[str, Any]) -> None:
    assert fingerprint(**changes) == fingerprint()


@pytest.mark.parametrize(
    "changes",
    [
        {"checker": "checkers.laws.a:other"},
        {"expect": {"between": [0.0, 1.1]}},
        {"expect": {"at_least": 0.0}},
        {"confidence": 0.99},
        {"estimator": "median"},
        {"quick": with_quick(seeds=5)},
        {"quick": with_quick(max_seeds=8)},
        {"quick": with_quick(params={"width": 33})},
        {"controls": [{"name": "broken", "why": "no", "params": {"width": 2}}]},
        {"controls": [{"name": "broken", "why": "no", "params": {"width": 1}, "quick": {"depth": 2}}]},
        {"controls": [{"name": "other", "why": "no", "params": {"width": 1}}]},
        {"controls": [{"name": "broken", "why": "no", "params": {"width": 1}, "expect": "out-of-regime"}]},
    ],
    ids=str,
)
def test_what_is_measured_and_accepted_is(changes: dict[str, Any]) -> None:
    assert fingerprint(**changes) != fingerprint()


def test_what_a_claim_answers_is_no_part_of_what_it_measures() -> None:
    answered = Check.model_validate({**CHECK, "answers": {"width": "theory's correction is of that order"}})
    assert measurement_fingerprint(answered, "quick") == measurement_fingerprint(Check.model_validate(CHECK), "quick")


def test_a_tier_without_settings_has_no_definition() -> None:
    with pytest.raises(ValueError, match="no settings for the full tier"):
        fingerprint("full")


MODULES = {
    "checkers/__init__.py": "",
    "checkers/laws/__init__.py": "",
    "checkers/laws/a.py": "from checkers.instruments import ruler\ndef measure(): return ruler.read()\n",
    "checkers/laws/b.py": "import numpy as np\nfrom ..instruments.clock import read\ndef measure(): return read()\n",
    "checkers/instruments/__init__.py": "",
    "checkers/instruments/ruler.py": "import torch.nn\nfrom . import scale\ndef read(): return scale.UNIT\n",
    "checkers/instruments/scale.py": "UNIT = 1\n",
    "checkers/instruments/clock.py": "def read():\n    import checkers.theory.time as time\n    return time.NOW\n",
    "checkers/theory/__init__.py": "",
    "checkers/theory/time.py": "NOW = 0\n",
}
A, B = "checkers.laws.a:measure", "checkers.laws.b:measure"


@pytest.fixture
def code(tmp_path: Path) -> Callable[..., CodeGraph]:
    """A tree of checkers with some files changed, read afresh."""

    def build(**changes: str) -> CodeGraph:
        for path, source in {**MODULES, **changes}.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(source)
        return CodeGraph(tmp_path)

    return build


def test_imports_are_followed_however_they_are_written(code: Callable[..., CodeGraph]) -> None:
    graph = code()
    packages = {"checkers", "checkers.laws", "checkers.instruments"}
    assert set(graph.modules(A)) == packages | {
        "checkers.laws.a",
        "checkers.instruments.ruler",
        "checkers.instruments.scale",
    }
    assert set(graph.modules(B)) == packages | {
        "checkers.laws.b",
        "checkers.instruments.clock",
        "checkers.theory",
        "checkers.theory.time",
    }


@pytest.mark.parametrize(
    ("path", "source", "changed"),
    [
        ("checkers/instruments/scale.py", "UNIT = 2\n", {A}),
        ("checkers/theory/time.py", "NOW = 1\n", {B}),
        ("checkers/instruments/__init__.py", "X = 1\n", {A, B}),
        ("checkers/instruments/scale.py", "# finer\nUNIT = 1\n", set()),
        ("checkers/instruments/unused.py", "UNIT = 2\n", set()),
    ],
)
def test_only_the_evidence_of_those_who_import_a_module_goes_stale(
    code: Callable[..., CodeGraph], path: str, source: str, changed: set[str]
) -> None:
    before = {reference: code().fingerprint(reference) for reference in (A, B)}
    graph = code(**{path: source})
    assert {reference for reference in (A, B) if graph.fingerprint(reference) != before[reference]} == changed


def test_modules_that_import_each_other_are_no_trap(code: Callable[..., CodeGraph]) -> None:
    graph = code(**{"checkers/instruments/scale.py": "from checkers.instruments import ruler\nUNIT = 1\n"})
    assert "checkers.instruments.scale" in graph.modules(A)


def test_code_that_does_not_parse_has_a_fingerprint_that_its_mend_changes(
    code: Callable[..., CodeGraph],
) -> None:
    spoiled = code(**{"checkers/instruments/scale.py": "UNIT = = 1\n"}).fingerprint(A)
    assert spoiled != code().fingerprint(A)


def test_modules_of_other_packages_are_known_by_name(code: Callable[..., CodeGraph]) -> None:
    assert code().external(A) == {"torch.nn"}
    assert code().external(B) == {"numpy"}
