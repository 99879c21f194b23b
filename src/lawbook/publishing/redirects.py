"""Pages at the addresses that entries had under former ids: an address that was given out leads on for ever."""

from __future__ import annotations

from html import escape

from lawbook.book import Book
from lawbook.publishing.addresses import entry_page
from lawbook.publishing.api_schema import SCHEMA
from lawbook.publishing.escaping import strict_json
from lawbook.publishing.settings import SiteSettings
from lawbook.registry.models import Claim

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<title>{id}</title>
<meta http-equiv="refresh" content="0; url={id}.html">
<meta name="robots" content="noindex">
<link rel="canonical" href="{canonical}">
<p>This is called <a href="{id}.html">{id}</a> now.</p>
</html>
"""


def redirect_files(book: Book, settings: SiteSettings) -> dict[str, str]:
    """`claims/OLD.html`, which leads to the page of today, and `api/claims/OLD.json`, which names its id."""
    files = {}
    for id, state in book.states.items():
        content = state.entry.content
        if not isinstance(content, Claim):
            continue
        there = entry_page(book.registry, id)
        for former in content.former_ids:
            canonical = escape(settings.absolute(there) if settings.site_url else f"{id}.html")
            files[f"claims/{former}.html"] = PAGE.format(id=escape(id), canonical=canonical)
            files[f"api/claims/{former}.json"] = strict_json({"schema": SCHEMA, "id": former, "moved_to": id})
    return files
