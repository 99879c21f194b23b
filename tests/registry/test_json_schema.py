from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from lawbook.registry.json_schema import json_schema, schema_text
from lawbook.registry.models import Claim, Problem
from lawbook.registry.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
TINY = Path(__file__).parents[1] / "tiny_registry"
ENTRIES = sorted([*TINY.glob("claims/*/*.yaml"), *ROOT.glob("claims/*/*.yaml")])


@pytest.mark.parametrize(("name", "model"), [("claim", Claim), ("problem", Problem)])
def test_the_committed_schema_is_current(name: str, model: type[Claim | Problem]) -> None:
    committed = (ROOT / "claims" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(model), f"run `lawbook schema` and save it as claims/{name}.schema.json"


@pytest.mark.parametrize("model", [Claim, Problem])
def test_the_schema_is_itself_valid(model: type[Claim | Problem]) -> None:
    Draft202012Validator.check_schema(json_schema(model))


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_every_entry_satisfies_the_schema(path: Path) -> None:
    model = Problem if path.parent.name == "open-problems" else Claim
    content = read_yaml(path.parent, Path(path.name)).content
    Draft202012Validator(json_schema(model)).validate(content)


def spoil_key(claim: dict[str, Any]) -> None:
    claim["kid"] = 1


def spoil_kind(claim: dict[str, Any]) -> None:
    claim["kind"] = "theorm"


def spoil_region(claim: dict[str, Any]) -> None:
    claim["checks"][0]["expect"]["at_least"] = 0


def spoil_width(claim: dict[str, Any]) -> None:
    claim["checks"][0]["expect"] = {"at_most": 1, "within": 2}


def spoil_tiers(claim: dict[str, Any]) -> None:
    del claim["checks"][0]["quick"], claim["checks"][0]["full"]


def spoil_controls(claim: dict[str, Any]) -> None:
    claim["checks"][0]["controls"] = []


def spoil_seeds(claim: dict[str, Any]) -> None:
    claim["checks"][0]["quick"]["seeds"] = 0


@pytest.mark.parametrize(
    "spoil", [spoil_key, spoil_kind, spoil_region, spoil_width, spoil_tiers, spoil_controls, spoil_seeds]
)
def test_what_lint_refuses_an_editor_refuses_too(spoil: Callable[[dict[str, Any]], None]) -> None:
    content = read_yaml(TINY, Path("claims/laws/noise-averages-out.yaml")).content
    assert content is not None
    spoil(content)
    assert list(Draft202012Validator(json_schema(Claim)).iter_errors(content))


def test_the_schema_explains_its_keys() -> None:
    schema = json.loads(schema_text(Claim))
    assert schema["properties"]["regime"]["description"]
    assert schema["$defs"]["TierSettings"]["properties"]["seeds"]["description"]
