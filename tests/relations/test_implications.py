"""What follows from what, in one step or many."""

from lawbook.relations.implications import Chain, between

EDGES = [
    ("a", "implies", "b"),
    ("c", "special-case-of", "b"),
    ("c", "explains", "d"),
    ("d", "implies", "a"),
]


def ids(chains: dict[str, Chain]) -> dict[str, list[str]]:
    return {id: [step.conclusion for step in chain] for id, chain in chains.items()}


def test_a_special_case_follows_from_the_general_law() -> None:
    (step,) = between([("special", "special-case-of", "general")]).steps
    assert (step.premise, step.conclusion) == ("general", "special")
    assert step.edge == ("special", "special-case-of", "general")


def test_chains_lead_over_every_step_and_over_no_other_relation() -> None:
    assert ids(between(EDGES).conclusions("a")) == {"b": ["b"], "c": ["b", "c"]}
    assert "d" not in between(EDGES).conclusions("c")


def test_what_carries_a_claim_is_found_with_the_chain_that_ends_at_it() -> None:
    found = between(EDGES).premises("c")
    assert set(found) == {"b", "a", "d"}
    assert [step.premise for step in found["d"]] == ["d", "a", "b"]
    assert found["d"][-1].conclusion == "c"


def test_the_shortest_of_two_chains_is_told() -> None:
    found = between([("a", "implies", "b"), ("b", "implies", "c"), ("a", "implies", "c")]).conclusions("a")
    assert len(found["c"]) == 1


def test_a_circle_ends_and_no_claim_follows_from_itself() -> None:
    circle = between([("a", "implies", "b"), ("b", "implies", "a"), ("a", "implies", "a")])
    assert set(circle.conclusions("a")) == {"b"}
    assert set(circle.premises("a")) == {"b"}
