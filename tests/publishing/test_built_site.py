"""The built site: strict, whole, and at home without a network."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from lawbook.book import Book
from lawbook.publishing.build import build
from lawbook.publishing.generate import generate
from lawbook.publishing.settings import SiteError, SiteSettings, read_settings

LOADING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny registry's site, built once by MkDocs in strict mode."""
    import importlib.util

    here = Path(__file__).parent
    root = tmp_path_factory.mktemp("book") / "registry"
    shutil.copytree(here.parent / "tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(here.parents[1] / "site", root / "site")
    spec = importlib.util.spec_from_file_location("publishing_evidence", here / "conftest.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    records = [
        made.make_record("noise-averages-out", "centre"),
        made.make_record("noise-is-positive", "above-half", "fail"),
    ]
    from lawbook.book import join_evidence
    from lawbook.registry.load import load_registry

    book = join_evidence(load_registry(root), made.make_evidence(records))
    generate(book, read_settings(root), root / "build/docs")
    build(root, root / "build/site")
    return root / "build/site"


class References(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.linked: list[str] = []
        self.ids: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in LOADING and given.get(LOADING[tag]):
            self.loaded.append(given[LOADING[tag]] or "")
        if tag == "link" and given.get("rel") in (
            "stylesheet",
            "icon",
            "preload",
            "preconnect",
            "dns-prefetch",
        ):
            self.loaded.append(given.get("href") or "")
        if tag in ("image", "use"):
            self.loaded.append(given.get("href") or given.get("xlink:href") or "")
        if tag == "a" and given.get("href"):
            self.linked.append(given["href"] or "")
        if given.get("id"):
            self.ids.append(given["id"] or "")
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def read(page: Path) -> References:
    references = References()
    references.feed(page.read_text(encoding="utf-8"))
    return references


def is_inside(address: str) -> bool:
    return not urlsplit(address).scheme and not address.startswith("//")


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(built: Path) -> None:
    pages = list(built.rglob("*.html"))
    assert len(pages) >= 15
    for page in pages:
        references = read(page)
        outside = [a for a in references.loaded if not is_inside(a) and not a.startswith("data:image/png;")]
        assert outside == [], page
        assert references.handlers == [], page
    for sheet in built.rglob("*.css"):
        addresses = re.findall(r"url\(\s*['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8"))
        assert all(is_inside(a) or a.startswith("data:") for a in addresses), sheet
        assert "@import" not in sheet.read_text(encoding="utf-8").replace("@important", "")


@pytest.mark.slow
def test_every_link_inside_the_site_leads_somewhere(built: Path) -> None:
    ids = {page: set(read(page).ids) for page in built.rglob("*.html")}
    for page in ids:
        if page.name == "404.html":
            continue
        for address in read(page).linked:
            if not is_inside(address) or not address:
                continue
            parts = urlsplit(address)
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if target.is_dir():
                target = target / "index.html"
            assert target.is_file(), f"{page.relative_to(built)} -> {address}"
            if parts.fragment and target.suffix == ".html" and not parts.fragment.startswith("__"):
                assert parts.fragment in ids[target], f"{page.relative_to(built)} -> {address}"


@pytest.mark.slow
def test_ids_are_unique_on_each_page(built: Path) -> None:
    for page in built.rglob("*.html"):
        ids = read(page).ids
        assert sorted(ids) == sorted(set(ids)), page


@pytest.mark.slow
def test_files_for_programs_are_part_of_the_site(built: Path) -> None:
    for path in (
        "api/claims.json",
        "api/problems.json",
        "badge/noise-averages-out.svg",
        "feed.xml",
        "404.html",
    ):
        assert (built / path).is_file(), path


@pytest.mark.slow
def test_a_broken_link_in_a_page_stops_the_build(tmp_path: Path, book: Book, site_settings: SiteSettings) -> None:
    shutil.copytree(site_settings.folder, tmp_path / "site")
    about = tmp_path / "site" / "pages" / "about.md"
    about.write_text(about.read_text(encoding="utf-8") + "\n[lost](nowhere.md)\n", encoding="utf-8")
    generate(book, read_settings(tmp_path), tmp_path / "build/docs")
    with pytest.raises(SiteError, match=r"nowhere\.md"):
        build(tmp_path, tmp_path / "build/site")
