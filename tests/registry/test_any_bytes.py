"""Whatever bytes lie in a file of the registry, lint answers with diagnostics."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.registry.load import lint

CLAIM = Path("claims/laws/noise-averages-out.yaml")
BIBLIOGRAPHY = Path("claims/references.bib")
MODULE = Path("checkers/laws/example.py")

on_one_registry = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def spoilt(original: bytes) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, and a valid file with a stretch of it replaced."""

    def replace(cut: tuple[int, int, bytes]) -> bytes:
        start, length, put = cut
        return original[:start] + put + original[start + length :]

    places = st.integers(0, len(original))
    return st.one_of(
        st.binary(max_size=200),
        st.tuples(places, st.integers(0, 30), st.binary(max_size=12)).map(replace),
        st.tuples(places, st.integers(0, 30), st.text(max_size=12).map(str.encode)).map(replace),
    )


@pytest.mark.parametrize("path", [CLAIM, BIBLIOGRAPHY, MODULE])
@given(data=st.data())
@on_one_registry
def test_any_bytes_give_diagnostics_and_never_an_exception(
    tiny_registry: Path, path: Path, data: st.DataObject
) -> None:
    original = Path(__file__).parents[1].joinpath("tiny_registry", path).read_bytes()
    (tiny_registry / path).write_bytes(data.draw(spoilt(original)))
    for diagnostic in lint(tiny_registry):
        assert diagnostic.line >= 1
        assert diagnostic.column >= 1
        assert "\n" not in str(diagnostic)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "place",
    ["title", "regime", "sources", "relations", "checks", "checks.expect", "checks.quick", "checks.controls"],
)
@given(value=DATA)
@on_one_registry
def test_any_value_at_any_key_gives_diagnostics_and_never_an_exception(
    tiny_registry: Path, make_claim: Callable[[str, object], str], place: str, value: object
) -> None:
    (tiny_registry / CLAIM).write_text(make_claim(place, value), encoding="utf-8", errors="replace")
    assert all(diagnostic.line >= 1 for diagnostic in lint(tiny_registry))


@pytest.fixture
def make_claim() -> Callable[[str, object], str]:
    """The text of the tiny claim with one value replaced by another, as JSON, which is YAML too."""
    import json

    import yaml

    original = Path(__file__).parents[1].joinpath("tiny_registry", CLAIM).read_text(encoding="utf-8")

    def make(place: str, value: object) -> str:
        content = yaml.safe_load(original)
        *outer, last = place.split(".")
        target = content["checks"][0] if outer else content
        target[last] = value
        return json.dumps(content)

    return make
