"""Each module of checkers has a page: its source whole and as text, a place for each checker, and who asks it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

import pytest

from lawbook.book import Book, open_book
from lawbook.publishing import checker_pages
from lawbook.publishing.edited import write_edited
from lawbook.publishing.generate import generate, text_files
from lawbook.publishing.light_pages import light
from lawbook.publishing.search_index import SEARCH_PATH
from lawbook.publishing.settings import DOCS_FOLDER, SiteSettings
from lawbook.registry.load import lint

Make = Callable[[Mapping[str, object]], Path]
MODULE = "checkers/laws/example.py"
PAGE = "checkers/laws/example.md"
CLAIM = "claims/laws/noise-averages-out.yaml"
CODE = re.compile(r"<pre tabindex=\"?0\"?><code>(.*?)</code></pre>", re.DOTALL)
SECOND = '''

# Said right above it.
@staticmethod
def second(trials: Trials, *, centre: float = 0.0, spread: float = 0.1) -> Measurement:
    """A checker of its own."""
    return _helper(trials)


def _helper(trials: Trials) -> Measurement:
    return Measurement([0.0] * len(trials))
'''
ASKS_SECOND = (
    "    checker: checkers.laws.example:centre_of_noise\n    observable: the draw $x$ itself\n    expect: {equals",
    "    checker: checkers.laws.example:second\n    observable: the draw $x$ itself\n    expect: {equals",
)


def stretches(page: str) -> list[str]:
    return [unescape(code) for code in CODE.findall(page)]


def with_more(root: Path, added: str) -> str:
    path = root / MODULE
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def test_the_page_of_a_module_holds_its_whole_source_and_says_who_asks_it(
    book: Book, site_settings: SiteSettings
) -> None:
    source = (book.registry.root / MODULE).read_text(encoding="utf-8")
    files = dict(text_files(book, site_settings))
    page = files[PAGE]
    before, checker = stretches(page)
    assert before + "\n\n\n" + checker + "\n" == source
    assert before.endswith("import Measurement, Panel, Trials")
    assert checker.startswith("def centre_of_noise")
    assert "\n## `centre_of_noise` {#centre_of_noise}\n" in page
    assert "Lines 10 to 20" in page
    assert '<a href="../../claims/noise-averages-out.html#check-centre">noise-averages-out<wbr>/centre</a>' in page
    assert '<a href="../../claims/noise-is-positive.html#check-above-half">' in page
    assert '<a href="../../claims/noise-is-positive.html">Noise is positive</a>' in page
    assert [path for path in files if path.startswith("checkers/")] == [PAGE]


def test_what_stands_right_above_a_checker_stays_with_it(book: Book, site_settings: SiteSettings) -> None:
    path = book.registry.root / MODULE
    decorated = '# why\n@keep(\n    "a",\n)\ndef centre_of_noise('
    path.write_text(path.read_text(encoding="utf-8").replace("def centre_of_noise(", decorated), encoding="utf-8")
    before, checker = stretches(dict(text_files(book, site_settings))[PAGE])
    assert checker.startswith(decorated)
    assert "keep(" not in before


def test_the_page_in_the_front_matter_holds_the_source_to_the_blank_line(
    book: Book, site_settings: SiteSettings
) -> None:
    added = "\n\nTEXT = '''```\n\n\n<!--part 0--> {{ x }} ~~~ \\t \"q\" &amp;\n   '''\n"
    source = with_more(book.registry.root, added)
    page = light(dict(text_files(book, site_settings))[PAGE])
    held = unescape(re.sub(r"^    ", "", page.partition("parts:\n")[2], flags=re.MULTILINE))
    for stretch in source.split("\n\n\ndef "):
        assert stretch.strip("\n") in held


def test_a_claim_names_its_checkers_with_their_lines_and_leads_to_them(book: Book, site_settings: SiteSettings) -> None:
    settings = dataclasses.replace(site_settings, repo_url="https://code.example/book")
    page = dict(text_files(book, settings))["claims/noise-averages-out.md"]
    there = '<a href="../checkers/laws/example.html#centre_of_noise"><code>checkers.laws.example:centre_of_noise</code>'
    assert there in page
    lines = '#L10-L20">checkers/laws/example.py, lines 10 to 20</a>'
    assert f'<a href="https://code.example/book/blob/main/checkers/laws/example.py{lines}' in page
    assert "random.Random(seed)" not in page


def test_every_checker_has_a_place_that_begins_with_what_stands_right_above_it(
    make_registry: Make, site_settings: SiteSettings
) -> None:
    root = make_registry({CLAIM: ASKS_SECOND})
    source = with_more(root, SECOND)
    page = dict(text_files(open_book(root), site_settings))[PAGE]
    before, first, second = stretches(page)
    assert second == SECOND.strip("\n")
    assert source == f"{before}\n\n\n{first}\n\n\n{second}\n"
    assert re.findall(r"^## .*", page, re.MULTILINE) == [
        "## `centre_of_noise` {#centre_of_noise}",
        "## `second` {#second}",
    ]
    of_first, of_second = page.partition("{#second}")[::2]
    assert "#check-above-half" in of_first
    assert "#check-above-half" not in of_second
    assert "#check-centre" in of_second


def test_a_map_with_a_checker_of_its_own_asks_it_too(make_registry: Make, site_settings: SiteSettings) -> None:
    text = """maps:
  - name: alone
    checker: checkers.laws.example:second
    expect: {at_most: 1.0}
    quick: {seeds: 8, timeout: 30}
    over: {spread: [0.1, 0.2]}
    why: it says something
