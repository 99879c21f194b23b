"""Formulas become MathML at build time, and a bad one is reported at its place."""

import re
from pathlib import Path

import pytest

from lawbook.prose import BadMath, MathError, bad_math, check_math, render_math
from lawbook.prose import math as engine

SCRIPT = Path(__file__).parents[2] / "site/assets/scripts/formulas.js"


def test_a_formula_comes_as_mathml_with_its_latex() -> None:
    assert render_math(r"\lambda_{\max} \to 2/\eta") == (
        r'<span class="katex" data-tex="\lambda_{\max} \to 2/\eta"><math><msub><mi>λ</mi>'
        '<mi mathvariant="normal">max</mi></msub><mo>→</mo><mn>2</mn><mi>/</mi><mi>η</mi></math></span>'
    )


def test_a_display_is_told_from_a_formula_in_a_line() -> None:
    assert render_math("x", display=True).startswith('<span class="katex-display"><span class="katex" data-tex="x">')
    assert '<math display="block">' in render_math("x", display=True)
    assert "display" not in render_math("x")


def test_the_browser_draws_within_the_limits_that_held_here() -> None:
    def limits(text: str) -> list[str]:
        return sorted(re.findall(r"maxExpand: \d+|maxSize: \d+|throwOnError: \w+|strict: \S+(?=,)", text))

    ours = limits(Path(engine.__file__).read_text(encoding="utf-8"))
    assert len(ours) == 4
    assert limits(SCRIPT.read_text(encoding="utf-8")) == ours


def test_what_would_be_too_large_once_drawn_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tex = r"\overbrace{x}" * 190
    mathml = engine._typeset(tex, True, "mathml")
    assert len(render_math(tex, display=True)) < len(mathml)
    monkeypatch.setattr(engine, "LONGEST_OUTPUT", len(mathml))
    engine._render.cache_clear()
    with pytest.raises(MathError, match="too large"):
        render_math(tex, display=True)
    engine._render.cache_clear()


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\frac{1", "end of input"),
        (r"\nosuchcommand", r"\nosuchcommand"),
        (r"\href{https://a.example}{x}", "not allowed"),
        (r"\includegraphics{x}", "not allowed"),
        (r"\neq" * 600, "expansions"),
        (r"\def\a{\a\a}\a", r"as \def does; write out"),
        (r"x \newcommand{\y}{z} \y", r"as \newcommand does"),
        (r"\let\le=\ge a \le b", r"as \let does"),
        ("é", "é"),
        ("x" * 5000, "limit"),
    ],
)
def test_a_refused_formula_says_why(tex: str, said: str) -> None:
    with pytest.raises(MathError, match=r".") as caught:
        render_math(tex)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{1}{2",
        r"\nosuchcommand",
        r"\href{https://a.example}{x}",
        r"\def\a{\a\a}\a",
        "é",
        "x" * 5000,
        r"a_1_2",
        r"\left( x",
        r"\middle| x",
        r"\tag{1} x",
        r"\begin{align} x \end{align}",
        r"\begin{nowhere} x \end{nowhere}",
        r"\kern 1furlong",
        r"\big x",
        r"\char1 ",
        r'\char"D800 ',
        r"\def\a{" + "x" * 3000 + "}" + r"\def\b{" + r"\a" * 40 + "}" + r"\b" * 10,
        "{" * 1900 + "x" + "}" * 1900,
    ],
)
def test_checking_refuses_what_typesetting_refuses_and_in_the_same_words(tex: str) -> None:
    with pytest.raises(MathError) as typeset:
        render_math(tex)
    with pytest.raises(MathError) as checked:
        check_math(tex)
    assert (str(checked.value), checked.value.position) == (str(typeset.value), typeset.value.position)


@pytest.mark.parametrize("tex", [r"\sqrt[3]{x}", "x" * 3999, r"\begin{aligned} a &= b \end{aligned}", r"\tag{1} x"])
def test_checking_lets_pass_what_can_be_typeset(tex: str) -> None:
    check_math(tex, display=True)
    assert "katex" in render_math(tex, display=True)


def test_a_macro_bomb_is_stopped_and_the_next_formula_still_works() -> None:
    bomb = r"\def\a{" + "x" * 3000 + "}" + r"\def\b{" + r"\a" * 40 + "}" + r"\b" * 10
    assert isinstance(engine._typeset(bomb, False, "html"), tuple)  # were definitions let in
    with pytest.raises(MathError, match="defines no commands"):
        render_math(bomb)
    assert "katex" in render_math("y")


def test_deep_nesting_is_an_error_and_not_a_crash() -> None:
    with pytest.raises(MathError):
        render_math("{" * 1900 + "x" + "}" * 1900)
    assert "katex" in render_math("z")


def test_sizes_are_capped_so_that_a_formula_cannot_cover_the_page() -> None:
    assert "1000em" not in render_math(r"\rule{1000em}{1000em}").replace(r"\rule{1000em}{1000em}", "")


