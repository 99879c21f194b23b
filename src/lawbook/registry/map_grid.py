"""The cells of a map at a tier: each with its parameters, the region that it is judged by, and what theory says there.

Nothing is executed: values are those of the claim file, else the literal defaults of the checker's signature.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.registry.checker_source import CheckerSource
from lawbook.registry.expectation import Expectation, Interval, term_value
from lawbook.registry.formulas import FormulaError, read_formula
from lawbook.registry.law_map import LawMap
from lawbook.registry.models import TIERS, Check, Estimator, Tier
from lawbook.registry.parameter_merge import merge_params, undotted
from lawbook.registry.parameter_types import Parameter, accepts, wanted
from lawbook.registry.parameter_values import ScalarValues, scalar_values
from lawbook.registry.regions import UNKNOWN, Key
from lawbook.registry.suggestions import did_you_mean
from lawbook.registry.tier_settings import TierSettings

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Measured:
    """What a map measures in every cell: that of its check, or its own."""

    checker: str
    expect: Expectation
    confidence: float
    estimator: Estimator
    settings: TierSettings


@dataclass(frozen=True)
class Cell:
    """One point of the grid.

    place: of its values on the axes. values: by dotted parameter. params: all that the checker is given. region: what
    it is judged by. holds: the value of the map's `holds`, None where it has none.
    """

    place: tuple[int, ...]
    values: Mapping[str, Any]
    params: Mapping[str, Any]
    region: Interval
    holds: float | None


@dataclass(frozen=True)
class Grid:
    """A map at a tier. border: points of the predicted boundary, the axes' values in their order."""

    law_map: LawMap
    tier: Tier
    measured: Measured
    cells: tuple[Cell, ...]
    border: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MapMistake:
    """What is wrong with a map, and at which key of it that shows."""

    key: Key
    what: str
    meant: str = ""


def measured_by(law_map: LawMap, checks: Sequence[Check], tier: Tier) -> Measured | None:
    """What a map measures at a tier; None where it does not run there, or its check is none of these."""
    if law_map.checker is not None:
        settings = law_map.quick if tier == "quick" else law_map.full
        assert law_map.expect is not None
        if settings is None:
            return None
        return Measured(law_map.checker, law_map.expect, CONFIDENCE, "mean", settings)
    check = next((check for check in checks if check.name == law_map.check), None)
    if check is None or (settings := check.settings(tier)) is None:
        return None
    return Measured(check.checker, check.expect, check.confidence, check.estimator, settings)


def grids(source: CheckerSource, law_map: LawMap, checks: Sequence[Check]) -> dict[Tier, Grid]:
    """The map at every tier where it runs, for a registry that lint has passed."""
    found: dict[Tier, Grid] = {}
    for tier in TIERS:
        if (measured := measured_by(law_map, checks, tier)) is not None:
            found[tier] = _Evaluation(source, law_map, measured, tier).grid()
    return found


def map_mistakes(source: CheckerSource, law_map: LawMap, checks: Sequence[Check]) -> Iterator[MapMistake]:
    """What keeps a map from being measured, judged or drawn; each mistake once, though many cells share it."""
    known = dict(_by_dotted_name(source))
    unknown = [(key, name) for key in ("over", "also") for name in getattr(law_map, key) if name not in known]
    for key, name in unknown:
        yield MapMistake(
            (key, name),
            f"'{source.function}' has no parameter '{name}'",
            did_you_mean(name, known, noun="parameters", most=16),
        )
    for name, axis in law_map.over.items():
        for value in axis.values if name in known else ():
            if not accepts(known[name].type, value):
                what = f"'{name}' must be {wanted(known[name].type)}, not {value!r}"
                yield MapMistake(("over", name), what)
    if unknown:
        return
    told: set[tuple[Key, str]] = set()
    for tier in TIERS:
        if (measured := measured_by(law_map, checks, tier)) is None:
            continue
        evaluation = _Evaluation(source, law_map, measured, tier)
        evaluation.grid()
        for mistake in evaluation.mistakes:
            # What is wrong in one cell is so in many; the first is enough to mend it.
            if (mistake.key, mistake.what.partition(" at ")[0]) not in told:
                told.add((mistake.key, mistake.what.partition(" at ")[0]))
                yield mistake


