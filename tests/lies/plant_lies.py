"""Plant a lie in every check of a registry: the lie detector that the registry must pass.

`python tests/lies/plant_lies.py [ID…] [--jobs N]` copies the registry, moves every acceptance region away by three
times its width (or turns a one-sided region around), verifies the copy at the quick tier, and prints how each lie
came out. It exits with 1 if any lie passed.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from lawbook.book import open_book
from lawbook.registry.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
WIDTHS_AWAY = 3.0


def moved_region(region: tuple[float, float]) -> tuple[float, float]:
    """A two-sided region three of its widths further up; a one-sided one turned around at its end."""
    low, high = region
    if math.isinf(low):
        return (math.nextafter(high, math.inf), math.inf)
    if math.isinf(high):
        return (-math.inf, math.nextafter(low, -math.inf))
    shift = WIDTHS_AWAY * (high - low)
    return (low + shift, high + shift)


def lying_expectation(expect: dict[str, Any]) -> dict[str, Any]:
    """The `expect` of a claim file with its region moved as `moved_region` says."""
    if "at_most" in expect:
        return {"at_least": moved_region((-math.inf, expect["at_most"]))[0]}
    if "at_least" in expect:
        return {"at_most": moved_region((expect["at_least"], math.inf))[1]}
    if "between" in expect:
        low, high = moved_region((expect["between"][0], expect["between"][1]))
        return {"between": [low, high]}
    shift = WIDTHS_AWAY * 2 * expect["within"]
    return {**expect, "equals": expect["equals"] + shift}


def write_lying_registry(root: Path, target: Path) -> None:
    """A copy of the registry at `root` in which every check lies; checkers are shared with the original."""
    for source in sorted((root / "claims").rglob("*")):
        copy = target / source.relative_to(root)
        if source.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif source.suffix == ".yaml":
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_lying_text(root, source.relative_to(root)), encoding="utf-8")
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    (target / "checkers").symlink_to(root / "checkers", target_is_directory=True)


def _lying_text(root: Path, path: Path) -> str:
    content = read_yaml(root, path).content
    if content is None:
        raise SystemExit(f"{path} cannot be read; run `lawbook lint` first")
    for check in content.get("checks", []):
        check["expect"] = lying_expectation(check["expect"])
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False)


def main() -> int:
    """Verify the lying copy and say how each lie came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--jobs", default="2")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target, report = Path(folder) / "registry", Path(folder) / "report.json"
        write_lying_registry(ROOT, target)
        options = ["--root", str(target), "--no-record", "--jobs", chosen.jobs, "--report", str(report)]
        lawbook = Path(sys.executable).with_name("lawbook")
        subprocess.run([lawbook, "verify", *chosen.ids, *options], check=False)
        claims = json.loads(report.read_text(encoding="utf-8"))["claims"]
    lies = [(claim["id"], check["name"], check["outcome"]) for claim in claims for check in claim["checks"]]
    # The opposite of a one-sided statement that failed is no lie.
    refuted = {
        (id, state.check.name)
        for id, entry in open_book(ROOT).states.items()
        for state in entry.checks
        if state.outcome == "fail"
    }
    believed = [lie for lie in lies if lie[2] == "pass" and lie[:2] not in refuted]
    for claim, check, outcome in lies:
        print(f"{outcome:13} {claim}/{check}")
    print(f"{len(lies)} lies planted, {len(believed)} believed")
    return 1 if believed or not lies else 0


if __name__ == "__main__":
    sys.exit(main())
