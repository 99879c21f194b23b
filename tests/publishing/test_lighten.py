"""A page that was made lighter reads the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lawbook.publishing.lighten import lightened


def test_runs_of_blanks_with_a_line_break_become_one() -> None:
    assert lightened("<ul>\n\n      <li>a  b\n   c</li>\n</ul>") == "<ul>\n<li>a  b\nc</li>\n</ul>"


def test_text_that_is_set_as_it_stands_and_scripts_stay() -> None:
    kept = "<pre><code>a\n\n    b\n</code></pre>"
    script = "<script>let a = `\n\n   b`;</script>"
    assert lightened(f"<p>\n  x</p>\n\n  {kept}\n   {script}") == f"<p>\nx</p>\n{kept}\n{script}"


@given(st.lists(st.sampled_from(["<pre>", "</pre>", "<p>", "\n", "  ", "a", "<script>", "</script>"])))
def test_no_word_is_lost_or_joined_to_another(parts: list[str]) -> None:
    html = "".join(parts)
    assert lightened(html).split() == html.split()
