"""The bibliography of the repository: it parses, its keys follow the rule, and every source can be found."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from pybtex.database import BibliographyData, Entry, Person, parse_file

BIBLIOGRAPHY = Path(__file__).parents[2] / "claims" / "references.bib"

# Words that a key may skip to reach the first significant word of a title.
INSIGNIFICANT = frozenset(
    ["a", "an", "the", "on", "of", "in", "is", "are", "do", "does", "how", "why", "which", "we", "from"]
)

# The second form is that of before April 2007.
ARXIV_ID = re.compile(r"\d{4}\.\d{4,5}|[a-z-]+/\d{7}")
KEY = re.compile(r"(?P<surname>[a-z]+)(?P<year>\d{4})(?P<word>[a-z0-9]+)")


@pytest.fixture(scope="module")
def bibliography() -> BibliographyData:
    # pybtex refuses a repeated key and any other fault of BibTeX's grammar.
    return parse_file(str(BIBLIOGRAPHY), bib_format="bibtex", encoding="utf-8")


def ascii_word(text: str) -> str:
    """The lower-case letters and digits of `text`, accents dropped."""
    folded = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("ł", "l"))
    return re.sub(r"[^a-z0-9]", "", folded.lower())


def surnames(person: Person) -> set[str]:
    last = " ".join(person.last_names)
    particles = " ".join(person.prelast_names)
    return {ascii_word(last), ascii_word(particles + last)}


def key_words(title: str) -> set[str]:
    """The words of a title that a key may end in: each up to and including the first significant one."""
    allowed: set[str] = set()
    for whole in re.sub(r"[{}]", "", title).split():
        parts = [ascii_word(part) for part in re.split(r"[-/]", whole)]
        words = [word for word in [*parts, ascii_word(whole)] if re.search("[a-z]", word)]
        allowed.update(words)
        if any(word not in INSIGNIFICANT for word in words):
            break
    return allowed


def faults(key: str, bibliography: BibliographyData) -> list[str]:
    entry: Entry = bibliography.entries[key]
    found = []
    if not entry.persons.get("author"):
        return [f"{key}: no author"]
    if "title" not in entry.fields or "year" not in entry.fields:
        return [f"{key}: no title or no year"]
    parts = KEY.fullmatch(key)
    if parts is None:
        return [f"{key}: a key is surname, year, word, in lower-case ASCII"]
    if parts["surname"] not in surnames(entry.persons["author"][0]):
        found.append(f"{key}: the key names another first author than {entry.persons['author'][0]}")
    if parts["year"] != entry.fields["year"]:
        found.append(f"{key}: the key's year is not {entry.fields['year']}")
    words = key_words(entry.fields["title"])
    told_apart = key[:-1] in bibliography.entries  # by a last letter, as in yang2020tensorb
    if (parts["word"][:-1] if told_apart else parts["word"]) not in words:
        found.append(f"{key}: the key ends in none of {sorted(words)}")
    if not {"eprint", "doi", "journal", "booktitle", "publisher"} & set(entry.fields):
        found.append(f"{key}: no eprint, DOI or venue to find it by")
    return found


def test_every_entry_is_complete_and_its_key_follows_the_rule(bibliography: BibliographyData) -> None:
    assert [fault for key in bibliography.entries for fault in faults(key, bibliography)] == []


def test_entries_are_sorted_by_key(bibliography: BibliographyData) -> None:
    keys = list(bibliography.entries)
    assert keys == sorted(keys)


def test_an_arxiv_identifier_is_well_formed_and_its_address_agrees(bibliography: BibliographyData) -> None:
    for key, entry in bibliography.entries.items():
        if "eprint" in entry.fields:
            eprint = entry.fields["eprint"]
            assert ARXIV_ID.fullmatch(eprint), f"{key}: {eprint}"
            assert entry.fields["archivePrefix"] == "arXiv", key
            assert entry.fields["url"] == f"https://arxiv.org/abs/{eprint}", key


@pytest.mark.parametrize("field", ["eprint", "doi", "title"])
def test_no_source_is_entered_twice(bibliography: BibliographyData, field: str) -> None:
    owners: dict[str, list[str]] = {}
    for key, entry in bibliography.entries.items():
        if field in entry.fields:
            owners.setdefault(ascii_word(entry.fields[field]), []).append(key)
    assert [keys for keys in owners.values() if len(keys) > 1] == []
