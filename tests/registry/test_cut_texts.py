"""A text that a comment has cut is told at the '#'; a comment that cuts nothing is nobody's mistake."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.registry.json_schema import json_schema
from lawbook.registry.load import lint
from lawbook.registry.mathematics import is_prose
from lawbook.registry.models import Claim, Problem

CLAIM = "claims/laws/noise-averages-out.yaml"
PROBLEM = "claims/open-problems/noise-in-the-dark.yaml"
TINY = Path(__file__).parents[1] / "tiny_registry"
ORIGINAL = (TINY / CLAIM).read_text(encoding="utf-8")
CUT = 'everything after " #" is a comment; put the text in quotes'
MakeRegistry = Callable[[Mapping[str, object]], Path]


def said(root: Path) -> list[str]:
    return [str(diagnostic) for diagnostic in lint(root)]


def place_of_hash(text: str) -> str:
    before = text[: text.index("#", text.index("\n"))]  # behind the line that names the schema
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


BECAUSE = "because: three standard errors of the mean of eight draws"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - independent draws", "  - draws of batch #2 are independent"),
        (BECAUSE, "because: see issue #12, three standard errors"),
        (BECAUSE, "because: see issue\t#12, three standard errors"),
        (BECAUSE, "because: see issue #12, three\n      standard errors"),
        (BECAUSE, "because: three standard\n      errors #12, see there"),
        (BECAUSE, "because: three standard\n      # of the mean\n      errors"),
        (BECAUSE, "because: #12, three standard errors"),
        (BECAUSE, "because: #"),
        ("  - independent draws", "  - #2 is independent"),
        ("  - independent draws", "  - draws of\n    batch #2\n    are independent"),
        ("title: Noise averages out", "title: Noise #1 averages out"),
        ("note: section III}", "note: section #3}"),
        ("note: section III}", "note: section #3\n    }"),
        ("note: section III}", "note: #3\n    }"),
        ("why: the centre has moved by", "why: as in #3"),
        ("use: |\n  Average more seeds before believing a difference.", "use: # 3"),
    ],
)
def test_a_text_that_a_comment_cuts_is_told_at_the_comment(make_registry: MakeRegistry, old: str, new: str) -> None:
    spoiled = ORIGINAL.replace(old, new, 1)
    assert spoiled != ORIGINAL
    assert said(make_registry({CLAIM: spoiled})) == [f"{CLAIM}:{place_of_hash(spoiled)}: {CUT}"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: theorem", "kind: theorem  # theorem | limit"),
        ("title: Noise averages out", "title: 'Noise #1 averages out'  # the first"),
        ("title: Noise averages out", 'title: "Noise averages out"  # the first'),
        ("title: Noise averages out", "title: Noise#1 averages out"),
        ("limits: |", "limits: |  # where it fails"),
        ("Fails for heavy tails", "Fails for #1 heavy tails"),
        ("regime:\n", "regime:  # where it holds\n  # one a line\n"),
        ("confidence: 0.95", "confidence: 0.95  # as usual"),
        ("params: {centre: 0.0}}", "params: {centre: 0.0}}  # at zero"),
        ("role: origin}", "role: origin}  # the first"),
        ("name: shifted", "name: shifted  # by one"),
        ("title: Noise averages out", "# title\ntitle: Noise averages out\n# kind"),
        ("checks:\n", "contributors: []  # nobody\nchecks:\n"),
    ],
)
def test_a_comment_that_cuts_no_text_is_fine(make_registry: MakeRegistry, old: str, new: str) -> None:
    spoiled = ORIGINAL.replace(old, new, 1)
    assert spoiled != ORIGINAL
    assert said(make_registry({CLAIM: spoiled})) == []


def test_the_texts_of_an_open_problem_are_judged_too(make_registry: MakeRegistry) -> None:
    root = make_registry({PROBLEM: ("a measurement of $x$ that", "the prize #7 measurement of $x$ that")})
    assert said(root) == [f"{PROBLEM}:10:15: {CUT}"]


def test_a_comment_above_a_line_that_is_out_of_step_is_not_blamed(make_registry: MakeRegistry) -> None:
    (only,) = said(make_registry({CLAIM: ("kind: theorem", "kind: theorem  # of many\n kid: x")}))
    assert CUT not in only


@pytest.mark.parametrize("model", [Claim, Problem])
def test_every_free_text_of_the_models_is_judged_as_prose(model: type[Claim | Problem]) -> None:
    """A text that is neither a key of the bibliography nor a code is one that people read."""
    schema = json_schema(model)
    free = {
        (owner, name)
        for owner, part in (("", schema), *schema["$defs"].items())
        for name, field in part.get("properties", {}).items()
        if json.dumps({"pattern": "\\S"})[1:-1] in json.dumps(field)
    }
    # The answers are called as what they speak of, which elsewhere is no text.
    paths = {("checks", 0, "answers", name) if owner == "Answers" else (name,) for owner, name in free}
    assert {path for path in paths if not is_prose(path)} <= {("cite",), ("directions",), ("symbol",)}


@given(words=st.text("abc #'\":,$\\", min_size=1, max_size=20))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_loses_its_end_in_silence(tiny_registry: Path, words: str) -> None:
    """Whatever is written after `because: `, what stands behind a hash is read as text or told as lost."""
    from lawbook.registry.load import load_registry

    text = f"x{words}y"
    (tiny_registry / CLAIM).write_text(ORIGINAL.replace(BECAUSE, f"because: {text}"), encoding="utf-8")
    if not said(tiny_registry):
        read = load_registry(tiny_registry).entries["noise-averages-out"].checks[0].because
        assert "".join(read.split()) == "".join(text.split())
