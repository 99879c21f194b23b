"""Where a reader finds the page of a claim: the built file, if there is one, and how to have it anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lawbook.publishing.addresses import entry_page
from lawbook.publishing.settings import BUILT_FOLDER, SITE_FOLDER
from lawbook.registry.entry import Registry

# A run of the whole book has one page to begin at.
MOST_PAGES = 3


def page_lines(registry: Registry, ids: Sequence[str]) -> list[str]:
    """Where the pages of some entries lie, or where all of them begin; nothing for a registry without a site."""
    if not ids or not (registry.root / SITE_FOLDER / "mkdocs.yml").is_file():
        return []
    if len(ids) > MOST_PAGES:
        return [_line(registry.root, "index.html", "")]
    return [_line(registry.root, entry_page(registry, id), id) for id in ids]


def _line(root: Path, page: str, id: str) -> str:
    built = root / BUILT_FOLDER / page
    serve = f"`lawbook site serve {id}`" if id else "`lawbook site serve`"
    if built.is_file():
        return f"{built} (as last built; {serve} shows it as it stands, `lawbook site build` renews it)"
    return f"not built yet: `lawbook site build` writes {built}, {serve} shows it at once"
