"""Says in plain words what a YAML parser only hints at: where a file stops being YAML, and how to mend it."""

from __future__ import annotations

import re
from typing import Any

from lawbook.prose.characters import unseen
from lawbook.registry.entry import Position

Explanation = tuple[Position, str, str]

COMMENT_CUTS = ('everything after " #" is a comment', "put the text in quotes")
# A comment behind a plain text; behind a quote, a bracket or the mark of a block it cuts nothing.
_KEY = re.compile(r"\s*(- +)?[\w-]+:(\s|$)")
_KEY_WITH_VALUE = re.compile(r"(\s*(?:- +)?)([\w-]+):\s+[^\s|>#]")
_DEEPER_KEY = re.compile(r"\s+[\w-]+:")
_COMMENT_BEHIND_TEXT = re.compile(r"[^\s'\"\[\]{},|>:-][ \t]+#")


def end_position(text: str) -> Position:
    """The line and column just after `text`, both counted from 1."""
    lines = text.splitlines() or [""]
    if text != text.rstrip("\r\n\x85\u2028\u2029"):
        lines.append("")
    return (len(lines), len(lines[-1]) + 1)


def find_invisible(text: str) -> Explanation | None:
    """The first character that makes a file look other than it is, if there is one."""
    found = unseen(text)
    if found is None:
        return None
    at, kind = found
    return (end_position(text[:at]), f"the {kind} is not allowed", "remove it: no reader sees it")


def explain_syntax(error: Any, text: str) -> Explanation:
    """What a parser's error means; `error` is a `yaml.MarkedYAMLError` raised for `text`."""
    lines = text.splitlines()
    problem, context = error.problem or "", error.context or ""
    at = _position(error.problem_mark) or _position(error.context_mark) or (1, 1)
    start = _position(error.context_mark) or at
    line = lines[at[0] - 1] if at[0] <= len(lines) else ""
    here = line[at[1] - 1 : at[1]]
    at_end = at[0] > len(lines) or not any(rest.strip() for rest in [line[at[1] - 1 :], *lines[at[0] :]])
    if here == "\t" or "tab character" in problem:
        return (at, "a tab where YAML wants spaces", "indent with spaces only")
    if "unexpected ':'" in problem:
        meant = "put a space after it, or the whole text in single quotes"
        return (at, "a ':' between brackets with no space after it", meant)
    if "cannot start any token" in problem:
        return (at, f"a value cannot start with '{here}'", "put the value in single quotes")
    if _DEEPER_KEY.fullmatch(line[: at[1]]) and "mapping values are not allowed" in problem and at[0] > 1:
        owner = _KEY_WITH_VALUE.match(lines[at[0] - 2])
        if owner is not None and owner.end(1) < len(line) - len(line.lstrip()):
            meant = f"start it in the column of '{owner[2]}', {owner.end(1) + 1}, or put a long text after '|'"
            return (at, f"this key is indented below '{owner[2]}', which has a value already", meant)
    if "mapping values are not allowed" in problem:
        meant = "put a text that holds ': ' in single quotes, or mend the indentation"
        return (at, "a second ':' where a value was expected", meant)
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return (
            start,
            "the quote that opens here is never closed",
            "close it, or double it ('') where it belongs to the text",
        )
    if "quoted scalar" in context and "escape" in problem:
        meant = "write LaTeX in single quotes or after '|', where backslashes stay"
        return (at, "a backslash inside double quotes starts an escape, and this is none", meant)
    if "flow" in context or "expected" in problem:
        stray = start[0] if "flow" in context or "expected ':'" in problem else at[0]
        cut = _cutting_comment(lines, stray, at[0], in_brackets="flow" in context)
        if cut is not None:
            return (cut, *COMMENT_CUTS)
    if "flow sequence" in context or "flow mapping" in context or "flow node" in context:
        return _explain_bracket(at, start, at_end, opened=_character(lines, start))
    if "could not find expected ':'" in problem:
        return (start, "a line that is neither `key: value` nor part of a text", "add the ':' or indent it")
    if "expected key" in problem and line[: at[1] - 1].strip():
        return (at, "text after the end of a value", "put the whole value in single quotes")
    if line.lstrip().startswith("- ") and ("expected key" in problem or "block mapping" in context):
        column = next((_indent(above) for above in reversed(lines[: at[0] - 1]) if above.strip()[:2] == "- "), 0)
        if column and column != _indent(line):
            meant = f"items of one list start in one column, here column {column}"
            return (at, "this item stands in another column than the one above it", meant)
    if "expected key" in problem or "block mapping" in context:
        meant = "keys of one mapping start in one column; a text over several lines is indented after '|'"
        return (at, "this line does not continue the mapping around it", meant)
    if "block collection" in context or "'-' indicator" in problem:
        return (at, "this line does not continue the list around it", "items of one list start in one column")
    said = f"{context}: {problem}" if context else problem
    return (at, f"not valid YAML: {said}", "")


def _indent(line: str) -> int:
    """The column, from 1, at which a line begins."""
    return len(line) - len(line.lstrip()) + 1


def _explain_bracket(at: Position, start: Position, at_end: bool, opened: str) -> Explanation:
    closing = {"[": "]", "{": "}"}.get(opened)
    if closing is None and at_end:
        return (at, "the file ends where a value should stand", "close every '[' and '{'")
    if closing is None:
        return (at, "a value is missing or misplaced here", "check the brackets, commas and quotes before it")
    if at_end:
        return (start, f"the '{opened}' that opens here is never closed", f"close it with '{closing}'")
    meant = f"separate the items with ',' and close with '{closing}'; quote a text that holds brackets"
    return (at, f"expected ',' or '{closing}' after the '{opened}' of line {start[0]}", meant)


def _cutting_comment(lines: list[str], first: int, last: int, *, in_brackets: bool) -> Position | None:
    """Where, from line `first` to `last` or in what stands right above, a comment ends a plain text."""
    if not in_brackets and _KEY.match("".join(lines[first - 1 : first])):
        return None
    for number in range(min(last, len(lines)), 0, -1):
        line = lines[number - 1]
        if line.lstrip().startswith("#") and _goes_on(lines, number):
            return (number, line.index("#") + 1)
        found = _COMMENT_BEHIND_TEXT.search(line)
        if found and line[: found.end()].count("'") % 2 == line[: found.end()].count('"') % 2 == 0:
            return (number, found.end())
        if line.strip() and number < first:
            return None
    return None


def _goes_on(lines: list[str], number: int) -> bool:
    """Whether a comment of its own line stands between two lines of one plain text."""
    above, below = lines[number - 2 : number - 1], lines[number : number + 1]
    ends_plain = bool(above and re.search(r"[^\s'\"\[\]{},|>:-]\s*$", above[0]))
    return ends_plain and bool(below and re.match(r"\s+[^\s#-]", below[0]) and ":" not in below[0])


def _character(lines: list[str], position: Position) -> str:
    line, column = position
    return lines[line - 1][column - 1 : column] if line <= len(lines) else ""


def _position(mark: Any) -> Position | None:
    return None if mark is None else (mark.line + 1, mark.column + 1)
