"""Filters that turn the registry's values into words for templates."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lawbook.publishing.escaping import web_address
from lawbook.registry.entry import Reference

VERBS = {
    "implies": "implies",
    "special-case-of": "is a special case of",
    "limit-of": "is a limit of",
    "explains": "explains",
    "predicts": "predicts",
    "contradicts": "contradicts",
    "supersedes": "supersedes",
    "bears-on": "bears on",
}
INVERSES = {
    "implies": "is implied by",
    "special-case-of": "has as special case",
    "limit-of": "has as limit",
    "explains": "is explained by",
    "predicts": "is predicted by",
    "contradicts": "is contradicted by",
    "supersedes": "is superseded by",
    "bears-on": "is informed by",
}

# Commands of LaTeX that place or decorate, and name nothing.
LAYOUT = re.compile(
    r"[dt]?frac|left|right|[bB]ig[lr]?|text|math(rm|bf|cal|bb)|operatorname|sqrt|q?quad|hat|tilde|bar|d?dot|star|top|[lr]angle"
)
# What some write before a name that is one already.
_BEFORE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)\s*", re.IGNORECASE)
_BEFORE_EPRINT = re.compile(r"(?:https?://arxiv\.org/abs/|arxiv:)\s*", re.IGNORECASE)
_IN_NAMES = "/:;().,"
_MINUS = re.compile(r"(?<![\w.\-])-(?=\.?\d)")
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_INDEXED = re.compile(r"\\?([A-Za-z]+)_\{?\\?(?:(?:mathrm|text|operatorname)\{)?([A-Za-z]{2,})")
_TEXT = re.compile(r"\\(?:text|mathrm|operatorname)\{([^{}]*)\}")


def verb(relation: str) -> str:
    """A relation as read from its owner."""
    return VERBS[relation]


def inverse(relation: str) -> str:
    """A relation as read from its target."""
    return INVERSES[relation]


def day(started: str) -> str:
    """The date of an ISO 8601 time."""
    return started[:10]


def minute(started: str) -> str:
    """The date and time, to the minute, of an ISO 8601 time."""
    return started[:16].replace("T", " ")


def value(parameter: Any) -> str:
    """A checker's parameter as its claim file might write it."""
    return parameter if isinstance(parameter, str) else json.dumps(parameter, ensure_ascii=False)


def names(authors: Sequence[str], most: int = 6) -> str:
    """Authors for a reference list; beyond `most`, the first ones and "et al."."""
    if len(authors) > most:
        return ", ".join(authors[: most - 1]) + " et al."
    return " and ".join([", ".join(authors[:-1]), authors[-1]]) if len(authors) > 1 else "".join(authors)


def address(reference: Reference) -> str:
    """Where to read a source: its DOI, its arXiv page or its own address, if that is one of the web."""
    fields = reference.fields
    eprint = _BEFORE_EPRINT.sub("", fields.get("eprint", ""))
    doi = _BEFORE_DOI.sub("", fields.get("doi", ""), count=1)
    if eprint and fields.get("archiveprefix", "arxiv").lower() == "arxiv":
        return f"https://arxiv.org/abs/{quote(eprint, safe=_IN_NAMES)}"
    if doi:
        return f"https://doi.org/{quote(doi, safe=_IN_NAMES)}"
    return web_address(fields.get("url", ""))


def venue(reference: Reference) -> str:
    """Where a source appeared, as short as its fields allow."""
    fields = reference.fields
    place = next((fields[key] for key in ("journal", "booktitle", "publisher", "school") if fields.get(key)), "")
    if fields.get("journal") and fields.get("volume"):
        place += f" {fields['volume']}"
    if fields.get("eprint"):
        eprint = _BEFORE_EPRINT.sub("", fields["eprint"])
        place = ", ".join(filter(None, (place, f"{fields.get('archiveprefix', 'arXiv')}:{eprint}")))
    return place


def minus(sentence: str) -> str:
    """A sentence with true minus signs before its numbers."""
    return _MINUS.sub("−", sentence)


def symbols(formula: str) -> str:
    """The words by which a reader searches a formula: names of symbols, with an index that is a word, and text."""
    indexed = [f"{base}_{index}" for base, index in _INDEXED.findall(formula)]
    commands = [name for name in _COMMAND.findall(formula) if not LAYOUT.fullmatch(name)]
    texts = [word for text in _TEXT.findall(formula) for word in text.split()]
    return " ".join(dict.fromkeys([*indexed, *commands, *texts]))


def family(reference: Reference) -> str:
    """The first author's last word, for sorting."""
    return reference.authors[0].split()[-1].lower() if reference.authors else reference.key


def sentence(said: str) -> str:
    """A remark as a sentence of its own."""
    return f"{said[:1].upper()}{said[1:]}."
