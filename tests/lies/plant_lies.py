"""Plant a lie in every check of a registry: the lie detector that the registry must pass.

`python tests/lies/plant_lies.py [ID…] [--kind away|wrong-formula] [--jobs N]` copies the registry, gives every check
a false expectation, verifies the copy at the quick tier, and prints how each lie came out. It exits with 1 if any lie
passed. Kinds: `away` moves every region by three times its width (a one-sided one is turned around); `wrong-formula`
adds .15 to what is predicted of an exponent and multiplies other predictions by 1.3, the margins staying as they are
(regions around nothing, or around zero, are not asked).
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

import yaml

from lawbook.book import open_book
from lawbook.registry.expectation import Expectation
from lawbook.registry.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
WIDTHS_AWAY = 3.0
WRONG_EXPONENT, WRONG_FACTOR = 0.15, 1.3
Kind = Literal["away", "wrong-formula"]
EXPONENT_WORDS = ("exponent", "slope", "d\\log", "\\frac{d\\ln")


def moved_region(region: tuple[float, float]) -> tuple[float, float]:
    """A two-sided region three of its widths further up; a one-sided one turned around at its end."""
    low, high = region
    if math.isinf(low):
        return (math.nextafter(high, math.inf), math.inf)
    if math.isinf(high):
        return (-math.inf, math.nextafter(low, -math.inf))
    shift = WIDTHS_AWAY * (high - low)
    return (low + shift, high + shift)


def is_of_exponent(check: dict[str, Any]) -> bool:
    """Whether a check measures an exponent, as its observable or its names say."""
    said = " ".join(str(check.get(key, "")) for key in ("name", "checker", "observable")).lower()
    return any(word in said for word in EXPONENT_WORDS)


def wrong_formulas(expect: dict[str, Any], *, exponent: bool) -> list[dict[str, Any]]:
    """The `expect` of a claim file with another law in it: two wrong exponents, or one wrong factor."""
    if "equals" not in expect or expect["equals"] == 0:
        return []
    law = expect["equals"]
    if exponent:
        return [{**expect, "equals": f"({law}) {sign} {WRONG_EXPONENT}"} for sign in "+-"]
    return [{**expect, "equals": f"{WRONG_FACTOR} * ({law})"}]


def moved_away(expect: dict[str, Any], region: tuple[float, float]) -> dict[str, Any]:
    """An `expect` whose region is the moved one of `region`, in plain numbers."""
    low, high = moved_region(region)
    if math.isinf(high):
        return {"at_least": low}
    return {"at_most": high} if math.isinf(low) else {"between": [low, high]}


def write_lying_registry(root: Path, target: Path, kind: Kind) -> None:
    """A copy of the registry at `root` in which every check lies; checkers are shared with the original."""
    entries = open_book(root).registry.entries
    for source in sorted((root / "claims").rglob("*")):
        copy = target / source.relative_to(root)
        if source.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        elif source.parent.name != "claims" and source.suffix == ".yaml":
            copy.parent.mkdir(parents=True, exist_ok=True)
            regions = entries[source.stem].regions
            copy.write_text(_lying_text(root, source.relative_to(root), regions, kind), encoding="utf-8")
        else:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(source.read_bytes())
    (target / "checkers").symlink_to(root / "checkers", target_is_directory=True)


def _lying_text(root: Path, path: Path, regions: Any, kind: Kind) -> str:
    content = read_yaml(root, path).content
    if content is None:
        raise SystemExit(f"{path} cannot be read; run `lawbook lint` first")
    lying = []
    for check in content.get("checks", []):
        # A rival may well agree with a lie, which lint would tell before anything ran.
        check.pop("rivals", None)
        if kind == "wrong-formula":
            lies = wrong_formulas(check["expect"], exponent=is_of_exponent(check))
        else:
            lies = [moved_away(check["expect"], regions[check["name"], "quick"].main)] if "quick" in check else []
        for control in check["controls"] if kind == "away" else ():
            control.pop("judge_with", None)
        for number, lie in enumerate(lies):
            name = f"{check['name']}-{number}" if number else check["name"]
            lying.append({**check, "name": name, "expect": lie})
    return yaml.dump({**content, "checks": lying}, Dumper=_Plain, allow_unicode=True, sort_keys=False)


class _Plain(yaml.SafeDumper):
    """Writes what two checks share twice, since the registry reads no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main() -> int:
    """Verify the lying copy and say how each lie came out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--kind", choices=["away", "wrong-formula"], default="away")
    parser.add_argument("--jobs", default="2")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target, report = Path(folder) / "registry", Path(folder) / "report.json"
        write_lying_registry(ROOT, target, chosen.kind)
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


def lied_regions(check: dict[str, Any], parameters: dict[str, float]) -> list[tuple[float, float]]:
    """The regions of a check's wrong formulas at some parameters."""
    lies = wrong_formulas(check["expect"], exponent=is_of_exponent(check))
    return [Expectation.model_validate(lie).region(parameters) for lie in lies]


if __name__ == "__main__":
    sys.exit(main())
