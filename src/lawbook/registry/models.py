"""The form of a claim file and of an open-problem file; strict, so that nothing unknown slips through.

A model says what one file may hold on its own, but for what takes two places of it or other files (names,
citations, relations, checkers): that is judged in `lawbook.registry.crossref`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag, model_validator

from lawbook.registry.answers import Answers
from lawbook.registry.expectation import Expectation, Term
from lawbook.registry.law_map import LawMap
from lawbook.registry.parameter_merge import merge_params
from lawbook.registry.strict_model import Model
from lawbook.registry.tier_settings import REFERENCE_PATTERN, Name, Params, Text, TierSettings

STRANDS = ("solvable", "limits", "laws", "hyperparameters", "universality")
PROBLEMS_FOLDER = "open-problems"
TIERS: tuple[Literal["quick", "full"], ...] = ("quick", "full")
OWN_SYMBOLS = "what the symbols mean that claims/notation.yaml lacks or has otherwise"
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"

Kind = Literal["theorem", "limit", "empirical-law", "conjecture"]
Standing = Literal["established", "contested", "refuted", "conjectured"]
Tier = Literal["quick", "full"]
Estimator = Literal["mean", "median", "every"]
Method = Literal["experiment", "calculation", "identity"]
ControlRole = Literal["negative", "positive"]
Variation = Literal["data", "initialisation", "batches"]
SourceRole = Literal["origin", "proof", "evidence", "counter-evidence", "review"]
RelationType = Literal[
    "implies", "special-case-of", "limit-of", "explains", "predicts", "contradicts", "supersedes", "bears-on"
]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Control(Model):
    """The same checker elsewhere: where the claim must not hold, or where it holds by construction."""

    name: Name
    role: ControlRole = Field(
        "negative", description="negative: the claim must not hold here; positive: it holds by construction"
    )
    why: Text = Field(description="why the claim must not hold here, or why it must")
    params: Params = Field(
        default_factory=dict, description="over the tier's own params, a setting's fields one by one"
    )
    quick: Params | None = Field(None, description="params for the quick tier alone, over `params`")
    full: Params | None = Field(None, description="params for the full tier alone, over `params`")
    expect: Literal["fail", "out-of-regime", "pass"] | None = Field(
        None, description="how it must come out: a negative control `fail` (default) or `out-of-regime`"
    )
    judge_with: dict[str, Term] | None = Field(
        None, description="values of the expectation's names to judge it by, in place of its own"
    )

    @model_validator(mode="after")
    def _role_and_outcome(self) -> Control:
        if (self.role == "positive") != (self.expect == "pass") and self.expect is not None:
            wanted = "'pass'" if self.role == "positive" else "'fail' or 'out-of-regime'"
            raise ValueError(
                f"a {self.role} control must come out {wanted}, not '{self.expect}'; remove 'expect' or mend 'role'"
            )
        return self

    @property
    def must(self) -> Literal["fail", "out-of-regime", "pass"]:
        """How it must come out."""
        return self.expect or ("pass" if self.role == "positive" else "fail")


def _form_of_prediction(value: Any) -> str:
    return "region-form" if isinstance(value, dict | Expectation) else "formula-form"


class Rival(Model):
    """Another answer to the same question, which a pass must exclude.

    With `predicts` it runs nothing: the region must leave it out. With `params` the checker is asked for
    another formula, where the check itself passes, and must then come out `fail`.
    """

    name: Name
    predicts: (
        Annotated[
            Annotated[Term, Tag("formula-form")] | Annotated[Expectation, Tag("region-form")],
            Discriminator(_form_of_prediction),
        ]
        | None
    ) = Field(None, description="what it predicts for the observable: a number, a formula or a region")
    params: Params | None = Field(None, description="over the tier's own params: the checker with its formula")
    why: Text = Field(description="what the rival says, and who says so")
    cite: Text | None = Field(None, description="a key of claims/references.bib")

    @model_validator(mode="after")
    def _one_kind(self) -> Rival:
        if (self.predicts is None) == (self.params is None):
            raise ValueError("give a rival either 'predicts', a number, formula or region, or 'params' for the checker")
        return self


class Check(Model):
    """One falsifiable measurement: an observable, an acceptance region, controls."""

    name: Name
    checker: Annotated[str, Field(pattern=REFERENCE_PATTERN)] = Field(
        description="checkers.FOLDER.MODULE:FUNCTION, a plain module-level def"
    )
    observable: Text = Field(description="what is measured, one number a seed")
    expect: Expectation
    because: Text = Field(description="why this region, written before any run")
    confidence: Annotated[Number, Field(gt=0.5, lt=1)] = Field(
        0.95, description="of the interval over seeds, as a share: 0.95"
    )
    estimator: Estimator = "mean"
    method: Method = Field(
        "experiment",
        description="calculation: published constants or theory alone; identity: true by algebra, a test of the code",
    )
    varies: list[Variation] = Field(default_factory=list, description="what differs between seeds")
    quick: TierSettings | None = None
    full: TierSettings | None = None
    disabled: Text | None = Field(None, description="why the check does not run for now; shown on the home page")
    controls: list[Control] = Field(min_length=1, description="at least one negative: a check that cannot fail is void")
    rivals: list[Rival] = Field(default_factory=list, description="other answers that a pass excludes")
    answers: Answers | None = Field(None, description="to what `lawbook review` asks and finds badly answered")

    @model_validator(mode="after")
    def _runs_somewhere(self) -> Check:
        if self.quick is None and self.full is None:
            raise ValueError("give 'quick', 'full' or both: a check must run at some tier")
        return self

    def settings(self, tier: Tier) -> TierSettings | None:
        """The settings of a tier, or None where the check does not run there."""
        return self.quick if tier == "quick" else self.full

    def control_params(self, control: Control, tier: Tier) -> Params:
        """A control's full parameters: the tier's, then the control's, then the control's for that tier.

        Fields of a setting merge one by one.
        """
        settings = self.settings(tier)
        own = control.quick if tier == "quick" else control.full
        return merge_params(settings.params if settings else {}, control.params, own)

    def rival_params(self, rival: Rival, tier: Tier) -> Params:
        """The parameters with which the checker is asked for a rival's formula."""
        settings = self.settings(tier)
        return merge_params(settings.params if settings else {}, rival.params)


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

    why: Text | None = Field(None, description="needed where the house has it with another meaning: why not here")


