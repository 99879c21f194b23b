"""What is shown of a page where its link is shared: a picture of its outcome, its title, and a sentence in symbols."""

from __future__ import annotations

import re
import shutil
import struct
import zlib
from pathlib import Path
from typing import get_args

import pytest

from lawbook.book import Status, open_book
from lawbook.publishing.build import build
from lawbook.publishing.cards import HEIGHT, WIDTH, card_path, cards
from lawbook.publishing.generate import generate
from lawbook.publishing.settings import read_settings

ADDRESS = "https://book.example/laws/"


def dots(png: bytes) -> set[str]:
    """Every colour of a picture with a palette; its chunks are whole, and it has a dot for each place."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    held, place = {}, 8
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        assert struct.unpack_from(">I", png, place + 8 + length) == (zlib.crc32(kind + data),)
        held[kind] = data
        place += 12 + length
    assert struct.unpack(">IIBBBBB", held[b"IHDR"])[:4] == (WIDTH, HEIGHT, 8, 3)
    rows = zlib.decompress(held[b"IDAT"])
    assert len(rows) == HEIGHT * (WIDTH + 1)
    palette = [held[b"PLTE"][at : at + 3].hex() for at in range(0, len(held[b"PLTE"]), 3)]
    return {palette[dot] for dot in set(rows)}


def test_every_status_has_a_picture_of_its_own_and_all_are_small() -> None:
    made = cards()
    assert made.keys() == {card_path(status) for status in (*get_args(Status), "book")}
    assert len(set(made.values())) == len(made)
    assert all(len(dots(png)) >= 4 and len(png) < 4_000 for png in made.values())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny registry's site at an address of the web."""
    here = Path(__file__).parent
    root = tmp_path_factory.mktemp("shared") / "registry"
    shutil.copytree(here.parent / "tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(here.parents[1] / "site", root / "site")
    settings = root / "site/mkdocs.yml"
    settings.write_text(settings.read_text("utf-8").replace('site_url: ""', f"site_url: {ADDRESS}"), "utf-8")
    generate(open_book(root), read_settings(root), root / "build/docs")
    build(root, root / "build/site")
    return root / "build/site"


def told(page: Path) -> dict[str, str]:
    return dict(
        re.findall(r'<meta (?:property|name)="((?:og|twitter):[a-z:]+)" content="([^"]*)">', page.read_text("utf-8"))
    )


def test_a_shared_claim_is_told_with_its_title_address_and_outcome(shared: Path) -> None:
    page = told(shared / "claims/noise-averages-out.html")
    assert page["og:type"] == "article"
    assert page["og:title"] == "Noise averages out"
    assert page["og:url"] == f"{ADDRESS}claims/noise-averages-out.html"
    assert page["og:image"] == f"{ADDRESS}cards/unverified.png"
    assert page["twitter:card"] == "summary_large_image"
    assert page["og:description"].startswith("For independent draws xᵢ ∼ 𝒩(μ, σ²) the mean tends to the centre")


def test_every_page_names_a_picture_that_is_there(shared: Path) -> None:
    pages = [path for path in shared.rglob("*.html") if "og:type" in path.read_text("utf-8")]
    assert len(pages) > 20
    for path in pages:
        image = told(path)["og:image"]
        assert image.startswith(ADDRESS)
        assert (shared / image.removeprefix(ADDRESS)).is_file()
    assert told(shared / "index.html")["og:image"] == f"{ADDRESS}cards/book.png"
    assert told(shared / "index.html")["og:type"] == "website"


def test_a_site_without_an_address_names_no_picture(shared: Path, tmp_path: Path) -> None:
    """Whoever shows a card knows no address but a whole one."""
    root = tmp_path / "registry"
    shutil.copytree(shared.parents[1], root, ignore=shutil.ignore_patterns("build"))
    settings = root / "site/mkdocs.yml"
    settings.write_text(settings.read_text("utf-8").replace(f"site_url: {ADDRESS}", 'site_url: ""'), "utf-8")
    generate(open_book(root), read_settings(root), root / "build/docs")
    build(root, root / "build/site")
    page = told(root / "build/site/claims/noise-averages-out.html")
    assert page["twitter:card"] == "summary"
    assert not {"og:image", "og:url"} & page.keys()
