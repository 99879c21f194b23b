"""A page that was made lighter reads the same."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lawbook.publishing.lighten import lighten, lightened


def test_runs_of_blanks_with_a_line_break_become_one() -> None:
    assert lightened("<ul>\n\n      <li>a  b\n   c</li>\n</ul>") == "<ul>\n<li>a  b\nc</li>\n</ul>"


def test_a_blank_that_is_no_layout_stays() -> None:
    assert lightened("<p>a\n  \u00a0\u2003b</p>") == "<p>a\n\u00a0\u2003b</p>"


def test_text_that_is_set_as_it_stands_and_scripts_stay() -> None:
    kept = "<pre><code>a\n\n    b\n</code></pre>"
    script = "<script>let a = `\n\n   b`;</script>"
    assert lightened(f"<p>\n  x</p>\n\n  {kept}\n   {script}") == f"<p>\nx</p>\n{kept}\n{script}"


@given(st.lists(st.sampled_from(["<pre>", "</pre>", "<p>", "\n", "  ", "a", "<script>", "</script>"])))
def test_no_word_is_lost_or_joined_to_another(parts: list[str]) -> None:
    html = "".join(parts)
    assert lightened(html).split() == html.split()


def test_what_lies_around_the_article_is_written_in_fewer_signs_and_the_article_as_it_is() -> None:
    page = (
        '<header class="md-header"><li class="a b">x</li></header><article class="c"><p class="d">="e" </p></article>'
    )
    assert lightened(f"{page}<script></script>") == (
        '<header class=md-header><li class="a b">x</header><article class="c"><p class="d">="e" </p></article>'
        "<script></script>"
    )


def test_files_that_no_page_asks_for_go_and_all_others_stay(tmp_path: Path) -> None:
    kept = ("assets/javascripts/bundle.js", "assets/styles/page.css", "index.html", "data/x/a.map")
    for name in (*kept, "assets/javascripts/lunr/min/lunr.de.js", "assets/javascripts/bundle.js.map"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("<p>a</p>")
    lighten(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(kept)


def test_the_address_of_a_heading_is_written_short_and_nothing_else_that_looks_like_it() -> None:
    mkdocs = '<h2 id="a">A<a class="headerlink" href="#a" title="Permanent link">&para;</a></h2>'
    assert lightened(mkdocs) == '<h2 id="a">A<a class=headerlink href=#a>¶</a></h2>'
    other = '<a class="headerlink" href="#a&quot;b" title="Permanent link">&para;</a>'
    assert lightened(other) == other
