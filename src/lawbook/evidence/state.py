"""`.lawbook/`, where this machine keeps what is its own; git ignores it."""

from __future__ import annotations

from pathlib import Path

from lawbook.places.registry_places import PlaceError

STATE = Path(".lawbook")
# Seconds to wait for another run's write, which takes milliseconds; one that is stopped must not stop us for ever.
LOCK_PATIENCE = 300.0


def make_state_folder(root: Path) -> Path:
    """The folder below root, made if need be, with the file that makes git ignore it; raises OSError."""
    folder = root / STATE
    if folder.is_symlink() and folder.resolve().is_relative_to(root.resolve()):
        raise PlaceError(f"{folder} is a link into the registry itself; make it a folder")
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    return folder
