"""A site in which every text of every model is hostile, and its twin in plain words, both built by MkDocs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import yaml

from lawbook.book import Book, join_evidence
from lawbook.evidence.history import HistoryLine, history_line
from lawbook.evidence.record import Outcome, Record
from lawbook.evidence.store import DamagedFile, Evidence, Key, StoredRecord
from lawbook.publishing.build import build
from lawbook.publishing.generate import generate
from lawbook.publishing.settings import read_settings
from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.entry import Entry, Reference, Registry
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS, Claim, HouseSymbol, Notation, Problem
from lawbook.registry.regions import all_regions

HERE = Path(__file__).parent
TINY = HERE.parent / "tiny_registry"
NAME = "Book of <b>\"Laws\"</b> & 'more'"
DESCRIPTION = '"><script>document.body.dataset.pwned=1</script><pwned a="'
REPOSITORY = 'https://a.example/"><script>document.body.dataset.pwned=1</script>'
PLAIN_TEXTS = tuple(f"{word} words, $x$ with `code`, *marks* and a [link](https://a.example)" for word in "abcdef")
OUTCOMES: tuple[Outcome, ...] = ("error", "void", "fail", "pass", "inconclusive")


@dataclass(frozen=True)
class Site:
    """A built site. docs: the tree that it was built from. texts: what each entry says, by its id."""

    built: Path
    docs: Path
    texts: dict[str, str]
    filling: object
    name: str = NAME


def make_site(folder: Path, texts: Sequence[str], models: ModuleType, make_record: Callable[..., Record]) -> Site:
    """Builds the site whose entry number i says `texts[i]` wherever its models take it."""
    root = folder / "registry"
    shutil.copytree(TINY, root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(HERE.parents[1] / "site", root / "site")
    _spoil_checker(root, texts)
    _spoil_settings(root)
    filling = models.Filling()
    entries: dict[str, Entry] = {}
    references: dict[str, Reference] = {}
    records: dict[Key, StoredRecord] = {}
    history: list[HistoryLine] = []
    plain_claim = _read("laws/noise-averages-out.yaml")
    plain_problem = _read(f"{PROBLEMS_FOLDER}/noise-in-the-dark.yaml") | {"checks": plain_claim["checks"]}
    for number, text in enumerate(texts):
        references[text] = Reference(text, text, dict.fromkeys(FIELDS, text), (text, text), text)
        for kind, model, plain, strand in (
            ("claim", Claim, plain_claim, STRANDS[number % len(STRANDS)]),
            ("problem", Problem, plain_problem, PROBLEMS_FOLDER),
        ):
            id = f"{kind}-{number:02d}"
            relations = [{"type": "contradicts", "target": f"claim-{(number + 1) % len(texts):02d}"}]
            content = models.hostile(model, {**plain, "relations": relations}, text, filling)
            regions = {
                (check.name, tier): found
                for check in content.checks
                for tier, found in all_regions(resolve_checker(root, check.checker), check).items()
            }
            entries[id] = Entry(id, strand, Path("claims", strand, f"{id}.yaml"), content, regions=regions)
            outcome = OUTCOMES[number % len(OUTCOMES)]
            plain_record = make_record(id, "centre", outcome).model_dump()
            record = models.hostile(Record, plain_record, text, filling, kept=("claim", "check"))
            records[Key(id, "centre", "quick", "cpu")] = StoredRecord(record, local=bool(number % 2))
            line = history_line(record, None)
            history += [line, models.hostile(HistoryLine, line.model_dump(), text, filling)]
    damaged = tuple(DamagedFile(Path("evidence", text), text) for text in texts if "\0" not in text)
    said = [
        models.hostile(Notation, {"symbols": [{"symbol": "x", "meaning": "a draw"}]}, text, filling) for text in texts
    ]
    # `$x$` in a text is told what it means under the pointer.
    known = models.hostile(HouseSymbol, {"symbol": "x"}, DESCRIPTION, filling, kept=("symbol",))
    notation = (known, *(symbol for one in said for symbol in one.symbols))
    registry = Registry(root, entries, references, notation)
    book: Book = join_evidence(registry, Evidence(records, damaged, tuple(history)))
    docs = root / "build/docs"
    generate(book, read_settings(root), docs)
    build(root, root / "build/site")
    said = {f"{kind}-{number:02d}": text for number, text in enumerate(texts) for kind in ("claim", "problem")}
    return Site(root / "build/site", docs, said, filling)


FIELDS = ("title", "year", "journal", "volume", "publisher", "url", "doi", "eprint", "note")


def _read(path: str) -> dict[str, object]:
    return dict(yaml.safe_load((TINY / "claims" / path).read_text(encoding="utf-8")))


def _spoil_checker(root: Path, texts: Sequence[str]) -> None:
    """Puts the texts into comments of the checker, whose source the pages show."""
    path = root / "checkers/laws/example.py"
    source = path.read_text(encoding="utf-8")
    comments = [f"    # {' '.join(text.split())}" for text in texts if "\0" not in text]
    start = source.index("def centre_of_noise")
    end = source.index("\n    ", start)
    path.write_text("\n".join([source[:end], *comments]) + source[end:], encoding="utf-8")


def _spoil_settings(root: Path) -> None:
    path = root / "site/mkdocs.yml"
    lines = path.read_text(encoding="utf-8").splitlines()
    spoilt = {"site_name": NAME, "site_description": DESCRIPTION, "repo_url": REPOSITORY}
    for place, line in enumerate(lines):
        key = line.partition(":")[0]
        if key in spoilt:
            lines[place] = f"{key}: {json.dumps(spoilt[key])}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
