"""The engine serves a registry that is not its own: installed from its wheel, with no checkout at hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main

REPOSITORY = Path(__file__).parents[2]


def run(*command: str, folder: Path, path: Path | None = None) -> str:
    """What a command says; `path` alone stands before the libraries, without the checkout."""
    environment = {**os.environ, "LAWBOOK_CACHE": "off", "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    hatchling = pytest.importorskip("hatchling", reason="the wheel is built by hatchling, of the extra `test`")
    folder = tmp_path_factory.mktemp("wheel")
    beside = Path(hatchling.__file__).parents[1]
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    run(*built, folder=REPOSITORY, path=beside)
    (wheel,) = folder.glob("*.whl")
    options = [
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--no-index",
        "--target",
        str(folder / "lib"),
    ]
    run(sys.executable, "-m", "pip", "install", *options, str(wheel), folder=folder)
    return folder / "lib"


@pytest.mark.slow
def test_a_new_registry_lints_verifies_tests_and_builds_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    def python(*arguments: str, folder: Path) -> str:
        return run(sys.executable, *arguments, folder=folder, path=installed)

    def lawbook(*arguments: str, folder: Path) -> str:
        return python("-c", "from lawbook.cli import main; main()", *arguments, folder=folder)

    where = python("-c", "import lawbook; print(lawbook.__file__)", folder=tmp_path)
    assert Path(where.strip()).is_relative_to(installed)
    lawbook("new", "registry", "my-laws", folder=tmp_path)
    root = tmp_path / "my-laws"
    assert "1 claim, 1 problem, 1 reference: no errors" in lawbook("lint", folder=root)
    assert "pass" in lawbook("verify", "--device", "cpu", "--jobs", "1", folder=root)
    assert " passed" in python("-m", "pytest", "-q", "-p", "no:cacheprovider", folder=root)
    lawbook("site", "build", folder=root)
    home = (root / "build/site/index.html").read_text(encoding="utf-8")
    assert "<title>My laws - My laws</title>" in home
    assert "layers-keep-their-scale.html" in home
    assert "Content-Security-Policy" in home
    for part in (
        "assets/scripts/book.js",
        "assets/styles/book.css",
        "assets/katex/katex.min.js",
        "search/index.js",
    ):
        assert (root / "build/site" / part).is_file(), part
    by_hand = ["-m", "mkdocs", "build", "--strict", "-f", "site/mkdocs.yml", "-d", str(tmp_path / "by-hand")]
    python(*by_hand, folder=root)
    assert (tmp_path / "by-hand/claims/layers-keep-their-scale.html").is_file()


@pytest.mark.slow
def test_a_template_style_or_theme_file_of_its_own_takes_the_place_of_the_engines(tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert CliRunner().invoke(main, ["new", "registry", str(root)]).exit_code == 0
    own = {
        "site/templates/list.md.jinja": "---\ntitle: x\n---\n\n<h1>Mine, {{ saved.title }}</h1>\n",
        "site/lists/all.yaml": "title: All\nwhere: {has_tier: quick}\n",
        "site/assets/styles/print.css": "/* mine */\n",
        "site/overrides/404.html": "mine\n",
    }
    for path, text in own.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["site", "build", "--root", str(root)])
    assert done.exit_code == 0, done.output
    built = root / "build/site"
    assert "Mine, All" in (built / "lists/all.html").read_text(encoding="utf-8")
    joined = (built / "assets/styles/book.css").read_text(encoding="utf-8")
    assert joined.endswith("/* mine */\n")
    assert "--lb-ink" in joined
    assert (built / "404.html").read_text().strip() == "mine"
    assert "lb-tile" in (built / "index.html").read_text(encoding="utf-8")


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    done = CliRunner().invoke(main, ["new", "registry", str(tmp_path)])
    assert done.exit_code == 2
    assert "is not empty; name a new folder" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["note"]
