"""`--set NAME=VALUE`: a check with other parameters, judged as `lint` judges those of a claim file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lawbook.registry.check_params import judge_params
from lawbook.registry.checker_source import CheckerSource
from lawbook.registry.entry import KeyPath, Position
from lawbook.registry.models import Check, Tier
from lawbook.registry.parameter_merge import merge_params, undotted
from lawbook.registry.regions import CheckRegions, all_regions, region_mistakes
from lawbook.registry.suggestions import did_you_mean
from lawbook.registry.yaml_reader import Document, parse_yaml

OPTION = Path("--set")
_VALUE = "value"


class ChangeError(Exception):
    """What was asked for does not fit the checker; carries every mistake, a line each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))


def read_changes(assignments: Sequence[str], source: CheckerSource) -> dict[str, Any]:
    """The params that `NAME=VALUE` texts give, of names that the checker takes and values that fit them.

    A value is a scalar or list as a claim file writes it; a field of a setting has its dotted name. Raises ChangeError.
    """
    flat: dict[str, Any] = {}
    mistakes: list[str] = []
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not name.strip():
            mistakes.append(f"--set {assignment}: write it as NAME=VALUE, as in --set width=64")
            continue
        try:
            flat[name.strip()] = _read_value(text)
        except ValueError as error:
            mistakes.append(f"--set {assignment}: {error}")
    mistakes += _wrong_fields(flat, source)
    if mistakes:
        raise ChangeError(mistakes)
    params = undotted(flat)
    document = Document(OPTION, params, keys=_Nowhere(), values=_Nowhere())
    found = [
        f"--set: {diagnostic.what}" + (f"; {diagnostic.meant}" if diagnostic.meant else "")
        for diagnostic in judge_params(document, (), params, source)
    ]
    if found:
        raise ChangeError(found)
    return params


def changed_check(check: Check, tier: Tier, params: dict[str, Any], seeds: int | None) -> Check:
    """The check with its tier's params changed and, where given, so many seeds; controls keep their own on top."""
    settings = check.settings(tier)
    assert settings is not None
    changes: dict[str, Any] = {"params": merge_params(settings.params, params)}
    if seeds is not None:
        changes |= {"seeds": seeds, "max_seeds": None}
    return check.model_copy(update={tier: settings.model_copy(update=changes)})


def changed_regions(check: Check, tier: Tier, source: CheckerSource) -> CheckRegions:
    """What each arm of the changed check would be judged by; raises ChangeError where the main arm has no region."""
    wrong = [
        mistake.what + (f"; {mistake.meant}" if mistake.meant else "")
        for mistake in region_mistakes(source, check)
        if mistake.key == ("expect",)
    ]
    if wrong:
        raise ChangeError([f"with these parameters the claim accepts nothing: {what}" for what in wrong])
    return all_regions(source, check)[tier]


class _Nowhere(dict[KeyPath, Position]):
    """The command line has no lines and columns."""

    def __missing__(self, path: KeyPath) -> Position:
        return (1, 1)


def _read_value(text: str) -> Any:
    # Through the claim files' own reader: `1e-3` is a number here as there, and `no` a text.
    document = parse_yaml(f"{_VALUE}: {text}\n", OPTION)
    if document.diagnostics or document.content is None or set(document.content) != {_VALUE}:
        said = document.diagnostics[0].what if document.diagnostics else "more than one value"
        raise ValueError(f"no value that a claim file could hold: {said}")
    return document.content[_VALUE]


def _wrong_fields(flat: dict[str, Any], source: CheckerSource) -> Iterator[str]:
    """Dotted names of parameters that have no fields, and of none at all."""
    known = {parameter.name: parameter for parameter in source.parameters}
    for name in flat:
        parameter, dot, _ = name.partition(".")
        if not dot:
            continue
        if parameter not in known:
            settings = [known_name for known_name, value in known.items() if value.type.form == "setting"]
            meant = did_you_mean(parameter, settings, noun="settings")
            yield f"--set {name}: '{source.function}' has no setting '{parameter}'; {meant}"
        elif known[parameter].type.form != "setting":
            yield f"--set {name}: '{parameter}' has no fields; write --set {parameter}=VALUE"
