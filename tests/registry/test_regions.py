"""Lint sees, before anything runs, which regions a claim's formulas give and where they give none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.load import lint, load_registry

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
TINY_REGISTRY = Path(__file__).parents[1] / "tiny_registry"


Tiny = Callable[..., Path]


@pytest.fixture
def tiny(make_registry: Make) -> Tiny:
    """Builds the tiny registry with another expectation of its first claim, whose centre is 8, its control's 1."""

    def build(expect: str, extra: str = "", rivals: str = "") -> Path:
        text = (TINY_REGISTRY / CLAIM).read_text()
        text = text.replace("{equals: 0.0, within: 0.3}", expect).replace("centre: 0.0", "centre: 8.0")
        text += f"        {extra}\n" if extra else ""
        return make_registry({CLAIM: text + (f"    {rivals}\n" if rivals else "")})

    return build


def test_every_arm_is_judged_at_its_own_parameters(tiny: Tiny) -> None:
    root = tiny(expect="{equals: 2 / centre, within: 10 %}", extra="judge_with: {centre: centre}")
    regions = load_registry(root).entries["noise-averages-out"].regions["centre", "quick"]
    assert regions.main == pytest.approx((0.225, 0.275))
    assert regions.predicted == pytest.approx(0.25)
    assert regions.controls["shifted"] == pytest.approx((1.8, 2.2))


def test_a_control_may_be_judged_with_other_values(tiny: Tiny) -> None:
    root = tiny(expect="{equals: 2 / centre, within: 10 %}", extra="judge_with: {centre: 4 * centre}")
    regions = load_registry(root).entries["noise-averages-out"].regions["centre", "quick"]
    assert regions.controls["shifted"] == pytest.approx((0.45, 0.55))


@pytest.mark.parametrize(
    ("expect", "extra", "words"),
    [
        ("{equals: 2 / cetnre, within: 1}", "", ["`cetnre` is no parameter", "did you mean 'centre'?"]),
        ("{equals: 2 / reached, within: 1}", "", ["`reached` is true or false", "calculates with numbers"]),
        ("{equals: 2 / (centre - 8), within: 1}", "", ["divides by zero at centre = 8"]),
        ("{equals: max(centre, 2), within: 1}", "", ["quoted"]),
        ("{equals: 2 / centre, within: 1}", "", ["changes `centre`", "judge_with"]),
        (
            "{equals: 2 / centre, within: 1}",
            "judge_with: {width: 2}",
            ["`width` is no name of the expectation"],
        ),
        ("{equals: 2 / centre, within: 1}", "judge_with: {centre: cetnre}", ["`cetnre` is no parameter"]),
        ("{between: [centre, 8]}", "judge_with: {centre: 1}", ["empty or a point"]),
    ],
)
def test_formulas_that_cannot_be_judged_are_told_at_their_place(
    tiny: Tiny, expect: str, extra: str, words: list[str]
) -> None:
    found = lint(tiny(expect=expect, extra=extra))
    told = "\n".join(map(str, found))
    assert all(word in told for word in words), told
    assert all(mistake.path == Path(CLAIM) and mistake.line > 5 for mistake in found), told


@pytest.mark.parametrize(
    ("rival", "word"),
    [
        ("{name: a, predicts: 0.24, why: b}", "meets what the rival predicts, 0.24"),
        ("{name: a, predicts: 2 / centre, why: b}", "meets what the rival predicts, 0.25"),
        ("{name: a, predicts: {at_least: 0.27}, why: b}", "meets what the rival predicts"),
        ("{name: a, predicts: 1 / cetnre, why: b}", "did you mean 'centre'?"),
        ("{name: a, why: b}", "either 'predicts'"),
        ("{name: a, predicts: 1, params: {centre: 2}, why: b}", "either 'predicts'"),
        ("{name: a, params: {cetnre: 2}, why: b}", "did you mean 'centre'?"),
        ("{name: a, params: {centre: 8}, why: b}", "same formula"),
        ("{name: shifted, predicts: 3, why: b}", "named 'shifted'"),
        ("{name: a, predicts: 3, why: b, cite: nobody1900}", "unknown citation"),
    ],
)
def test_a_rival_that_a_pass_would_not_exclude_is_refused(tiny: Tiny, rival: str, word: str) -> None:
    root = tiny(
        expect="{equals: 2 / centre, within: 10 %}",
        extra="judge_with: {centre: 1}",
        rivals=f"rivals: [{rival}]",
    )
    told = "\n".join(map(str, lint(root)))
    assert word in told


def test_a_rival_that_lies_outside_is_no_mistake(tiny: Tiny) -> None:
    rivals = "rivals: [{name: a, predicts: 4 / centre, why: b}, {name: c, params: {reached: false}, why: d}]"
    root = tiny(expect="{equals: 2 / centre, within: 10 %}", extra="judge_with: {centre: 1}", rivals=rivals)
    assert lint(root) == []
    regions = load_registry(root).entries["noise-averages-out"].regions["centre", "quick"]
    assert regions.predictions["a"] == pytest.approx((0.5, 0.5))
    assert regions.rivals["c"] == regions.main
