"""The form of a claim file and of an open-problem file; strict, so that nothing unknown slips through.

A model says what one file may hold on its own, but for what takes two places of it or other files (names,
citations, relations, checkers): that is judged in `lawbook.registry.crossref`.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

STRANDS = ("solvable", "limits", "laws", "hyperparameters", "universality")
PROBLEMS_FOLDER = "open-problems"
TIERS: tuple[Literal["quick", "full"], ...] = ("quick", "full")
ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
REFERENCE_PATTERN = r"^checkers(\.[A-Za-z_][A-Za-z0-9_]*)+:[A-Za-z_][A-Za-z0-9_]*$"

Kind = Literal["theorem", "limit", "empirical-law", "conjecture"]
Standing = Literal["established", "contested", "refuted", "conjectured"]
Tier = Literal["quick", "full"]
Estimator = Literal["mean", "median", "every"]
SourceRole = Literal["origin", "proof", "evidence", "counter-evidence", "review"]
RelationType = Literal[
    "implies", "special-case-of", "limit-of", "explains", "predicts", "contradicts", "supersedes", "bears-on"
]
Text = Annotated[str, Field(pattern=r"\S")]
Name = Annotated[str, Field(pattern=ID_PATTERN)]
Number = Annotated[float, Field(allow_inf_nan=False)]
# A batch holds them all at once; a slip of the keyboard must not ask the engine for a list of billions.
Seeds = Annotated[int, Field(ge=1, le=100_000)]


class Model(BaseModel):
    """Strict and frozen: no coercion, no unknown keys, no change after validation."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Expectation(Model):
    """An acceptance region: exactly one of `between`, `equals` with `within`, `at_most`, `at_least`."""

    between: list[Number] | None = Field(
        None, description="[low, high], both ends accepted", min_length=2, max_length=2
    )
    equals: Number | None = Field(None, description="the predicted value; needs `within`")
    within: Annotated[Number, Field(gt=0)] | None = Field(None, description="half-width around `equals`")
    at_most: Number | None = Field(None, description="upper end; the lower end is open")
    at_least: Number | None = Field(None, description="lower end; the upper end is open")

    @model_validator(mode="after")
    def _one_region(self) -> Expectation:
        given = [
            name for name in ("between", "equals", "at_most", "at_least") if getattr(self, name) is not None
        ]
        if len(given) != 1:
            said = " and ".join(given) or "none of them"
            raise ValueError(
                f"give exactly one of 'between', 'equals' with 'within', 'at_most', 'at_least'; here: {said}"
            )
        if (self.equals is None) != (self.within is None):
            raise ValueError("'equals' and 'within' go together: {equals: 1.0, within: 0.05}")
        if self.between is not None and self.between[0] >= self.between[1]:
            low, high = self.between
            raise ValueError(f"the region [{low:g}, {high:g}] is empty or a point; write the lower end first")
        if self.equals is not None and self.within is not None:
            low, high = self.region
            if not -math.inf < low < high < math.inf:
                raise ValueError(f"{self.equals:g} ± {self.within:g} is no region in double precision")
        return self

    @property
    def region(self) -> tuple[float, float]:
        """The accepted interval; an open end is infinite."""
        if self.between is not None:
            return (self.between[0], self.between[1])
        if self.equals is not None and self.within is not None:
            return (self.equals - self.within, self.equals + self.within)
        if self.at_most is not None:
            return (-math.inf, self.at_most)
        assert self.at_least is not None
        return (self.at_least, math.inf)


Params = dict[str, Any]


class TierSettings(Model):
    """What one tier runs: how many seeds, for how long, with which parameters."""

    seeds: Seeds = Field(description="how many seeds the first look takes")
    max_seeds: Seeds | None = Field(
        None, description="while inconclusive, seeds double up to this many (default: four times `seeds`)"
    )
    timeout: Annotated[int, Field(ge=1)] = Field(description="seconds a job may take before it is an error")
    memory: Annotated[int, Field(ge=64)] | None = Field(
        None, description="MiB of memory a job may take before it is an error (default 4096)"
    )
    params: Params = Field(default_factory=dict, description="keyword arguments of the checker function")

    @model_validator(mode="after")
    def _seeds_ordered(self) -> TierSettings:
        if self.max_seeds is not None and self.max_seeds < self.seeds:
            raise ValueError(f"max_seeds ({self.max_seeds}) is less than seeds ({self.seeds})")
        return self

    @property
    def seed_limit(self) -> int:
        """The largest number of seeds that doubling may reach."""
        return 4 * self.seeds if self.max_seeds is None else self.max_seeds


class Control(Model):
    """The same checker in a regime where the claim must not hold."""

    name: Name
    why: Text = Field(description="why the claim must not hold here")
    params: Params = Field(default_factory=dict, description="over the tier's own params")
    quick: Params | None = Field(None, description="params for the quick tier alone, over `params`")
    full: Params | None = Field(None, description="params for the full tier alone, over `params`")
    expect: Literal["fail", "out-of-regime"] = Field("fail", description="how the control must come out")


