"""Every relation of the registry once, whichever of two files says so."""

from __future__ import annotations

from lawbook.book import Book


def relations(book: Book) -> list[tuple[str, str, str]]:
    """Every relation once, as (source, type, target).

    A problem that says it bears on a claim means that the claim bears on it, whichever of their files says so.
    """
    found: dict[tuple[str, str, str], None] = {}
    for id, state in sorted(book.states.items()):
        for relation in state.entry.content.relations:
            target = book.states.get(relation.target)
            if target is None:
                continue
            turned = relation.type == "bears-on" and state.entry.is_problem and not target.entry.is_problem
            ends = (target.entry.id, id) if turned else (id, target.entry.id)
            found[ends[0], relation.type, ends[1]] = None
    return list(found)
