"""The files of a new registry: small, complete and valid, a site of its own included."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS
from lawbook.registry.root import CLAIMS_FOLDER
from lawbook.registry.scaffold import ScaffoldError, new_claim, new_problem

FIRST_CLAIM, FIRST_PROBLEM = "layers-keep-their-scale", "what-is-a-layer-for"
# Where the files of `forms/registry` stand in a registry.
PLACES = {
    "references.bib": Path(CLAIMS_FOLDER, "references.bib"),
    "mkdocs.yml": Path("site/mkdocs.yml"),
    "README.md": Path("README.md"),
    "gitignore": Path(".gitignore"),
    "pages": Path("site/pages"),
    "strands": Path("site/strands"),
}


def new_registry(folder: Path) -> list[Path]:
    """Writes a registry with one claim and one open problem into a new or empty folder; the paths of its files.

    Raises ScaffoldError, and writes nothing, where the folder holds anything.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScaffoldError(f"{folder} is not empty; name a new folder")
    title = folder.resolve().name.replace("-", " ").replace("_", " ").strip().capitalize() or "A registry"
    # As a text of JSON without its quotes, which YAML takes between its own.
    words = {"TITLE": json.dumps(title, ensure_ascii=False)[1:-1]}
    written = _fixed(words)
    _write(folder, written)
    rest = new_claim(folder, FIRST_CLAIM, "limits") | new_problem(folder, FIRST_PROBLEM)
    _write(folder, rest)
    return sorted([*written, *rest])


def _fixed(words: dict[str, str]) -> dict[Path, str]:
    form = files("lawbook.registry").joinpath("forms", "registry")
    written = {Path("checkers/__init__.py"): '"""The experiments of this registry."""\n'}
    for strand in STRANDS:
        written[Path("checkers", strand, "__init__.py")] = ""
    for name, place in PLACES.items():
        for path, text in _texts(form.joinpath(name), place):
            for word, said in words.items():
                text = text.replace(word, said)
            written[path] = text
    return written


def _texts(form: Traversable, place: Path) -> list[tuple[Path, str]]:
    if form.is_file():
        return [(place, form.read_text(encoding="utf-8"))]
    return [found for inner in form.iterdir() for found in _texts(inner, place / inner.name)]


def _write(folder: Path, written: dict[Path, str]) -> None:
    for strand in (*STRANDS, PROBLEMS_FOLDER):
        (folder / CLAIMS_FOLDER / strand).mkdir(parents=True, exist_ok=True)
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
