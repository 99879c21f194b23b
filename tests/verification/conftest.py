"""A registry whose checkers misbehave on demand, and the means to run commands on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main
from lawbook.evidence.record import Record

PLANTED = '''"""Checkers that do as their params say, with the standard library alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from lawbook import Measurement, Trials

How = Literal[
    "well", "raise", "mute", "hang", "kill", "exit", "hog", "nan", "short", "wrong", "spawn", "detach", "wait",
    "orphan", "loud", "garble", "remark",
]


# Two lines, the code that clears a terminal, half of a surrogate pair, and far too much.
GARBLE = "first\\nsecond \\x1b[2J \\ud800 " + "x" * 100_000


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


def measure(
    trials: Trials,
    *,
    centre: float = 0.0,
    spread: float = 0.1,
    how: How = "well",
    share: float = 1.0,
    place: str = "",
    pair: tuple[int, int] = (0, 0),
) -> Measurement:
    """One normal draw a seed around `centre`; `how` says what goes wrong."""
    values = [random.Random(seed).gauss(centre, spread) for seed in trials.track(trials.seeds, "drawing")]
    if place:
        with Path(place).open("a") as log:
            log.write(f"{os.getpid()} {len(trials)}\\n")
    if how == "raise":
        print("about to fall")
        raise RuntimeError("the ground gave way")
    if how == "mute":
        raise Mute
    if how == "garble":
        print(GARBLE[:40].encode("utf-8", "replace").decode())
        raise RuntimeError(GARBLE)
    if how == "loud":
        print("x" * 100_000)
        raise RuntimeError("said too much")
    if how == "hang":
        time.sleep(600)
    if how == "spawn":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(place).write_text(str(child.pid))
        time.sleep(600)
    if how == "detach":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        Path(place).write_text(str(child.pid))
    if how == "wait":
        while not Path(place + ".go").exists():
            time.sleep(0.02)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "orphan":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    if how == "exit":
        os._exit(7)
    if how == "hog":
        hoard = []
        while True:
            hoard.append(bytearray(b"x" * 2**24))
            time.sleep(0.01)
    if how == "nan":
        values[-1] = float("nan")
    if how == "short":
        return Measurement(values[1:])
    if how == "wrong":
        return values
    regime = [place < share for place in (n / len(trials) for n in range(len(trials)))]
    return Measurement(values, in_regime=regime, notes=[GARBLE] if how == "remark" else [])
'''

Params = Mapping[str, Any]


def planted_check(name: str = "centre", **changes: Any) -> dict[str, Any]:
    """A check of the planted checker that passes in a moment, with some keys changed."""
    check = {
        "name": name,
        "checker": "checkers.laws.planted:measure",
        "observable": "the draw",
        "expect": {"equals": 0.0, "within": 0.5},
        "because": "five standard deviations",
        "quick": {"seeds": 8, "timeout": 60, "params": {}},
        "controls": [{"name": "shifted", "why": "ten standard deviations away", "params": {"centre": 1.0}}],
    }
    return {**check, **changes}


def with_positive(check: Mapping[str, Any], centre: float = 0.0) -> dict[str, Any]:
    """The check with a positive control whose draws lie around `centre`."""
    positive = {
        "name": "by-construction",
        "role": "positive",
        "why": "drawn there",
        "params": {"centre": centre, "spread": 0.09},
    }
    return {**check, "controls": [*check["controls"], positive]}


def quick(params: Params | None = None, **changes: Any) -> dict[str, Any]:
    """Settings of the quick tier."""
    return {"seeds": 8, "timeout": 60, "params": dict(params or {}), **changes}


class Laboratory:
    """A registry of planted claims at `root`, and commands run on it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def plant(self, id: str, *checks: dict[str, Any], standing: str = "established", strand: str = "laws") -> None:
        """Write a claim with these checks (default: one that passes)."""
        claim = {
            "title": f"The claim {id}",
            "kind": "empirical-law",
            "standing": standing,
            "statement": "A statement.",
            "prediction": "$x = 0$",
            "regime": ["noise"],
            "limits": "None known.",
            "sources": [{"cite": "gauss1809theoria", "role": "origin"}],
            "checks": list(checks) or [planted_check()],
        }
        path = self.root / "claims" / strand / f"{id}.yaml"
        path.write_text(json.dumps(claim, indent=1))

    def run(self, *arguments: str) -> Result:
        """A command in this process."""
        return CliRunner().invoke(main, [*arguments, "--root", str(self.root)])

    def verify(self, *arguments: str, exit_code: int | None = None) -> str:
        """`lawbook verify` on CPUs; its output. exit_code: what it must end with."""
        result = self.run("verify", "--device", "cpu", *arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        if exit_code is not None:
            assert result.exit_code == exit_code, result.output
        return result.output

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`lawbook verify` in a process of its own."""
        command = [sys.executable, "-c", "from lawbook.cli import main; main()", "verify", "--device", "cpu"]
        return subprocess.Popen(
            [*command, "--root", str(self.root), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def path(self, name: str, *, published: bool = False) -> Path:
        """The file of a record; name: `claim/check`."""
        store = "evidence" if published else ".lawbook/evidence"
        return self.root / store / f"{name}.quick.cpu.json"

    def record(self, name: str, *, published: bool = False) -> Record:
        """The record of `claim/check`."""
        return Record.model_validate_json(self.path(name, published=published).read_bytes())

    def records(self) -> dict[str, Record]:
        """All local records, by `claim/check`."""
        paths = (self.root / ".lawbook/evidence").glob("*/*.json")
        found = [Record.model_validate_json(path.read_bytes()) for path in paths]
        return {f"{record.claim}/{record.check}": record for record in found}

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that occurs in a file."""
        file = self.root / path
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))


@pytest.fixture
def laboratory(make_registry: Callable[[Mapping[str, Any]], Path]) -> Laboratory:
    """An empty registry (but for an open problem) with the planted checker."""
    gone = ("claims/laws/noise-averages-out.yaml", "claims/limits/noise-is-positive.yaml")
    problem = "claims/open-problems/noise-in-the-dark.yaml"
    root = make_registry(
        {
            "checkers/laws/planted.py": PLANTED,
            **dict.fromkeys(gone),
            problem: ("relations:\n  - {type: bears-on, target: noise-averages-out}\n", ""),
        }
    )
    return Laboratory(root)


@pytest.fixture
def check() -> Callable[..., dict[str, Any]]:
    """Makes a check of the planted checker: `check("name", quick=…, controls=…)`."""
    return planted_check


@pytest.fixture
def positive() -> Callable[..., dict[str, Any]]:
    """Gives a check a positive control: `positive(check(), centre=1.0)`."""
    return with_positive


@pytest.fixture
def settings() -> Callable[..., dict[str, Any]]:
    """Makes a tier's settings: `settings({"how": "raise"}, seeds=4)`."""
    return quick
