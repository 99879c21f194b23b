"""What is wrong in the fields of a bibliography's entry: identifiers, addresses, dates and names of people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import unquote

from pybtex.bibtex.utils import split_name_list

from lawbook.prose.characters import unseen

Mistake = tuple[str, str]

# Digits are ASCII's: whoever resolves a number knows no others.
_DOI = re.compile(r"10\.[0-9]{4,9}(\.[0-9]+)*/[^\s{}\\]*[^\s{}\\.,;]")
_BEFORE_DOI = re.compile(r"\s*((https?:)?(//)?(dx\.|www\.)?doi\.org/|doi\s*:)\s*", re.IGNORECASE)
_PERCENT_CODE = re.compile(r"%[0-9A-Fa-f]{2}")
_ARXIV = re.compile(r"(\d\d(0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?", re.ASCII)
_BEFORE_ARXIV = re.compile(r"\s*((https?:)?(//)?(www\.)?arxiv\.org/(abs|pdf)/|arxiv\s*:)\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s/?#{}\\<>\"]+\.[^\s{}\\<>\"]+", re.IGNORECASE)
_YEAR = re.compile(r"[12][0-9]{3}")
_MONTHS = "january february march april may june july august september october november december"
_MONTH = re.compile(rf"(0?[1-9]|1[0-2]|{'|'.join(f'{m[:3]}({m[3:]})?' for m in _MONTHS.split())})\b", re.IGNORECASE)
_ET_AL = re.compile(r"\bet\.?\s+al\b", re.IGNORECASE)
_BRACED = re.compile(r"\{[^{}]*\}")
_FORMULA = re.compile(r"(?<!\\)\$")


def field_mistakes(raw: Mapping[str, str]) -> Iterator[tuple[str, Mistake]]:
    """Each field that says something wrong, with what and how to mend it. raw: values by lower-case name."""
    for name, judge in _JUDGES.items():
        if raw.get(name) and (mistake := judge(raw[name])) is not None:
            yield name, mistake
    if raw.get("eprint") and raw.get("archiveprefix", "arxiv").lower() == "arxiv":
        mistake = _arxiv(raw["eprint"])
        if mistake is not None:
            yield "eprint", mistake
    for name, value in raw.items():
        if len(_FORMULA.findall(value)) % 2:
            yield name, (f"a $ of the {name} opens or closes no formula", r"write \$ for the sign itself")


def hidden_in(fields: Mapping[str, str]) -> Iterator[tuple[str, Mistake]]:
    """Each decoded field in which LaTeX has left a character that nobody sees."""
    for name, value in fields.items():
        if (found := unseen(value)) is not None:
            yield name, (f"the {name} holds the {found[1]}", "remove it: no reader sees it")


def _doi(value: str) -> Mistake | None:
    value = re.sub(r"\\([_%&#~<>])", r"\1", value)
    if before := _BEFORE_DOI.match(value):
        return (f"the doi '{value}' holds more than the DOI", f"write doi = {{{value[before.end() :]}}}")
    if _PERCENT_CODE.search(value):
        return (f"the doi '{value}' is written as in an address", f"write doi = {{{unquote(value)}}}")
    if not _DOI.fullmatch(value):
        return (f"'{value}' is no DOI", "a DOI is 10.NUMBER/NAME, without blanks")
    return None


def _arxiv(value: str) -> Mistake | None:
    if before := _BEFORE_ARXIV.match(value):
        return (
            f"the eprint '{value}' holds more than the number",
            f"write eprint = {{{value[before.end() :]}}}",
        )
    if not _ARXIV.fullmatch(value):
        return (f"'{value}' is no arXiv number", "write eprint = {YYMM.NNNNN}, or name another archivePrefix")
    return None


def _url(value: str) -> Mistake | None:
    if not _ADDRESS.fullmatch(re.sub(r"\\([_%&#~])", r"\1", value)):
        return (f"the url '{value}' is no address of the web", "write https://…, without blanks or braces")
    return None


def _year(value: str) -> Mistake | None:
    return None if _YEAR.fullmatch(value) else (f"'{value}' is no year", "write its four digits")


def _month(value: str) -> Mistake | None:
    return None if _MONTH.match(value) else (f"'{value}' is no month", "write jan to dec, without braces")


def _people(value: str) -> Mistake | None:
    for name in split_name_list(value) or [""]:
        if name.strip(" {}.").lower() in ("others", "al", "et al") or _ET_AL.search(name):
            return (f"'{name}' stands for people without naming them", "name every one of them")
        bare = _BRACED.sub("", name)
        if not name.strip(" {},~") or re.match(r"and\s|.*\sand$|and$", bare.strip(), re.IGNORECASE):
            return ("a name is missing beside an 'and'", "separate people by one 'and'")
        if ";" in bare:
            return (f"the ';' in '{name}' separates nobody", "separate people by 'and'")
    return None


def _followed(value: str) -> Mistake:
    return (f"the fields of '{value}' are not taken over", "write them out here and remove crossref")


_JUDGES: Mapping[str, Callable[[str], Mistake | None]] = {
    "doi": _doi,
    "url": _url,
    "year": _year,
    "month": _month,
    "author": _people,
    "editor": _people,
    "crossref": _followed,
    "xdata": _followed,
}
