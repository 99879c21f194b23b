"""Finds the function that a claim names, in the syntax tree of its module: nothing is executed."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lawbook.registry.parameter_types import ParameterType, read_annotation
from lawbook.registry.suggestions import did_you_mean

PACKAGE = "checkers"
FIRST_PARAMETER = "trials"
MOST_IMPORTS_FOLLOWED = 5


class CheckerError(Exception):
    """A reference that names no usable checker: what is wrong, and what was meant."""

    def __init__(self, what: str, meant: str = "") -> None:
        super().__init__(f"{what}; {meant}" if meant else what)
        self.what, self.meant = what, meant


@dataclass(frozen=True)
class Parameter:
    """A keyword-only parameter of a checker.

    annotation: its source text, empty where there is none. default: its source text, None where a value is
    required. type: what the annotation accepts, as far as it can be read without running anything.
    """

    name: str
    annotation: str
    default: str | None
    type: ParameterType

    @property
    def required(self) -> bool:
        return self.default is None


@dataclass(frozen=True)
class CheckerSource:
    """Where a checker stands and what it takes.

    module_path is relative to the registry's root; lines count from 1, end_line included.
    """

    module_path: Path
    function: str
    line: int
    end_line: int
    docstring: str
    parameters: tuple[Parameter, ...]


def resolve_checker(root: Path, reference: str) -> CheckerSource:
    """The checker that `reference`, such as "checkers.laws.module:function", names.

    Raises CheckerError where it names none, or one whose parameters cannot be read.
    """
    module_name, _, function = reference.partition(":")
    module = _module(root, module_name)
    node = module.functions.get(function)
    if node is None:
        raise _missing_function(root, module_name, module, function)
    return CheckerSource(
        module_path=module.path.relative_to(root),
        function=function,
        line=node.lineno,
        end_line=node.end_lineno or node.lineno,
        docstring=ast.get_docstring(node) or "",
        parameters=tuple(_parameters(root, module, node)),
    )


@dataclass(frozen=True, eq=False)
class _Module:
    """The top level of a module: plain functions, what else it defines, what it imports from where."""

    path: Path
    functions: dict[str, ast.FunctionDef]
    assigned: dict[str, ast.expr]
    others: dict[str, str]
    imported: dict[str, tuple[str, str]]


def _module(root: Path, name: str) -> _Module:
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
    return _parse(path, name, status.st_mtime_ns, status.st_size)


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
def _parse(path: Path, name: str, _modified: int, _size: int) -> _Module:
    """The module's top level; the last two arguments tell the cache when the file has changed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        where = f" in line {error.lineno}" if error.lineno else ""
        raise CheckerError(f"the module '{name}' is not valid Python{where}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError, OSError) as error:
        raise CheckerError(f"the module '{name}' cannot be read: {error}") from error
    module = _Module(path, {}, {}, {}, {})
    for statement in tree.body:
        _note(module, name, statement)
    return module


def _note(module: _Module, name: str, statement: ast.stmt) -> None:
    match statement:
        case ast.FunctionDef():
            module.functions[statement.name] = statement
        case ast.AsyncFunctionDef():
            module.others[statement.name] = "an async function"
        case ast.ClassDef():
            module.others[statement.name] = "a class"
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


def _missing_function(root: Path, name: str, module: _Module, function: str) -> CheckerError:
    if function in module.imported:
        home, original = _home(root, module, function)
        what = f"'{function}' is imported into '{name}', not defined there"
        ours = home.startswith(f"{PACKAGE}.")
        return CheckerError(what, f"name the module that defines it: {home}:{original}" if ours else "")
    kind = module.others.get(function) or ("a value" if function in module.assigned else None)
    if kind:
        return CheckerError(f"'{function}' in '{name}' is {kind}", "a checker is a plain module-level def")
    public = [known for known in module.functions if not known.startswith("_")]
    return CheckerError(
        f"there is no function '{function}' in '{name}'", did_you_mean(function, public, noun="functions")
    )


def _home(root: Path, module: _Module, name: str) -> tuple[str, str]:
    """Where an imported name is defined, through chains of re-exports."""
    home, original = module.imported[name]
    for _ in range(MOST_IMPORTS_FOLLOWED):
        try:
            module = _module(root, home)
        except CheckerError:
            break
        if original not in module.imported:
            break
        home, original = module.imported[original]
    return home, original


def _parameters(root: Path, module: _Module, node: ast.FunctionDef) -> Iterator[Parameter]:
    arguments = node.args
    positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    form = f"def {node.name}({FIRST_PARAMETER}: Trials, *, …) -> Measurement"
    if positional != [FIRST_PARAMETER] or arguments.vararg is not None:
        shown = ", ".join([*positional, *([f"*{arguments.vararg.arg}"] if arguments.vararg else [])])
        what = f"'{node.name}' takes ({shown or 'nothing'}) by position, not '{FIRST_PARAMETER}' alone"
        raise CheckerError(what, f"write `{form}`")
    if arguments.kwarg is not None:
        what = f"'{node.name}' takes any keyword (**{arguments.kwarg.arg}), so params cannot be checked"
        raise CheckerError(what, f"name each parameter: `{form}`")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(
            name=argument.arg,
            annotation=ast.unparse(argument.annotation) if argument.annotation else "",
            default=ast.unparse(default) if default else None,
            type=read_annotation(argument.annotation, lambda name: _alias(root, module, name)),
        )


def _alias(root: Path, module: _Module, name: str, followed: int = 0) -> ast.expr | None:
    """What a name is bound to at the top of the module, or of the `checkers` module it is imported from."""
    if name in module.assigned:
        return module.assigned[name]
    source, original = module.imported.get(name, ("", ""))
    if not source.startswith(f"{PACKAGE}.") or followed >= MOST_IMPORTS_FOLLOWED:
        return None
    try:
        return _alias(root, _module(root, source), original, followed + 1)
    except CheckerError:
        return None
