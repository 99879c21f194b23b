"""Which words may be ids: an id names a file, a folder of evidence and a page, on whatever system they lie."""

from __future__ import annotations

import re

from lawbook.registry.tier_settings import ID_PATTERN

LONGEST_ID = 100
# Of an entry's id and a check's name together: every line of history holds both, and takes less than 400 bytes.
LONGEST_PAIR = 80
# Beside the pages of entries the site has pages of its own, and servers look for some by themselves.
PAGES = frozenset(("index", "readme", "404"))
# Windows keeps these for its devices, whatever suffix follows.
DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))))

Mistake = tuple[str, str]


def id_mistake(id: str) -> Mistake | None:
    """Why a word cannot be the id of a claim or open problem and what to do about it; None where it can."""
    if not re.fullmatch(ID_PATTERN.removesuffix("$"), id):
        return (f"'{id}' cannot be an id", "use lower-case letters, digits and single '-' between them")
    if id in PAGES:
        return (f"the id '{id}' is reserved: a page of the site has this name", "choose another")
    return name_mistake(id, "id")


def pair_mistake(id: str, check: str) -> Mistake | None:
    """Why a check of an entry cannot have its name, though each of the two words can be one."""
    if (taken := len(id) + len(check)) > LONGEST_PAIR:
        what = f"the id '{id}' and the name '{check}' have {taken} characters together"
        return (what, f"use at most {LONGEST_PAIR}: every line of history holds both")
    return None


def name_mistake(name: str, noun: str = "name") -> Mistake | None:
    """Why a name that files bear cannot be used on every system; its letters have been judged elsewhere."""
    if name in DEVICES:
        return (f"the {noun} '{name}' is reserved: Windows keeps it for a device", "choose another")
    if len(name) > LONGEST_ID:
        return (f"the {noun} '{name[:20]}…' has {len(name)} characters", f"use at most {LONGEST_ID}")
    return None


def entry_and_part(asked: str) -> tuple[str, str | None]:
    """What `ID/PART` names: an entry and its check or map; None where no part is named, empty where it is left out."""
    id, stroke, part = asked.partition("/")
    return id, part if stroke else None
