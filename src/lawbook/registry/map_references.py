"""Judges the maps of an entry: the check or checker that each names, its axes and its formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from lawbook.registry.check_params import judge_params, missing_params
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import Resolve
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath
from lawbook.registry.law_map import LawMap
from lawbook.registry.map_grid import map_mistakes
from lawbook.registry.models import TIERS, Check
from lawbook.registry.parameter_merge import merge_params, undotted
from lawbook.registry.suggestions import did_you_mean
from lawbook.registry.tier_settings import REFERENCE_PATTERN
from lawbook.registry.yaml_reader import Document


def judge_map(
    resolve: Resolve, document: Document, path: KeyPath, given: dict[str, Any], checks: list[dict[str, Any]]
) -> Iterator[Diagnostic]:
    """What is wrong with the map at `path`, given as plain data beside the checks of its entry."""
    by_name = {check["name"]: check for check in checks if isinstance(check.get("name"), str)}
    named = given.get("check")
    if isinstance(named, str) and named not in by_name:
        position = document.values[*path, "check"]
        what = f"there is no check '{named}' here"
        yield Diagnostic(document.path, *position, what, did_you_mean(named, by_name, noun="checks"))
        return
    reference = by_name[named].get("checker") if isinstance(named, str) else given.get("checker")
    if not isinstance(reference, str) or not re.fullmatch(REFERENCE_PATTERN, reference):
        return
    try:
        source = resolve(reference)
    except CheckerError as error:
        # Of a check's own checker this is told there.
        if not isinstance(named, str):
            yield Diagnostic(document.path, *document.values[*path, "checker"], error.what, error.meant)
        return
    try:
        law_map = LawMap.model_validate(given)
        # Through their own names only: a check that is not of the right form is told where it stands.
        own = [Check.model_validate(by_name[named])] if isinstance(named, str) else []
    except ValidationError:
        return
    for tier in TIERS:
        settings = getattr(law_map, tier)
        if settings is not None:
            within = (*path, tier, "params")
            # The axes, and what follows them, are given in every cell.
            given_there = undotted(dict.fromkeys([*law_map.over, *law_map.also], 0))
            yield from judge_params(document, within, settings.params, source)
            whole = merge_params(settings.params, given_there)
            yield from missing_params(document, within, whole, source)
    for mistake in map_mistakes(source, law_map, own):
        place = (*path, *mistake.key)
        position = document.values.get(place) or document.keys[place]
        yield Diagnostic(document.path, *position, mistake.what, mistake.meant)
