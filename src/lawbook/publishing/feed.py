"""An Atom feed with one entry for each change of a claim's status (RFC 4287)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote
from xml.etree import ElementTree

from lawbook.book import Book
from lawbook.prose import plain_text
from lawbook.publishing.addresses import entry_page
from lawbook.publishing.changes import Change
from lawbook.publishing.escaping import xml_text
from lawbook.publishing.numbers import bounds, estimate, region
from lawbook.publishing.settings import SiteSettings

ATOM = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 100
# What an empty book says it was updated at: Atom demands a time, and the build's own would change every build.
BEGINNING = "2026-01-01T00:00:00Z"


def feed(book: Book, changes: Sequence[Change], settings: SiteSettings) -> str:
    """The feed, newest change first; ids stay the same wherever the site is served from."""
    newest = list(reversed(changes))[:MOST_ENTRIES]
    ElementTree.register_namespace("", ATOM)
    root = ElementTree.Element(f"{{{ATOM}}}feed")
    _add(root, "id", "urn:lawbook:status-changes")
    _add(root, "title", f"{settings.name}: changes of status")
    _add(root, "updated", _time(newest[0].line.started) if newest else BEGINNING)
    author = _add(root, "author")
    _add(author, "name", settings.name)
    _add(root, "link", rel="self", type="application/atom+xml", href=settings.absolute("feed.xml"))
    _add(root, "link", rel="alternate", type="text/html", href=settings.absolute("index.html"))
    for change in newest:
        _entry(root, book, change, settings)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _entry(root: ElementTree.Element, book: Book, change: Change, settings: SiteSettings) -> None:
    line = change.line
    title = plain_text(book.states[change.id].entry.title)
    told_by = (change.id, line.check, line.tier, line.device)
    entry = _add(root, "entry")
    _add(entry, "id", f"urn:lawbook:{':'.join(quote(part) for part in told_by)}:{line.started}")
    _add(entry, "title", f"{title}: {change.before} → {change.after}")
    _add(entry, "updated", _time(line.started))
    link = settings.absolute(entry_page(book.registry, change.id))
    _add(entry, "link", rel="alternate", type="text/html", href=link)
    _add(entry, "summary", _why(change))


def _why(change: Change) -> str:
    """What moved the status: the record's outcome, what it was before, and the number against its region."""
    line = change.line
    told = f"{line.check} ({line.tier}, {line.device}) came out {line.outcome}"
    if line.before is not None and line.before != line.outcome:
        told += f", after {line.before}"
    if line.estimate is None:
        return f"{told}."
    told += f": {estimate(line.estimate, line.interval)} {bounds(line.interval, line.estimate)}"
    return f"{told}, accepted {region(line.accept)}." if line.accept else f"{told}."


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    written = {key: xml_text(value) for key, value in attributes.items()}
    element = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", written)
    if text:
        element.text = xml_text(text)
    return element


def _time(started: str) -> str:
    """An ISO 8601 time with its zone, as Atom wants it; a bare time is UTC."""
    seconds = started.replace("+00:00", "Z")
    return seconds if seconds.endswith("Z") or "+" in seconds[10:] else f"{seconds}Z"
