"""Judges the links in the texts of a registry file: each must lead to the web or to a part of an entry's page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.layout import EntryFile
from lawbook.registry.mathematics import last_key, prose_texts
from lawbook.registry.models import PROBLEMS_FOLDER
from lawbook.registry.suggestions import did_you_mean, nearest, which_id
from lawbook.registry.text_places import place_in_file
from lawbook.registry.yaml_reader import Document

CLAIM_PARTS = (
    "top", "prediction", "statement", "regime", "measurement", "limits", "sources", "history", "reproduce",
)  # fmt: skip
PROBLEM_PARTS = ("top", "why", "known", "resolution", "missing", "take", "sources", "history", "file")
# Parts that a page has where its entry has what they show.
OPTIONAL_PARTS = ("use", "relations", "probes", "maps", "follows", "explore")

ENTRY_ADDRESS = re.compile(r"(?:\.\./|\./)*(?:[a-z-]+/)?([a-z0-9-]+)\.(?:md|yaml|html)")
_WEB_ADDRESS = re.compile(r"https?://[^/?#\s]|mailto:[^?\s]+@", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_HOW = "write ID.md for an entry, https://… for a page of the web"

# Entry id → the parts of its page; None where its file cannot be read, so that nobody knows them.
Pages = Mapping[str, frozenset[str] | None]


def page_parts(files: list[tuple[EntryFile, Document]]) -> Pages:
    """The parts of every entry's page, each the fragment that leads to it."""
    related: set[str] = set()
    for file, document in files:
        targets = {relation.get("target") for relation in _mappings(document.content, "relations")}
        related |= {file.id, *map(str, targets)} if targets else set()
    return {file.id: _parts(file, document, related) for file, document in files}


def bad_links(document: Document, pages: Pages) -> Iterator[Diagnostic]:
    """A diagnostic for each link of the document's texts that leads nowhere."""
    from lawbook.prose.linkcheck import links

    for path, text in prose_texts(document.content):
        for link in links(text):
            mistake = _mistake(link.address, document.path.stem, pages)
            if mistake is None and not link.has_words:
                mistake = (
                    "this link has no words that a reader could see",
                    "write them between the brackets",
                )
            if mistake is not None:
                line, column = place_in_file(document, path, text, link.line, link.column)
                what, meant = mistake
                yield Diagnostic(document.path, line, column, f"in {last_key(path)}: {what}", meant)


def _mistake(address: str | None, own: str, pages: Pages) -> tuple[str, str] | None:
    if address is None:
        return ("this is no link: its address has a blank, or a scheme that is not allowed", _HOW)
    if _WEB_ADDRESS.match(address):
        return None
    if not address or _SCHEME.match(address):
        return (f"the link to '{address}' leads nowhere", _HOW)
    if address == "#":
        return ("the link to '#' names no part of the page", _HOW)
    before, _, fragment = unquote(address).partition("#")
    file = before or f"{own}.md"
    named = ENTRY_ADDRESS.fullmatch(file)
    if named is None:
        close = nearest(re.sub(r".*/|\..*", "", file), pages)
        return (f"the link to '{file}' leads nowhere", f"did you mean '{close}.md'?" if close else _HOW)
    id = named[1]
    if id not in pages:
        return (f"no claim or open problem has the id '{id}'", which_id(id, pages))
    parts = pages[id]
    if fragment and parts is not None and fragment not in parts:
        meant = did_you_mean(fragment, parts, noun="parts", most=16)
        return (f"the page of '{id}' has no part '{fragment}'", meant)
    return None


def _parts(file: EntryFile, document: Document, related: set[str]) -> frozenset[str] | None:
    if document.content is None:
        return None
    is_problem = file.strand == PROBLEMS_FOLDER
    checks = _mappings(document.content, "checks")
    parts = {*(PROBLEM_PARTS if is_problem else CLAIM_PARTS)}
    parts |= {f"check-{check['name']}" for check in checks if isinstance(check.get("name"), str)}
    parts |= {"use"} if document.content.get("use") and not is_problem else set()
    parts |= {"probes"} if checks and is_problem else set()
    maps = _mappings(document.content, "maps")
    parts |= {f"map-{drawn['name']}" for drawn in maps if isinstance(drawn.get("name"), str)}
    parts |= {"maps"} if maps else set()
    parts |= {"follows"} if file.id in related and not is_problem else set()
    parts |= {"explore"} if checks and not is_problem else set()
    parts |= {"relations"} if file.id in related else set()
    return frozenset(parts)


def _mappings(content: dict[str, Any] | None, key: str) -> list[dict[str, Any]]:
    listed = (content or {}).get(key)
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
