"""One arm of a check, measured in this process on exploratory seeds and judged as `verify` would at its first look."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from lawbook.evidence.record import StoredPanel
from lawbook.registry.entry import Entry
from lawbook.registry.models import Check, Control, Tier
from lawbook.registry.regions import CheckRegions
from lawbook.verdicts.judgement import Finding, Rule, judge
from lawbook.verification.jobs import DEFAULT_MEMORY, Job
from lawbook.verification.seeds import FIRST_EXPLORATORY_SEED
from lawbook.verification.worker import Track, measure, stored_panel


@dataclass(frozen=True)
class Trial:
    """A check to explore, its changes made. changed: the params that the claim file has otherwise."""

    entry: Entry
    check: Check
    tier: Tier
    regions: CheckRegions
    changed: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.entry.id}/{self.check.name}"

    @property
    def rule(self) -> Rule:
        """The rule of the main arm, its looks those of the tier or of the seeds that were asked for."""
        settings = self.check.settings(self.tier)
        assert settings is not None
        check = self.check
        return Rule.of(self.regions.main, check.confidence, check.estimator, settings.seeds, settings.seed_limit)


@dataclass(frozen=True)
class Explored:
    """What an arm measured. control: None for the check's own measurement. rule: what it is judged by."""

    control: Control | None
    rule: Rule
    params: dict[str, Any]
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    in_regime: tuple[bool, ...] | None
    panels: Sequence[StoredPanel]
    notes: Sequence[str]
    finding: Finding
    seconds: float

    @property
    def judged(self) -> list[float]:
        """The values of the seeds in regime."""
        inside = self.in_regime or (True,) * len(self.values)
        return [value for value, counts in zip(self.values, inside, strict=True) if counts]


@dataclass(frozen=True)
class Bench:
    """Where arms are measured: the registry, the torch device, how many threads, and who hears of progress."""

    root: Path
    device: str
    threads: int
    track: Track

    def job(self, trial: Trial, control: Control | None) -> Job:
        """The job of an arm, without a limit of time or memory."""
        settings = trial.check.settings(trial.tier)
        assert settings is not None
        first = FIRST_EXPLORATORY_SEED
        return Job(
            root=str(self.root),
            checker=trial.check.checker,
            params=settings.params if control is None else trial.check.control_params(control, trial.tier),
            seeds=tuple(range(first, first + settings.seeds)),
            device=self.device,
            threads=self.threads,
            timeout=float("inf"),
            memory=DEFAULT_MEMORY,
        )


def prepare(modules: Sequence[str]) -> None:
    """Import what checkers will use, so that their draws are guarded from their first line on."""
    # As workers have it: threads that wait must not spin, and CUDA's kernels are the same in every run.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    for module in modules:
        # Some names are not of modules, and what cannot be imported is the affair of the checker that needs it.
        with suppress(Exception):
            import_module(module)


def explore(trial: Trial, bench: Bench, control: Control | None = None) -> Explored:
    """Measure the check's own arm, or a control; whatever the checker raises is let through."""
    job = bench.job(trial, control)
    region = trial.regions.main if control is None else trial.regions.controls[control.name]
    rule = Rule(region, trial.check.confidence, trial.check.estimator, trial.rule.looks)
    start = time.perf_counter()
    measurement = measure(job, bench.track)
    seconds = time.perf_counter() - start
    values = tuple(measurement.values)
    in_regime = None if measurement.in_regime is None else tuple(measurement.in_regime)
    return Explored(
        control=control,
        rule=rule,
        params=job.params,
        seeds=job.seeds,
        values=values,
        in_regime=in_regime,
        panels=[stored_panel(panel) for panel in measurement.panels],
        notes=tuple(measurement.notes),
        finding=judge(values, in_regime, rule, 0, job.seeds),
        seconds=seconds,
    )
