"""What hangs on one claim."""

from collections.abc import Callable

from lawbook.book import Book
from lawbook.relations.consequences import Follows, consequences
from lawbook.relations.implications import implications
from lawbook.relations.tensions import findings

Stand = Callable[..., Book]
EDGES = [
    ("strong", "implies", "law"),
    ("special", "special-case-of", "law"),
    ("tiny", "special-case-of", "special"),
    ("law", "explains", "else"),
]
STATUSES = {"strong": "pass", "law": "pass", "special": "pass", "tiny": "fail", "else": "fail"}


def follows(book: Book, id: str) -> Follows:
    return consequences(book, implications(book), findings(book), id)


def test_what_implies_a_claim_falls_with_it_and_what_it_implies_loses_a_ground(stand: Stand) -> None:
    found = follows(stand(STATUSES, EDGES), "law")
    assert [item.state.entry.id for item in found.would_fall] == ["strong"]
    assert [item.state.entry.id for item in found.would_lose_ground] == ["special", "tiny"]


def test_passing_consequences_support_a_claim_and_passing_premises_back_it(stand: Stand) -> None:
    found = follows(stand(STATUSES, EDGES), "law")
    assert [item.state.entry.id for item in found.confirmed_by] == ["special"]
    assert [item.state.entry.id for item in found.backed_by] == ["strong"]


def test_each_consequence_shows_its_chain(stand: Stand) -> None:
    far = follows(stand(STATUSES, EDGES), "law").would_lose_ground[-1]
    assert [step.edge for step in far.chain] == [EDGES[1], EDGES[2]]


def test_what_does_not_fit_is_told_at_both_of_its_ends(stand: Stand) -> None:
    book = stand(STATUSES, EDGES)
    assert [item.ends for item in follows(book, "tiny").findings] == [
        ("special", "tiny"),
        ("law", "tiny"),
        ("strong", "tiny"),
    ]
    assert [item.ends for item in follows(book, "law").findings] == [("law", "tiny")]


def test_nothing_follows_where_nothing_is_related(stand: Stand) -> None:
    assert not follows(stand(STATUSES, EDGES), "else")
