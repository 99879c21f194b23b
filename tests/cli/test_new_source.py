"""A source is added at its place, and nothing else of the bibliography moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main
from lawbook.registry.bibliography import read_bibliography
from lawbook.registry.load import lint

ENTRY = "@misc{anything,\n  author = {Müller, Anna and Hooke, Robert},\n  title = {On springs},\n  year = {1678},\n}"
FIELDS = ["--title", "Edges", "--author", "Cohen, Jeremy", "--year", "2021", "--arxiv", "2103.00065"]


def add(root: Path, key: str, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["new", "source", key, *arguments, "--root", str(root)], input=given)


def path(root: Path) -> Path:
    return root / "claims/references.bib"


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [
        ("adams1650first", None, "gauss1809theoria"),
        ("hooke1678spring", "gauss1809theoria", "student1908probable"),
        ("Hooke1678spring", "gauss1809theoria", "student1908probable"),
        ("zeno2020last", "student1908probable", None),
    ],
)
def test_an_entry_stands_between_its_neighbours_and_every_other_byte_stays(
    tiny_registry: Path, key: str, before: str | None, after: str | None
) -> None:
    old = path(tiny_registry).read_bytes()
    result = add(tiny_registry, key, given=ENTRY)
    assert result.exit_code == 0, result.output
    new = path(tiny_registry).read_bytes()
    entry = ENTRY.replace("anything", key).encode()
    assert new.count(entry) == 1
    front, _, back = new.partition(entry)
    assert (front.rstrip() + b"\n\n" + back.lstrip()).strip() == old.strip()
    keys = list(read_bibliography(tiny_registry).references)
    place = keys.index(key)
    assert (keys[place - 1] if place else None) == before
    assert (keys[place + 1] if place + 1 < len(keys) else None) == after
    assert lint(tiny_registry) == []


def test_the_entry_may_stand_in_a_file_or_be_given_field_by_field(tiny_registry: Path) -> None:
    (tiny_registry / "one.bib").write_text(ENTRY, encoding="utf-8")
    result = add(tiny_registry, "muller1678springs", str(tiny_registry / "one.bib"))
    assert result.exit_code == 0, result.output
    assert add(tiny_registry, "cohen2021edges", *FIELDS).exit_code == 0
    found = read_bibliography(tiny_registry).references
    assert found["muller1678springs"].authors == ("Anna Müller", "Robert Hooke")
    assert found["cohen2021edges"].fields["eprint"] == "2103.00065"
    assert found["cohen2021edges"].fields["archiveprefix"] == "arXiv"


@pytest.mark.parametrize(("key", "hints"), [("muller1678springs", False), ("springs", True), ("muller1679on", True)])
def test_a_key_of_another_form_is_taken_and_the_usual_form_is_told(tiny_registry: Path, key: str, hints: bool) -> None:
    result = add(tiny_registry, key, given=ENTRY)
    assert result.exit_code == 0
    assert ("author, year, word of the title: muller1678WORD" in result.stderr) == hints


def test_lines_end_as_they_ended(tiny_registry: Path) -> None:
    path(tiny_registry).write_bytes(path(tiny_registry).read_bytes().replace(b"\n", b"\r\n"))
    assert add(tiny_registry, "hooke1678spring", given=ENTRY).exit_code == 0
    text = path(tiny_registry).read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    assert lint(tiny_registry) == []


def test_a_remark_above_an_entry_stays_with_it(tiny_registry: Path) -> None:
    old = path(tiny_registry).read_text(encoding="utf-8")
    marked = old.replace("@article{student", "% the t-test\n@article{student")
    path(tiny_registry).write_text(marked, encoding="utf-8")
    assert add(tiny_registry, "hooke1678spring", given=ENTRY).exit_code == 0
    assert "% the t-test\n@article{student" in path(tiny_registry).read_text(encoding="utf-8")


def test_into_an_empty_bibliography_goes_the_first(tiny_registry: Path) -> None:
    path(tiny_registry).write_text("")
    assert add(tiny_registry, "hooke1678spring", given=ENTRY).exit_code == 0
    assert path(tiny_registry).read_text(encoding="utf-8") == ENTRY.replace("anything", "hooke1678spring") + "\n"


@pytest.mark.parametrize(
    ("key", "given", "told"),
    [
        ("student1908probable", ENTRY, "is taken: claims/references.bib:8"),
        ("Student1908Probable", ENTRY, "is taken: claims/references.bib:8"),
        ("hooke, 1678", ENTRY, "cannot be a key"),
        ("hooke1678spring", "", "no BibTeX was given"),
        ("hooke1678spring", "springs", "one BibTeX entry is wanted"),
        ("hooke1678spring", ENTRY[:-1], "the file ends inside an entry; close its braces"),
        ("hooke1678spring", ENTRY + "\n" + ENTRY.replace("anything", "more"), "here are 2"),
        ("hooke1678spring", ENTRY.replace("  year = {1678},\n", ""), "has no year"),
        (
            "hooke1678spring",
            ENTRY.replace("year", "doi = {10.1093/BIOMET/6.1.1},\n  year"),
            "student1908probable",
        ),
    ],
)
def test_what_cannot_be_added_is_refused_and_changes_nothing(
    tiny_registry: Path, key: str, given: str, told: str
) -> None:
    before = path(tiny_registry).read_bytes()
    result = add(tiny_registry, key, given=given)
    assert result.exit_code == 2
    assert told in result.stderr
    assert path(tiny_registry).read_bytes() == before


def test_another_version_of_a_work_that_is_there_is_refused(tiny_registry: Path) -> None:
    assert add(tiny_registry, "cohen2021edges", *FIELDS).exit_code == 0
    again = add(tiny_registry, "cohen2022edges", *FIELDS[:-1], "2103.00065v3")
    assert again.exit_code == 2
    assert "the work is there already as 'cohen2021edges'" in again.stderr


def test_a_bibliography_with_a_mistake_is_left_alone(tiny_registry: Path) -> None:
    path(tiny_registry).write_text("@misc{broken,\n")
    result = add(tiny_registry, "hooke1678spring", given=ENTRY)
    assert result.exit_code == 2
    assert "mend claims/references.bib first" in result.stderr
    assert path(tiny_registry).read_text() == "@misc{broken,\n"
