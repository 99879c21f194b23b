"""Puts a new folder in an old one's place, so that at every moment one of the two stands there whole."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from lawbook.places.owned_folder import MARKER, read_marker, remove_owned

AT_FDCWD, RENAME_EXCHANGE, RENAME_SWAP = -100, 2, 2


def new_beside(target: Path) -> Path:
    """An empty folder beside target, to build its successor in. The caller holds the lock of target's parent.

    What killed builds left there is cleaned up first; a site that one of them had put aside is put back.
    """
    new, old = _beside(target)
    if old.is_dir() and not target.exists():
        old.rename(target)
    for left in (new, old):
        if left.is_symlink() or left.is_file():
            left.unlink()
        elif left.is_dir():
            remove_owned(left)
    new.mkdir()
    return new


def put_in_place(new: Path, target: Path) -> None:
    """Let `new`, made by `new_beside` and marked, stand at target, and delete what stood there."""
    assert read_marker(new) is not None, f"{new} lacks its {MARKER}"
    if not target.exists():
        new.rename(target)
        return
    if _exchange(new, target):
        aside = new
    else:
        aside = _beside(target)[1]
        target.rename(aside)
        new.rename(target)
    remove_owned(aside)


def _beside(target: Path) -> tuple[Path, Path]:
    return target.with_name(f".{target.name}.lawbook-new"), target.with_name(f".{target.name}.lawbook-old")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, where the system can; False where it cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return library.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0  # type: ignore[no-any-return]
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return library.renamex_np(names[0], names[1], RENAME_SWAP) == 0  # type: ignore[no-any-return]
    return False
