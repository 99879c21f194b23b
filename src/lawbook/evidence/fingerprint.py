"""Fingerprints: of what a check measures and accepts, and of the code that it runs.

A change of prose, of a comment or of a docstring leaves them as they are; a change of a number or of a
statement does not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawbook.evidence.syntax import SyntaxCache
from lawbook.registry.checker_files import read_source
from lawbook.registry.expectation import Interval
from lawbook.registry.models import Check, Tier
from lawbook.registry.regions import CheckRegions
from lawbook.registry.tier_settings import TierSettings

PACKAGE = "checkers"
# Hexadecimal ones: enough to tell apart what one registry will ever hold, and short in every line of history.
DIGITS = 12


def definition_fingerprint(check: Check, tier: Tier, regions: CheckRegions) -> str:
    """A digest of what is measured and accepted at a tier; prose, timeout and memory are no part of it.

    Raises ValueError where the check does not run at that tier.
    """
    settings = _settings(check, tier)
    return _digest_of(
        {
            "checker": check.checker,
            "params": settings.params,
            "region": _ends(regions.main),
            "confidence": check.confidence,
            "estimator": check.estimator,
            "seeds": settings.seeds,
            "max_seeds": settings.seed_limit,
            "controls": {
                control.name: [
                    check.control_params(control, tier),
                    control.must,
                    _ends(regions.controls[control.name]),
                ]
                for control in check.controls
            },
            "rivals": {
                rival.name: [check.rival_params(rival, tier), _ends(regions.rivals[rival.name])]
                for rival in check.rivals
                if rival.params is not None
            },
        }
    )


def measurement_fingerprint(check: Check, tier: Tier) -> str:
    """A digest of what is measured at a tier, whatever is accepted: checker, parameters, observable.

    Raises ValueError where the check does not run at that tier.
    """
    observable = " ".join(check.observable.split())
    return _digest_of([check.checker, _settings(check, tier).params, observable])


def _settings(check: Check, tier: Tier) -> TierSettings:
    settings = check.settings(tier)
    if settings is None:
        raise ValueError(f"check '{check.name}' has no settings for the {tier} tier")
    return settings


def _ends(region: Interval) -> list[str]:
    return [repr(end) for end in region]


@dataclass(frozen=True)
class Module:
    """A module of `checkers` as read: its path relative to root, a digest of its code, and what it imports.

    checkers: names of the `checkers` modules that it may import. external: names of all others.
    """

    path: Path
    digest: str
    checkers: frozenset[str]
    external: frozenset[str]


class CodeGraph:
    """The modules below `checkers` and their imports, read without running any; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[str, Module | None] = {}
        self._fingerprints: dict[str, str] = {}
        self._cache = SyntaxCache(root)

    def fingerprint(self, reference: str) -> str:
        """A digest of the code behind `checkers.folder.module:function`, with all that it imports of
        `checkers`.
        """
        module = reference.partition(":")[0]
        if module not in self._fingerprints:
            parts = [f"{name} {found.digest}" for name, found in sorted(self.modules(reference).items())]
            self._fingerprints[module] = _digest("\n".join(parts))
        return self._fingerprints[module]

    def modules(self, reference: str) -> dict[str, Module]:
        """By name, the module of a reference and the `checkers` modules that it imports, directly or not."""
        waiting = [reference.partition(":")[0]]
        reached: dict[str, Module] = {}
        while waiting:
            name = waiting.pop()
            # Importing a module runs the __init__ of every package above it.
            parent = name.rpartition(".")[0]
            found = self._module(name)
            if found is not None and name not in reached:
                reached[name] = found
                waiting += found.checkers
            if parent and parent not in reached:
                waiting.append(parent)
        return reached

    def external(self, reference: str) -> frozenset[str]:
        """Names of the modules of other packages that the code behind a reference may import."""
        return frozenset().union(*(module.external for module in self.modules(reference).values()))

    def remember(self) -> None:
        """Keep what was read for the next process, which then need not parse it."""
        self._cache.save()

    def _module(self, name: str) -> Module | None:
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        stem = Path(*name.split("."))
        parent = name.rpartition(".")[0]
        for path, package in ((stem / "__init__.py", name), (stem.with_suffix(".py"), parent)):
            if (self._root / path).is_file():
                try:
                    source = read_source(self._root / PACKAGE, self._root / path)
                except OSError:  # which lint tells, as where there is none
                    return None
                syntax = self._cache.syntax(source, package)
                ours = frozenset(found for found in syntax.imports if found.split(".")[0] == PACKAGE)
                return Module(path, syntax.digest, ours, syntax.imports - ours)
        return None


def _digest_of(content: Any) -> str:
    return _digest(json.dumps(content, sort_keys=True, separators=(",", ":")))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]
