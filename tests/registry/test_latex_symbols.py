from __future__ import annotations

import random

import pytest

from lawbook.registry.latex_symbols import bare, one_symbol, symbols_in, symbols_of_text


def told(formula: str) -> list[str]:
    """The symbols of a formula as they are written, each once, words left out."""
    return list(dict.fromkeys(found.tex for found in symbols_in(formula) if not found.is_word))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\lambda_{\max}(\nabla^2 L) \to 2/\eta", [r"\lambda_{\max}", "L", r"\eta"]),
        (r"w_T = (1-\eta)^T w_0 - \eta\sum_t (1-\eta)^{T-1-t}u_t", ["w_T", r"\eta", "T", "w_0", "t", "u_t"]),
        (r"\dot w = -\nabla[L + \tfrac12\langle\Sigma,\nabla^2 L\rangle]", [r"\dot w", "L", r"\Sigma"]),
        (r"L(\text{epoch};\ kB, k\eta)", ["L", "k", "B", r"\eta"]),
        (r"\mathrm{rms}(\Delta z_l) \propto n^{0}", [r"\Delta z_l", "n"]),
        (r"\Delta(B) = \Delta_{\max}/(1+\mathcal{B}/B)", [r"\Delta", "B", r"\Delta_{\max}", r"\mathcal{B}"]),
        (r"\operatorname{tr}(H\Sigma)/g^\top Hg", ["H", r"\Sigma", "g"]),
        (r"\tilde L = L + \tfrac{\eta}{4}\|\nabla L\|^2", [r"\tilde L", "L", r"\eta"]),
        (r"\lVert \hat K - K \rVert_F / \lVert K \rVert_F \propto n^{-1/2}", [r"\hat K", "K", "n"]),
        (r"\frac{d}{dt}\bigl(W_{l+1}^\top W_{l+1} - W_l W_l^\top\bigr) = 0", ["t", "W_{l+1}", "W_l"]),
        (r"\frac{\mathrm{d}w}{\mathrm{d}\tau}", ["w", r"\tau"]),
        (r"\mathcal E_0 \bigl(\sum_i (1-\mathcal L_i)^2 v_i^2\bigr)", [r"\mathcal E_0", r"\mathcal L_i", "v_i"]),
        (r"t_{1/2}(k) = \ln 2 / (-\ln(1-\eta\lambda_k))", ["t_{1/2}", "k", r"\eta", r"\lambda_k"]),
        (r"C^{-\alpha_N\alpha_t/(\alpha_N+\alpha_t)}", ["C", r"\alpha_N", r"\alpha_t"]),
        (r"\angle(w(t), \hat w) = O(1/\log t), \quad e^{-l/\xi}", ["w", "t", r"\hat w", "l", r"\xi"]),
        (r"\begin{cases} a, & p \le n \\[2ex] b \end{cases}", ["a", "p", "n", "b"]),
        (r"\mathbb E[x] = \pi + \infty", ["x"]),
        (r"\max(\text{untrained},\ \text{shuffled})", []),
    ],
)  # fmt: skip
def test_a_prediction_is_read_symbol_by_symbol(formula: str, expected: list[str]) -> None:
    assert told(formula) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (r"\lambda_k", r"\lambda_i"),
        ("W_l", r"W_{l+1}"),
        (r"\mathbf w", "w"),
        (r"\boldsymbol{\theta}", r"\theta"),
        (r"L_{\mathrm{test}}", r"L_{\text{test}}"),
        (r"\mu_\star", r"\mu_*"),
        (r"\mathcal{L}_i", r"\mathcal L_j"),
        (r"\widehat w", r"\hat{w}"),
    ],
)
def test_two_ways_to_write_a_symbol_are_one(one: str, other: str) -> None:
    assert one_symbol(one) == one_symbol(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("n", "N"),
        (r"\lambda", r"\lambda_k"),
        ("w", r"\hat w"),
        (r"\eta", r"\eta^*"),
        (r"\sigma_w", r"\sigma_b"),
        (r"\theta_{\mathrm{GD}}", r"\theta_{\mathrm{HB}}"),
        (r"\mathcal L", "L"),
        (r"\mathrm{d}", "d"),
        (r"\varphi", r"\phi"),
    ],
)
def test_what_differs_by_more_than_writing_is_not(one: str, other: str) -> None:
    assert one_symbol(one) != one_symbol(other)


@pytest.mark.parametrize("formula", [r"\eta\lambda", "w^2", "2", "", r"\frac{a}{b}", "a = b", "_i", r"\lambda_k t"])
def test_what_is_more_or_less_than_a_symbol_has_no_name(formula: str) -> None:
    assert one_symbol(formula) is None


def test_a_symbol_at_some_time_may_go_by_its_bare_name() -> None:
    for formula in ("w_0", "w_T", "w_t", "w_{t+1}"):
        (found,) = symbols_in(formula)
        assert "w" in found.names
    (labelled,) = symbols_in(r"w_{\mathrm{GD}}")
    assert "w" not in labelled.names
    (layer,) = symbols_in("W_2")
    assert one_symbol("W_l") in layer.names


def test_a_symbol_may_be_written_with_or_without_dollar_signs() -> None:
    assert bare(r" $\eta$ ") == bare(r"\eta") == r"\eta"


def test_places_count_from_the_beginning_of_the_text() -> None:
    text = "costs \\$5, but $a + \\hat{b}^{c_1}$ and\n$$d$$"
    found = list(symbols_of_text(text))
    assert [text[symbol.start :][: len(symbol.tex)] for symbol in found] == ["a", r"\hat{b}", "c_1", "d"]


def test_no_formula_of_a_stranger_breaks_the_reader() -> None:
    draw = random.Random(0)
    pieces = [
        *"{}_^'ade O([*1$",
        r"\hat",
        r"\Delta",
        r"\frac",
        r"\text",
        r"\\",
        r"\dot",
        r"\begin",
        r"\mathbb",
        r"\operatorname",
    ]
    for _ in range(3_000):
        formula = "".join(draw.choice(pieces) for _ in range(draw.randint(1, 14)))
        for found in symbols_in(formula):
            assert formula[found.start :].startswith(found.tex)
    for deep in (
        "{" * 4_000,
        r"\hat" * 1_000,
        r"\hat{" * 800,
        r"\Delta" * 800,
        "a^{" * 1_000,
        r"\frac{" * 700,
    ):
        symbols_in(deep)
