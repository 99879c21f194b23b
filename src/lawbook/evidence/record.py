"""A record: the outcome of one check at one tier on one kind of device, with all that it takes to reproduce
it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lawbook.registry.models import Method
from lawbook.registry.tier_settings import REFERENCE_PATTERN

Outcome = Literal["pass", "fail", "inconclusive", "void", "error"]
ControlOutcome = Literal["pass", "fail", "inconclusive", "out-of-regime", "error"]
Role = Literal["measured", "predicted", "reference"]
Scale = Literal["linear", "log"]
DeviceKind = Literal["cpu", "cuda"]
DeviceToken = Annotated[str, Field(pattern=r"^[a-z0-9]+$")]
End = float | None
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
SECONDS = len("2026-01-31T23:59:59")


def _is_time(text: str) -> str:
    # Times are compared as text, so one form only; a history has thousands, and this is a tenth of strptime's time.
    moment, zone = text[:-1], text[-1:]
    try:
        if zone == "Z" and datetime.fromisoformat(moment).isoformat() == moment and len(moment) == SECONDS:
            return text
    except ValueError:
        pass
    raise ValueError("not of the form 2026-01-31T23:59:59Z")


Time = Annotated[str, AfterValidator(_is_time)]


class Stored(BaseModel):
    """Frozen, and open to keys of later versions, which are kept."""

    model_config = ConfigDict(frozen=True, extra="allow", ser_json_inf_nan="constants")


class StoredLine(Stored):
    """A line of a panel, perhaps with a band; a point that is not finite is null."""

    label: str
    x: list[float | None]
    y: list[float | None]
    role: Role = "measured"
    low: list[float | None] | None = None
    high: list[float | None] | None = None


class StoredMap(Stored):
    """A map of a panel: `z[row][column]` at `y[row]`, `x[column]`; a cell that is not finite is null."""

    label: str
    x: list[float | None]
    y: list[float | None]
    z: list[list[float | None]]
    role: Role = "measured"


class StoredPanel(Stored):
    """A panel as `lawbook.Panel` holds it: its axes, and the lines and maps on them."""

    title: str
    x_label: str = ""
    y_label: str = ""
    z_label: str = ""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    z_scale: Scale = "linear"
    lines: list[StoredLine] = Field(default_factory=list)
    maps: list[StoredMap] = Field(default_factory=list)

    @property
    def drawn(self) -> list[StoredLine | StoredMap]:
        """The lines, then the maps."""
        return [*self.lines, *self.maps]


class ControlResult(Stored):
    """What a control measured and how it came out; `as_expected` says whether it bites.

    accept: the region that it was judged by, at its own parameters.
    """

    name: str
    role: Literal["negative", "positive"] = "negative"
    expect: Literal["fail", "out-of-regime", "pass"]
    accept: tuple[End, End] = (None, None)
    outcome: ControlOutcome
    as_expected: bool
    params: dict[str, Any]
    estimate: End = None
    interval: tuple[End, End] | None = None
    batches: list[int] = Field(default_factory=list)
    seeds: list[int] = Field(default_factory=list)
    values: list[float | None] = Field(default_factory=list)
    in_regime: list[bool] | None = None
    panels: list[StoredPanel] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    seconds: float = 0.0
    reason: str = ""


class RivalResult(Stored):
    """Another answer to the same question, and whether the check tells the law from it.

    predicts: what it predicts for the observable, as an interval (of one point for a number); None for one
    that the checker was asked for, which then has an outcome of its own. away: how many standard errors of
    the main estimate lie between it and what the rival predicts; None where the estimator has no standard
    error, or it is zero.
    """

    name: str
    excluded: bool
    predicts: tuple[End, End] | None = None
    away: End = None
    outcome: ControlOutcome | None = None
    accept: tuple[End, End] | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    estimate: End = None
    interval: tuple[End, End] | None = None
    batches: list[int] = Field(default_factory=list)
    seeds: list[int] = Field(default_factory=list)
    values: list[float | None] = Field(default_factory=list)
    in_regime: list[bool] | None = None
    seconds: float = 0.0
    reason: str = ""


class Environment(Stored):
    """Where a record was made: versions and device, no host names and no paths.

    precision: what was seen to so that numbers are full and repeat; isolation: what of its own each worker had
    (`environment`, `tmpdir`, `network`, `root`, `shm`, `memory`). Both are empty in records of before it was said.
    """

    lawbook: str
    python: str
    torch: str
    numpy: str
    scipy: str
    platform: str
    device: str
    threads: int
    precision: str = ""
    isolation: list[str] = Field(default_factory=list)
    commit: str = ""
    modified: bool = False


class Record(Stored):
    """One recorded outcome, `evidence/ID/CHECK.TIER.DEVICE.json`.

    device: `cpu`, or the card's model token. expect: the region as the claim file writes it. accept: its
    value, an open end null. predicted: the value that it is set around, if any. interval: at `confidence`,
    after the last look. looks: how many looks were taken (1: no doubling). batches: how many seeds each look
    added. confirms: the seed base of the measurement just before, whose changed outcome this one was to confirm.
    definition and code: fingerprints of what the check measures and accepts, and of the code it runs;
    measures: of what it measures alone. curves: a digest of the file that holds the panels of this record and
    of its controls, wherever they are stored; empty where there are none. reason: why the outcome is not a
    plain pass or fail. started: UTC, ISO 8601, seconds.
    """

    schema_version: Literal[2] = 2
    claim: str
    check: str
    tier: Literal["quick", "full"]
    device_kind: DeviceKind
    device: DeviceToken = "cpu"
    outcome: Outcome
    reason: str = ""
    checker: Annotated[str, Field(pattern=REFERENCE_PATTERN)]
    params: dict[str, Any]
    estimator: Literal["mean", "median", "every"]
    confidence: float
    method: Method = "experiment"
    expect: str = ""
    accept: tuple[End, End]
    predicted: End = None
    estimate: End = None
    standard_error: End = None
    interval: tuple[End, End] | None = None
    looks: int = 1
    batches: list[int] = Field(default_factory=list)
    seed_base: int = 0
    confirms: int | None = None
    seeds: list[int] = Field(default_factory=list)
    values: list[float | None] = Field(default_factory=list)
    in_regime: list[bool] | None = None
    panels: list[StoredPanel] = Field(default_factory=list)
    curves: str = ""
    notes: list[str] = Field(default_factory=list)
    controls: list[ControlResult] = Field(default_factory=list)
    rivals: list[RivalResult] = Field(default_factory=list)
    definition: str
    code: str
    measures: str = ""
    environment: Environment
    started: Time
    seconds: float
    output: str = Field("", description="captured output of a job that errored, its end")
