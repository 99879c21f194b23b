"""The modules below `checkers` as syntax trees, and where a name in one of them is defined: nothing is executed."""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lawbook.registry.checker_files import read_source
from lawbook.registry.suggestions import did_you_mean

PACKAGE = "checkers"
MOST_IMPORTS_FOLLOWED = 5


class CheckerError(Exception):
    """A reference that names no usable checker: what is wrong, and what was meant."""

    def __init__(self, what: str, meant: str = "") -> None:
        super().__init__(f"{what}; {meant}" if meant else what)
        self.what, self.meant = what, meant


@dataclass(frozen=True, eq=False)
class CheckerModule:
    """The top level of a module: plain functions, classes, what else it defines, what it imports from where."""

    path: Path
    functions: dict[str, ast.FunctionDef]
    classes: dict[str, ast.ClassDef]
    assigned: dict[str, ast.expr]
    others: dict[str, str]
    imported: dict[str, tuple[str, str]]


def read_module(root: Path, name: str) -> CheckerModule:
    """The module of a dotted name such as "checkers.laws.module"; raises CheckerError where it cannot be read."""
    package, *parts = name.split(".")
    if package != PACKAGE or not parts:
        raise CheckerError(f"'{name}' is not below {PACKAGE}", f"checkers live in {PACKAGE}.FOLDER.MODULE")
    stem = root.joinpath(PACKAGE, *parts)
    path = next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)
    if path is None:
        raise _missing_module(root, name, parts)
    if not path.resolve().is_relative_to((root / PACKAGE).resolve()):
        raise CheckerError(f"the module '{name}' is a link that leads out of {PACKAGE}", "put the file there")
    status = path.stat()
    return _parse(root / PACKAGE, path, name, status.st_mtime_ns, status.st_size)


def find_definition(
    root: Path, module: CheckerModule, name: str
) -> tuple[CheckerModule, ast.expr | ast.ClassDef] | None:
    """What a name is bound to at the top of the module, or of the `checkers` module it is imported from."""
    for _ in range(MOST_IMPORTS_FOLLOWED + 1):
        node = module.assigned.get(name) or module.classes.get(name)
        if node is not None:
            return module, node
        source, name = module.imported.get(name, ("", ""))
        if not source.startswith(f"{PACKAGE}."):
            return None
        try:
            module = read_module(root, source)
        except CheckerError:
            return None
    return None


def _missing_module(root: Path, name: str, parts: list[str]) -> CheckerError:
    known = [
        ".".join((PACKAGE, *path.relative_to(root / PACKAGE).with_suffix("").parts))
        for path in (root / PACKAGE).rglob("*.py")
        if path.name != "__init__.py"
    ]
    namesakes = [module for module in known if module.rsplit(".", 1)[-1] == parts[-1]]
    if len(namesakes) == 1:
        return CheckerError(f"there is no module '{name}'", f"did you mean '{namesakes[0]}'?")
    return CheckerError(f"there is no module '{name}'", did_you_mean(name, known, noun="modules", most=8))


@lru_cache(maxsize=1024)
def _parse(folder: Path, path: Path, name: str, _modified: int, _size: int) -> CheckerModule:
    """The module's top level; the last two arguments tell the cache when the file has changed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(read_source(folder, path), filename=str(path))
    except SyntaxError as error:
        place = f"{PACKAGE}{str(path).rpartition(PACKAGE)[2]}:{error.lineno or 1}:{error.offset or 1}"
        raise CheckerError(f"the module '{name}' is not valid Python: {error.msg}", f"mend {place}") from error
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        raise CheckerError(f"the module '{name}' cannot be read: {error}") from error
    module = CheckerModule(path, {}, {}, {}, {}, {})
    for statement in tree.body:
        _note(module, name, statement)
    return module


def _note(module: CheckerModule, name: str, statement: ast.stmt) -> None:
    match statement:
        case ast.FunctionDef():
            module.functions[statement.name] = statement
        case ast.AsyncFunctionDef():
            module.others[statement.name] = "an async function"
        case ast.ClassDef():
            module.classes[statement.name] = statement
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            module.assigned[target] = value
        case ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value):
            module.assigned[target] = value
        case ast.ImportFrom():
            source = _absolute(statement, name, is_package=module.path.name == "__init__.py")
            for alias in statement.names:
                module.imported[alias.asname or alias.name] = (source, alias.name)


def _absolute(statement: ast.ImportFrom, name: str, *, is_package: bool) -> str:
    """The module that a `from … import` names, with leading dots resolved against the importing module."""
    if statement.level == 0:
        return statement.module or ""
    parts = name.split(".")
    kept = len(parts) - statement.level + is_package
    return ".".join([*parts[:kept], *([statement.module] if statement.module else [])])
