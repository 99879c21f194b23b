"""What `lawbook site` writes and deletes: its own, whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lawbook.places.registry_places import PlaceError
from lawbook.publishing.build import check_target

REPOSITORY_SITE = Path(__file__).parents[2] / "site"
SITE = [sys.executable, "-c", "from lawbook.cli import main; main()", "site"]


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("places") / "registry"
    shutil.copytree(Path(__file__).parents[1] / "tiny_registry", root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(REPOSITORY_SITE, root / "site")
    assert site(root, "build").returncode == 0
    return root


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Path:
    """A registry whose site has been built."""
    shutil.copytree(built_once, tmp_path / "registry", symlinks=True)
    return tmp_path / "registry"


def site(root: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [*SITE, arguments[0], "--root", str(root), *arguments[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def content(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_a_place_of_the_registry_is_refused_and_untouched(built: Path) -> None:
    before = content(built)
    for out in ("claims", "claims/laws/..", "site", ".", "..", str(built / "evidence" / "new")):
        assert "of the registry" in refused(site(built, "build", "--out", out, cwd=built))
    assert content(built) == before


def test_a_folder_of_anything_else_is_refused_and_untouched(built: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/dear.txt").write_text("dear")
    (tmp_path / "way").symlink_to(tmp_path / "letters")
    for out in ("letters", "way"):
        line = refused(site(built, "build", "--out", str(tmp_path / out)))
        assert "holds dear.txt, which Lawbook did not put there" in line
    assert content(tmp_path / "letters") == {"dear.txt": b"dear"}


def test_what_someone_added_to_an_earlier_build_stops_the_next(built: Path) -> None:
    (built / "build/site/CNAME").write_text("example.org")
    assert "build/site holds CNAME, which" in refused(site(built, "build"))
    (built / "build/site/CNAME").unlink()
    (built / "build/docs/notes.md").write_text("mine")
    assert "build/docs holds notes.md, which" in refused(site(built, "generate"))
    assert (built / "build/docs/notes.md").read_text() == "mine"


def test_a_tree_of_pages_is_never_written_through_a_link(built: Path, tmp_path: Path) -> None:
    shutil.move(built / "build/docs/claims", tmp_path / "moved")
    (built / "build/docs/claims").symlink_to(tmp_path / "moved")
    before = content(tmp_path / "moved")
    assert "holds claims, which" in refused(site(built, "generate"))
    shutil.rmtree(built / "build")
    (built / "build").symlink_to(built / "claims")
    assert "lies in claims/" in refused(site(built, "generate"))
    assert content(tmp_path / "moved") == before


def test_no_site_is_put_among_the_pages_that_it_is_made_of(built: Path) -> None:
    before = content(built / "build/docs")
    for out in ("build/docs", "build/docs/new", "build/docs/new/deep"):
        assert "the pages that the site is made of" in refused(site(built, "build", "--out", out, cwd=built))
    assert content(built / "build/docs") == before


def test_a_site_that_mkdocs_built_by_hand_may_be_replaced(built: Path) -> None:
    (built / "build/site/.lawbook-made").unlink()  # by hand it bears no marker
    assert check_target(built, built / "build/site") == built / "build/site"
    (built / "build/site/assets/photo.png").write_text("mine")
    with pytest.raises(PlaceError, match=r"holds assets/photo\.png"):
        check_target(built, built / "build/site")


def test_a_page_that_is_wrong_leaves_the_good_site(built: Path) -> None:
    before = content(built / "build/site")
    with (built / "site/pages/about.md").open("a") as page:
        page.write("\n[nowhere](nowhere.md)\n")
    done = site(built, "build")
    assert done.returncode == 2
    assert "nowhere.md" in done.stderr
    assert content(built / "build/site") == before


@pytest.fixture(params=[20_000, 300_000], ids=["among the pages", "among what MkDocs writes"])
def full_disk(request: pytest.FixtureRequest) -> object:
    """Run before a child, so that no file can grow beyond a size."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (request.param, request.param))


def test_a_disk_that_takes_no_more_leaves_the_good_site_and_is_one_line(built: Path, full_disk: object) -> None:
    before = content(built / "build/site")
    (built / "site/assets/large").write_bytes(os.urandom(200_000))
    (built / "site/mkdocs.yml").write_text(
        (built / "site/mkdocs.yml").read_text().replace("Lawbook", "Lawbook " + "word " * 9000, 1)
    )
    line = refused(site(built, "build", preexec_fn=full_disk))
    assert "File too large" in line
    assert content(built / "build/site") == before


def test_a_killed_build_leaves_a_whole_site_and_the_next_cleans_up(built: Path) -> None:
    before = content(built / "build/site").keys()
    killed = subprocess.Popen([*SITE, "build", "--root", str(built)])
    half = built / "build/.site.lawbook-new/index.html"
    while not half.exists():
        assert killed.poll() is None, "the build ended before it could be killed"
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert content(built / "build/site").keys() == before
    done = site(built, "build")
    assert done.returncode == 0, done.stderr
    assert content(built / "build/site").keys() == before
    assert sorted(path.name for path in (built / "build").iterdir()) == ["docs", "parts", "site"]
    assert not [path for path in content(built / "build/docs") if path.endswith("-part")]


def test_two_builds_at_once_both_end_well(built: Path) -> None:
    before = content(built / "build/site").keys()
    two = [
        subprocess.Popen([*SITE, "build", "--root", str(built)], stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [build.communicate(timeout=120)[1] for build in two]
    assert [build.returncode for build in two] == [0, 0], said
    assert all(len(lines.splitlines()) <= 2 for lines in said)
    assert content(built / "build/site").keys() == before
