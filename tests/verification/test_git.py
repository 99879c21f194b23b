"""Git is asked of this registry alone, and where it has no answer a published run says so."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main
from lawbook.verification.git import read_checkout

WHO = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> str:
    command = ["git", *WHO, "-C", str(root), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(root: Path) -> str:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another repository."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other/file").write_text("x")
    commit_all(tmp_path / "other")
    return tmp_path / "other"


def test_the_commit_is_the_registrys_own_whatever_the_environment_names(
    tiny_registry: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = commit_all(tiny_registry)
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / ".git/index",
        "GIT_OBJECT_DIRECTORY": other / ".git/objects",
        "GIT_NAMESPACE": "other",
        "GIT_CEILING_DIRECTORIES": tiny_registry.parent,
        "GIT_CONFIG": other / "file",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    found = read_checkout(tiny_registry)
    assert (found.commit, found.modified, found.trouble) == (commit, False, "")
    (tiny_registry / "claims/laws/noise-averages-out.yaml").write_text("")
    assert read_checkout(tiny_registry).modified


def test_a_registry_below_the_top_of_its_repository_has_a_commit(tiny_registry: Path) -> None:
    commit = commit_all(tiny_registry.parent)
    assert read_checkout(tiny_registry).commit == commit


def test_a_repository_around_the_registry_that_does_not_hold_it_is_not_asked(tiny_registry: Path) -> None:
    (tiny_registry.parent / ".gitignore").write_text("registry/\n")
    commit_all(tiny_registry.parent)
    found = read_checkout(tiny_registry)
    assert found.commit == ""
    assert found.trouble == f"the repository {tiny_registry.parent} holds none of this registry's claims"


def no_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pass


def no_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root / "nothing"))


def no_commit_yet(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")


def anothers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    commit_all(root)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)


TROUBLES = {
    "this is no git repository": no_repository,
    "git is not installed": no_git,
    "the repository has no commit yet": no_commit_yet,
    "the repository belongs to another user": anothers,
}


@pytest.mark.parametrize(("words", "arrange"), TROUBLES.items())
def test_a_published_run_says_why_it_names_no_commit(
    tiny_registry: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    arrange: Callable[[Path, pytest.MonkeyPatch], None],
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", "")
    arrange(tiny_registry, monkeypatch)
    arguments = ["verify", "--device", "cpu", "--root", str(tiny_registry)]
    assert words in read_checkout(tiny_registry).trouble
    published = CliRunner().invoke(main, [*arguments, "--publish"])
    assert published.exit_code == 0, published.output
    assert f"Published without the commit that was measured:\n  {words}" in published.output
    assert "Published without" not in CliRunner().invoke(main, arguments).output
