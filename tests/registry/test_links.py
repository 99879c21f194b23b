"""Every link of a text leads to the web or to a part of an entry's page, or lint says that it does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lawbook.registry.links import CLAIM_PARTS, OPTIONAL_PARTS, PROBLEM_PARTS
from lawbook.registry.load import lint, load_registry

CLAIM = "claims/laws/noise-averages-out.yaml"
OTHER = "claims/limits/noise-is-positive.yaml"
PROBLEM = "claims/open-problems/noise-in-the-dark.yaml"
SENTENCE = "Fails for heavy tails"
TEMPLATES = Path(__file__).parents[2] / "site" / "templates"
MakeRegistry = Callable[[Mapping[str, object]], Path]


def said(root: Path) -> list[str]:
    return [str(diagnostic) for diagnostic in lint(root)]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("[b](noize-is-positive.md)", ["no claim or open problem has the id", "'noise-is-positive'?"]),
        ("[b](../limits/noize-is-positive.yaml)", ["did you mean 'noise-is-positive'?"]),
        ("[b](Noise-Is-Positive.md)", ["leads nowhere", "did you mean 'noise-is-positive.md'?"]),
        ("[b](noise-is-positive)", ["leads nowhere", "did you mean 'noise-is-positive.md'?"]),
        ("[b](noise-is-positive.yml)", ["leads nowhere", "did you mean 'noise-is-positive.md'?"]),
        ("[b](noise-is-positive.md#limit)", ["has no part 'limit'", "did you mean 'limits'?"]),
        ("[b](noise-is-positive.md#use)", ["has no part 'use'"]),
        ("[b](noise-is-positive.md#check-centre)", ["has no part 'check-centre'"]),
        ("[b](noise-in-the-dark.md#statement)", ["has no part 'statement'"]),
        ("[b](noise-in-the-dark.md#probes)", ["has no part 'probes'"]),
        ("[b](#limit)", ["the page of 'noise-averages-out' has no part 'limit'", "'limits'?"]),
        ("[b](#)", ["names no part"]),
        ("[b](ftp://a.b/c)", ["this is no link", "https://"]),
        ("[b](//a.b/c)", ["leads nowhere"]),
        ("[b](/claims/noise-is-positive.html)", ["leads nowhere"]),
        ("[b](www.example.org)", ["leads nowhere"]),
        ("[b](https:a.b)", ["leads nowhere"]),
        ("[b](https://)", ["leads nowhere"]),
        ("[b]()", ["leads nowhere"]),
        ("[b](javascript:alert(1))", ["this is no link"]),
        ("[b](JavaScript:alert(1))", ["this is no link"]),
        ("[b](data:text/html,x)", ["this is no link"]),
        ("[b](noise is positive.md)", ["this is no link"]),
        ("[](noise-is-positive.md)", ["no words"]),
        ("*[](https://a.b)*", ["no words"]),
    ],
)  # fmt: skip
def test_a_link_that_leads_nowhere_is_told_at_its_place(
    make_registry: MakeRegistry, link: str, words: list[str]
) -> None:
    (told,) = said(make_registry({CLAIM: (SENTENCE, f"See {link} for more")}))
    line, column = map(int, told.split(":")[1:3])
    assert line == 16
    assert 7 <= column <= 7 + len(link)
    assert "in limits: " in told
    assert all(word in told for word in words), told


def test_a_link_by_reference_is_judged_where_its_address_stands(make_registry: MakeRegistry) -> None:
    (told,) = said(make_registry({CLAIM: (SENTENCE, "See [b][c].\n\n  [c]: noize-is-positive.md\n\n  Fails")}))
    assert told.startswith(f"{CLAIM}:18:8: in limits: no claim or open problem has the id 'noize-is-positive'")


@pytest.mark.parametrize(
    "link",
    [
        "[a](noise-is-positive.md)",
        "[a](../limits/noise-is-positive.yaml)",
        "[a](noise-is-positive.html#limits)",
        "[a](noise-is-positive.md#check-above-half)",
        "[a](noise-is-positive.md#relations)",
        "[a](noise-averages-out.md#use)",
        "[a](#use)",
        "[a](noise-in-the-dark.md#resolution)",
        "[a](HTTPS://example.org)",
        "[a](http://example.org/a_b?c=d#e)",
        "[a](MailTo:a@example.org)",
        "<https://example.org>",
        "<a@example.org>",
        "[$x$](noise-is-positive.md)",
        "[`x`](noise-is-positive.md)",
        "`[b](noize.md)`",
        "$[0, 1](x)$",
        r"\[b](noize",
        "[0, 1]",
    ],
)
def test_a_link_that_leads_somewhere_passes(make_registry: MakeRegistry, link: str) -> None:
    assert said(make_registry({CLAIM: (SENTENCE, f"See {link} for more")})) == []


@pytest.mark.parametrize(
    ("path", "old"),
    [
        (CLAIM, "title: Noise averages out"),
        (CLAIM, "  - independent draws"),
        (CLAIM, "    because: three standard errors of the mean of eight draws"),
        (CLAIM, "        why: the centre has moved by ten standard deviations"),
        (PROBLEM, "  - a measurement of $x$ that does not look at $x$"),
    ],
)
def test_links_of_every_text_are_judged(make_registry: MakeRegistry, path: str, old: str) -> None:
    (told,) = said(make_registry({path: (old, f"{old} [b](noize.md)")}))
    assert "no claim or open problem has the id 'noize'" in told


def test_a_link_to_a_file_that_cannot_be_read_is_not_blamed(make_registry: MakeRegistry) -> None:
    root = make_registry({CLAIM: (SENTENCE, "See [a](noise-is-positive.md#anything)"), OTHER: "title: [\n"})
    assert len(said(root)) == 1


def test_a_dead_link_is_for_lint_to_report(make_registry: MakeRegistry) -> None:
    assert load_registry(make_registry({CLAIM: (SENTENCE, "See [a](noize.md)")})).entries


@pytest.mark.parametrize(("name", "parts"), [("claim", CLAIM_PARTS), ("problem", PROBLEM_PARTS)])
def test_the_parts_of_a_page_are_those_that_its_template_writes(name: str, parts: tuple[str, ...]) -> None:
    template = (TEMPLATES / f"{name}.md.jinja").read_text(encoding="utf-8")
    written = set(re.findall(r'\{#([a-z-]+)\}|id="([a-z-]+)"', template))
    found = {first or second for first, second in written}
    assert found - set(OPTIONAL_PARTS) == set(parts)
