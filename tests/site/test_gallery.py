"""The gallery's examples are whole: the very files that the page shows lint, verify and pass their tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lawbook.publishing.gallery_page import examples
from lawbook.registry.load import inspect, load_registry

SITE = Path(__file__).parents[2] / "site"
GALLERY = SITE / "gallery"
IDS = sorted(load_registry(GALLERY).claims)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(GALLERY), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=GALLERY, env=environment, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_there_is_an_example_of_each_kind() -> None:
    kinds = ("share", "exponent", "ratio", "distance")
    titles = [entry.title.partition(":")[0] for entry in load_registry(GALLERY).claims.values()]
    assert sorted(kind for kind in kinds for title in titles if kind in title) == sorted(kinds)


def test_the_examples_are_valid_and_every_symbol_is_told() -> None:
    said = inspect(GALLERY)
    assert (said.mistakes, said.notes) == ([], [])


def test_the_page_shows_three_files_of_each() -> None:
    for example in examples(SITE):
        assert [path.path.split("/")[0] for path in example.files] == ["claims", "checkers", "tests"]


@pytest.mark.slow
def test_every_example_passes_with_its_control_and_its_rival() -> None:
    pytest.importorskip("torch")
    ran = run("-c", "from lawbook.cli import main; main()", "verify", "--no-record", "--root", str(GALLERY))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"{len(IDS)} ran, 0 fresh" in ran.stdout


@pytest.mark.slow
def test_the_examples_own_tests_pass() -> None:
    pytest.importorskip("torch")
    options = ["-q", "--import-mode=importlib", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir=."]
    ran = run("-B", "-m", "pytest", *options, "tests")
    assert ran.returncode == 0, ran.stdout + ran.stderr
