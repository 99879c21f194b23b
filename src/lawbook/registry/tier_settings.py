"""What every part of a claim file may hold alike: names and texts, and the settings of a tier."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator

from lawbook.registry.strict_model import Model

ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
REFERENCE_PATTERN = r"^checkers(\.[A-Za-z_][A-Za-z0-9_]*)+:[A-Za-z_][A-Za-z0-9_]*$"

Text = Annotated[str, Field(pattern=r"\S")]
Name = Annotated[str, Field(pattern=ID_PATTERN)]
Reference = Annotated[str, Field(pattern=REFERENCE_PATTERN)]
# A batch holds them all at once; a slip of the keyboard must not ask the engine for a list of billions.
Seeds = Annotated[int, Field(ge=1, le=100_000)]
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
    params: Params = Field(
        default_factory=dict,
        description="keyword arguments of the checker function; a setting is a mapping, `setting: {width: 32}`",
    )
    adds: Text | None = Field(None, description="of `full`: what it adds to the quick tier")

    @model_validator(mode="after")
    def _seeds_ordered(self) -> TierSettings:
        if self.max_seeds is not None and self.max_seeds < self.seeds:
            raise ValueError(f"max_seeds ({self.max_seeds}) is less than seeds ({self.seeds})")
        return self

    @property
    def seed_limit(self) -> int:
        """The largest number of seeds that doubling may reach."""
        return 4 * self.seeds if self.max_seeds is None else self.max_seeds
