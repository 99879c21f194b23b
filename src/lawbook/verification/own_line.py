"""What an exception in a checker says to its author: the author's own line first, and once."""

from __future__ import annotations

import bdb
import linecache
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from traceback import FrameSummary

import lawbook
from lawbook.registry.diagnostics import printable

PACKAGE = "checkers"
# Characters. A record is for reading; what is longer belongs into the captured output.
REASON_KEPT, SOURCE_KEPT = 2000, 120
_ENGINE = Path(lawbook.__file__).parent


class ForAuthors(Exception):
    """Something that the engine tells the author of a checker; its text needs no name of a class before it."""


def explain(error: BaseException, root: Path, checker: str) -> str:
    """`checkers/laws/x.py:12: ValueError: what it says, at `the line``.

    The line is the last of the checker's own module that the exception passed, else the last of any checker's module;
    a mistake of syntax names its own. checker: its reference.
    """
    text = _said(error)
    if isinstance(error, SyntaxError) and error.filename:
        place = _place(Path(error.filename), error.lineno or 1, root)
        return f"{place}: {text}{_at(error.text or '')}"
    frames = _frames(error)
    own = _own(frames, root, checker)
    if own is None:
        return text
    frame = frames[own]
    return f"{_place(Path(frame.filename), frame.lineno or 1, root)}: {text}{_at(_source(frame))}"


def rest_of_the_trace(error: BaseException, root: Path, checker: str) -> Iterator[str]:
    """What lies below the author's own line, and what the exception came from: lines for whoever wants to see more.

    The engine's own frames say nothing to an author and are left out.
    """
    frames = _frames(error)
    own = _own(frames, root, checker)
    for frame in frames if own is None else frames[own + 1 :]:
        if not Path(frame.filename).is_relative_to(_ENGINE):
            place = _place(Path(frame.filename), frame.lineno or 1, root)
            yield f"  then {place}, in {frame.name}{_at(_source(frame))}"
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        yield f"  came from {explain(cause, root, checker)}"


def left_debugger(error: BaseException) -> bool:
    """Whether somebody, or the end of what was typed, has quit the debugger; Python 3.14 ends the process for it."""
    in_debugger = any(Path(frame.filename).name == "pdb.py" for frame in _frames(error))
    return isinstance(error, bdb.BdbQuit) or (isinstance(error, SystemExit) and in_debugger)


def _said(error: BaseException) -> str:
    try:
        said = str(error.msg) if isinstance(error, SyntaxError) else str(error)
    except Exception as failed:
        said = f"(its text cannot be had: {type(failed).__name__})"
    said = printable(" ".join(said.split()), REASON_KEPT)
    if isinstance(error, ForAuthors):
        return said
    return type(error).__name__ + (f": {said}" if said else "")


def _frames(error: BaseException) -> Sequence[FrameSummary]:
    return traceback.extract_tb(error.__traceback__)


def _own(frames: Sequence[FrameSummary], root: Path, checker: str) -> int | None:
    """The index of the author's own frame."""
    module = root.joinpath(*checker.partition(":")[0].split(".")).with_suffix(".py")
    # A virtual environment may lie below the root, too, so that alone makes no file the registry's.
    paths = [Path(frame.filename) for frame in frames]
    own = [index for index, path in enumerate(paths) if path == module]
    of_any = [index for index, path in enumerate(paths) if path.is_relative_to(root / PACKAGE)]
    return max(own or of_any, default=None)


def _place(path: Path, line: int, root: Path) -> str:
    parts = path.parts
    if path.is_relative_to(root / PACKAGE):
        path = path.relative_to(root)
    elif "site-packages" in parts:
        # Where a package is installed is long, and says nothing.
        path = Path(*parts[len(parts) - parts[::-1].index("site-packages") :])
    return f"{path}:{line}"


def _source(frame: FrameSummary) -> str:
    return frame.line or linecache.getline(frame.filename, frame.lineno or 0)


def _at(source: str) -> str:
    shown = printable(" ".join(source.split()), SOURCE_KEPT)
    return f", at `{shown}`" if shown else ""
