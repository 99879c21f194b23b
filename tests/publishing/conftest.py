"""A small book with hand-made evidence: every status, every kind of drawing, nothing executed."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from lawbook.book import Book, join_evidence
from lawbook.evidence.history import HistoryLine, history_line
from lawbook.evidence.record import (
    ControlResult,
    Environment,
    Outcome,
    Record,
    StoredLine,
    StoredMap,
    StoredPanel,
)
from lawbook.evidence.store import DamagedFile, Evidence, Key, StoredRecord
from lawbook.publishing.build import build
from lawbook.publishing.generate import generate
from lawbook.publishing.settings import SiteSettings, read_settings
from lawbook.registry.load import load_registry

REPOSITORY = Path(__file__).parents[2]

ENVIRONMENT = Environment(
    lawbook="0.1.0",
    python="3.11.9",
    torch="2.13.0",
    numpy="2.1.0",
    scipy="1.15.0",
    platform="Linux",
    device="test processor",
    threads=1,
    commit="0123456789abcdef",
)
MEASURED = StoredLine(label="measured", x=[1, 10, 100], y=[1.0, 0.3, None], low=[0.9, 0.2, 0.1], high=[1.1, 0.4, 0.2])
LOSS = StoredPanel(
    title="Loss", x_label="width", y_label="loss", x_scale="log", y_scale="log",
    lines=[MEASURED, StoredLine(label="theory", role="predicted", x=[1, 100], y=[1.0, 0.1])],
)  # fmt: skip
CELLS = StoredMap(label="map", x=[1, 2, 3], y=[1, 2], z=[[1.0, 2.0, None], [3.0, 4.0, 5.0]])
PANELS = [LOSS, StoredPanel(title="Map", z_label="change", maps=[CELLS])]


def make_record(claim: str, check: str, outcome: Outcome = "pass", **changes: object) -> Record:
    """A record as the engine might write it."""
    values: dict[str, object] = {
        "claim": claim,
        "check": check,
        "tier": "quick",
        "device_kind": "cpu",
        "outcome": outcome,
        "checker": "checkers.laws.example:centre_of_noise",
        "params": {"centre": 0.0},
        "estimator": "mean",
        "confidence": 0.95,
        "accept": (-0.3, 0.3),
        "estimate": 0.012345,
        "interval": (-0.05, 0.07),
        "seeds": [0, 1, 2, 3],
        "values": [0.01, -0.02, 0.05, 0.009],
        "in_regime": [True, True, False, True],
        "panels": PANELS,
        "controls": [
            ControlResult(
                name="shifted", expect="fail", outcome="fail", as_expected=True, params={"centre": 1.0},
                estimate=1.0, interval=(0.9, 1.1), seeds=[0, 1, 2, 3], values=[1.0, 1.1, 0.9, 1.0],
                panels=[LOSS.model_copy(update={"lines": [MEASURED]})],
            )
        ],
        "definition": "d" * 64,
        "code": "c" * 64,
        "environment": ENVIRONMENT,
        "started": "2026-11-20T02:00:00Z",
        "seconds": 1.5,
    }  # fmt: skip
    return Record.model_validate(values | changes)


def make_evidence(records: list[Record], damaged: tuple[DamagedFile, ...] = ()) -> Evidence:
    """Evidence that holds the newest of the records, with the history of all of them."""
    newest: dict[Key, StoredRecord] = {}
    lines: list[HistoryLine] = []
    for record in sorted(records, key=lambda record: record.started):
        key = Key(record.claim, record.check, record.tier, record.device_kind)
        lines.append(history_line(record, newest[key].record if key in newest else None))
        newest[key] = StoredRecord(record, local=False)
    return Evidence(newest, damaged, tuple(lines))


@pytest.fixture
def book_of(tiny_registry: Path) -> Callable[..., Book]:
    """Builds the book of the tiny registry with the given records."""
    registry = load_registry(tiny_registry)
    return lambda *records, damaged=(): join_evidence(registry, make_evidence(list(records), damaged))


@pytest.fixture
def book(book_of: Callable[..., Book]) -> Book:
    """noise-averages-out first failed, then passed; noise-is-positive has no record."""
    return book_of(
        make_record("noise-averages-out", "centre", "fail", estimate=0.5, interval=(0.4, 0.6)),
        make_record("noise-averages-out", "centre", "pass", started="2026-11-21T02:00:00Z"),
    )


@pytest.fixture(scope="session")
def site_settings() -> SiteSettings:
    """The settings of the repository's own site: its templates, pages and styles."""
    return read_settings(REPOSITORY)


@pytest.fixture(name="make_record")
def make_record_fixture() -> Callable[..., Record]:
    """`make_record(claim, check, outcome, **changes)`."""
    return make_record


def beside(name: str) -> ModuleType:
    """A module of this folder, which no test could import, for the folder is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def hostile_models() -> ModuleType:
    """What fills every text of a model with one text."""
    return beside("hostile_models")


@pytest.fixture(scope="session")
def hostile_site(hostile_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> object:
    """A built site whose every text is hostile."""
    texts = beside("hostile_texts").TEXTS
    folder = tmp_path_factory.mktemp("hostile")
    return beside("hostile_site").make_site(folder, texts, hostile_models, make_record)


@pytest.fixture(scope="session")
def plain_site(hostile_models: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> object:
    """The same site in plain words."""
    site = beside("hostile_site")
    return site.make_site(tmp_path_factory.mktemp("plain"), site.PLAIN_TEXTS, hostile_models, make_record)


@pytest.fixture(scope="session")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny registry's built site, in which a passing claim implies one that fails."""
    root = tmp_path_factory.mktemp("small") / "registry"
    shutil.copytree(REPOSITORY / "tests/tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY / "site", root / "site")
    records = [
        make_record("noise-averages-out", "centre", estimate=0.02, started="2026-11-19T02:00:00Z"),
        make_record("noise-averages-out", "centre"),
        make_record("noise-is-positive", "above-half", "fail"),
    ]
    book = join_evidence(load_registry(root), make_evidence(records))
    generate(book, read_settings(root), root / "build/docs")
    build(root, root / "build/site")
    return root / "build/site"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A headless Chromium; skips where this machine has none."""
    chromium = beside("chromium")
    command = chromium.chromium()
    if command is None:
        pytest.skip(f"no Chromium here (looked for {', '.join(chromium.NAMES)})")
    browser = chromium.Browser(command, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
