"""Formulas of claim files: arithmetic with numbers and the names of a checker's scalar parameters.

A formula is read by Python's own parser and evaluated here, node by node, in double precision; nothing of it
is ever executed. What is no arithmetic is refused where it stands.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

CONSTANTS = {"pi": math.pi}
FUNCTIONS: dict[str, tuple[Callable[..., float], str]] = {
    "sqrt": (math.sqrt, "one"),
    "log": (math.log, "one"),
    "log2": (math.log2, "one"),
    "exp": (math.exp, "one"),
    "abs": (abs, "one"),
    "arccos": (math.acos, "one"),
    "min": (min, "two or more"),
    "max": (max, "two or more"),
}
MOST_CHARACTERS = 300
_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_CALL_WITH_COMMA = re.compile(r"\b(min|max)\s*\(")


class FormulaError(ValueError):
    """What is wrong with a formula, or with its value."""


@dataclass(frozen=True)
class Formula:
    """An arithmetic expression. text: as written. names: of parameters, dotted ones too, in order of mention."""

    text: str
    names: tuple[str, ...]

    def value(self, parameters: Mapping[str, float]) -> float:
        """Its value, a finite real number.

        Raises FormulaError for a name that `parameters` lacks, and for whatever has no such value.
        """
        try:
            result = _evaluate(_tree(self.text), parameters)
        except ZeroDivisionError:
            raise FormulaError(f"`{self.text}` divides by zero{_with(self.names, parameters)}") from None
        except (OverflowError, ValueError) as error:
            if isinstance(error, FormulaError):
                raise
            raise FormulaError(f"`{self.text}` has no real value{_with(self.names, parameters)}") from None
        if not math.isfinite(result):
            raise FormulaError(f"`{self.text}` is not a finite real number{_with(self.names, parameters)}")
        return result


@lru_cache(maxsize=4096)
def read_formula(text: str) -> Formula:
    """The formula that a text spells; raises FormulaError, which says what in it is no arithmetic."""
    tree = _tree(text)
    names = tuple(dict.fromkeys(_names(tree)))
    return Formula(text, names)


def _with(names: tuple[str, ...], parameters: Mapping[str, float]) -> str:
    known = [f"{name} = {parameters[name]:g}" for name in names if name in parameters]
    return f" at {', '.join(known)}" if known else ""


@lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr:
    if len(text) > MOST_CHARACTERS:
        raise FormulaError(f"a formula has at most {MOST_CHARACTERS} characters, this one {len(text)}")
    if not text.strip():
        raise FormulaError("a formula is missing")
    # Python reads look-alike letters as plain ones; a reader would not know which name is meant.
    strange = next((mark for mark in text if not (" " <= mark <= "~")), None)
    if strange is not None:
        raise FormulaError(f"`{text}` has {strange!r} in it; a formula is written in plain ASCII")
    if "^" in text:
        raise FormulaError(f"`{text}`: write a power as `**`, not as `^`")
    if "%" in text:
        raise FormulaError(f"`{text}`: a percentage stands in `within` alone, as `15 %` of `equals`")
    if text.count("(") != text.count(")"):
        meant = "a formula with a comma must be quoted, or YAML splits it there"
        raise FormulaError(
            f"`{text}` has a parenthesis without its pair" + (f"; {meant}" if _CALL_WITH_COMMA.search(text) else "")
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaError(
            f"`{text}` is no arithmetic: numbers, parameters, `pi`, + - * / **, parentheses and {', '.join(FUNCTIONS)}"
        ) from None
    _check(tree, text)
    return tree


def _check(node: ast.expr, text: str) -> None:
    """Refuses whatever is neither arithmetic nor a name."""
    match node:
        case ast.Constant(value=bool() | None | str() | bytes() | complex()):
            raise FormulaError(f"`{ast.unparse(node)}` in `{text}` is no number")
        case ast.Constant(value=int() | float()):
            said = ast.get_source_segment(text.strip(), node) or ""
            if not _NUMBER.fullmatch(said):
                raise FormulaError(f"`{said or ast.unparse(node)}` in `{text}` is no plain decimal number")
            if not math.isfinite(_number(node.value)):
                raise FormulaError(f"`{said}` in `{text}` is too large for a number")
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow(), right=right):
            _check(left, text)
            _check(right, text)
        case ast.UnaryOp(op=ast.UAdd() | ast.USub(), operand=operand):
            _check(operand, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            takes = FUNCTIONS[name][1]
            if (len(arguments) == 1) != (takes == "one") or not arguments:
                raise FormulaError(f"`{name}` in `{text}` takes {takes} number{'s' * (takes != 'one')}")
            for argument in arguments:
                _check(argument, text)
        case ast.Call(func=ast.Name(id=name)):
            raise FormulaError(f"`{text}` calls `{name}`; the functions are {', '.join(FUNCTIONS)}")
        case ast.Name() | ast.Attribute() if _dotted(node):
            name = _dotted(node)
            if name in FUNCTIONS:
                raise FormulaError(f"`{name}` in `{text}` is a function and needs its parentheses")
        case _:
            raise FormulaError(f"`{ast.unparse(node)}` in `{text}` is no arithmetic")


def _dotted(node: ast.expr) -> str:
    """`setting.width` for that node; empty where it is no name or has more than one dot."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=name), attr=field):
            return f"{name}.{field}"
        case _:
            return ""


def _names(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, right=right):
            yield from _names(left)
            yield from _names(right)
        case ast.UnaryOp(operand=operand):
            yield from _names(operand)
        case ast.Call(args=arguments):
            for argument in arguments:
                yield from _names(argument)
        case ast.Name() | ast.Attribute() if _dotted(node) not in CONSTANTS:
            yield _dotted(node)


def _evaluate(node: ast.expr, parameters: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=value):
            return _number(value)
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, parameters)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _evaluate(left, parameters), _evaluate(right, parameters))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return float(FUNCTIONS[name][0](*(_evaluate(argument, parameters) for argument in arguments)))
    name = _dotted(node)
    if name in CONSTANTS:
        return CONSTANTS[name]
    if name not in parameters:
        raise FormulaError(f"`{name}` is not known here")
    return _number(parameters[name])


def _combine(op: ast.operator, left: float, right: float) -> float:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    # Of floats, so that a tower of powers overflows at once instead of filling the memory with digits.
    power = left**right
    if isinstance(power, complex):
        raise ValueError
    return float(power)


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf
