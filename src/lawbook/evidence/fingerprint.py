"""Fingerprints: of what a check measures and accepts, and of the code that it runs.

A change of prose, of a comment or of a docstring leaves them as they are; a change of a number or of a
statement does not.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawbook.registry.models import Check, Tier

PACKAGE = "checkers"


def definition_fingerprint(check: Check, tier: Tier) -> str:
    """A digest of what is measured and accepted at a tier; prose, timeout and memory are no part of it.

    Raises ValueError where the check does not run at that tier.
    """
    settings = check.settings(tier)
    if settings is None:
        raise ValueError(f"check '{check.name}' has no settings for the {tier} tier")
    definition = {
        "checker": check.checker,
        "params": settings.params,
        "region": [repr(end) for end in check.expect.region],
        "confidence": check.confidence,
        "estimator": check.estimator,
        "seeds": settings.seeds,
        "max_seeds": settings.seed_limit,
        "controls": {
            control.name: [check.control_params(control, tier), control.expect] for control in check.controls
        },
    }
    return _digest(json.dumps(definition, sort_keys=True, separators=(",", ":")))


@dataclass(frozen=True)
class Module:
    """A module of `checkers` as read: its path relative to root, a digest of its code, and what it imports.

    checkers: names of the `checkers` modules that it may import. external: names of all others.
    """

    path: Path
    digest: str
    checkers: frozenset[str]
    external: frozenset[str]


class CodeGraph:
    """The modules below `checkers` and their imports, read without running any; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._modules: dict[str, Module | None] = {}

    def fingerprint(self, reference: str) -> str:
        """A digest of the code behind `checkers.folder.module:function`, with all that it imports of
        `checkers`.
        """
        modules = self.modules(reference)
        return _digest("\n".join(f"{name} {module.digest}" for name, module in sorted(modules.items())))

    def modules(self, reference: str) -> dict[str, Module]:
        """By name, the module of a reference and the `checkers` modules that it imports, directly or not."""
        waiting = [reference.partition(":")[0]]
        reached: dict[str, Module] = {}
        while waiting:
            name = waiting.pop()
            # Importing a module runs the __init__ of every package above it.
            parent = name.rpartition(".")[0]
            found = self._module(name)
            if found is not None and name not in reached:
                reached[name] = found
                waiting += found.checkers
            if parent and parent not in reached:
                waiting.append(parent)
        return reached

    def external(self, reference: str) -> frozenset[str]:
        """Names of the modules of other packages that the code behind a reference may import."""
        return frozenset().union(*(module.external for module in self.modules(reference).values()))

    def _module(self, name: str) -> Module | None:
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        stem = Path(*name.split("."))
        for path, package in ((stem.with_suffix(".py"), False), (stem / "__init__.py", True)):
            if (self._root / path).is_file():
                source = (self._root / path).read_bytes()
                try:
                    tree = ast.parse(source)
                except (SyntaxError, ValueError):
                    # Code that does not parse cannot run; any mend of it is a change.
                    return Module(path, hashlib.sha256(source).hexdigest(), frozenset(), frozenset())
                imported = frozenset(_imports(tree, name if package else name.rpartition(".")[0]))
                ours = frozenset(found for found in imported if found.split(".")[0] == PACKAGE)
                return Module(path, code_digest(tree), ours, imported - ours)
        return None


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
