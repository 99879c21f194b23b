"""MathML in short says and shows what KaTeX meant, and is something that browsers set."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from lawbook.prose import render_math
from lawbook.prose.light_mathml import light_mathml

CHILDREN = {"msub": 2, "msup": 2, "munder": 2, "mover": 2, "mfrac": 2, "mroot": 2, "msubsup": 3, "munderover": 3}


def inside(tex: str, display: bool = False) -> str:
    found = re.search("<math[^>]*>(.*)</math>", render_math(tex, display))
    assert found
    return found[1]


def tree(tex: str) -> Element:
    return ElementTree.fromstring(f"<math>{inside(tex, display=True)}</math>")


@pytest.mark.parametrize(
    "tex",
    [
        r"x_{\max}^2 + \frac{\log}{2} + \hat{\max} + \sqrt[\max]{\min}",
        r"\operatorname*{arg\,max}_x f + \lim_{n \to \infty} a_n + y^{\exp}",
        r"\sum_{\min}^{\max} \underset{\min}{\max} \left(\frac{a}{b}\right)",
    ],
)
def test_every_element_has_as_many_children_as_browsers_ask_for(tex: str) -> None:
    counted = [(part.tag, len(part)) for part in tree(tex).iter() if part.tag in CHILDREN]
    assert counted
    assert [(tag, CHILDREN[tag]) for tag, _ in counted] == counted


def test_no_sign_holds_other_elements() -> None:
    signs = list(tree(r"a \stackrel{d}{=} b \overset{a}{\sim} c \bmod 2").iter("mo"))
    assert signs
    assert not any(len(sign) for sign in signs)


def test_a_word_in_upright_letters_is_one_name() -> None:
    assert inside(r"\mathrm{NC1} + x") == '<mrow><mi mathvariant="normal">NC</mi><mn>1</mn></mrow><mo>+</mo><mi>x</mi>'
    assert inside(r"w_{\mathrm{out}}") == '<msub><mi>w</mi><mi mathvariant="normal">out</mi></msub>'


def test_upright_is_said_of_letters_that_would_slant_and_of_names_alone() -> None:
    assert inside(r"\mathrm{d}x") == '<mi mathvariant="normal">d</mi><mi>x</mi>'
    assert inside(r"\infty/\Gamma") == "<mi>∞</mi><mi>/</mi><mi>Γ</mi>"
    assert inside(r"\log") == '<mi mathvariant="normal">log</mi>'
    assert inside(r"\mathbb{R}") == '<mi mathvariant="double-struck">R</mi>'


def test_a_function_stands_off_its_argument_and_not_off_a_bracket() -> None:
    assert '<mo rspace=".17em">\u2061</mo><mi>x</mi>' in inside(r"\log x")
    assert "<mo>\u2061</mo><mo>(</mo>" in inside(r"\log(x)")


def test_brackets_keep_their_size_beside_what_is_taller_than_letters() -> None:
    assert inside("f(x)") == "<mi>f</mi><mo>(</mo><mi>x</mi><mo>)</mo>"
    assert inside(r"f(x) + \frac{a}{b}").count('<mo stretchy="false">') == 2
    assert inside(r"\left(\frac{a}{b}\right)").count("<mo>") == 2


def test_bars_that_enclose_are_no_relations() -> None:
    assert inside(r"\lvert x \rvert \mid \lVert y \rVert").replace(' stretchy="false"', "") == (
        "<mo>|</mo><mi>x</mi><mo>|</mo><mo>∣</mo><mo>‖</mo><mi>y</mi><mo>‖</mo>"
    )


def test_every_letter_stays_in_its_order() -> None:
    tex = r"\begin{aligned} a &= \frac{b}{c} \\ d^e &< \text{if } \mathbf{f} \end{aligned}"
    assert re.sub(r"<[^>]*>|\s", "", inside(tex)) == "a=bcde&lt;iff"


def test_a_character_that_no_page_may_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="character"):
        light_mathml("<mi>\x01</mi>")