class Check(Model):
    """One falsifiable measurement: an observable, an acceptance region, controls."""

    name: Name
    checker: Annotated[str, Field(pattern=REFERENCE_PATTERN)] = Field(
        description="checkers.FOLDER.MODULE:FUNCTION, a plain module-level def"
    )
    observable: Text = Field(description="what is measured, one number a seed")
    expect: Expectation
    because: Text = Field(description="why this region, written before any run")
    confidence: Annotated[Number, Field(gt=0.5, lt=1)] = 0.95
    estimator: Estimator = "mean"
    quick: TierSettings | None = None
    full: TierSettings | None = None
    disabled: Text | None = Field(
        None, description="why the check does not run for now; shown on the home page"
    )
    controls: list[Control] = Field(
        min_length=1, description="at least one: a check that cannot fail is void"
    )

    @model_validator(mode="after")
    def _runs_somewhere(self) -> Check:
        if self.quick is None and self.full is None:
            raise ValueError("give 'quick', 'full' or both: a check must run at some tier")
        return self

    def settings(self, tier: Tier) -> TierSettings | None:
        """The settings of a tier, or None where the check does not run there."""
        return self.quick if tier == "quick" else self.full

    def control_params(self, control: Control, tier: Tier) -> Params:
        """A control's full parameters: the tier's, then the control's, then the control's for that tier."""
        settings = self.settings(tier)
        own = control.quick if tier == "quick" else control.full
        return {**(settings.params if settings else {}), **control.params, **(own or {})}


class Source(Model):
    """A citation and what it is to this entry."""

    cite: Text = Field(description="a key of claims/references.bib")
    role: SourceRole
    note: Text | None = Field(None, description="where in the source: a theorem, figure, table")


class Relation(Model):
    """An edge to another claim or open problem."""

    type: RelationType
    target: Name = Field(description="the id of a claim or open problem")


class HouseSymbol(Model):
    """A symbol of the house, `claims/notation.yaml`: what it means wherever a claim does not say otherwise."""

    symbol: Text = Field(description="LaTeX of one symbol, with its index if it has one: '\\lambda_{\\max}'")
    meaning: Text = Field(description="what it stands for, in a few words; Markdown with $\\LaTeX$")
    unit: Text | None = Field(None, description="what it is counted in: steps, nats, parameters")
    shape: Text | None = Field(None, description="for vectors and matrices: '$n \\times d$'")


class Notation(Model):
    """The symbols that mean the same in the whole registry."""

    symbols: list[HouseSymbol] = Field(min_length=1, description="one item a symbol")


class Symbol(HouseSymbol):
    """A symbol of this entry: one that the house does not have, or one that means something else here."""

    why: Text | None = Field(
        None, description="why it means something else than in claims/notation.yaml; needed where it does"
    )


class Claim(Model):
    """One statement about learning, with its regime, sources and checks."""

    title: Text
    kind: Kind
    standing: Standing
    statement: Text = Field(description="Markdown with $\\LaTeX$: the claim, every symbol defined")
    prediction: Text = Field(description="the one-line formula, for tables and tiles")
    symbols: list[Symbol] = Field(
        default_factory=list,
        description="what the symbols mean that claims/notation.yaml lacks or has otherwise",
    )
    regime: list[Text] = Field(min_length=1, description="where it is claimed to hold; one assumption a line")
    use: Text | None = Field(None, description="what a practitioner may do with it")
    limits: Text = Field(description="where it is known to fail, contested points, caveats")
    sources: list[Source] = Field(min_length=1)
    relations: list[Relation] = Field(default_factory=list)
    contributors: list[Text] = Field(default_factory=list, description="who wrote this entry")
    checks: list[Check] = Field(default_factory=list)


class Problem(Model):
    """One open problem: what is asked, what is known, what would count as progress."""

    title: Text
    question: Text
    why: Text = Field(description="why it matters")
    known: Text = Field(description="what is known; Markdown with $\\LaTeX$")
    symbols: list[Symbol] = Field(
        default_factory=list,
        description="what the symbols mean that claims/notation.yaml lacks or has otherwise",
    )
    resolution: list[Text] = Field(min_length=1, description="falsifiable criteria of progress, one each")
    directions: list[Text] = Field(
        default_factory=list,
        description="the open directions of arXiv:2604.21691 that it maps to, as OD1 to OD12",
    )
    sources: list[Source] = Field(min_length=1)
    relations: list[Relation] = Field(default_factory=list)
    contributors: list[Text] = Field(default_factory=list, description="who wrote this entry")
    checks: list[Check] = Field(default_factory=list, description="probes: what can be measured today")
