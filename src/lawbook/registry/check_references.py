"""Judges a check against the function that it names: do params fit, do controls differ, are seeds enough?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from lawbook.registry.check_params import judge_params, missing_params
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import CheckerSource, Resolve
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.models import TIERS, Check
from lawbook.registry.parameter_merge import merge_params
from lawbook.registry.parameter_values import effective_params
from lawbook.registry.regions import region_mistakes
from lawbook.registry.seed_counts import fewest_seeds
from lawbook.registry.tier_settings import REFERENCE_PATTERN
from lawbook.registry.yaml_reader import Document


def judge_check(resolve: Resolve, document: Document, path: KeyPath, check: dict[str, Any]) -> Iterator[Diagnostic]:
    """What is wrong with the check at `path`, given as plain data."""
    yield from _seeds(document, path, check)
    reference = check.get("checker")
    if not isinstance(reference, str) or not re.fullmatch(REFERENCE_PATTERN, reference):
        return
    try:
        source = resolve(reference)
    except CheckerError as error:
        yield Diagnostic(document.path, *document.values[*path, "checker"], error.what, error.meant)
        return
    for tier in _tiers(check):
        yield from _tier_params(document, (*path, tier), check[tier], source)
    for index, control in enumerate(_list(check.get("controls"))):
        if isinstance(control, dict):
            yield from _control(document, (*path, "controls", index), control, check, source)
    for index, rival in enumerate(_list(check.get("rivals"))):
        if isinstance(rival, dict) and isinstance(rival.get("params"), dict):
            yield from _rival(document, (*path, "rivals", index), rival["params"], check, source)
    yield from _regions(document, path, check, source)


def _tiers(check: dict[str, Any]) -> list[str]:
    return [tier for tier in TIERS if isinstance(check.get(tier), dict)]


def _seeds(document: Document, path: KeyPath, check: dict[str, Any]) -> Iterator[Diagnostic]:
    defaults = Check.model_fields
    estimator = check.get("estimator", defaults["estimator"].default)
    confidence = check.get("confidence", defaults["confidence"].default)
    if not isinstance(confidence, int | float) or not 0.5 < confidence < 1:
        return
    fewest = fewest_seeds(estimator, confidence) if estimator in ("mean", "median") else 1
    for tier in _tiers(check):
        seeds = check[tier].get("seeds")
        if isinstance(seeds, int) and not isinstance(seeds, bool) and 1 <= seeds < fewest:
            what = f"{seeds} seeds give no interval for the {estimator} at confidence {confidence}"
            yield Diagnostic(document.path, *document.values[*path, tier, "seeds"], what, f"use at least {fewest}")


def _tier_params(
    document: Document, path: KeyPath, settings: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    params = settings.get("params", {})
    if isinstance(params, dict):
        yield from judge_params(document, (*path, "params"), params, source)
        yield from missing_params(document, (*path, "params"), params, source)


def _control(
    document: Document, path: KeyPath, control: dict[str, Any], check: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    for key in ("params", *TIERS):
        if isinstance(control.get(key), dict):
            yield from judge_params(document, (*path, key), control[key], source)
    for absent in TIERS:
        if isinstance(control.get(absent), dict) and absent not in check:
            what = f"the control has params for the {absent} tier, where the check does not run"
            yield Diagnostic(document.path, *document.keys[*path, absent], what, "remove them")
    for tier in _tiers(check):
        plain = _dict(check[tier].get("params"))
        changed = merge_params(plain, _dict(control.get("params")), _dict(control.get(tier)))
        if effective_params(source, changed) == effective_params(source, plain):
            what = f"the control measures the same as the check at the {tier} tier, so it proves nothing"
            meant = "change a parameter, so that the claim must not hold"
            yield Diagnostic(document.path, *document.keys[path], what, meant)
            return


def _rival(
    document: Document, path: KeyPath, params: dict[str, Any], check: dict[str, Any], source: CheckerSource
) -> Iterator[Diagnostic]:
    yield from judge_params(document, (*path, "params"), params, source)
    for tier in _tiers(check):
        plain = _dict(check[tier].get("params"))
        if effective_params(source, merge_params(plain, params)) == effective_params(source, plain):
            what = f"the rival asks for the same formula as the check at the {tier} tier"
            meant = "change the parameter that names the formula"
            yield Diagnostic(document.path, *document.keys[path], what, meant)
            return


def _regions(document: Document, path: KeyPath, check: dict[str, Any], source: CheckerSource) -> Iterator[Diagnostic]:
    """What keeps the check's formulas from giving regions; judged only where the check is of the right form."""
    try:
        valid = Check.model_validate(check)
    except ValidationError:
        return
    for mistake in region_mistakes(source, valid):
        place = (*path, *mistake.key)
        position = document.values.get(place) or document.keys[place]
        yield Diagnostic(document.path, *position, mistake.what, mistake.meant)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
