"""`.lawbook/`, where this machine keeps what is its own; git ignores it."""

from __future__ import annotations

from pathlib import Path

STATE = Path(".lawbook")


def make_state_folder(root: Path) -> Path:
    """The folder below root, made if need be, with the file that makes git ignore it; raises OSError."""
    folder = root / STATE
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return folder
