"""Formulas as a terminal shows them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lawbook.prose.plain_math import plain_formula, set_formulas
from lawbook.prose.plain_symbols import FUNCTIONS
from lawbook.registry.load import load_registry

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("tex", "plain"),
    [
        (r"\lambda_{\max}(\nabla^2 L) \to 2/\eta", "λₘₐₓ(∇² L) → 2/η"),
        (r"\frac{1}{n} \sum_{i=1}^{n} x_i", "1/n ∑ᵢ₌₁ⁿ xᵢ"),
        (r"\frac{a+b}{2ηλ}", "(a+b)/(2ηλ)"),
        (r"\tfrac12", "1/2"),
        (r"\hat w", "\u0175"),
        (r"\mathbb E\,\lVert W x \rVert^2", "𝔼 ‖W x‖²"),
        (r"\mathcal N(0, g^2/n)", "𝒩(0, g²/n)"),
        (r"x^{-\alpha/d}", "x^(−α/d)"),
        (r"\sqrt{2\eta\lambda}", "√(2ηλ)"),
        (r"\sqrt[3]{x}", "³√x"),
        (r"\log x, \log\eta, \max(a)", "log x, log η, max(a)"),
        (r"W_{l+1}^\top W_{l+1}", "Wₗ₊₁ᵀ Wₗ₊₁"),
        (r"\text{NC1} \le 0.1", "NC1 ≤ 0.1"),
        (r"\left(\frac{a}{b}\right)'", "(a/b)′"),
        (r"n^{W}_{\mathrm{HB}} \unheardof", "nᵂ_(HB) unheardof"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "a = b ; c = d"),
        (r"{unbalanced", "{unbalanced"),
        ("{" * 500 + "x" + "}" * 500, "{" * 500 + "x" + "}" * 500),
    ],
)
def test_a_formula_reads_as_one_would_write_it_without_latex(tex: str, plain: str) -> None:
    assert plain_formula(tex) == plain


def test_only_formulas_are_changed() -> None:
    text = r"costs 5 \$, a_b stays, and $\alpha_1$ too: $$x^2$$ done"
    assert set_formulas(text) == "costs 5 $, a_b stays, and α₁ too: x² done"
    assert set_formulas("no formula, one \\$ sign") == "no formula, one $ sign"


def test_every_command_of_the_book_has_a_sign() -> None:
    registry = load_registry(REPOSITORY)
    for entry in registry.entries.values():
        content = entry.content
        texts = [str(getattr(content, name, "")) for name in ("prediction", "statement", "question", "limits", "known")]
        for formula in re.findall(r"\$\$?([^$]+)\$", "\n".join(texts)):
            plain = plain_formula(formula)
            unknown = set(re.findall(r"\\([A-Za-z]{3,})", formula)) & set(re.findall(r"[A-Za-z]{3,}", plain))
            assert "\\" not in plain, formula
            assert unknown <= {function.removeprefix("\\") for function in FUNCTIONS}, formula
