"""What each arm of a check is judged by at a tier: the expectation's formulas at that arm's own parameters.

Nothing is executed: values are those of the claim file, else the literal defaults of the checker's signature.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lawbook.registry.checker_source import CheckerSource
from lawbook.registry.expectation import Expectation, Interval, term_value
from lawbook.registry.formulas import FormulaError, read_formula
from lawbook.registry.models import TIERS, Check, Control, Rival, Tier
from lawbook.registry.parameter_values import ScalarValues, scalar_values
from lawbook.registry.suggestions import did_you_mean

Key = tuple[str | int, ...]
UNKNOWN: Interval = (math.nan, math.nan)
NO_VALUE = "mend the formula, or give its parameters values at which the law says something"
NO_NUMBER = "where the law takes no single number, let the checker return the ratio to theory"


@dataclass(frozen=True)
class CheckRegions:
    """The accepted interval of every arm that runs at a tier, and what rivals predict there.

    predicted: the value around which the main region is set, None where it is set around none. controls,
    rivals: by name; rivals are those that the checker is asked for. predictions: of the other rivals, by
    name, an interval of one point where it is a number.
    """

    main: Interval
    predicted: float | None = None
    controls: Mapping[str, Interval] = field(default_factory=dict)
    rivals: Mapping[str, Interval] = field(default_factory=dict)
    predictions: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True)
class RegionMistake:
    """What is wrong with a formula's value, and at which key of the check it shows."""

    key: Key
    what: str
    meant: str = ""


def all_regions(source: CheckerSource, check: Check) -> dict[Tier, CheckRegions]:
    """The regions of a check of that checker at every tier where it runs, for a registry that lint has passed."""
    found: dict[Tier, CheckRegions] = {}
    for tier in TIERS:
        if check.settings(tier) is not None:
            regions = _Evaluation(check, tier, source).regions()
            found[tier] = regions
    return found


def region_mistakes(source: CheckerSource, check: Check) -> Iterator[RegionMistake]:
    """What keeps a check from being judged, at every tier and arm where it runs."""
    seen = set()
    for tier in TIERS:
        if check.settings(tier) is None:
            continue
        evaluation = _Evaluation(check, tier, source)
        evaluation.regions()
        for mistake in (*evaluation.mistakes, *evaluation.moved_controls()):
            # A mistake of both tiers is told once.
            if (mistake.key, mistake.what.partition(" at the ")[0]) not in seen:
                seen.add((mistake.key, mistake.what.partition(" at the ")[0]))
                yield mistake