checks:
"""
    root = make_registry({CLAIM: ("checks:\n", text)})
    with_more(root, SECOND)
    files = dict(text_files(open_book(root), site_settings))
    assert '#maps">noise-averages-out<wbr>/alone</a>' in files[PAGE]
    assert 'example.html#second">' in files["claims/noise-averages-out.md"]


@pytest.mark.parametrize(
    "hostile",
    [
        "</code></pre></div><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "``` {#x} {{ y }} {% z %}",
        "## heading {#heading}",
        "<!--part 0--><!--part 1-->",
        "---\ntitle: pwned",
    ],
)
def test_no_text_of_a_source_becomes_markup(book: Book, site_settings: SiteSettings, hostile: str) -> None:
    source = with_more(book.registry.root, f'\n\nTEXT = """\n{hostile}\n"""\n')
    page = dict(text_files(book, site_settings))[PAGE]
    assert "".join(stretches(page)).endswith(source[-len(hostile) - 10 :].strip("\n"))
    assert "<script" not in page
    assert "<img" not in page
    assert len(re.findall(r"^#+ ", page, re.MULTILINE)) == 1
    assert page.count("\n---\n") == 1
    assert "<!--" not in page.partition("\n---\n")[2]


def test_a_module_that_is_no_utf_8_is_left_out_and_nobody_leads_to_it(book: Book, site_settings: SiteSettings) -> None:
    path = book.registry.root / MODULE
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9\n" + path.read_bytes())
    files = dict(text_files(book, site_settings))
    assert PAGE not in files
    assert "checkers/laws/example.html" not in files["claims/noise-averages-out.md"]


def test_the_search_finds_claims_and_not_the_modules_that_measure_them(book: Book, site_settings: SiteSettings) -> None:
    assert "checkers/" not in dict(text_files(book, site_settings))[SEARCH_PATH]


def test_a_saved_module_is_shown_at_once_with_its_claims(book: Book, site_settings: SiteSettings) -> None:
    root = book.registry.root
    (root / "site").symlink_to(site_settings.folder)
    docs = root / DOCS_FOLDER
    generate(open_book(root), site_settings, docs)
    before = (docs / "claims/noise-averages-out.md").read_text(encoding="utf-8")
    path = root / MODULE
    path.write_text(path.read_text(encoding="utf-8").replace("import random\n", "import random\nimport math\n"))
    assert write_edited(root, [path]) == 3
    assert "import math" in (docs / PAGE).read_text(encoding="utf-8")
    after = (docs / "claims/noise-averages-out.md").read_text(encoding="utf-8")
    assert ("lines 10 to 20" in before, "lines 11 to 21" in after) == (True, True)


def test_a_module_that_is_a_link_out_or_endless_is_read_by_nobody(
    book: Book, site_settings: SiteSettings, tmp_path: Path
) -> None:
    root = book.registry.root
    (tmp_path / "secret.py").write_text('"""Of xyzzy."""\n')
    folder = root / "checkers/instruments"
    folder.mkdir()
    (folder / "outside.py").symlink_to(tmp_path / "secret.py")
    (folder / "endless.py").symlink_to("/dev/zero")
    (folder / "mine.py").write_text('"""A device."""\n')
    assert lint(root) == []
    files = dict(text_files(open_book(root), site_settings))
    assert "A device." in files["toolbox.md"]
    assert not [path for path, text in files.items() if "xyzzy" in text]


def test_a_module_of_a_gigabyte_is_refused_before_it_is_read(book: Book, site_settings: SiteSettings) -> None:
    path = book.registry.root / MODULE
    with path.open("ab") as file:
        file.write(b"\n#")
        file.truncate(2**30)
    told = {str(diagnostic).partition("cannot be read: ")[2] for diagnostic in lint(book.registry.root)}
    assert told == {"it has more than 1048576 bytes (1 MiB)"}
    assert PAGE not in dict(text_files(book, site_settings))


def test_a_module_that_goes_while_its_page_is_made_is_left_out(
    book: Book, site_settings: SiteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, read = book.registry.root / MODULE, checker_pages.read_source

    def once(folder: Path, wanted: Path) -> bytes:
        content = read(folder, wanted)
        path.unlink()
        return content

    monkeypatch.setattr(checker_pages, "read_source", once)
    assert list(checker_pages.checker_pages(book, site_settings)) == []
    assert not path.exists()


@pytest.mark.parametrize(("name", "page"), [("README", "README-module"), ("index", "index"), ("laws", "laws")])
def test_a_module_named_like_a_page_of_mkdocs_has_a_page_where_claims_lead_to(
    make_registry: Make, site_settings: SiteSettings, name: str, page: str
) -> None:
    text = "    checker: checkers.laws.{}:centre_of_noise\n    observable: the draw $x$ itself\n    expect: {{equals"
    root = make_registry({CLAIM: (text.format("example"), text.format(name))})
    (root / f"checkers/laws/{name}.py").write_bytes((root / MODULE).read_bytes())
    files = dict(text_files(open_book(root), site_settings))
    assert f"checkers/laws/{page}.md" in files
    assert f'href="../checkers/laws/{page}.html#centre_of_noise"' in files["claims/noise-averages-out.md"]
