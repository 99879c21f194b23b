"""Reads JSON as evidence must be written: plain files, no key twice, no number that JSON cannot hold.

The usual readers take `1e999` for infinity and the last of two equal keys; both would be told as measured.
"""

from __future__ import annotations

import json
import os
import re
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from pydantic_core import from_json

LARGEST_FILE = 64 * 2**20
LARGEST_INTEGER = 10**20 - 1
# Only such a text can hold a number that is too large: so many digits in a row, or an exponent of three.
ALL_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
PERHAPS_TOO_LONG = b"0" * 21
PERHAPS_TOO_LARGE = re.compile(rb"[eE]\+?[0-9]{3,}\s*[],}]")
# Every key ends so, and now and then a text does within.
PERHAPS_KEY = re.compile(rb'"\s*:')
CONFLICT_MARKS = (b"<<<<<<<", b"=======", b">>>>>>>")
CONFLICT_MARK = re.compile(rb"^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)( |\r?$)", re.MULTILINE)
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class NotJsonError(ValueError):
    """A text is no JSON of evidence; the words say why, and where."""


class ConflictError(NotJsonError):
    """A merge was left half done in a text; `line` is its first mark."""

    def __init__(self, line: int, mark: str) -> None:
        super().__init__(f"line {line} is a mark of an unfinished merge ({mark})")
        self.line = line


def read_plain_file(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """The content of a file of at most `largest` bytes.

    Raises OSError, which names it, where it cannot be read, is larger or no plain file (a link, a pipe, a device).
    """
    said = what_it_is(path.lstat())
    if not said:
        # What was put in its place since must neither be followed nor waited for.
        with open(path, "rb", opener=_open_at_once) as file:
            said = what_it_is(os.fstat(file.fileno()))
            if not said:
                content = file.read(largest + 1)  # it may grow meanwhile
                if len(content) <= largest:
                    return content
                said = f"larger than {largest // 2**20} MiB"
    raise OSError(0, said, os.fspath(path))


def what_it_is(status: os.stat_result) -> str:
    """What a file is that is no plain one, in words; empty for a plain one."""
    if stat.S_ISREG(status.st_mode):
        return ""
    if stat.S_ISLNK(status.st_mode):
        return "it is a link, not a file"
    return "it is a folder, not a file" if stat.S_ISDIR(status.st_mode) else "it is no plain file"


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def check_json(content: bytes) -> Any:
    """What a JSON text holds; raises NotJsonError where it is none, or not strictly one."""
    if content.startswith(BYTE_ORDER_MARKS):
        raise NotJsonError("begins with a byte order mark; it must be plain UTF-8")
    if any(mark in content for mark in CONFLICT_MARKS) and (mark := CONFLICT_MARK.search(content)):
        raise ConflictError(content.count(b"\n", 0, mark.start()) + 1, mark[1].decode())
    # A quick look, many times faster than the thorough one, and enough where it finds nothing to suspect.
    if not may_hold_large_numbers(content):
        with suppress(ValueError):
            held = from_json(content, allow_inf_nan=False)
            if _count_keys(held) == len(PERHAPS_KEY.findall(content)):
                return held
    return _read_thoroughly(content)


def may_hold_large_numbers(content: bytes) -> bool:
    """Whether a text may hold a number that evidence cannot: a quick look, which takes some for such that are none."""
    return PERHAPS_TOO_LONG in content.translate(ALL_DIGITS_ALIKE) or PERHAPS_TOO_LARGE.search(content) is not None


def _count_keys(held: Any) -> int:
    if isinstance(held, dict):
        return len(held) + sum(_count_keys(inner) for inner in held.values() if isinstance(inner, dict | list))
    if isinstance(held, list):
        return sum(_count_keys(inner) for inner in held if isinstance(inner, dict | list))
    return 0


def _read_thoroughly(content: bytes) -> Any:
    try:
        return json.loads(
            content.decode(),
            object_pairs_hook=_unique,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise NotJsonError(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotJsonError(f"{error.msg}, line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotJsonError("nested too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJsonError(f"the key '{twice[:60]}' stands twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > len(str(LARGEST_INTEGER)) or abs(number := int(digits)) > LARGEST_INTEGER:
        raise NotJsonError(f"the number {_shortened(digits)} is too large")
    return number


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise NotJsonError(f"the number {_shortened(digits)} is too large")
    return number


def _constant(name: str) -> NoReturn:
    raise NotJsonError(f"{name} is no number of JSON")


def _shortened(digits: str) -> str:
    return digits if len(digits) <= 24 else f"{digits[:20]}… of {len(digits)} digits"
