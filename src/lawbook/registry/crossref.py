"""Judges what one file of the registry says of others: its citations, its relations, its checkers.

It works on the plain data of a file, so that a mistake in one place hides none in another. Whatever is not of
the form that the models ask for is passed over, since they report it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from lawbook.registry.bibliography import Bibliography
from lawbook.registry.check_references import judge_check
from lawbook.registry.checker_source import Resolve
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath, Position
from lawbook.registry.ids import id_mistake, name_mistake, pair_mistake
from lawbook.registry.layout import BIBLIOGRAPHY, EntryFile
from lawbook.registry.map_references import judge_map
from lawbook.registry.models import Standing
from lawbook.registry.suggestions import nearest, question, which_id
from lawbook.registry.yaml_reader import Document

STANDINGS = get_args(Standing)


def cross_reference(
    resolve: Resolve, file: EntryFile, document: Document, ids: frozenset[str], bibliography: Bibliography
) -> Iterator[Diagnostic]:
    """What is wrong between `document` and the rest of the registry, whose ids are `ids`."""
    content = document.content or {}
    yield from _citations(document, _items(content, "sources"), bibliography)
    yield from _relations(document, _items(content, "relations"), file.id, ids)
    yield from _former_ids(document, content.get("former_ids"), file.id, ids)
    checks = _items(content, "checks")
    yield from _names(document, "checks", [(("checks", index), check) for index, check in checks])
    for index, check in checks:
        path: KeyPath = ("checks", index)
        yield from _pair(document, path, file.id, check.get("name"))
        # They are told apart by their names alone.
        arms = [((*path, key, place), arm) for key in ("controls", "rivals") for place, arm in _items(check, key)]
        yield from _names(document, "controls or rivals", arms)
        yield from _roles(document, path, check, content.get("standing"))
        yield from _rival_citations(document, path, _items(check, "rivals"), bibliography)
        yield from judge_check(resolve, document, ("checks", index), check)
    maps = _items(content, "maps")
    yield from _names(document, "maps", [(("maps", index), drawn) for index, drawn in maps])
    for index, drawn in maps:
        yield from judge_map(resolve, document, ("maps", index), drawn, [check for _, check in checks])


def _items(content: dict[str, Any], key: str) -> list[tuple[int, dict[str, Any]]]:
    """The mappings of a list with their places in it."""
    listed = content.get(key)
    if not isinstance(listed, list):
        return []
    return [(index, item) for index, item in enumerate(listed) if isinstance(item, dict)]


def _names(document: Document, noun: str, items: Sequence[tuple[KeyPath, dict[str, Any]]]) -> Iterator[Diagnostic]:
    """Which of the items, each with its place, bear a name that another has or that no file may bear."""
    first: dict[str, int] = {}
    for path, item in items:
        name = item.get("name")
        if not isinstance(name, str):
            continue
        position = document.values[*path, "name"]
        if name in first:
            what = f"two {noun} are named '{name}', the first at line {first[name]}"
            yield Diagnostic(document.path, *position, what, "rename one")
        elif (mistake := name_mistake(name)) is not None:
            yield Diagnostic(document.path, *position, *mistake)
        first.setdefault(name, position[0])


def _pair(document: Document, path: KeyPath, id: str, name: Any) -> Iterator[Diagnostic]:
    if isinstance(name, str) and name_mistake(name) is None and (mistake := pair_mistake(id, name)):
        yield Diagnostic(document.path, *document.values[*path, "name"], *mistake)


def _roles(document: Document, path: KeyPath, check: dict[str, Any], standing: Any) -> Iterator[Diagnostic]:
    """A check that could not fail, or whose instrument could not say yes, proves nothing."""
    controls = _items(check, "controls")
    if not controls:
        return
    roles = {control.get("role", "negative") for _, control in controls}
    position = document.keys[*path, "controls"]
    if "negative" not in roles:
        what = "no control is negative, so nothing shows that the check could fail"
        yield Diagnostic(document.path, *position, what, "add one where the claim must not hold")
    # A standing that is none is told where it stands, and asks nothing of the controls.
    is_settled = standing == "established" or (isinstance(standing, str) and standing not in STANDINGS)
    if "positive" not in roles and not is_settled:
        whose = f"of a claim that is {standing}" if isinstance(standing, str) else "that probes an open problem"
        what = f"a check {whose} needs a positive control, or a broken instrument would look like an answer"
        meant = "add one with `role: positive`, where the law holds by construction"
        yield Diagnostic(document.path, *position, what, meant)


def _rival_citations(
    document: Document, path: KeyPath, rivals: list[tuple[int, dict[str, Any]]], bibliography: Bibliography
) -> Iterator[Diagnostic]:
    for index, rival in rivals:
        if isinstance(rival.get("cite"), str):
            position = document.values[*path, "rivals", index, "cite"]
            yield from _citation(document, position, rival["cite"], bibliography)


def _citation(document: Document, position: Position, key: str, bibliography: Bibliography) -> Iterator[Diagnostic]:
    if key not in bibliography.keys and bibliography.is_whole:
        close = nearest(key, bibliography.keys)
        meant = question(key, close) if close else f"add it to {BIBLIOGRAPHY}: `lawbook new source {key}`"
        yield Diagnostic(document.path, *position, f"unknown citation '{key}'", meant)


def _citations(
    document: Document, sources: list[tuple[int, dict[str, Any]]], bibliography: Bibliography
) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str]] = set()
    for index, source in sources:
        key, role = source.get("cite"), source.get("role")
        if not isinstance(key, str):
            continue
        position = document.values["sources", index, "cite"]
        yield from _citation(document, position, key, bibliography)
        if (key, str(role)) in seen:
            yield Diagnostic(document.path, *position, f"'{key}' is cited twice as {role}", "keep one")
        seen.add((key, str(role)))


def _former_ids(document: Document, former: Any, own: str, ids: frozenset[str]) -> Iterator[Diagnostic]:
    """An id that an entry had before leads to it, so no other entry may answer to it."""
    for index, id in enumerate(former if isinstance(former, list) else []):
        if not isinstance(id, str):
            continue
        position = document.values["former_ids", index]
        if id == own:
            yield Diagnostic(document.path, *position, f"'{id}' is its present id, not a former one", "remove it")
        elif id in ids:
            what = f"'{id}' is the id of another entry"
            yield Diagnostic(document.path, *position, what, "a former id is one that no entry has now")
        elif mistake := id_mistake(id):
            yield Diagnostic(document.path, *position, *mistake)
        elif id in former[:index]:
            yield Diagnostic(document.path, *position, f"'{id}' is given twice", "keep one")


def _relations(
    document: Document, relations: list[tuple[int, dict[str, Any]]], own: str, ids: frozenset[str]
) -> Iterator[Diagnostic]:
    seen: set[tuple[str, str]] = set()
    for index, relation in relations:
        type, target = relation.get("type"), relation.get("target")
        if not isinstance(target, str):
            continue
        position = document.values["relations", index, "target"]
        if target == own:
            meant = "a relation points to another claim or open problem"
            yield Diagnostic(document.path, *position, f"'{own}' relates to itself", meant)
        elif target not in ids:
            what = f"no claim or open problem has the id '{target}'"
            yield Diagnostic(document.path, *position, what, which_id(target, ids))
        if (str(type), target) in seen:
            yield Diagnostic(document.path, *position, f"'{type}' to '{target}' is given twice", "keep one")
        seen.add((str(type), target))
