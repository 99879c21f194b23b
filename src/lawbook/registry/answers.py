"""What a claim file answers to the questions of a hostile reader, a sentence each; no verdict hangs on it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lawbook.registry.strict_model import Model
from lawbook.registry.tier_settings import Text

Question = Literal["seeds", "varies", "width", "prediction", "rivals", "controls", "positives", "region"]


class Answers(Model):
    """To what `lawbook review` asks of a check and its record answers badly: a true sentence that explains it.

    None of it is part of what makes evidence stale, and an answer to a question that is well answered is told.
    """

    seeds: Text | None = Field(None, description="why so few seeds are enough")
    varies: Text | None = Field(None, description="why what differs between seeds is not said")
    width: Text | None = Field(None, description="why the region is that wide, or that tight, beside the interval")
    prediction: Text | None = Field(None, description="why the interval leaves the exact prediction out, yet passes")
    rivals: Text | None = Field(None, description="why no other answer can be named, or one is hardly excluded")
    controls: Text | None = Field(None, description="why even the nearest negative control falls far outside")
    positives: Text | None = Field(None, description="why a positive control lies that deep inside")
    region: Text | None = Field(None, description="why the region moved after a judged run")

    def to(self, question: Question) -> str:
        """The sentence about a question, folded to one line; empty where there is none."""
        said: str | None = getattr(self, question)
        return " ".join((said or "").split())

    @property
    def given(self) -> tuple[Question, ...]:
        """The questions that it answers."""
        return tuple(question for question in QUESTIONS if self.to(question))


QUESTIONS: tuple[Question, ...] = (
    "seeds", "varies", "width", "prediction", "rivals", "controls", "positives", "region",
)  # fmt: skip
