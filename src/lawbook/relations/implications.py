"""Inferences between claims, one step or many: what a claim carries, and what carries it.

`implies` is such a step as it is written, `special-case-of` one the other way round: where the general law holds,
its special case does. No other relation says that one statement follows from another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lawbook.book import Book
from lawbook.relations.edges import relations

Edge = tuple[str, str, str]


@dataclass(frozen=True)
class Step:
    """If `premise` holds, so does `conclusion`; edge: the relation that says so, as (source, type, target)."""

    premise: str
    conclusion: str
    edge: Edge


Chain = tuple[Step, ...]


@dataclass(frozen=True)
class Implications:
    """The steps between claims, by where they begin and by where they end."""

    after: Mapping[str, tuple[Step, ...]]
    before: Mapping[str, tuple[Step, ...]]

    @property
    def steps(self) -> list[Step]:
        """Every step once."""
        return [step for steps in self.after.values() for step in steps]

    def conclusions(self, id: str) -> dict[str, Chain]:
        """All that follows from a claim, each with its shortest chain, which begins at that claim."""
        return _reached(id, self.after, lambda step: step.conclusion, lambda chain, step: (*chain, step))

    def premises(self, id: str) -> dict[str, Chain]:
        """All that a claim follows from, each with its shortest chain, which ends at that claim."""
        return _reached(id, self.before, lambda step: step.premise, lambda chain, step: (step, *chain))


def implications(book: Book) -> Implications:
    """The inferences between the claims of a book; open problems claim nothing."""
    return between(edge for edge in relations(book) if not any(_is_problem(book, edge[end]) for end in (0, 2)))


def between(edges: Iterable[Edge]) -> Implications:
    """The inferences that some relations make."""
    after: dict[str, list[Step]] = {}
    before: dict[str, list[Step]] = {}
    for edge in edges:
        source, type, target = edge
        if type not in ("implies", "special-case-of") or source == target:
            continue
        ends = (source, target) if type == "implies" else (target, source)
        step = Step(*ends, edge)
        after.setdefault(step.premise, []).append(step)
        before.setdefault(step.conclusion, []).append(step)
    return Implications(
        {id: tuple(steps) for id, steps in after.items()}, {id: tuple(steps) for id, steps in before.items()}
    )


def _is_problem(book: Book, id: str) -> bool:
    return book.states[id].entry.is_problem


def _reached(
    start: str,
    steps: Mapping[str, tuple[Step, ...]],
    end: Callable[[Step], str],
    longer: Callable[[Chain, Step], Chain],
) -> dict[str, Chain]:
    """Breadth first, so that the first chain to arrive is a shortest one; circles are walked once."""
    found: dict[str, Chain] = {start: ()}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for step in steps.get(here, ()):
            if end(step) not in found:
                found[end(step)] = longer(found[here], step)
                queue.append(end(step))
    del found[start]
    return found