class _Evaluation:
    """A map at one tier; gathers mistakes instead of stopping at the first."""

    def __init__(self, source: CheckerSource, law_map: LawMap, measured: Measured, tier: Tier) -> None:
        self.source, self.law_map, self.measured, self.tier = source, law_map, measured, tier
        self.mistakes: list[MapMistake] = []
        self.known = dict(_by_dotted_name(source))

    def grid(self) -> Grid:
        axes = [list(enumerate(axis.values)) for axis in self.law_map.over.values()]
        cells = [self._cell(chosen) for chosen in itertools.product(*axes)]
        return Grid(self.law_map, self.tier, self.measured, tuple(cells), tuple(self._border()))

    def _cell(self, chosen: tuple[tuple[int, Any], ...]) -> Cell:
        place = tuple(index for index, _ in chosen)
        values = {name: value for name, (_, value) in zip(self.law_map.over, chosen, strict=True)}
        params = merge_params(self.measured.settings.params, undotted(values))
        if self.law_map.also:
            base = scalar_values(self.source, params)
            also = {name: self._also(name, base, values) for name in self.law_map.also}
            params = merge_params(params, undotted(also))
        scalars = scalar_values(self.source, params)
        return Cell(place, values, params, self._region(scalars, values), self._holds(scalars, values))

    def _also(self, name: str, scalars: ScalarValues, values: Mapping[str, Any]) -> float | int:
        value = self._value(self.law_map.also[name], scalars, ("also", name), values)
        type = self.known[name].type
        if math.isfinite(value) and not accepts(type, value) and value == round(value):
            value = round(value)
        if math.isfinite(value) and not accepts(type, value):
            self._tell(("also", name), f"'{name}' must be {wanted(type)}, not {value:g},", values)
        return value

    def _region(self, scalars: ScalarValues, values: Mapping[str, Any]) -> Interval:
        expect = self.measured.expect
        # Names that a check's own parameters lack are told where the check is judged.
        key: Key = ("expect",) if self.law_map.expect is not None else ("over",)
        if not self._known(expect.names, scalars, key, values):
            return UNKNOWN
        try:
            return expect.region(scalars.numbers)
        except FormulaError as error:
            self._tell(key, str(error), values)
            return UNKNOWN

    def _holds(self, scalars: ScalarValues, values: Mapping[str, Any]) -> float | None:
        if self.law_map.holds is None:
            return None
        return self._value(self.law_map.holds, scalars, ("holds",), values)

    def _border(self) -> Iterator[tuple[float, ...]]:
        """The boundary at each value of the other axis; at none on a map of one axis."""
        if self.law_map.boundary is None:
            return
        [(name, term)] = self.law_map.boundary.items()
        names = list(self.law_map.over)
        others = [other for other in names if other != name]
        key: Key = ("boundary", name)
        for axis in names:
            if not self.law_map.over[axis].is_numeric:
                self.mistakes.append(MapMistake(key, f"a boundary needs axes of numbers, and '{axis}' has others"))
                return
        for value in self.law_map.over[others[0]].values if others else (None,):
            own = {} if value is None else {others[0]: value}
            scalars = scalar_values(self.source, merge_params(self.measured.settings.params, undotted(own)))
            # It is a curve over the other axis: its own axis has no value there.
            numbers = {known: number for known, number in scalars.numbers.items() if known != name}
            at = {name: self._value(term, ScalarValues(numbers, scalars.others), key, own)} | own
            yield tuple(at[axis] for axis in names)

    def _value(self, term: float | str, scalars: ScalarValues, key: Key, values: Mapping[str, Any]) -> float:
        names = read_formula(term).names if isinstance(term, str) else ()
        if not self._known(names, scalars, key, values):
            return math.nan
        try:
            return term_value(term, scalars.numbers)
        except FormulaError as error:
            self._tell(key, str(error), values)
            return math.nan

    def _known(self, names: Sequence[str], scalars: ScalarValues, key: Key, values: Mapping[str, Any]) -> bool:
        unknown = [name for name in names if name not in scalars.numbers]
        for name in unknown:
            if name in scalars.others:
                self._tell(key, f"`{name}` is {scalars.others[name]}; a formula calculates with numbers", values)
            else:
                meant = did_you_mean(name, scalars.numbers, noun="parameters", most=16)
                self._tell(key, f"`{name}` is no number to use here", values, meant)
        return not unknown

    def _tell(self, key: Key, what: str, values: Mapping[str, Any], meant: str = "") -> None:
        where = ", ".join(f"{name} = {value}" for name, value in values.items())
        said = f"{what} at {where}" if where and " at " not in what else what
        self.mistakes.append(MapMistake(key, f"{said}, {self.tier} tier", meant))


def _by_dotted_name(source: CheckerSource) -> Iterator[tuple[str, Parameter]]:
    for parameter in source.parameters:
        yield parameter.name, parameter
        if parameter.type.form == "setting":
            for field in parameter.type.fields:
                yield f"{parameter.name}.{field.name}", field
