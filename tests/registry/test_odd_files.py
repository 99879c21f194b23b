"""Whatever kind of file lies in `claims/`, under whatever name, is told in one line; the rest is still read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lawbook.registry.load import lint

LAWS = Path("claims/laws")
CLAIM = LAWS / "noise-averages-out.yaml"
BIBLIOGRAPHY = Path("claims/references.bib")


def only(root: Path) -> str:
    (diagnostic,) = lint(root)
    return str(diagnostic)


def make_deep(folder: Path) -> None:
    """Folders within folders until no path is long enough to name the last."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("abc", dir_fd=here)
        inner = os.open("abc", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def remove_deep(folder: Path) -> None:
    """Takes the tower down from its top, since no path reaches its foot."""
    while (folder / "abc").exists():
        for inner in (folder / "abc").iterdir():
            inner.rename(folder / "next")
        (folder / "abc").rmdir()
        if (folder / "next").exists():
            (folder / "next").rename(folder / "abc")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda laws: os.mkfifo(laws / "x.yaml"), "claims/laws/x.yaml:1:1: not a plain file"),
        (lambda laws: (laws / "x.yaml").mkdir(), "claims/laws/x.yaml:1:1: a folder with the name of a file"),
        (lambda laws: (laws / "x.yaml").symlink_to("/etc/passwd"), "claims/laws/x.yaml:1:1: not a plain file"),
        (lambda laws: (laws / "x.yaml").symlink_to("x.yaml"), "claims/laws/x.yaml:1:1: not a plain file"),
        (lambda laws: (laws / "x.yaml").symlink_to("/nowhere"), "claims/laws/x.yaml:1:1: not a plain file"),
        (lambda laws: (laws / "x").symlink_to("/"), "claims/laws/x:1:1: a link to a folder"),
        (
            lambda laws: (laws / os.fsdecode(b"caf\xe9.yaml")).write_text("x: 1\n"),
            r"claims/laws/caf\udce9.yaml:1:1: 'caf\udce9' cannot be an id",
        ),
        (
            lambda laws: (laws / "a\nb.yaml").write_text("x: 1\n"),
            r"claims/laws/a\nb.yaml:1:1: 'a\nb' cannot be an id",
        ),
        (
            lambda laws: (laws / "Noise-averages-out.yaml").write_text("x: 1\n"),
            "claims/laws/Noise-averages-out.yaml:1:1: 'Noise-averages-out' cannot be an id",
        ),
        (lambda laws: shutil.copytree(laws, laws.parent / "Laws"), f"claims/Laws/{CLAIM.name}:1:1: 'Laws' is neither"),
        (lambda laws: (laws.parent / "claim.schema.json").mkdir(), "claims/claim.schema.json:1:1: a folder"),
    ],
    ids=["fifo", "folder", "link out", "link to itself", "dangling", "linked folder", "latin-1", "new line", "case",
         "case of a folder", "folder for a schema"],
)  # fmt: skip
def test_an_odd_file_is_one_line(tiny_registry: Path, make: Callable[[Path], object], told: str) -> None:
    make(tiny_registry / LAWS)
    assert only(tiny_registry).startswith(told)


def test_folders_without_end_are_one_line(tiny_registry: Path) -> None:
    make_deep(tiny_registry / LAWS)
    assert "entries lie directly in 'laws'" in only(tiny_registry)
    remove_deep(tiny_registry / LAWS)


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/nowhere", path)])
def test_a_bibliography_that_is_no_file_is_one_line(tiny_registry: Path, make: Callable[[Path], object]) -> None:
    (tiny_registry / BIBLIOGRAPHY).unlink()
    make(tiny_registry / BIBLIOGRAPHY)
    assert only(tiny_registry).startswith(f"{BIBLIOGRAPHY}:1:1: not a plain file")


@pytest.mark.parametrize("path", [CLAIM, BIBLIOGRAPHY])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_named(tiny_registry: Path, path: Path, encoding: str) -> None:
    file = tiny_registry / path
    file.write_bytes(file.read_text(encoding="utf-8").encode(encoding))
    assert only(tiny_registry) == f"{path}:1:1: the file is UTF-16 or UTF-32; save the file in the UTF-8 encoding"


@pytest.mark.parametrize("path", [CLAIM, BIBLIOGRAPHY])
@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tiny_registry: Path, path: Path, end: str, mark: bytes) -> None:
    file = tiny_registry / path
    file.write_bytes(mark + file.read_bytes().replace(b"\n", end.encode()))
    assert lint(tiny_registry) == []


def test_a_file_of_gigabytes_is_not_read(tiny_registry: Path) -> None:
    os.truncate(tiny_registry / CLAIM, 1 << 40)
    assert only(tiny_registry).startswith(f"{CLAIM}:1:1: the file has {1 << 40} bytes")
