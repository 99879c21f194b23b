"""Whether a registry has the parts that its site is made of."""

from __future__ import annotations

from pathlib import Path

from lawbook.publishing.settings import SITE_FOLDER, SiteError

PARTS = ("mkdocs.yml", "strands")


def check_parts(root: Path) -> None:
    """Raises SiteError with all that is missing of a registry's site."""
    folder = root / SITE_FOLDER
    missing = [f"{SITE_FOLDER}/{part}" for part in PARTS if not (folder / part).exists()]
    if missing:
        raise SiteError(
            f"{root} has no site to build: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; "
            "`lawbook new registry DIR` writes a registry with a site, whose site/ shows what goes there"
        )
