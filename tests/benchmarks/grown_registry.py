"""A registry of as many claims as one asks for: this book's, copied under other ids, evidence and history with them.

`python tests/benchmarks/grown_registry.py DIR CLAIMS` writes one. Copies point at one another as the originals do,
and each has a word of its own in its title, so that search and sorting meet no two that are equal.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parents[2]
PROBLEMS = "open-problems"
LINKED = ("checkers", "site")


def grow(source: Path, target: Path, claims: int) -> None:
    """Writes at `target`, which must not exist, the registry at `source` with its claims repeated up to that many."""
    target.mkdir(parents=True)
    for name in LINKED:
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    (target / "claims").mkdir()
    for path in (source / "claims").iterdir():
        if path.is_file():
            shutil.copy(path, target / "claims" / path.name)
    files = sorted((source / "claims").glob("*/*.yaml"))
    ids = [path.stem for path in files]
    written, round_ = 0, 0
    while written < claims:
        names = {id: f"{id}-{round_}" if round_ else id for id in ids}
        taken = set()
        for path in files:
            if path.parent.name != PROBLEMS:
                if written == claims:
                    continue
                written += 1
            taken.add(path.stem)
            place = target / "claims" / path.parent.name / f"{names[path.stem]}.yaml"
            place.parent.mkdir(exist_ok=True)
            place.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
        _rename(target, {id: names[id] for id in taken}, round_)
        _copy_evidence(source, target, {id: names[id] for id in taken})
        round_ += 1


def _rename(target: Path, names: dict[str, str], round_: int) -> None:
    """Turns relations and links of this round's files to its ids; ids that were left out stay the first round's."""
    for name in names.values():
        (path,) = (target / "claims").glob(f"*/{name}.yaml")
        text = path.read_text(encoding="utf-8")
        if round_:
            text = re.sub(r"(target: )([a-z0-9-]+)", lambda m: m[1] + names.get(m[2], m[2]), text)
            text = re.sub(r"\]\(([a-z0-9-]+)\.md", lambda m: f"]({names.get(m[1], m[1])}.md", text)
            text = re.sub(r"(?m)^former_ids:.*\n(?:  ?-.*\n)*", "", text)
            title = yaml.safe_load(text)["title"]
            rest = re.sub(r"(?ms)^title:.*?\n(?=[a-z_]+:)", "", text, count=1)
            text = f"title: {json.dumps(f'{title} ({round_})', ensure_ascii=False)}\n{rest}"
        path.write_text(text, encoding="utf-8")


def _copy_evidence(source: Path, target: Path, names: dict[str, str]) -> None:
    for id, name in names.items():
        for path in sorted((source / "evidence" / id).glob("*.json")):
            place = target / "evidence" / name / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            content = path.read_text(encoding="utf-8")
            if not path.name.endswith(".curves.json"):
                content = content.replace(f'"claim": "{id}"', f'"claim": "{name}"', 1)
            place.write_text(content, encoding="utf-8")
    for path in sorted((source / "evidence/history").glob("*.jsonl")):
        place = target / "evidence/history" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a", encoding="utf-8") as out:
            for line in path.read_text(encoding="utf-8").splitlines():
                held = json.loads(line)
                key = "c" if "c" in held else "claim"
                if held[key] in names:
                    out.write(json.dumps(held | {key: names[held[key]]}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    grow(REPOSITORY, Path(sys.argv[1]), int(sys.argv[2]))
