"""The book's own styles and scripts, in one file each: a page names two of them, where twenty were a kilobyte of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# In this order: names before what uses them, and print last, as it takes back what the others say.
STYLES = ("tokens", "page", "formulas", "entries", "symbols", "home", "figures", "search", "print")
SCRIPTS = (
    "formulas", "search", "filter", "copy", "code", "map", "theme/labels",
    "figures/data", "figures/scales", "figures/draw", "figures/read", "figures/tools",
)  # fmt: skip
BUNDLES = {
    "assets/styles/book.css": tuple(f"assets/styles/{name}.css" for name in STYLES),
    "assets/scripts/book.js": tuple(f"assets/scripts/{name}.js" for name in SCRIPTS),
}


def bundled(files: Mapping[str, Path]) -> dict[str, bytes | Path]:
    """The files of the site by their place, with those of a bundle joined; others of a registry stay as they are."""
    parts = {place for bundle in BUNDLES.values() for place in bundle}
    kept: dict[str, bytes | Path] = {place: path for place, path in files.items() if place not in parts}
    joined = {
        name: b"\n".join(files[place].read_bytes() for place in bundle if place in files)
        for name, bundle in BUNDLES.items()
    }
    return kept | joined
