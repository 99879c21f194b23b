"""Formulas in short hold every letter of KaTeX's own, in its order, at the places that its boxes give them."""

from __future__ import annotations

import json
import re

import pytest

from lawbook.prose.light_math import STRUT, light_math
from lawbook.prose.math import _engine

FORMULAS = [
    r"\xi^{-1} = -\ln \chi(c^*)",
    r"\sqrt{\frac{a_i^2}{b}} + \sqrt[3]{x}",
    r"\sum_{i=1}^n x_i \le \int_0^\infty f(x)\,dx",
    r"\left(\begin{pmatrix} 1 & c \\ c & 1 \end{pmatrix}\right)",
    r"\hat{x}\,\overline{xyz}\,\widehat{abc}\underbrace{a+b}_{n}",
    r"\text{for all } x \in \mathbb{R}, \mathcal{N}, \mathbf{w}",
    r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
    r"\rlap{x}y\llap{z}w \smash{\frac12}",
    r"{\Huge x}{\tiny y}",
]


def katex(tex: str) -> str:
    html = json.loads(_engine().get("render")(tex, True))["html"]
    found = re.fullmatch(r'.*?<span class="katex-html" aria-hidden="true">(.*)</span></span></span>', html, re.DOTALL)
    assert found
    return found[1]


def letters(html: str) -> str:
    return re.sub(r"<[^>]*>|[\u200b\s]", "", html)


@pytest.mark.parametrize("tex", FORMULAS)
def test_every_letter_stays_in_its_order_and_every_drawing(tex: str) -> None:
    whole = katex(tex)
    short = light_math(whole)
    assert letters(short) == letters(whole)
    assert re.findall(r' d="([^"]*)"', short) == re.findall(r' d="([^"]*)"', whole)
    assert len(short) < 0.6 * len(whole)


def test_a_box_of_a_stack_is_as_far_above_the_line_as_it_was() -> None:
    found = re.search(r'style="top:(-[\d.]+)em;[^"]*"><span class="pstrut" style="height:([\d.]+)em', katex("x^2"))
    assert found
    short = re.search(r"style=top:(-[\d.]+)em", light_math(katex("x^2")))
    assert short
    assert float(short[1]) + STRUT == pytest.approx(float(found[1]) + float(found[2]), abs=1e-3)


def test_a_relation_between_equal_spaces_is_one_box_and_one_at_an_end_is_not() -> None:
    assert "<i class=r>=</i>" in light_math(katex("a = b"))
    assert "=<i class=e></i>" not in light_math(katex("a = b"))
    assert "<i class=r>" not in light_math(katex("= b"))


@pytest.mark.parametrize(
    ("tex", "given"), [(r"f(\eta)", 0), (r"w_{t+1}", 0), (r"\frac{a}{b}", 1), (r"\sum_{i=1}^n x", 1)]
)
def test_a_piece_of_the_line_has_a_height_where_letters_have_no_room_for_it(tex: str, given: int) -> None:
    assert light_math(katex(tex)).count("--h:") == given