class KnownFailure(Model):
    """Why an established claim fails here honestly, and since when that is known."""

    reason: Text
    since: Annotated[str, StringConstraints(pattern=DATE_PATTERN)] = Field(description="a date, as 2026-11-26")

    @model_validator(mode="after")
    def _is_a_day(self) -> KnownFailure:
        try:
            date.fromisoformat(self.since)
        except ValueError:
            raise ValueError(f"'{self.since}' is not a day of the calendar; write it as 2026-11-26") from None
        return self


class Claim(Model):
    """One statement about learning, with its regime, sources and checks."""

    title: Text
    kind: Kind
    standing: Standing
    statement: Text = Field(description="Markdown with $\\LaTeX$: the claim, every symbol defined")
    prediction: Text = Field(description="the one-line formula, for tables and tiles")
    symbols: list[Symbol] = Field(default_factory=list, description=OWN_SYMBOLS)
    regime: list[Text] = Field(min_length=1, description="where it is claimed to hold; one assumption a line")
    use: Text | None = Field(None, description="what a practitioner may do with it")
    limits: Text = Field(description="where it is known to fail, contested points, caveats")
    sources: list[Source] = Field(min_length=1)
    relations: list[Relation] = Field(default_factory=list)
    contributors: list[Text] = Field(default_factory=list, description="who wrote this entry")
    aliases: list[Text] = Field(default_factory=list, description="other names of it, for search")
    former_ids: list[Name] = Field(default_factory=list, description="ids that it had before; they redirect")
    known_failure: KnownFailure | None = Field(None, description="of an established claim: why it fails here honestly")
    checks: list[Check] = Field(default_factory=list)
    maps: list[LawMap] = Field(default_factory=list, description="where the law holds, over a grid")

    @model_validator(mode="after")
    def _failure_of_what_is_established(self) -> Claim:
        if self.known_failure is not None and self.standing != "established":
            raise ValueError(
                f"'known_failure' is for established claims; this one is {self.standing}, and may fail as it is"
            )
        return self


class Problem(Model):
    """One open problem: what is asked, what is known, what would count as progress."""

    title: Text
    question: Text
    why: Text = Field(description="why it matters")
    known: Text = Field(description="what is known; Markdown with $\\LaTeX$")
    symbols: list[Symbol] = Field(default_factory=list, description=OWN_SYMBOLS)
    resolution: list[Text] = Field(min_length=1, description="falsifiable criteria of progress, one each")
    directions: list[Text] = Field(
        default_factory=list,
        description="the open directions of arXiv:2604.21691 that it maps to, as OD1 to OD12",
    )
    sources: list[Source] = Field(min_length=1)
    relations: list[Relation] = Field(default_factory=list)
    contributors: list[Text] = Field(default_factory=list, description="who wrote this entry")
    checks: list[Check] = Field(default_factory=list, description="probes: what can be measured today")
    maps: list[LawMap] = Field(default_factory=list, description="what is measured over a grid")
    criteria: dict[Name, list[Annotated[int, Field(ge=1)]]] = Field(
        default_factory=dict,
        description="which criteria of `resolution`, counted from 1, each probe bears on: {PROBE: [1, 3]}",
    )

    @model_validator(mode="after")
    def _criteria_of_its_own(self) -> Problem:
        names = [check.name for check in self.checks]
        for name, numbers in self.criteria.items():
            if name not in names:
                known = ", ".join(names) or "none"
                raise ValueError(f"'criteria' names '{name}', which is no probe of this problem; they are: {known}")
            if wrong := [number for number in numbers if number > len(self.resolution)]:
                raise ValueError(f"'criteria' of '{name}' counts to {wrong[0]}; there are {len(self.resolution)}")
        return self
