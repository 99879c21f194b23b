"""A stranger's text becomes HTML that reads well and cannot run anything."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.prose import plain_text, render_inline, render_markdown

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://tracker.example/x.png)",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "<javascript:alert(1)>",
    '[x](https://a.example "\\" onmouseover=alert(1) x=\\"")',
    "[x]: javascript:alert(1)\n\n[x]",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<style>*{background:url(https://tracker.example)}</style>",
    '```"><script>alert(1)</script>\nx\n```',
    "```html onload=alert(1)\n</code></pre><script>1</script>\n```",
    r"$\href{javascript:alert(1)}{x}$",
    r"$\url{javascript:alert(1)}$",
    r"$\includegraphics{https://tracker.example/x.png}$",
    r"$\htmlClass{md-overlay}{x}$",
    r"$\htmlStyle{position:fixed}{x}$",
    r"$\htmlData{foo=1}{x}$",
    r"$\htmlId{x}{y}$",
    r"$\text{<script>alert(1)</script>}$",
    r'$\text{" onmouseover="alert(1)}$',
    r"$<img src=x onerror=alert(1)>$",
    r"$$\unicode{<script>}$$",
    r'$\color{red" onclick="alert(1)}x$',
    r"$\def\x{\href{javascript:alert(1)}{y}}\x$",
    "\ue0000\ue001 <script>",
    "$x$ \ue0007\ue001",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]
SAFE_TAGS = {
    "p",
    "br",
    "hr",
    "em",
    "strong",
    "code",
    "pre",
    "blockquote",
    "ul",
    "ol",
    "li",
    "a",
    "h4",
    "h5",
    "h6",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "span",
    "div",
    "math",
    "semantics",
    "annotation",
    "mrow",
    "mi",
    "mo",
    "mn",
    "ms",
    "mtext",
    "mspace",
    "msup",
    "msub",
    "msubsup",
    "mover",
    "munder",
    "munderover",
    "mfrac",
    "msqrt",
    "mroot",
    "mstyle",
    "mtable",
    "mtr",
    "mtd",
    "mpadded",
    "mphantom",
    "menclose",
    "svg",
    "path",
    "line",
}


class Inspector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SAFE_TAGS:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name in ("src", "srcset", "srcdoc", "action", "formaction", "id"):
                self.faults.append(f"{name}={value}")
            if name == "href" and (tag != "a" or address.split(":")[0] in ("javascript", "data", "vbscript")):
                self.faults.append(f"{tag} {name}={value}")
            if name == "style" and ("url(" in address or "position:fixed" in address.replace(" ", "")):
                self.faults.append(f"{name}={value}")


def faults(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.faults


@pytest.mark.parametrize("payload", PAYLOADS)
def test_an_attack_in_a_claim_comes_out_harmless(payload: str) -> None:
    assert faults(render_markdown(payload)) == []
    assert faults(render_inline(payload)) == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*PAYLOADS, "$", "`", "\n\n", "x", "](", '"', "\\", "    "]), max_size=6))
def test_no_mixture_of_attacks_gets_through(pieces: list[str]) -> None:
    assert faults(render_markdown("".join(pieces))) == []


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_renders_without_anything_that_runs(text: str) -> None:
    assert faults(render_markdown(text)) == []
    assert faults(render_inline(text)) == []


def test_formulas_stand_where_they_were_written() -> None:
    html = render_markdown("Sharpness $\\lambda$ reaches *twice* the inverse of $\\eta$.\n\n$$\\lambda = 2/\\eta$$")
    assert html.index("Sharpness") < html.index("λ") < html.index("<em>twice</em>") < html.index("η")
    assert html.count('class="katex"') == 3
    assert "katex-display" in html


def test_inline_text_has_no_paragraph_and_keeps_math_in_code_apart() -> None:
    assert render_inline("costs `$5$`") == "costs <code>$5$</code>"


def test_a_formula_that_katex_refuses_shows_as_marked_code() -> None:
    html = render_inline(r"$\frac{1$ and <b>")
    assert 'class="lb-bad-math"' in html
    assert r"\frac{1" in html
    assert "&lt;b&gt;" in html


def test_headings_stay_below_those_of_the_page() -> None:
    assert render_markdown("# Big") == "<h4>Big</h4>"


def test_web_links_stay_and_carry_no_referrer_power() -> None:
    html = render_inline("[paper](https://arxiv.org/abs/2604.21691)")
    assert 'href="https://arxiv.org/abs/2604.21691"' in html
    assert 'rel="noopener' in html


def test_plain_text_keeps_words_and_formulas_without_marks() -> None:
    assert plain_text("*Twice* $2/\\eta$\nand\n\n- `code`") == "Twice 2/\\eta and code"


@pytest.mark.parametrize(
    ("text", "told"),
    [("$a*b*c$", "a*b*c"), ("$[a](b)$", "[a](b)"), (r"costs \$5 or $2/\eta$", "costs $5 or 2/η"), ("$1. x$", "1. x")],
)
def test_plain_text_with_symbols_reads_no_formula_as_marks(text: str, told: str) -> None:
    assert plain_text(text, symbols=True) == told


def test_a_line_of_text_may_end_after_a_roomy_comma_of_a_formula() -> None:
    def places(formula: str) -> int:
        return render_inline(formula).count(r",\ \allowbreak ")

    assert places(r"$\max(\text{one},\ \text{two},\ \text{three})$") == 2
    assert places(r"$f(x, y)$") == 0


def test_what_is_no_part_of_the_language_shows_as_it_was_written() -> None:
    assert render_inline("<b>x</b>") == "&lt;b&gt;x&lt;/b&gt;"
    assert render_inline("![x](https://a.example)").startswith("!<a ")
    assert render_inline("[x](javascript:y) [z](ftp://a)") == "[x](javascript:y) [z](ftp://a)"
    assert render_markdown("```js onload=x\ny\n```") == "<pre><code>y\n</code></pre>"


def test_the_reason_against_a_formula_stays_in_its_attribute() -> None:
    html = render_inline("$é$")
    assert html.count('"') == 4
    assert "&quot;é&quot;" in html


def test_what_a_formula_is_said_to_mean_stays_in_its_attribute() -> None:
    html = render_markdown("$x$", lambda tex: '"><script>\u202e')
    assert 'title="&quot;&gt;&lt;script&gt;⟨U+202E⟩"' in html
    assert faults(html) == []
