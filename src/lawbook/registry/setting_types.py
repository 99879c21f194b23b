"""Settings: frozen dataclasses of `checkers` that a parameter takes as a mapping, read off their syntax tree.

A setting has no bases, fields with simple annotations and literal defaults, and no setting within it, so that lint
and pages know each field and its value without importing anything.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

from lawbook.registry.checker_modules import CheckerError, CheckerModule, find_definition
from lawbook.registry.literals import Unread, read_literal
from lawbook.registry.parameter_types import (
    Parameter,
    ParameterType,
    Resolve,
    accepts,
    read_annotation,
    wanted,
)
from lawbook.registry.suggestions import did_you_mean

DECORATION = "write `@dataclass(frozen=True)`"
OPTIONS = frozenset(("frozen", "kw_only", "slots"))
SIMPLE = "a field is int, float, bool, str, a Literal, or a list, tuple or union of these"


def read_parameter(root: Path, module: CheckerModule, argument: ast.arg, default: ast.expr | None) -> Parameter:
    """A parameter of a checker in `module`; that of a setting has its fields' defaults as the signature leaves them.

    Raises CheckerError where it takes a class that is no setting, a setting within another type, a plain mapping, or
    where nothing says what it takes.
    """

    def resolve(name: str) -> ast.expr | ParameterType | None:
        home, node = find_definition(root, module, name) or (module, None)
        return _read_setting(root, home, node) if isinstance(node, ast.ClassDef) else node

    annotation = ast.unparse(argument.annotation) if argument.annotation else ""
    type = read_annotation(argument.annotation, resolve)
    if _holds(type, "any"):
        raise _unchecked(root, module, argument, annotation)
    if _holds(type, "mapping"):
        what = f"the parameter '{argument.arg}: {annotation}' takes a plain mapping, whose keys cannot be checked"
        raise CheckerError(what, "name its keys: as a frozen dataclass below checkers.settings")
    if type.form == "setting":
        type = _with_default(type, argument, default, resolve)
    elif _holds(type, "setting"):
        what = f"the parameter '{argument.arg}: {annotation}' has a setting within another type"
        raise CheckerError(what, "annotate it with the frozen dataclass alone")
    return Parameter(argument.arg, annotation, ast.unparse(default) if default else None, type)


def _read_setting(root: Path, module: CheckerModule, node: ast.ClassDef) -> ParameterType:
    place = f"{module.path.relative_to(root).as_posix()}:{node.lineno}:{node.col_offset + 1}"
    what = f"the setting '{node.name}' ({place})"
    _judge_decoration(module, node, what)
    if node.bases or node.keywords:
        base = ast.unparse(node.bases[0] if node.bases else node.keywords[0].value)
        raise CheckerError(f"{what} has a base, '{base}'", "write its fields out")
    fields = tuple(
        _read_field(root, module, statement, what)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    )
    return ParameterType("setting", name=node.name, fields=fields)


def _judge_decoration(module: CheckerModule, node: ast.ClassDef, what: str) -> None:
    if len(node.decorator_list) != 1:
        said = "has several decorators" if node.decorator_list else "is no dataclass"
        raise CheckerError(f"{what} {said}", DECORATION)
    decorator = node.decorator_list[0]
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    whole = ast.unparse(name)
    if whole != "dataclasses.dataclass" and module.imported.get(whole) != ("dataclasses", "dataclass"):
        raise CheckerError(f"{what} is no dataclass of the standard library", DECORATION)
    options = decorator.keywords if isinstance(decorator, ast.Call) else []
    given = {option.arg: ast.unparse(option.value) for option in options}
    if given.get("frozen") != "True":
        raise CheckerError(f"{what} is not frozen", DECORATION)
    for option in given:
        if option not in OPTIONS:
            raise CheckerError(f"{what} has the option '{option}'", f"only {', '.join(sorted(OPTIONS))} are read")


def _read_field(root: Path, module: CheckerModule, node: ast.AnnAssign, what: str) -> Parameter:
    name, annotation = ast.unparse(node.target), ast.unparse(node.annotation)
    field = f"{what}: its field '{name}' in line {node.lineno}"

    def resolve(word: str) -> ast.expr | ParameterType | None:
        _, node = find_definition(root, module, word) or (module, None)
        if isinstance(node, ast.ClassDef):
            raise CheckerError(f"{field} is of the class '{word}'", f"a setting is one level deep: {SIMPLE}")
        return node

    type = read_annotation(node.annotation, resolve)
    if _holds(type, "any") or _holds(type, "mapping"):
        raise CheckerError(f"{field} has the annotation `{annotation}`, which is not simple", SIMPLE)
    if node.value is not None:
        _judge_literal(type, node.value, field)
    return Parameter(name, annotation, ast.unparse(node.value) if node.value else None, type)


def _judge_literal(type: ParameterType, node: ast.expr, field: str) -> None:
    text = ast.unparse(node)
    if any(isinstance(part, ast.List | ast.Dict | ast.Set) for part in ast.walk(node)):
        raise CheckerError(f"{field} has the default `{text}`, which can be changed", "write a tuple")
    value = read_literal(text)
    if isinstance(value, Unread):
        raise CheckerError(f"{field} has the default `{text}`, which is no literal", "write the value itself")
    if not accepts(type, value):
        raise CheckerError(f"{field} has the default `{text}`", f"it must be {wanted(type)}")


def _with_default(type: ParameterType, argument: ast.arg, default: ast.expr | None, resolve: Resolve) -> ParameterType:
    """The setting with the defaults that `Setting(width=64)` in the signature gives its fields."""
    if default is None:
        return type
    what = f"the parameter '{argument.arg}' has the default `{ast.unparse(default)}`"
    form = f"write `{type.name}()` or `{type.name}(FIELD=VALUE)`, each value a literal"
    if not isinstance(default, ast.Call) or default.args or read_annotation(default.func, resolve) != type:
        raise CheckerError(f"{what}, whose fields cannot be read", form)
    known = {field.name: field for field in type.fields}
    given: dict[str, str] = {}
    for keyword in default.keywords:
        if keyword.arg is None:
            raise CheckerError(f"{what}, whose fields cannot be read", form)
        if keyword.arg not in known:
            meant = did_you_mean(keyword.arg, known, noun="fields", most=16)
            raise CheckerError(f"{what}, but '{type.name}' has no field '{keyword.arg}'", meant)
        _judge_literal(known[keyword.arg].type, keyword.value, f"{what}: its field '{keyword.arg}'")
        given[keyword.arg] = ast.unparse(keyword.value)
    missing = [field.name for field in type.fields if field.required and field.name not in given]
    if missing:
        raise CheckerError(f"{what}, which lacks the field '{missing[0]}'", form)
    fields = tuple(replace(field, default=given.get(field.name, field.default)) for field in type.fields)
    return replace(type, fields=fields)


def _unchecked(root: Path, module: CheckerModule, argument: ast.arg, annotation: str) -> CheckerError:
    """That any value at all would pass for a parameter, since nothing says what it takes."""
    place = f"{module.path.relative_to(root).as_posix()}:{argument.lineno}:{argument.col_offset + 1}"
    what = f"nothing can check the parameter '{argument.arg}' ({place}), which has "
    what += f"the annotation `{annotation}`" if annotation else "no annotation"
    return CheckerError(what, f"{SIMPLE.replace('a field is', 'write')}, or a setting")


def _holds(type: ParameterType, form: str) -> bool:
    """Whether a type is of a form or has one of it within; a setting's fields do not count."""
    return type.form == form or any(_holds(part, form) for part in type.arguments)
