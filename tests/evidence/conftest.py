"""A record to write, and a fresh one for a check of the tiny registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lawbook.evidence.record import Environment, Record

ENVIRONMENT = Environment(
    lawbook="0.1.0",
    python="3.11.0",
    torch="2.13.0",
    numpy="2.0.0",
    scipy="1.14.0",
    platform="Linux x86_64",
    device="a processor",
    threads=1,
    commit="c0ffee",
)


def make_record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "claim": "noise-averages-out",
        "check": "centre",
        "tier": "quick",
        "device_kind": "cpu",
        "outcome": "pass",
        "checker": "checkers.laws.example:centre_of_noise",
        "params": {"centre": 0.0},
        "estimator": "mean",
        "confidence": 0.95,
        "accept": (-0.3, 0.3),
        "estimate": 0.01,
        "interval": (-0.1, 0.12),
        "seeds": [0, 1, 2],
        "values": [0.0, 0.01, 0.02],
        "definition": "d",
        "code": "c",
        "environment": ENVIRONMENT,
        "started": "2026-01-31T12:00:00Z",
        "seconds": 1.5,
    }
    return Record(**{**plain, **changes})


@pytest.fixture
def record() -> Callable[..., Record]:
    """Makes a record of noise-averages-out/centre, with some fields changed."""
    return make_record