class _Evaluation:
    """A check at one tier; gathers mistakes instead of stopping at the first."""

    def __init__(self, check: Check, tier: Tier, source: CheckerSource) -> None:
        self.check, self.tier, self.source = check, tier, source
        self.mistakes: list[RegionMistake] = []
        self.settings = check.settings(tier)
        assert self.settings is not None
        self.own = scalar_values(source, self.settings.params)

    def regions(self) -> CheckRegions:
        expect = self.check.expect
        main = self._region(expect, self.own, ("expect",), "")
        try:
            predicted = expect.predicted(self.own.numbers)
        except FormulaError:
            predicted = None
        controls = {control.name: self._control(index, control) for index, control in enumerate(self.check.controls)}
        asked: dict[str, Interval] = {}
        predictions: dict[str, Interval] = {}
        for index, rival in enumerate(self.check.rivals):
            if rival.params is not None:
                values = scalar_values(self.source, self.check.rival_params(rival, self.tier))
                asked[rival.name] = self._region(expect, values, ("rivals", index), f"rival '{rival.name}'")
            else:
                predictions[rival.name] = self._prediction(index, rival, main)
        return CheckRegions(main, predicted, controls, asked, predictions)

    def moved_controls(self) -> Iterator[RegionMistake]:
        """Negative controls that move the very region that they are to miss."""
        for index, control in enumerate(self.check.controls):
            if control.must != "fail":
                continue
            values = scalar_values(self.source, self.check.control_params(control, self.tier))
            moved = [
                name
                for name in self.check.expect.names
                if values.numbers.get(name) != self.own.numbers.get(name) and name not in (control.judge_with or {})
            ]
            if moved:
                names = ", ".join(f"`{name}`" for name in moved)
                yield RegionMistake(
                    ("controls", index),
                    f"control '{control.name}' changes {names}, which the expectation uses: it would be judged by "
                    "its own region, in which the law may hold",
                    f"say which value it is judged by, as in `judge_with: {{{moved[0]}: …}}` "
                    f"(`{moved[0]}` itself means its own)",
                )

    def _control(self, index: int, control: Control) -> Interval:
        values = scalar_values(self.source, self.check.control_params(control, self.tier))
        arm = f"control '{control.name}'"
        numbers = dict(values.numbers)
        for name, term in (control.judge_with or {}).items():
            key: Key = ("controls", index, "judge_with", name)
            if name not in self.check.expect.names:
                used = ", ".join(f"`{known}`" for known in self.check.expect.names) or "none"
                self._tell(key, f"`{name}` is no name of the expectation, which uses {used}", arm)
            else:
                numbers[name] = self._value(term, values, key, arm)
        return self._region(self.check.expect, ScalarValues(numbers, values.others), ("controls", index), arm)

    def _prediction(self, index: int, rival: Rival, main: Interval) -> Interval:
        key, arm = ("rivals", index, "predicts"), f"rival '{rival.name}'"
        assert rival.predicts is not None
        if isinstance(rival.predicts, Expectation):
            low, high = self._region(rival.predicts, self.own, key, arm)
        else:
            low = high = self._value(rival.predicts, self.own, key, arm)
        if low <= main[1] and main[0] <= high:
            said = f"{low:.6g}" if low == high else f"[{low:.6g}, {high:.6g}]"
            what = f"the accepted region [{main[0]:.6g}, {main[1]:.6g}] meets what the rival predicts, {said}"
            meant = "a pass would not tell the law from it: narrow the region where theory allows, or measure what does"
            self._tell(key, what, arm, meant)
        return (low, high)

    def _region(self, expect: Expectation, values: ScalarValues, key: Key, arm: str) -> Interval:
        # Arms share the expectation's names, so what is unknown is said of the main measurement alone.
        tells = key == ("expect",) or key[-1] == "predicts"
        if not self._known(expect.names, values, key, arm, tells=tells):
            return UNKNOWN
        try:
            return expect.region(values.numbers)
        except FormulaError as error:
            self._tell(key, str(error), arm, NO_VALUE)
            return UNKNOWN

    def _value(self, term: float | str, values: ScalarValues, key: Key, arm: str) -> float:
        names = read_formula(term).names if isinstance(term, str) else ()
        if not self._known(names, values, key, arm):
            return math.nan
        try:
            return term_value(term, values.numbers)
        except FormulaError as error:
            self._tell(key, str(error), arm, NO_VALUE)
            return math.nan

    def _known(self, names: Iterable[str], values: ScalarValues, key: Key, arm: str, *, tells: bool = True) -> bool:
        """Whether all names have numbers; tells which have none, and why."""
        unknown = [name for name in names if name not in values.numbers]
        for name in unknown if tells else ():
            if name in values.others:
                what = f"`{name}` is {values.others[name]}; a formula calculates with numbers"
                self._tell(key, what, arm, NO_NUMBER)
            else:
                meant = did_you_mean(name, [*values.numbers, *values.others], noun="parameters", most=16)
                self._tell(key, f"`{name}` is no parameter of '{self.source.function}'", arm, meant)
        return not unknown

    def _tell(self, key: Key, what: str, arm: str = "", meant: str = "") -> None:
        where = f"{arm}: " if arm else ""
        self.mistakes.append(RegionMistake(key, f"{where}{what} at the {self.tier} tier", meant))
