"""The acceptance region of a check: one of four forms, its numbers plain or formulas in the parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from lawbook.registry.formulas import FormulaError, read_formula
from lawbook.registry.strict_model import Model

Interval = tuple[float, float]
FORMULA_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string"}]}
_PERCENTAGE = re.compile(r"^(.*\S)\s*%$")


def _read_term(value: Any) -> float | str:
    """A finite number, or the text of a formula."""
    if isinstance(value, str):
        return read_formula(value).text
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"a number or a formula is wanted here, not {_kind(value)}")
    number = _as_float(value)
    if not math.isfinite(number):
        raise ValueError("the number must be finite")
    return number


def _read_margin(value: Any) -> float | str:
    """As a term, with `15 %` for a share of `equals` as well."""
    if isinstance(value, str) and (share := _PERCENTAGE.match(value)):
        read_formula(share[1])
        return value
    return _read_term(value)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list) else "a mapping"


def _as_float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


Term = Annotated[float | str, PlainValidator(_read_term), WithJsonSchema(FORMULA_SCHEMA)]
Margin = Annotated[float | str, PlainValidator(_read_margin), WithJsonSchema(FORMULA_SCHEMA)]


def _read_within(value: Any) -> Any:
    if isinstance(value, list):
        if len(value) != 2:
            raise ValueError(f"'within' is one width, or [lower, upper] around 'equals', not {len(value)} items")
        return [_read_margin(end) for end in value]
    return _read_margin(value)


Within = Annotated[
    float | str | list[float | str],
    PlainValidator(_read_within),
    WithJsonSchema(
        {
            "anyOf": [
                *FORMULA_SCHEMA["anyOf"],
                {"type": "array", "items": FORMULA_SCHEMA, "minItems": 2, "maxItems": 2},
            ]
        }
    ),
]


class Expectation(Model):
    """An acceptance region: exactly one of `between`, `equals` with `within`, `at_most`, `at_least`.

    Numbers may be formulas in the checker's scalar parameters, as in `{equals: 2 / step_size, within: 15 %}`.
    """

    between: list[Term] | None = Field(None, description="[low, high], both ends accepted", min_length=2, max_length=2)
    equals: Term | None = Field(None, description="the predicted value; needs `within`")
    within: Within | None = Field(
        None,
        description="half-width around `equals`, or [lower, upper] offsets; `15 %` is a share of `equals`",
    )
    at_most: Term | None = Field(None, description="upper end; the lower end is open")
    at_least: Term | None = Field(None, description="lower end; the upper end is open")

    @model_validator(mode="after")
    def _one_form(self) -> Expectation:
        given = [name for name in ("between", "equals", "at_most", "at_least") if getattr(self, name) is not None]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            raise ValueError(
                f"give exactly one of 'between', 'equals' with 'within', 'at_most', 'at_least'; here: {said}"
            )
        if (self.equals is None) != (self.within is None):
            raise ValueError("'equals' and 'within' go together: {equals: 1.0, within: 0.05}")
        if not self.names:
            try:
                self.region({})
            except FormulaError as error:
                raise ValueError(str(error)) from None
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that its formulas use, in order of mention."""
        return tuple(dict.fromkeys(name for term in self._terms() for name in _names(term)))

    def predicted(self, parameters: Mapping[str, float]) -> float | None:
        """The predicted value, where there is one."""
        return None if self.equals is None else term_value(self.equals, parameters)

    def region(self, parameters: Mapping[str, float]) -> Interval:
        """The accepted interval at some parameters; an open end is infinite.

        Raises FormulaError where a formula has no value there, or the region is empty or a point.
        """
        low, high = self._ends(parameters)
        if not low < high:
            raise FormulaError(f"the region [{low:.6g}, {high:.6g}] is empty or a point; write the lower end first")
        return low, high

    def __str__(self) -> str:
        """As written: `2 / step_size, within [-3 %, 15 %]`, `at most 0.05`, `between 0.9 and 1.1`."""
        if self.between is not None:
            return f"between {_shown(self.between[0])} and {_shown(self.between[1])}"
        if self.equals is not None:
            margin = self.within
            if isinstance(margin, list):
                return f"{_shown(self.equals)}, within [{_shown(margin[0])}, {_shown(margin[1])}]"
            return f"{_shown(self.equals)} ± {_shown(margin)}"
        if self.at_most is not None:
            return f"at most {_shown(self.at_most)}"
        return f"at least {_shown(self.at_least)}"

    def _terms(self) -> Iterator[float | str]:
        within = self.within if isinstance(self.within, list) else [self.within]
        for term in (*(self.between or ()), self.equals, *within, self.at_most, self.at_least):
            if term is not None:
                yield term

    def _ends(self, parameters: Mapping[str, float]) -> Interval:
        if self.between is not None:
            low, high = (term_value(end, parameters) for end in self.between)
            return low, high
        if self.at_most is not None:
            return -math.inf, term_value(self.at_most, parameters)
        if self.at_least is not None:
            return term_value(self.at_least, parameters), math.inf
        assert self.equals is not None
        assert self.within is not None
        centre = term_value(self.equals, parameters)
        if isinstance(self.within, list):
            below, above = (_margin_value(end, centre, parameters) for end in self.within)
            if below > 0 or above < 0:
                raise FormulaError(
                    f"'within' [{below:.6g}, {above:.6g}] leaves the prediction itself out; "
                    "its lower end is at most 0, its upper end at least 0"
                )
        else:
            above = _margin_value(self.within, centre, parameters)
            below = -above
            if above <= 0:
                if centre == 0 and "%" in str(self.within):
                    raise FormulaError(
                        f"{self.within} of 'equals', which is 0, is nothing: 'within' must be more than 0; "
                        "write it as a number"
                    )
                raise FormulaError(f"'within' must be more than 0, not {above:.6g}")
        low, high = centre + below, centre + above
        if not -math.inf < low < high < math.inf:
            raise FormulaError(f"{centre:g} ± {above:g} is no region in double precision")
        return low, high


def term_value(term: float | str, parameters: Mapping[str, float]) -> float:
    """The number, or the formula's value; raises FormulaError where it has none."""
    return read_formula(term).value(parameters) if isinstance(term, str) else term


def _margin_value(margin: float | str, centre: float, parameters: Mapping[str, float]) -> float:
    if isinstance(margin, str) and (share := _PERCENTAGE.match(margin)):
        return read_formula(share[1]).value(parameters) / 100 * abs(centre)
    return term_value(margin, parameters)


def _names(term: float | str) -> tuple[str, ...]:
    if not isinstance(term, str):
        return ()
    share = _PERCENTAGE.match(term)
    return read_formula(share[1] if share else term).names


def _shown(term: Any) -> str:
    return term if isinstance(term, str) else f"{term:g}"
