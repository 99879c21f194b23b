"""What was read before is not read again, and nothing that matters is believed of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lawbook.book import open_book
from lawbook.registry import remembered
from lawbook.registry.load import inspect, lint, load_registry
from lawbook.registry.yaml_reader import parse_yaml

CLAIM = "claims/laws/noise-averages-out.yaml"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAWBOOK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of entries that are parsed from here on."""
    found: list[str] = []

    def parse(text: str, path: Path) -> object:
        found.append(path.as_posix())
        return parse_yaml(text, path)

    monkeypatch.setattr(remembered, "parse_yaml", parse)
    return found


def edit(root: Path, old: str, new: str, path: str = CLAIM) -> None:
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_second_reading_parses_nothing_and_finds_the_same(
    tiny_registry: Path, cache: Path, parsed: list[str]
) -> None:
    first = inspect(tiny_registry)
    assert len(parsed) == 3
    second = inspect(tiny_registry)
    assert len(parsed) == 3
    assert first.registry is not None
    assert first.registry == second.registry
    entries = zip(first.registry.entries.values(), second.registry.entries.values(), strict=True)
    assert all(one.regions == other.regions and dict(one.positions) == dict(other.positions) for one, other in entries)


def test_only_what_was_edited_is_parsed_again_and_its_mistakes_are_told_each_time(
    tiny_registry: Path, cache: Path, parsed: list[str]
) -> None:
    lint(tiny_registry)
    parsed.clear()
    edit(tiny_registry, "statement: |", "statement: |\n  $\\nonsense{x}$")
    for _ in range(2):
        (mistake,) = lint(tiny_registry)
        assert "nonsense" in str(mistake)
    assert set(parsed) == {CLAIM}


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("claims/references.bib", "{", "{x", "unknown citation"),
        ("checkers/laws/example.py", "centre: float", "middle: float", "centre"),
    ],
)
def test_a_file_that_did_not_change_is_judged_again_where_what_it_names_did(
    tiny_registry: Path, cache: Path, path: str, old: str, new: str, said: str
) -> None:
    assert lint(tiny_registry) == []
    text = (tiny_registry / path).read_text(encoding="utf-8")
    assert old in text
    (tiny_registry / path).write_text(text.replace(old, new), encoding="utf-8")
    assert any(said in str(mistake) for mistake in lint(tiny_registry))


def test_an_entry_that_is_gone_is_missed_by_the_one_that_points_to_it(tiny_registry: Path, cache: Path) -> None:
    assert lint(tiny_registry) == []
    (tiny_registry / "claims/open-problems/noise-in-the-dark.yaml").unlink()
    assert any("noise-in-the-dark" in str(mistake) for mistake in lint(tiny_registry))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"reader": 1}', b"\xff\xfe\x00", None])
def test_a_damaged_cache_costs_time_and_nothing_else(tiny_registry: Path, cache: Path, content: bytes | None) -> None:
    before = load_registry(tiny_registry)
    for path in list(cache.iterdir()):
        if content is None:
            stored = json.loads(path.read_bytes())
            path.write_text(json.dumps(stored | {"known": {key: {"content": []} for key in stored["known"]}}))
        else:
            path.write_bytes(content)
    assert load_registry(tiny_registry) == before


def test_a_cache_that_cannot_be_written_is_done_without(
    tiny_registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("LAWBOOK_CACHE", str(tmp_path / "a-file"))
    assert lint(tiny_registry) == []
    assert open_book(tiny_registry).damaged == ()


def test_nothing_is_believed_that_lies_in_the_registry_itself(tiny_registry: Path, cache: Path) -> None:
    lint(tiny_registry)
    assert not list(tiny_registry.rglob("*registry-*.json"))
    assert len(list(cache.glob("registry-*.json"))) == 1
