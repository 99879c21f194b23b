"""An entry of the registry: a validated claim or problem, with its id, its place and where its keys stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lawbook.registry.law_map import LawMap
from lawbook.registry.models import PROBLEMS_FOLDER, Check, Claim, HouseSymbol, Problem, Tier

if TYPE_CHECKING:
    from lawbook.registry.map_grid import Grid
    from lawbook.registry.regions import CheckRegions

KeyPath = tuple[str | int, ...]
Position = tuple[int, int]


@dataclass(frozen=True)
class Entry:
    """One file of `claims/`: its id (the file's stem), strand (its folder) and content.

    path is relative to the registry's root. positions says where each key stands: it maps a key path such as
    ("checks", 0, "expect") to (line, column), both counted from 1. regions: what each check is judged by, by
    its name and tier. find_grids: finds the cells of each map.
    """

    id: str
    strand: str
    path: Path
    content: Claim | Problem
    positions: Mapping[KeyPath, Position] = field(default_factory=dict, compare=False, repr=False)
    regions: Mapping[tuple[str, Tier], CheckRegions] = field(default_factory=dict, compare=False, repr=False)
    find_grids: Callable[[], Mapping[tuple[str, Tier], Grid]] = field(default=dict, compare=False, repr=False)

    @cached_property
    def grids(self) -> Mapping[tuple[str, Tier], Grid]:
        """The cells of each map, by its name and tier; found when first asked for, as most commands never do."""
        return self.find_grids()

    @property
    def is_problem(self) -> bool:
        return self.strand == PROBLEMS_FOLDER

    @property
    def title(self) -> str:
        return self.content.title

    @property
    def checks(self) -> list[Check]:
        return self.content.checks

    @property
    def maps(self) -> list[LawMap]:
        return self.content.maps

    @property
    def claim(self) -> Claim:
        """The content as a claim; raises TypeError for an open problem."""
        if not isinstance(self.content, Claim):
            raise TypeError(f"{self.id} is an open problem, not a claim")
        return self.content

    @property
    def problem(self) -> Problem:
        """The content as an open problem; raises TypeError for a claim."""
        if not isinstance(self.content, Problem):
            raise TypeError(f"{self.id} is a claim, not an open problem")
        return self.content


@dataclass(frozen=True)
class Reference:
    """One BibTeX entry of `claims/references.bib`.

    type: "article" and the like, in lower case. fields: lower-case name → plain Unicode text, white space
    joined, math kept between `$`. authors: "Given Family" each, in order. bibtex: the entry's source text.
    """

    key: str
    type: str
    fields: Mapping[str, str]
    authors: tuple[str, ...]
    bibtex: str


@dataclass(frozen=True)
class Registry:
    """A whole valid registry: entries by id (claims and problems together), references by key.

    notation: the symbols of `claims/notation.yaml`, in its order; empty where there is none.
    """

    root: Path
    entries: Mapping[str, Entry]
    references: Mapping[str, Reference]
    notation: tuple[HouseSymbol, ...] = ()

    @property
    def claims(self) -> dict[str, Entry]:
        return {id: entry for id, entry in self.entries.items() if not entry.is_problem}

    @property
    def problems(self) -> dict[str, Entry]:
        return {id: entry for id, entry in self.entries.items() if entry.is_problem}
