"""A map of a law: a check, or a measurement of its own, judged over a grid of one or two parameters."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from lawbook.registry.expectation import Expectation, Term
from lawbook.registry.strict_model import Model
from lawbook.registry.tier_settings import Name, Reference, Text, TierSettings

MOST_AXES = 2
# A grid of a hundred in each direction; more is a slip.
MOST_CELLS = 10_000
AXIS_FORMS = "write a list of values, or {values: [[…], […]], labels: […]} for values that are lists"
SCALAR = {"type": ["number", "string", "boolean"]}
AXIS_SCHEMA = {
    "anyOf": [
        {"type": "array", "items": SCALAR, "minItems": 2},
        {
            "type": "object",
            "properties": {
                "values": {"type": "array", "minItems": 2},
                "labels": {"type": "array", "items": {"type": "string"}, "minItems": 2},
            },
            "required": ["values", "labels"],
            "additionalProperties": False,
        },
    ]
}


class Axis(Model):
    """The values of one parameter in their order. labels: one each, for values that are lists; else empty."""

    values: list[Any]
    labels: list[str] = Field(default_factory=list)

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number to calculate and to draw a scale with."""
        return all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values)


def _read_axis(value: Any) -> Axis:
    if isinstance(value, Axis):
        return value
    if isinstance(value, dict):
        if set(value) != {"values", "labels"} or not all(isinstance(part, list) for part in value.values()):
            raise ValueError(f"no axis: {AXIS_FORMS}")
        axis = Axis(values=value["values"], labels=_texts(value["labels"]))
        if len(axis.labels) != len(axis.values):
            raise ValueError(f"{len(axis.values)} values have {len(axis.labels)} labels; give one each")
        if any(isinstance(item, dict) for item in axis.values):
            raise ValueError("a value of an axis is a number, a text or a list of these, not a mapping")
    elif isinstance(value, list):
        axis = Axis(values=value)
        if any(isinstance(item, list | dict) or item is None for item in value):
            raise ValueError(f"values that are lists need labels: {AXIS_FORMS}")
    else:
        raise ValueError(f"no axis: {AXIS_FORMS}")
    if len(axis.values) < 2:
        raise ValueError("an axis takes two values or more")
    if any(isinstance(item, float) and not math.isfinite(item) for item in axis.values):
        raise ValueError("values of an axis must be finite")
    shown = [repr(item) for item in (axis.labels or axis.values)]
    twice = next((item for place, item in enumerate(shown) if item in shown[:place]), None)
    if twice is not None:
        raise ValueError(f"{twice} stands twice on the axis")
    return axis


def _texts(labels: list[Any]) -> list[str]:
    if not all(isinstance(label, str) and label.strip() for label in labels):
        raise ValueError("labels of an axis are texts")
    return labels


class LawMap(Model):
    """Where a law holds: the main arm of a check over a grid, each cell judged by its own region at the first look."""

    name: Name
    check: Name | None = Field(None, description="the check whose main arm is measured in every cell")
    checker: Reference | None = Field(
        None,
        description="instead of `check`: checkers.FOLDER.MODULE:FUNCTION, with `expect` and a tier's settings",
    )
    expect: Expectation | None = Field(None, description="of a map with its own checker: what a cell accepts")
    quick: TierSettings | None = Field(None, description="of a map with its own checker")
    full: TierSettings | None = Field(None, description="of a map with its own checker")
    over: dict[str, Annotated[Axis, PlainValidator(_read_axis), WithJsonSchema(AXIS_SCHEMA)]] = Field(
        description="one or two parameters and their values: the first from left to right, the second upwards"
    )
    also: dict[str, Term] = Field(
        default_factory=dict, description="further parameters, as formulas of the axes' values"
    )
    boundary: dict[str, Term] | None = Field(
        None, description="where theory puts the border: one axis as a formula in the other"
    )
    holds: Term | None = Field(None, description="a formula, more than 0 where the law is claimed to hold")
    why: Text = Field(description="what the map shows, and why over these parameters")

    @model_validator(mode="after")
    def _whole(self) -> LawMap:
        if (self.check is None) == (self.checker is None):
            raise ValueError("give a map either 'check', the name of one, or a 'checker' of its own with 'expect'")
        own = [name for name in ("expect", "quick", "full") if getattr(self, name) is not None]
        if self.check is not None and own:
            raise ValueError(f"'{own[0]}' is that of the check '{self.check}'; leave it out, or give 'checker'")
        if self.checker is not None and (self.expect is None or own == ["expect"]):
            raise ValueError("a map with a 'checker' of its own needs 'expect', and 'quick', 'full' or both")
        if not 1 <= len(self.over) <= MOST_AXES:
            raise ValueError(f"a map is over one or two parameters, not {len(self.over)}")
        if (cells := math.prod(len(axis.values) for axis in self.over.values())) > MOST_CELLS:
            raise ValueError(f"the grid has {cells} cells; at most {MOST_CELLS}")
        if twice := next((name for name in self.also if name in self.over), None):
            raise ValueError(f"'{twice}' is an axis and stands in 'also'; keep one")
        if self.boundary is not None and (len(self.boundary) != 1 or not self.boundary.keys() <= self.over.keys()):
            raise ValueError(f"'boundary' gives one axis, of {' and '.join(self.over)}, as a formula")
        return self
