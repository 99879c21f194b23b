"""Finds the function that a claim names, in the syntax tree of its module: nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from lawbook.registry.checker_modules import (
    MOST_IMPORTS_FOLLOWED,
    PACKAGE,
    CheckerError,
    CheckerModule,
    read_module,
)
from lawbook.registry.parameter_types import Parameter
from lawbook.registry.setting_types import read_parameter
from lawbook.registry.suggestions import did_you_mean

FIRST_PARAMETER = "trials"


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


Resolve = Callable[[str], CheckerSource]


def resolver(root: Path) -> Resolve:
    """`resolve_checker` for one pass over a registry whose files hold still: each checker is read once."""
    return cache(partial(resolve_checker, root))


def resolve_checker(root: Path, reference: str) -> CheckerSource:
    """The checker that `reference`, such as "checkers.laws.module:function", names.

    Raises CheckerError where it names none, or one whose parameters cannot be read.
    """
    module_name, _, function = reference.partition(":")
    module = read_module(root, module_name)
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


def _missing_function(root: Path, name: str, module: CheckerModule, function: str) -> CheckerError:
    if function in module.imported:
        home, original = _home(root, module, function)
        what = f"'{function}' is imported into '{name}', not defined there"
        ours = home.startswith(f"{PACKAGE}.")
        return CheckerError(what, f"name the module that defines it: {home}:{original}" if ours else "")
    kind = module.others.get(function)
    kind = "a class" if function in module.classes else "a value" if function in module.assigned else kind
    if kind:
        return CheckerError(f"'{function}' in '{name}' is {kind}", "a checker is a plain module-level def")
    public = [known for known in module.functions if not known.startswith("_")]
    return CheckerError(
        f"there is no function '{function}' in '{name}'", did_you_mean(function, public, noun="functions")
    )


def _home(root: Path, module: CheckerModule, name: str) -> tuple[str, str]:
    """Where an imported name is defined, through chains of re-exports."""
    home, original = module.imported[name]
    for _ in range(MOST_IMPORTS_FOLLOWED):
        try:
            module = read_module(root, home)
        except CheckerError:
            break
        if original not in module.imported:
            break
        home, original = module.imported[original]
    return home, original


def _parameters(root: Path, module: CheckerModule, node: ast.FunctionDef) -> Iterator[Parameter]:
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
        yield read_parameter(root, module, argument, default)
