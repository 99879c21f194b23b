"""Axis titles of panels that hold `$…$`, which no drawing renders: read off the checkers' syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lawbook.registry.checker_files import read_source
from lawbook.registry.checker_modules import PACKAGE
from lawbook.registry.diagnostics import Diagnostic

PANEL = "Panel"
AXES = ("x", "y", "z")
BY_POSITION = {1: "x", 2: "y", 3: "z"}
# A dollar sign behind the word, as near as the titles of one panel are.
NEAR = re.compile(rb"Panel\(.{0,500}?\$", re.DOTALL)
FORMULA = re.compile(r"\$[^$]+\$")


def unrendered_labels(root: Path) -> Iterator[Diagnostic]:
    """A diagnostic for each literal axis title below `checkers` with dollar signs around a formula.

    Modules that do not parse are passed over: whoever refers to one is told so.
    """
    for path in sorted((root / PACKAGE).rglob("*.py")):
        with suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            source = read_source(root / PACKAGE, path)
            # Walking every tree would take longer than all else that lint does with checkers.
            if NEAR.search(source):
                yield from _labels(path.relative_to(root), ast.parse(source))


def _labels(path: Path, tree: ast.Module) -> Iterator[Diagnostic]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_panel(node.func):
            titles = [(BY_POSITION[at], part) for at, part in enumerate(node.args) if at in BY_POSITION]
            titles += [(key.arg, key.value) for key in node.keywords if key.arg in AXES]
            for axis, title in titles:
                if (formula := FORMULA.search(_text(title))) is not None:
                    what = f"the {axis} axis of a panel is titled with {formula[0]}, which is not rendered there"
                    meant = "write the symbols themselves, as in 'λ_max' or '‖w‖²'"
                    yield Diagnostic(path, title.lineno, title.col_offset + 1, what, meant)


def _is_panel(called: ast.expr) -> bool:
    match called:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name == PANEL
        case _:
            return False


def _text(node: ast.expr) -> str:
    """The literal text of an expression, with `…` for what is filled in while it runs."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) or "…" for part in parts)
        case ast.BinOp(left=left, right=right):
            return _text(left) + _text(right)
        case _:
            return ""
