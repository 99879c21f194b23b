"""Which values a simple annotation accepts.

Simple are int, float, bool, str, None, Literal, and lists, tuples and unions of these. Anything richer
is read as `any`, which accepts every value; lint refuses a checker that takes one.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lawbook.registry.suggestions import nearest

Resolve = Callable[[str], "ast.expr | ParameterType | None"]

DEEPEST = 16
SCALARS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text",
    "None": "null",
}
LISTS = frozenset(("list", "List", "Sequence", "Iterable", "Collection"))
TUPLES = frozenset(("tuple", "Tuple"))
MAPPINGS = frozenset(("dict", "Dict", "Mapping", "MutableMapping"))


@dataclass(frozen=True)
class ParameterType:
    """What a parameter accepts.

    form: "any", a key of SCALARS, "literal" (of `values`), "list" (of `arguments[0]`), "tuple" (of
    `arguments`, one each), "union" (of `arguments`), "mapping" (a dict, which no checker takes) or "setting" (the
    dataclass `name` with `fields`, given as a mapping).
    """

    form: str
    arguments: tuple[ParameterType, ...] = ()
    values: tuple[Any, ...] = ()
    name: str = ""
    fields: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A keyword-only parameter of a checker, or a field of a setting.

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


ANY = ParameterType("any")


def accepts(type: ParameterType, value: Any) -> bool:
    """Whether a value as YAML gives it is of the type; an int is a float too, a bool is no number."""
    match type.form:
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "bool":
            return isinstance(value, bool)
        case "str":
            return isinstance(value, str)
        case "None":
            return value is None
        case "literal":
            return any(value == allowed and _same_kind(value, allowed) for allowed in type.values)
        case "list":
            return isinstance(value, list) and all(accepts(type.arguments[0], item) for item in value)
        case "tuple":
            return (
                isinstance(value, list)
                and len(value) == len(type.arguments)
                and all(accepts(part, item) for part, item in zip(type.arguments, value, strict=True))
            )
        case "union":
            return any(accepts(option, value) for option in type.arguments)
        case "mapping":
            return isinstance(value, dict)
        case "setting":
            known = {field.name: field for field in type.fields}
            return isinstance(value, dict) and all(
                name in known and accepts(known[name].type, item) for name, item in value.items()
            )
        case _:
            return True


def wanted(type: ParameterType) -> str:
    """The type in words: "a whole number", "one of 'a', 'b'", "a list, each item a number"."""
    match type.form:
        case "literal":
            shown = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in type.values)
            return shown if len(type.values) == 1 else f"one of {shown}"
        case "list":
            item = type.arguments[0]
            return "a list" if item == ANY else f"a list, each item {wanted(item)}"
        case "tuple":
            return f"a list of {len(type.arguments)} items: {', '.join(wanted(part) for part in type.arguments)}"
        case "union":
            return " or ".join(wanted(option) for option in type.arguments)
        case "setting":
            return f"a mapping of fields of {type.name} ({', '.join(field.name for field in type.fields)})"
        case "mapping":
            return "a mapping"
        case _:
            return SCALARS.get(type.form, "any value")


def suggestion(type: ParameterType, value: Any) -> str | None:
    """The allowed text nearest to `value`, where the type is a choice of texts."""
    options = type.arguments if type.form == "union" else (type,)
    texts = [text for option in options for text in option.values if isinstance(text, str)]
    return nearest(value, texts) if isinstance(value, str) else None


def read_annotation(node: ast.expr | None, resolve: Resolve, depth: int = 0) -> ParameterType:
    """The type that an annotation stands for.

    resolve: the expression that a name of the module is bound to (an alias), or the type that it names, or None
    where it is not known.
    """
    if node is None or depth > DEEPEST:
        return ANY

    def read(part: ast.expr) -> ParameterType:
        return read_annotation(part, resolve, depth + 1)

    match node:
        case ast.Constant(value=None):
            return ParameterType("None")
        case ast.Constant(value=str(text)):
            return _read_text(text, read)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _union([read(left), read(right)])
        case ast.Subscript(value=head, slice=inner):
            return _read_subscript(_last_name(head), inner, read)
        case ast.Name(id=name) if name in SCALARS:
            return ParameterType(name)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in LISTS | TUPLES:
            return ParameterType("list", (ANY,))
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in MAPPINGS:
            return ParameterType("mapping")
        case ast.Name(id=name):
            found = resolve(name)
            return found if isinstance(found, ParameterType) else read_annotation(found, resolve, depth + 1)
        case _:
            return ANY


def _read_text(text: str, read: Callable[[ast.expr], ParameterType]) -> ParameterType:
    try:
        return read(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return ANY


def _read_subscript(head: str, inner: ast.expr, read: Callable[[ast.expr], ParameterType]) -> ParameterType:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if head == "Literal":
        return _read_literal(parts)
    if head == "Optional":
        return _union([read(inner), ParameterType("None")])
    if head == "Union":
        return _union([read(part) for part in parts])
    if head == "Annotated":
        return read(parts[0])
    if head in LISTS:
        return ParameterType("list", (read(inner),))
    if head in TUPLES:
        variadic = len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is Ellipsis
        if variadic:
            return ParameterType("list", (read(parts[0]),))
        return ParameterType("tuple", tuple(read(part) for part in parts))
    return ParameterType("mapping") if head in MAPPINGS else ANY


def _read_literal(parts: list[ast.expr]) -> ParameterType:
    try:
        return ParameterType("literal", values=tuple(ast.literal_eval(part) for part in parts))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return ANY


def _union(options: list[ParameterType]) -> ParameterType:
    flat: list[ParameterType] = []
    for option in options:
        flat += option.arguments if option.form == "union" else (option,)
    return ANY if ANY in flat else ParameterType("union", tuple(dict.fromkeys(flat)))


def _last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _same_kind(value: Any, allowed: Any) -> bool:
    return isinstance(value, bool) == isinstance(allowed, bool)
