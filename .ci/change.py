"""Verifies what a change touches, and tells it: verdicts, curves, regions that moved, a hostile reader's questions.

    .venv/bin/python .ci/change.py BASE

Claims whose file or code changed since BASE are verified; where the engine itself changed, a sample of the others too,
drawn by the commit. Markdown goes to $GITHUB_STEP_SUMMARY, or to standard output, and the pages of these claims to
build/preview. Run from the root of the checkout; exits as `lawbook verify` does, with 0 where nothing is touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LAWBOOK = str(Path(sys.executable).with_name("lawbook"))
ENGINE = ("src", "pyproject.toml", "constraints.txt")
SAMPLE = 6
NOTHING_SELECTED = 2
CHANGED, SAMPLED = Path("build/changed.json"), Path("build/sampled.json")
SITE, PREVIEW = Path("build/site"), Path("build/preview")
# Of the site all is kept but what is there once for every claim.
FOR_EACH_CLAIM = ("claims", "problems", "data", "api", "badge", "search")
MOST_CURVES = 8


def main(base: str) -> int:
    """Verifies, tells and keeps the pages; the exit status of the worst run."""
    CHANGED.parent.mkdir(exist_ok=True)
    codes = [verify(CHANGED, "--changed-since", base)]
    # Nothing selected and a registry that is not valid have one status; only the second is a fault of the change.
    if codes[0] == NOTHING_SELECTED and not run("lint").returncode:
        codes[0] = 0
    claims = claims_of(CHANGED)
    others: list[dict[str, Any]] = []
    if any(path.split("/")[0] in ENGINE for path in changed_paths(base)):
        names = sample(all_ids(), {claim["id"] for claim in claims}, commit())
        codes.append(verify(SAMPLED, *names))
        others = claims_of(SAMPLED)
    tell("\n".join(summary(claims, others)) + "\n")
    keep_pages([claim["id"] for claim in claims])
    return max(codes, key=(0, 1, 4, 3, 2).index)


def verify(report: Path, *arguments: str) -> int:
    """The exit status of `lawbook verify`, whose report goes to a file."""
    report.unlink(missing_ok=True)
    return run("verify", *arguments, "--tier", "quick", "--report", str(report)).returncode


def claims_of(report: Path) -> list[dict[str, Any]]:
    """The claims of a report; none where there is no report."""
    return list(json.loads(report.read_text(encoding="utf-8"))["claims"]) if report.is_file() else []


def sample(ids: Sequence[str], without: set[str], commit: str) -> list[str]:
    """Some of the ids that are not `without`: the same for a commit, others for another."""
    drawn = sorted(set(ids) - without, key=lambda id: hashlib.sha256(f"{commit}/{id}".encode()).digest())
    return sorted(drawn[:SAMPLE])


def summary(claims: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What came out, as GitHub's Markdown."""
    yield "# What this change touches"
    yield ""
    if claims:
        yield from verdicts(claims)
    else:
        yield "No claim, and no code that one runs."
    for claim in claims[:MOST_CURVES]:
        yield from folded(f"{claim['id']} as the terminal shows it", said("show", claim["id"]))
    if claims:
        asked = said("review", *(claim["id"] for claim in claims))
        yield from folded("What a hostile reader asks, and which regions have moved", asked)
    if others:
        yield ""
        yield "## The engine changed: a sample of the other claims"
        yield ""
        yield from verdicts(others)


def verdicts(claims: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A table, a line a check."""
    yield "| check | outcome | estimate | interval | accepted | as expected | reason |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for claim in claims:
        for check in claim["checks"]:
            cells = (
                f"{claim['id']}/{check['name']}",
                check["outcome"],
                number(check.get("estimate")),
                interval(check.get("interval")),
                interval(check.get("accept")),
                {True: "yes", False: "**no**"}.get(claim["as_expected"], "–"),
                (check.get("reason") or "").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;"),
            )
            yield f"| {' | '.join(cells)} |"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.5g}"


def interval(ends: Sequence[float | None] | None) -> str:
    return "–" if ends is None else " to ".join("…" if end is None else f"{end:.5g}" for end in ends)


def folded(title: str, text: str) -> Iterator[str]:
    """A text under a title that opens it, shown as it is."""
    fence = "`" * max(3, 1 + max((len(run) for run in text.split("\n") if set(run) == {"`"}), default=0))
    yield from ("", f"<details><summary>{title}</summary>", "", fence, text.rstrip(), fence, "", "</details>")


def keep_pages(ids: Sequence[str]) -> None:
    """The pages of these claims and problems with all that they need, in a folder of their own."""
    shutil.rmtree(PREVIEW, ignore_errors=True)
    if not ids or run("site", "build", "--out", str(SITE)).returncode:
        return
    shutil.copytree(SITE, PREVIEW, ignore=shutil.ignore_patterns(*FOR_EACH_CLAIM))
    for id in ids:
        for folder in ("claims", "problems"):
            page = SITE / folder / f"{id}.html"
            if page.is_file():
                (PREVIEW / folder).mkdir(exist_ok=True)
                shutil.copy(page, PREVIEW / folder)


def tell(text: str) -> None:
    """Adds to the summary of the job, or prints."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with open(place, "a", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text)


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([LAWBOOK, *arguments], check=False)


def said(*arguments: str) -> str:
    finished = subprocess.run([LAWBOOK, *arguments], capture_output=True, encoding="utf-8", check=False)
    return finished.stdout + finished.stderr


def all_ids() -> list[str]:
    listed = json.loads(said("list", "--json"))
    return [entry["id"] for entry in listed if "standing" in entry]


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", check=True).stdout


def changed_paths(base: str) -> list[str]:
    """Paths that differ from where this branch left `base`."""
    left = git("merge-base", base, "HEAD").strip()
    return [path for path in git("diff", "--name-only", "-z", left).split("\0") if path]


def commit() -> str:
    return git("rev-parse", "HEAD").strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