@pytest.mark.parametrize(
    "tex",
    [
        r"\raisebox{-40em}{\text{confirmed}}",
        r"\raisebox{4em}{\raisebox{4em}{x}}",
        r"a\kern-100em b",
        r"\Huge\raisebox{4em}{x}",
        r"\genfrac{}{}{-100em}{}{a}{b}",
        r"a\hspace{-3cm}b",
        r"\mkern-2000mu b",
        r"\rule[-100em]{1em}{1em}",
        r"\rlap{\text{over its neighbours}}",
        r"\mathllap{\underbrace{abcdefghijklm}}",
        r"\smash{\begin{matrix}a\\b\\c\\d\\e\\f\end{matrix}}",
        r"\begin{matrix}a\\[-100em]b\end{matrix}",
        r"a\\[-100em]b",
        r"\kern-4em\kern-4em b",
        r"\!" * 40,
    ],
)
def test_no_formula_lies_over_what_stands_around_it(tex: str) -> None:
    for judge in (check_math, render_math):
        with pytest.raises(MathError, match="out of their places"):
            judge(tex)


@pytest.mark.parametrize(
    "tex",
    [
        r"\!\left(\frac{1}{2}\right)\!",
        r"\sum_{\mathclap{1\le i<j\le n}} x",
        r"a \neq b \notin C \not\subset D",
        r"\smash{\hat x}",
        r"\raisebox{.5ex}{$x$}",
        r"\begin{aligned}a&=b\\[-1ex]c&=d\end{aligned}",
        r"\bra{x}\ket{y}\iiint\dddot x\cfrac{1}{1+\cfrac{1}{2}}",
    ],
)
def test_what_moves_a_little_is_set(tex: str) -> None:
    check_math(tex)
    assert render_math(tex)


@pytest.mark.parametrize("tex", [r"\color{white}x", r"\textcolor{transparent}x", r"\colorbox{red}x", r"\blue{x}"])
def test_no_formula_hides_by_colour(tex: str) -> None:
    for judge in (check_math, render_math):
        with pytest.raises(MathError, match="colours of its page"):
            judge(tex)


@pytest.mark.parametrize(
    ("tex", "command"),
    [
        (r"a \html@mathml{<}{>} b", r"\html@mathml"),
        (r"\@char{8238}ab", r"\@char"),
    ],
)
def test_eyes_and_ears_are_told_the_same(tex: str, command: str) -> None:
    for judge in (check_math, render_math):
        with pytest.raises(MathError) as caught:
            judge(tex)
        assert (str(caught.value), caught.value.position) == (f"{command} is no command of LaTeX", tex.find(command))


def test_a_sign_behind_a_line_end_is_no_command_of_katex() -> None:
    check_math(r"\begin{matrix}a\\@b\end{matrix}")
    check_math(r"\begin{CD}a @>>> b\end{CD}", display=True)


@pytest.mark.parametrize("tex", [r'x\char"202E ab', r"x\char 8203 y", r"x\char`\^^^^200b"])
def test_no_formula_writes_a_character_that_nobody_sees(tex: str) -> None:
    for judge in (check_math, render_math):
        with pytest.raises(MathError):
            judge(tex)


def test_good_text_has_no_bad_math() -> None:
    assert bad_math("A $x$ costs \\$5, `$y` and\n\n$$\nz^2\n$$\n") == []


def test_a_bad_formula_is_reported_at_its_line_and_column() -> None:
    text = "fine $x$ here\n\n- then $y + \\oops$ breaks\n"
    assert bad_math(text) == [BadMath(3, 13, r"Undefined control sequence: \oops")]


def test_a_bad_display_formula_is_reported_inside_the_display() -> None:
    found = bad_math("text\n\n$$\na\n+ \\oops\n$$\n")
    assert [(bad.line, bad.column) for bad in found] == [(5, 3)]


def test_the_second_of_two_equal_formulas_is_found_too() -> None:
    assert [bad.column for bad in bad_math(r"$\oops$ and $\oops$")] == [2, 14]


def test_a_dollar_sign_that_belongs_to_no_formula_is_reported() -> None:
    (bad,) = bad_math("`$` and \\$ and $x$ but\nalone $ here")
    assert (bad.line, bad.column) == (2, 7)
    assert r"\$" in bad.message


@pytest.mark.parametrize("tex", ["🚀", r"\text{🚀}", r"\frac{𝒩", r"\operatorname{🚀 x}", "x^🚀", r"\tag{🚀}", "𝔼"])
@pytest.mark.parametrize("display", [False, True])
def test_characters_of_every_plane_come_out_whole_or_are_refused_in_words(tex: str, display: bool) -> None:
    try:
        said = render_math(tex, display)
    except MathError as error:
        said = str(error)
    said.encode()
