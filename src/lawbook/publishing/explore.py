"""What a reader can change of a check in a terminal: each parameter's meaning, its value, and what should follow."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lawbook.publishing.numbers import number, region
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import CheckerSource, resolve_checker
from lawbook.registry.formulas import FormulaError
from lawbook.registry.literals import Unread
from lawbook.registry.models import Check, Tier
from lawbook.registry.parameter_merge import dotted
from lawbook.registry.parameter_types import ParameterType, wanted
from lawbook.registry.parameter_values import effective_params, scalar_values
from lawbook.registry.parameter_words import parameter_words

SEEDS = 4
MUST = {
    "fail": "the law must fail",
    "pass": "the law must hold still",
    "out-of-regime": "no seed is in regime",
}


@dataclass(frozen=True)
class Knob:
    """One parameter. value: at the tier, as a claim file writes it. given: whether the claim's file sets it.

    meaning: from the checker's docstring, "" where it says nothing. takes: which values. effects: what changing it
    should do.
    """

    name: str
    value: str
    given: bool
    meaning: str
    takes: str
    effects: Sequence[str]


@dataclass(frozen=True)
class Exploration:
    """What to try of one check: a command to start from, and everything that it may set.

    as_before: parameters of which an entry's earlier checks say the same.
    """

    check: str
    tier: Tier
    command: str
    knobs: Sequence[Knob]
    as_before: Sequence[Knob] = ()


def explorations(root: Path, id: str, checks: Sequence[Check]) -> list[Exploration]:
    """What can be explored of each check whose checker can be read; what is said of a parameter is said once."""
    told: list[Exploration] = []
    known: list[Knob] = []
    for found in (exploration(root, id, check) for check in checks):
        if found is not None:
            again = [knob for knob in found.knobs if knob in known]
            told.append(replace(found, knobs=[knob for knob in found.knobs if knob not in again], as_before=again))
            known += told[-1].knobs
    return told


def exploration(root: Path, id: str, check: Check) -> Exploration | None:
    """What can be explored of a check, at its quick tier where it has one; None where its checker cannot be read."""
    try:
        source = resolve_checker(root, check.checker)
    except CheckerError:
        return None
    tier: Tier = "quick" if check.quick is not None else "full"
    settings = check.settings(tier)
    assert settings is not None
    given = dotted(settings.params)
    words = parameter_words(root, check.checker, source)
    types = dict(_types(source))
    effects = {name: list(_effects(source, check, tier, name)) for name in types}
    values = dotted(effective_params(source, settings.params))
    knobs = [
        Knob(name, _written(value), name in given, words.get(name, ""), wanted(types[name]), effects[name])
        for name, value in values.items()
        if name in types and not isinstance(value, Unread)
    ]
    # What moves the law first, then what the claim's file sets, then the rest; each in the signature's order.
    knobs.sort(key=lambda knob: (knob.name not in check.expect.names, not knob.effects, not knob.given))
    return Exploration(check.name, tier, _command(id, check, tier, source, knobs), knobs)


def _types(source: CheckerSource) -> Iterator[tuple[str, ParameterType]]:
    for parameter in source.parameters:
        yield parameter.name, parameter.type
        yield from ((f"{parameter.name}.{field.name}", field.type) for field in parameter.type.fields)


def _effects(source: CheckerSource, check: Check, tier: Tier, name: str) -> Iterator[str]:
    """What the formula says of another value, then what the controls say."""
    if moved := _moved(source, check, tier, name):
        yield moved
    settings = check.settings(tier)
    assert settings is not None
    own = dotted(settings.params)
    for control in check.controls:
        params = dotted(check.control_params(control, tier))
        changed = {key for key in params if params[key] != own.get(key)}
        if changed == {name}:
            must = {
                "fail": "the law must fail",
                "pass": "the law must hold still",
                "out-of-regime": "no seed is in regime",
            }
            yield f"at {_written(params[name])} {must[control.must]} (control {control.name})"


def _moved(source: CheckerSource, check: Check, tier: Tier, name: str) -> str:
    """What the expectation's formula gives at this value, and at another."""
    settings = check.settings(tier)
    assert settings is not None
    numbers = scalar_values(source, settings.params).numbers
    if name not in check.expect.names or name not in numbers:
        return ""
    other = _other(numbers[name])
    try:
        now, then = _law(check, numbers), _law(check, {**numbers, name: other})
    except FormulaError:
        return ""
    return f"the law gives {now} now and {then} at {number(other, 4)}, by {check.expect}"


def _law(check: Check, numbers: Mapping[str, float]) -> str:
    predicted = check.expect.predicted(numbers)
    if predicted is not None and math.isfinite(predicted):
        return number(predicted, 4)
    return region(check.expect.region(numbers))


def _other(value: float) -> int | float:
    """Half of a value, whole where it is whole, or twice it where half would be none."""
    if isinstance(value, int):
        return value // 2 if value > 3 else 2 * value or 1
    return value / 2 or 1.0


def _command(id: str, check: Check, tier: Tier, source: CheckerSource, knobs: Sequence[Knob]) -> str:
    settings = check.settings(tier)
    assert settings is not None
    numbers = scalar_values(source, settings.params).numbers
    words = ["lawbook", "try", f"{id}/{check.name}"]
    if tier != "quick":
        words += ["--tier", tier]
    first = next((knob.name for knob in knobs if knob.name in check.expect.names and knob.name in numbers), None)
    if first is not None:
        words += ["--set", f"{first}={_written(_other(numbers[first]))}"]
    elif changed := _of_a_control(check, tier):
        words += [word for name, value in changed.items() for word in ("--set", f"{name}={_written(value)}")]
    return shlex.join([*words, "--seeds", str(SEEDS)])


def _of_a_control(check: Check, tier: Tier) -> dict[str, Any]:
    """What the first negative control changes."""
    settings = check.settings(tier)
    assert settings is not None
    own = dotted(settings.params)
    for control in check.controls:
        params = dotted(check.control_params(control, tier))
        if control.role == "negative":
            return {name: value for name, value in params.items() if value != own.get(name)}
    return {}


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
