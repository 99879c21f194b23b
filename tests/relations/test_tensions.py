"""What does not fit, and in which order it is told."""

from collections.abc import Callable

from lawbook.book import Book
from lawbook.relations.tensions import findings

Stand = Callable[..., Book]


def told(book: Book) -> list[tuple[str, str, str]]:
    return [(item.kind, *item.ends) for item in findings(book)]


def test_a_passing_claim_that_implies_a_failing_one_is_a_tension(stand: Stand) -> None:
    assert told(stand({"a": "pass", "b": "fail"}, [("a", "implies", "b")])) == [("tension", "a", "b")]


def test_a_failing_claim_that_implies_a_passing_one_is_none(stand: Stand) -> None:
    book = stand({"a": "fail", "b": "pass"}, [("a", "implies", "b")], {"b": "contested"})
    assert told(book) == []


def test_a_tension_shows_the_chain_over_what_nobody_measured(stand: Stand) -> None:
    edges = [("a", "implies", "b"), ("c", "special-case-of", "b")]
    (found,) = findings(stand({"a": "pass", "b": "unverified", "c": "fail"}, edges))
    assert found.ends == ("a", "c")
    assert found.edges == [("a", "implies", "b"), ("c", "special-case-of", "b")]


def test_two_passing_claims_that_contradict_each_other_are_told_once(stand: Stand) -> None:
    edges = [("a", "contradicts", "b"), ("b", "contradicts", "a")]
    assert told(stand({"a": "pass", "b": "pass"}, edges)) == [("contradiction", "a", "b")]
    assert told(stand({"a": "pass", "b": "fail"}, edges)) == []


def test_an_established_claim_that_leans_on_one_that_fails_has_lost_ground(stand: Stand) -> None:
    edges = [("special", "special-case-of", "general")]
    assert told(stand({"special": "pass", "general": "fail"}, edges)) == [("lost-ground", "general", "special")]
    conjectured = stand({"special": "pass", "general": "fail"}, edges, {"special": "conjectured"})
    assert told(conjectured) == []


def test_nothing_is_said_of_what_is_not_measured(stand: Stand) -> None:
    edges = [("a", "implies", "b"), ("a", "contradicts", "c")]
    assert told(stand({"a": "unverified", "b": "fail", "c": "pass"}, edges)) == []
    assert told(stand({"a": "pass", "b": "inconclusive", "c": "void"}, edges)) == []


def test_the_worst_comes_first(stand: Stand) -> None:
    statuses = {
        "a": "pass",
        "b": "pass",
        "c": "fail",
        "d": "fail",
        "e": "fail",
        "f": "unverified",
        "g": "fail",
    }
    edges = [
        ("g", "implies", "b"),
        ("a", "implies", "c"),
        ("a", "implies", "d"),
        ("a", "implies", "f"),
        ("f", "implies", "e"),
        ("a", "contradicts", "b"),
    ]
    book = stand(statuses, edges, {"c": "contested"}, ("d",))
    assert [(kind, other) for kind, _, other in told(book)] == [
        ("contradiction", "b"),
        ("tension", "e"),  # both established, over two steps
        ("tension", "c"),  # one of them contested
        ("tension", "d"),  # known to fail here
        ("lost-ground", "b"),
    ]
