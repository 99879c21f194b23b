"""Reads one YAML file into plain data and the place of every key and value; what is wrong is a diagnostic.

Scalars follow the core schema of YAML 1.2 (`1e-3` is a number, `no` and `on` are text). Refused, because a
registry file never needs them: anchors and aliases, tags, several documents, keys that are not text, nesting
deeper than `DEEPEST`, files larger than `LARGEST`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lawbook.prose.characters import unseen
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.entry import KeyPath, Position
from lawbook.registry.syntax_messages import end_position, explain_syntax, find_invisible

LARGEST = 1 << 20
DEEPEST = 32
LONGEST_INTEGER = 310

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Document:
    """What a file holds, and where each key and value stands.

    path: relative to the registry's root.
    content: None where the file could not be read to its end or holds no mapping.
    keys: key path → position of the key, or of the item in a list. values: key path → position of the value,
    the top at `()`. styles: key path of a text → how it is written ("" plain, "'", '"', "|" or ">").
    comments: key path of a plain text, or of a value left out → the '#' that follows it on its last line.
    source: the text of the file, for mapping places inside values.
    """

    path: Path
    content: dict[str, Any] | None
    diagnostics: tuple[Diagnostic, ...] = ()
    keys: Mapping[KeyPath, Position] = field(default_factory=dict)
    values: Mapping[KeyPath, Position] = field(default_factory=dict)
    styles: Mapping[KeyPath, str] = field(default_factory=dict)
    comments: Mapping[KeyPath, Position] = field(default_factory=dict)
    source: str = ""


def read_yaml(root: Path, path: Path) -> Document:
    """Reads `path` (relative to `root`); never raises for what a file holds, nor where it cannot be read."""
    text = read_text(root, path)
    return Document(path, None, (text,)) if isinstance(text, Diagnostic) else parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> Document:
    """Parses the text of a registry file; `path` only names it in diagnostics."""
    invisible = find_invisible(text)
    if invisible is not None:
        position, what, meant = invisible
        return Document(path, None, (Diagnostic(path, *position, what, meant),))
    builder = _Builder(path, iter(yaml.parse(text, Loader=Loader)), text.splitlines())
    content = None
    try:
        content = builder.document()
    except _Stop as stop:
        builder.report(stop.position, stop.what, stop.meant)
    except yaml.MarkedYAMLError as error:
        if "nesting" in (error.problem or "") and error.problem_mark is not None:
            # The library's scanner runs ahead and gave up before the place where this reader does.
            return parse_yaml(text[: error.problem_mark.index], path)
        builder.report(*explain_syntax(error, text))
    except yaml.YAMLError as error:
        builder.report((1, 1), f"not valid YAML: {error}")
    return Document(
        path,
        content,
        tuple(builder.diagnostics),
        builder.keys,
        builder.values,
        builder.styles,
        builder.comments,
        text,
    )


def read_text(root: Path, path: Path) -> str | Diagnostic:
    """The text of a file of the registry, or what keeps it from being read."""
    whole = root / path
    try:
        if whole.is_symlink() or not whole.is_file():
            return Diagnostic(path, 1, 1, "not a plain file", "put the file itself here, not a link to it")
        size = whole.stat().st_size
        if size > LARGEST:
            return Diagnostic(path, 1, 1, f"the file has {size} bytes", f"at most {LARGEST} (1 MiB) are read")
        raw = whole.read_bytes()
    except OSError as error:
        return Diagnostic(path, 1, 1, f"the file cannot be read: {error.strerror or error}")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or raw[:2].count(0) == 1:
        return Diagnostic(path, 1, 1, "the file is UTF-16 or UTF-32", "save the file in the UTF-8 encoding")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec counts from after a byte-order mark.
        start = error.start + (3 if raw.startswith(b"\xef\xbb\xbf") else 0)
        line, column = end_position(raw[:start].decode("utf-8-sig", errors="replace"))
        what = f"byte 0x{raw[start]:02x} is not valid UTF-8" if start < len(raw) else "not valid UTF-8"
        return Diagnostic(path, line, column, what, "save the file in the UTF-8 encoding")
    if mark := _CONFLICT_MARK.search(text):
        line, column = end_position(text[: mark.start()])
        meant = "keep one of its two sides, and remove the marks"
        return Diagnostic(path, line, column, f"a mark of an unfinished merge ({mark[1]})", meant)
    return text


class _Stop(Exception):
    """The file is wrong in a way that leaves nothing worth reading after it."""

    def __init__(self, position: Position, what: str, meant: str = "") -> None:
        super().__init__(what)
        self.position, self.what, self.meant = position, what, meant


@dataclass
class _Builder:
    """Builds plain data from the parser's events; `DEEPEST` bounds its recursion and the parser's effort."""

    path: Path
    events: Iterator[Any]
    lines: list[str]
    diagnostics: list[Diagnostic] = field(default_factory=list)
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    styles: dict[KeyPath, str] = field(default_factory=dict)
    comments: dict[KeyPath, Position] = field(default_factory=dict)

    def report(self, position: Position, what: str, meant: str = "") -> None:
        self.diagnostics.append(Diagnostic(self.path, *position, what, meant))

    def document(self) -> dict[str, Any] | None:
        next(self.events)  # the start of the stream
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise _Stop((1, 1), "the file is empty", "`lawbook new` writes a form to fill in")
        top = next(self.events)
        content = self.value(top, ())
        next(self.events)  # the end of the document
        following = next(self.events)
        if not isinstance(following, yaml.StreamEndEvent):
            meant = "one file holds one entry; remove '---'"
            raise _Stop(_position(following), "a second document starts here", meant)
        if isinstance(content, dict):
            return content
        found = "a list" if isinstance(content, list) else "empty" if content is None else "a single value"
        meant = "a file is a mapping that starts with a key, such as `title: …`"
        raise _Stop(_position(top), f"the top of the file is {found}", meant)

    def value(self, event: Any, path: KeyPath) -> Any:
        position = _position(event)
        if len(path) > DEEPEST:
            raise _too_deep(event)
        if isinstance(event, yaml.AliasEvent):
            raise _Stop(position, f"the alias '*{event.anchor}' is not allowed", "write the value out")
        if event.anchor is not None:
            raise _Stop(position, f"the anchor '&{event.anchor}' is not allowed", "write each value out")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.report(position, f"the tag '{tag}' is not allowed", "remove it; values are plain data")
        self.values[path] = position
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path)

    def mapping(self, path: KeyPath) -> dict[str, Any]:
        content: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            position = _position(event)
            key = _key(event)
            if key in content:
                line, column = self.keys[(*path, key)]
                what = f"the key '{key}' is given twice, first at line {line}, column {column}"
                self.report(position, what, "keep one")
                self.skip(next(self.events), (*path, key))
                continue
            self.keys[(*path, key)] = position
            content[key] = None
            content[key] = self.value(next(self.events), (*path, key))
            if content[key] is None:
                self.note_comment((*path, key), event.end_mark, _COMMENT_FOR_VALUE)
        return content

    def sequence(self, path: KeyPath) -> list[Any]:
        content: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            item = (*path, len(content))
            self.keys[item] = _position(event)
            content.append(self.value(event, item))
            if content[-1] is None:
                self.note_comment(item, event.end_mark, _COMMENT)
        return content

    def scalar(self, event: Any, path: KeyPath) -> Any:
        if not event.implicit[0]:
            self.styles[path] = event.style or ""
            if event.style == '"':
                self.check_escapes(event)
            return event.value
        content = resolve_scalar(event.value)
        if isinstance(content, str):
            self.styles[path] = event.style or ""
            self.note_comment(path, event.end_mark, _COMMENT)
        return content

    def note_comment(self, path: KeyPath, end: Any, comment: re.Pattern[str]) -> None:
        """Keeps the place of a comment that follows `end` on its line."""
        if end.line < len(self.lines) and (found := comment.match(self.lines[end.line], end.column)):
            self.comments[path] = (end.line + 1, found.end())

    def check_escapes(self, event: Any) -> None:
        """Report LaTeX that double quotes have eaten: "\\frac" is a form feed and rac, "$\\nu$" a new line and u."""
        holds_formula = "$" in event.value and event.start_mark.line == event.end_mark.line
        eaten = (_CONTROL_OR_BLANK if holds_formula else _CONTROL).search(event.value)
        if eaten is not None:
            what = f"a backslash between double quotes made the control character U+{ord(eaten.group()):04X}"
            self.report(_position(event), what, "write LaTeX in single quotes or after '|'")
        elif (found := unseen(event.value)) is not None:
            self.report(_position(event), f"an escape makes the {found[1]}", "remove it: no reader sees it")

    def skip(self, event: Any, path: KeyPath) -> None:
        """Passes over the value at `path`, as deep as it would have been read."""
        depth = len(path)
        while True:
            ends = isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST and not ends:
                raise _too_deep(event)
            depth += isinstance(event, yaml.CollectionStartEvent) - ends
            if depth == len(path):
                return
            event = next(self.events)


def _too_deep(event: Any) -> _Stop:
    return _Stop(_position(event), f"nested deeper than {DEEPEST} levels", "write the file flatter")


def _position(event: Any) -> Position:
    return (event.start_mark.line + 1, event.start_mark.column + 1)


def _key(event: Any) -> str:
    meant = "keys are text; put it in quotes if it is meant so"
    if not isinstance(event, yaml.ScalarEvent):
        raise _Stop(_position(event), "a list, mapping or alias cannot be a key", "keys are text")
    if event.anchor is not None or event.tag is not None:
        raise _Stop(_position(event), "anchors and tags are not allowed", "keys are plain text")
    if event.implicit[0] and not isinstance(resolve_scalar(event.value), str):
        shown = f"'{event.value}'" if event.value else "an empty value"
        raise _Stop(_position(event), f"{shown} cannot be a key", meant)
    if (found := unseen(event.value)) is not None:
        raise _Stop(_position(event), f"an escape makes the {found[1]} in a key", "remove it: no reader sees it")
    return str(event.value)


# At the start of a line, where no text of a claim stands, for YAML indents it; BibTeX passes over them in silence.
_CONFLICT_MARK = re.compile(r"^(<<<<<<<|>>>>>>>)(?: |\r?$)", re.MULTILINE)
_COMMENT = re.compile(r"[ \t]+#")
_COMMENT_FOR_VALUE = re.compile(r"[ \t]*:[ \t]+#")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_CONTROL_OR_BLANK = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NULL = frozenset(("null", "Null", "NULL", "~", ""))
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def resolve_scalar(text: str) -> str | int | float | bool | None:
    """A plain scalar by the core schema of YAML 1.2; integers longer than any float can hold are infinite."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if text[0] not in "+-.0123456789":
        return text
    number = _INTEGER.fullmatch(text) or _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text)
    if number and len(text) > LONGEST_INTEGER:
        return math.inf
    if _INTEGER.fullmatch(text):
        return int(text)
    if number:
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.replace(".", "").lower()) if _SPECIAL.fullmatch(text) else text
