"""What a Python file says, as a digest of its syntax tree and the names that it imports; parsed, never run."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawbook.evidence.state import STATE, make_state_folder

CACHE = STATE / "cache" / "syntax.json"


@dataclass(frozen=True)
class Syntax:
    """A digest of a file's code, and dotted names that it may import."""

    digest: str
    imports: frozenset[str]


def read_syntax(source: bytes, package: str) -> Syntax:
    """The syntax of a module of a package (for an `__init__`, the package itself); relative imports are
    resolved.

    Code that does not parse cannot run: its digest is that of its text, so that any mend of it is a change.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Syntax(hashlib.sha256(source).hexdigest(), frozenset())
    return Syntax(code_digest(tree), frozenset(_imports(tree, package)))


class SyntaxCache:
    """Remembers the syntax of sources by their content, in memory and, once saved, in `.lawbook/cache/`.

    Parsing all checkers takes most of the time of a command that only reads. A cache file that is missing,
    damaged or cannot be written costs that time and nothing else.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / CACHE
        self._known: dict[str, Syntax] = {}
        self._used: set[str] = set()
        self._is_complete = True
        # Another version of this module may read the same source otherwise.
        self._reader = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            stored = json.loads(self._path.read_bytes())
            if stored["reader"] == self._reader:
                self._known = {
                    key: Syntax(digest, frozenset(imports)) for key, (digest, imports) in stored["sources"].items()
                }

    def syntax(self, source: bytes, package: str) -> Syntax:
        """As `read_syntax`, from memory where the source was seen before."""
        key = hashlib.sha256(package.encode() + b"\0" + source).hexdigest()
        self._used.add(key)
        if key not in self._known:
            self._known[key] = read_syntax(source, package)
            self._is_complete = False
        return self._known[key]

    def save(self) -> None:
        """Write what was used, if the file lacks any of it."""
        if self._is_complete:
            return
        sources = {key: [self._known[key].digest, sorted(self._known[key].imports)] for key in sorted(self._used)}
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            make_state_folder(self._root)
            self._path.parent.mkdir(exist_ok=True)
            temporary.write_text(json.dumps({"reader": self._reader, "sources": sources}))
            temporary.replace(self._path)
        self._is_complete = True


def code_digest(tree: ast.Module) -> str:
    """A digest of a syntax tree, the same under every Python, blind to docstrings, comments and layout."""
    return _digest("".join(_tokens(tree)))


def _tokens(node: ast.AST) -> Iterator[str]:
    # Fields that are empty are left out: which of them exist differs between Python versions.
    yield f"({type(node).__name__}"
    if isinstance(node, ast.Constant):
        yield f" {type(node.value).__name__}:{node.value!r}"
    else:
        for field in node._fields:
            value: Any = getattr(node, field, None)
            if field in ("ctx", "kind", "type_comment", "type_ignores") or value is None or value == []:
                continue
            if field == "body" and isinstance(value, list) and _has_docstring(node, value):
                value = value[1:]
            yield f" {field}="
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, ast.AST):
                    yield from _tokens(item)
                else:
                    yield f"{item!r},"
    yield ")"


def _has_docstring(node: ast.AST, body: list[ast.stmt]) -> bool:
    return (
        isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and bool(body)
        and isinstance(body[0], ast.Expr)
        and isinstance(body[0].value, ast.Constant)
        and isinstance(body[0].value.value, str)
    )


def _imports(tree: ast.Module, package: str) -> Iterator[str]:
    """Dotted names that the tree may import; of `from a import b` both `a` and `a.b`: b may be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            origin = ".".join(part for part in (above, node.module) if part)
            if origin:
                yield origin
                yield from (f"{origin}.{alias.name}" for alias in node.names)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
