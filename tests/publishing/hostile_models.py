"""Fills every text of a model with one text, wherever the model takes it: no list of fields to fall behind."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

# What a field may ask for that no hostile text is: the first that it takes stands in.
PLAIN = (
    "plain",
    "checkers.laws.example:centre_of_noise",
    "2026-11-20T02:00:00Z",
    "1",
    1,
    100,
    0.5,
    True,
    None,
)
Place = tuple[str, str]
M = TypeVar("M", bound=BaseModel)


@dataclass
class Filling:
    """Which texts of which models took a hostile text, and which refused one."""

    filled: set[Place] = field(default_factory=set)
    refused: set[Place] = field(default_factory=set)


def text_places(model: type[BaseModel]) -> set[Place]:
    """Every field of a model, and of those that it holds, that may hold text of a writer's choice."""
    return {
        (owner.__name__, name)
        for owner in _models_of(model)
        for name, info in owner.model_fields.items()
        if _holds_text(info.annotation)
    }


def hostile(model: type[M], plain: dict[str, Any], text: str, filling: Filling, kept: tuple[str, ...] = ()) -> M:
    """A valid model that says `text` wherever it may, and what `plain` says elsewhere; `kept` fields stay."""
    return model.model_validate(_content(model, plain, text, filling, kept))


def _content(
    model: type[BaseModel], plain: dict[str, Any], text: str, filling: Filling, kept: tuple[str, ...] = ()
) -> dict[str, Any]:
    content = dict(plain)
    for name, info in model.model_fields.items():
        if name in kept:
            continue
        place = (model.__name__, name)
        for value in _values(info.annotation, plain.get(name), text, filling):
            if _accepts(model, name, value) and _valid(model, content | {name: value}, plain):
                content[name] = value
                if _holds_text(info.annotation):
                    filling.filled.add(place)
                break
        else:
            if _holds_text(info.annotation):
                filling.refused.add(place)
        if name not in content and info.is_required():
            content[name] = next((value for value in PLAIN if _accepts(model, name, value)), None)
    return content


def _values(annotation: Any, plain: Any, text: str, filling: Filling) -> Iterator[Any]:
    """Values with the text in them that an annotation may take."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is str or annotation is Any:
        yield text
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield _content(annotation, plain if isinstance(plain, dict) else {}, text, filling)
    elif origin in (Union, types.UnionType):
        for choice in arguments:
            yield from _values(choice, plain, text, filling)
    elif origin is dict:
        for value in _values(arguments[1], None, text, filling):
            yield {"plain": value, text: value}
            yield {"plain": value}
    elif origin in (list, tuple):
        old = list(plain) if isinstance(plain, list | tuple) and plain else [None]
        made = [next(_values(arguments[0], item, text, filling), _NOTHING) for item in old]
        if _NOTHING not in made:
            yield made if origin is list else tuple(made)
    elif hasattr(annotation, "__metadata__"):
        yield from _values(arguments[0], plain, text, filling)


_NOTHING = object()


def _valid(model: type[BaseModel], content: dict[str, Any], plain: dict[str, Any]) -> bool:
    """Whether the content is no worse than the plain one: a model half made is judged once it is whole."""
    try:
        model.model_validate(content)
    except ValidationError as error:
        missing = {problem["loc"][0] for problem in error.errors() if problem["type"] == "missing"}
        return bool(missing) and all(problem["type"] == "missing" for problem in error.errors())
    return True


def _accepts(model: type[BaseModel], name: str, value: Any) -> bool:
    try:
        _adapter(model, name).validate_python(value, strict=model.model_config.get("strict"))
    except ValidationError:
        return False
    return True


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


def _models_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    found, waiting = {model}, [model]
    while waiting:
        for info in waiting.pop().model_fields.values():
            new = set(_models_in(info.annotation)) - found
            found |= new
            waiting += new
    return found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _holds_text(annotation: Any) -> bool:
    if annotation is str or annotation is Any:
        return True
    return get_origin(annotation) is not Literal and any(_holds_text(part) for part in get_args(annotation))
