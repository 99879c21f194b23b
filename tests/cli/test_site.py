"""`lawbook site` from the command line."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main

REPOSITORY_SITE = Path(__file__).parents[2] / "site"


@pytest.fixture
def registry_with_site(tiny_registry: Path) -> Path:
    import shutil

    shutil.copytree(REPOSITORY_SITE, tiny_registry / "site")
    return tiny_registry


def test_generate_writes_a_page_for_every_entry(registry_with_site: Path) -> None:
    done = CliRunner().invoke(main, ["site", "generate", "--root", str(registry_with_site)])
    assert done.exit_code == 0, done.output
    docs = registry_with_site / "build" / "docs"
    assert (docs / "claims" / "noise-averages-out.md").is_file()
    assert (docs / "problems" / "noise-in-the-dark.md").is_file()
    assert "files" in done.output


def test_an_invalid_registry_lists_its_mistakes_and_exits_2(
    make_registry: Callable[[dict[str, object]], Path],
) -> None:
    import shutil

    root = make_registry({"claims/laws/noise-averages-out.yaml": ("kind: theorem", "kind: rumour")})
    shutil.copytree(REPOSITORY_SITE, root / "site")
    done = CliRunner().invoke(main, ["site", "generate", "--root", str(root)])
    assert done.exit_code == 2
    assert "claims/laws/noise-averages-out.yaml:" in done.output
    assert "Traceback" not in done.output


def test_a_registry_without_a_site_folder_exits_2_with_the_reason(tiny_registry: Path) -> None:
    done = CliRunner().invoke(main, ["site", "build", "--root", str(tiny_registry)])
    assert done.exit_code == 2
    assert "site/mkdocs.yml, site/strands are missing" in done.output
    (tiny_registry / "site").mkdir()
    (tiny_registry / "site/mkdocs.yml").touch()
    done = CliRunner().invoke(main, ["site", "build", "--root", str(tiny_registry)])
    assert "site/strands is missing" in done.output


def serve(root: Path, address: str) -> Result:
    return CliRunner().invoke(main, ["site", "serve", "--address", address, "--root", str(root)])


@pytest.mark.parametrize("address", ["garbage", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999", "127.0.0.1:٨٠٠٠"])
def test_an_address_that_is_none_is_bad_usage_before_anything_is_built(tiny_registry: Path, address: str) -> None:
    result = serve(tiny_registry, address)
    assert result.exit_code == 2
    assert f"--address {address} is not HOST:PORT" in result.stderr
    assert not (tiny_registry / "build").exists()


def test_an_address_that_is_taken_is_told_before_anything_is_built(tiny_registry: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = serve(tiny_registry, address)
    assert result.exit_code == 2
    assert f"--address {address}: Address already in use; name another" in result.stderr


@pytest.mark.parametrize(
    ("path", "added", "words"),
    [
        ("site/mkdocs.yml", b"\xff", "mkdocs.yml: cannot be read"),
        ("site/mkdocs.yml", b"since: 2026-13-45\n", "mkdocs.yml: cannot be read: month must be in 1..12"),
        ("site/mkdocs.yml", b"since: !!timestamp soon\n", "mkdocs.yml: cannot be read"),
        ("site/mkdocs.yml", b"deep: " + b"[" * 5000, "mkdocs.yml: nested too deep"),
        ("site/pages/about.md", b"\xff", "about.md: byte"),
        ("site/templates/home.md.jinja", b"\xff", "a template is not UTF-8"),
        ("site/assets/\udcff.svg", b"", "is not UTF-8; rename it"),
    ],
)
def test_a_part_of_the_site_that_cannot_be_read_is_one_line(
    registry_with_site: Path, path: str, added: bytes, words: str
) -> None:
    with (registry_with_site / path).open("ab") as file:
        file.write(added)
    done = CliRunner().invoke(main, ["site", "generate", "--root", str(registry_with_site)])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit)
    (line,) = done.stderr.splitlines()
    assert words in line


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked for, while a server that answers at once stands for MkDocs'."""

    def serve_at_once(root: Path, address: str, show_edited: object, when_up: Callable[[], None]) -> None:
        when_up()

    asked: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("lawbook.publishing.serving.serve", serve_at_once)
    monkeypatch.setattr("webbrowser.open", asked.append)
    return asked


def serve_free(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["site", "serve", *arguments, "--address", "127.0.0.1:8123", "--root", str(root)])


def test_serving_a_claim_opens_its_page(registry_with_site: Path, opened: list[str]) -> None:
    done = serve_free(registry_with_site, "noise-averages-out")
    assert done.exit_code == 0, done.output
    assert opened == ["http://127.0.0.1:8123/claims/noise-averages-out.html"]
    assert f"serving {opened[0]}" in done.output


def test_nothing_is_opened_where_nobody_asks_or_nobody_can_see(
    registry_with_site: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert serve_free(registry_with_site).exit_code == 0
    done = serve_free(registry_with_site, "noise-in-the-dark", "--no-open")
    assert "serving http://127.0.0.1:8123/problems/noise-in-the-dark.html" in done.output
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert serve_free(registry_with_site, "noise-averages-out").exit_code == 0
    assert opened == []


def test_serving_an_unknown_claim_names_the_nearest(registry_with_site: Path, opened: list[str]) -> None:
    done = serve_free(registry_with_site, "noise-averages-ot")
    assert done.exit_code == 2
    assert "did you mean 'noise-averages-out'?" in done.output
