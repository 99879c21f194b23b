"""Digests of code, and what is remembered of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from lawbook.evidence.syntax import CACHE, SyntaxCache, code_digest, read_syntax


def digest(source: str) -> str:
    return code_digest(ast.parse(source))


def test_comments_docstrings_and_layout_are_no_code() -> None:
    plain = digest("def f(x):\n    return x + 1\n")
    assert digest('"""Doc."""\ndef f(x):\n    """Doc."""\n    # why\n    return (x\n        + 1)\n') == plain
    assert digest("def f(x):\n    return x + 2\n") != plain
    assert digest("def f(x):\n    return x + 1.0\n") != plain


def test_a_function_of_nothing_but_a_docstring_differs_from_one_with_a_body() -> None:
    assert digest("def f():\n    'doc'\n") != digest("def f():\n    return 1\n")


def test_strings_that_are_no_docstrings_count() -> None:
    assert digest("x = 'a'") != digest("x = 'b'")
    assert digest("def f():\n    return None\n    'a'\n") != digest("def f():\n    return None\n    'b'\n")


def test_constants_of_equal_value_and_other_type_differ() -> None:
    assert len({digest("x = 1"), digest("x = 1.0"), digest("x = True"), digest("x = None")}) == 4


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import a.b as c", {"a.b"}),
        ("from a import b", {"a", "a.b"}),
        ("from . import b", {"p.q", "p.q.b"}),
        ("from ..r import b", {"p.r", "p.r.b"}),
        ("def f():\n    from .s import b", {"p.q.s", "p.q.s.b"}),
        ("x = = 1", set()),
    ],
)
def test_imports_are_named_in_full(source: str, imports: set[str]) -> None:
    assert read_syntax(source.encode(), "p.q").imports == imports


def test_what_was_saved_is_what_would_be_read(tmp_path: Path) -> None:
    source = b"from . import b\nX = 1\n"
    first = SyntaxCache(tmp_path)
    assert first.syntax(source, "p") == read_syntax(source, "p")
    first.save()
    second = SyntaxCache(tmp_path)
    assert second.syntax(source, "p") == read_syntax(source, "p")
    assert second.syntax(source, "q") == read_syntax(source, "q") != read_syntax(source, "p")
    assert second.syntax(b"X = 2", "p") == read_syntax(b"X = 2", "p")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"reader": "other", "sources": {}}', '{"reader": 1}'])
def test_a_cache_that_cannot_be_used_is_read_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / CACHE
    path.parent.mkdir(parents=True)
    path.write_text(content)
    cache = SyntaxCache(tmp_path)
    assert cache.syntax(b"X = 1", "p") == read_syntax(b"X = 1", "p")
    cache.save()
    assert path.read_text() != content


def test_sources_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    for source in (b"X = 1", b"X = 2"):
        cache = SyntaxCache(tmp_path)
        cache.syntax(source, "p")
        cache.save()
    assert (tmp_path / CACHE).read_text().count("[") == 2


def test_a_place_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / ".lawbook").write_text("in the way")
    cache = SyntaxCache(tmp_path)
    cache.syntax(b"X = 1", "p")
    cache.save()
    assert (tmp_path / ".lawbook").read_text() == "in the way"
