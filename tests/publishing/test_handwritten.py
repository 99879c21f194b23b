"""A formula of a hand-written page comes through Markdown as it was written."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import markdown
import pytest

from lawbook.publishing.handwritten import handwritten_pages

EXTENSIONS = ["attr_list", "md_in_html", "tables", "toc", "admonition"]


@pytest.mark.parametrize(
    "tex",
    [
        r"\mathbb{E}[x](t)",
        r"[a][b] \! [c]: d",
        r"\text{`a` and `b`}",
        r"\{a_1\} \_ b_2 \text{\_\_c\_\_}",
        r"x*y*z ~ a^{*}_{*}",
        r"\text{<b> \& \#1; 'x' \{: .wide \}}",
        r"\begin{matrix}a\\b\end{matrix}",
        r"\text{https://a.example}",
        "a\n\n  b\n- c",
    ],
)
def test_what_a_reader_copies_is_what_was_written(tmp_path: Path, tex: str) -> None:
    (tmp_path / "a.md").write_text(f"# T\n\nso $${tex}$$ and so\n", encoding="utf-8")
    ((_, page),) = handwritten_pages(tmp_path)
    html = markdown.markdown(page, extensions=EXTENSIONS)
    (told,) = re.findall(r'<span class="katex" data-tex="([^"]*)"><math', html)
    assert unescape(told) == tex
    assert "<a" not in html
    assert "<code" not in html
