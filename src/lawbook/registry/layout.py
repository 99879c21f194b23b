"""Which files of `claims/` hold entries, and which have no business there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.ids import Mistake, id_mistake
from lawbook.registry.models import PROBLEMS_FOLDER, STRANDS
from lawbook.registry.root import CLAIMS_FOLDER
from lawbook.registry.suggestions import did_you_mean

BIBLIOGRAPHY = Path(CLAIMS_FOLDER, "references.bib")
NOTATION = Path(CLAIMS_FOLDER, "notation.yaml")
CLAIM_SCHEMA = Path(CLAIMS_FOLDER, "claim.schema.json")
PROBLEM_SCHEMA = Path(CLAIMS_FOLDER, "problem.schema.json")
FOLDERS = (*STRANDS, PROBLEMS_FOLDER)
DEEPEST_FOLDER = 6
BESIDE_FOLDERS = frozenset((BIBLIOGRAPHY, NOTATION, CLAIM_SCHEMA, PROBLEM_SCHEMA))


@dataclass(frozen=True)
class EntryFile:
    """A file that should hold an entry; path is relative to the root, id its stem, strand its folder."""

    path: Path
    id: str
    strand: str


@dataclass(frozen=True)
class Layout:
    """The entry files of a registry in the order of their paths, and what is misplaced or misnamed."""

    files: tuple[EntryFile, ...]
    diagnostics: tuple[Diagnostic, ...]


def survey(root: Path) -> Layout:
    """Looks at names and kinds of files alone and opens nothing. Hidden files (a leading dot) are passed over."""
    files: list[EntryFile] = []
    diagnostics: list[Diagnostic] = []
    first_of: dict[str, Path] = {}
    for path, mistake in sorted(_files_below(root, Path(CLAIMS_FOLDER)), key=lambda found: found[0]):
        if path in BESIDE_FOLDERS and mistake is None:
            continue
        if mistake := mistake or _misplaced(path):
            diagnostics.append(Diagnostic(path, 1, 1, *mistake))
            continue
        entry = EntryFile(path, path.stem, path.parent.name)
        if entry.id in first_of:
            what = f"the id '{entry.id}' is taken by {first_of[entry.id]}"
            diagnostics.append(Diagnostic(path, 1, 1, what, "an id is unique over all folders; rename one"))
        first_of.setdefault(entry.id, path)
        files.append(entry)
    return Layout(tuple(files), tuple(diagnostics))


def _misplaced(path: Path) -> Mistake | None:
    inside = path.relative_to(CLAIMS_FOLDER)
    folder = inside.parts[0]
    if len(inside.parts) == 1:
        known = [known.name for known in BESIDE_FOLDERS]
        if path.suffix in (".yaml", ".yml"):
            return ("an entry lies in a folder", f"move it to one of {', '.join(FOLDERS)}")
        return (f"unexpected file '{path.name}'", did_you_mean(path.name, known, noun="files here"))
    if folder not in FOLDERS:
        return (f"'{folder}' is neither a strand nor {PROBLEMS_FOLDER}", _folders_meant(folder))
    if len(inside.parts) > 2:
        return (f"entries lie directly in '{folder}'", f"move it to {CLAIMS_FOLDER}/{folder}")
    if path.suffix != ".yaml":
        return (f"unexpected file '{path.name}'", "an entry is a file ID.yaml")
    return id_mistake(path.stem)


def _folders_meant(folder: str) -> str:
    return did_you_mean(folder, FOLDERS, noun="folders")


def _files_below(root: Path, top: Path) -> Iterator[tuple[Path, Mistake | None]]:
    """Every file below a folder, and every folder that should be a file or cannot be read, with why."""
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            inside = [entry for entry in os.scandir(root / folder) if not entry.name.startswith(".")]
        except OSError as error:
            yield folder, (f"the folder cannot be read: {error.strerror or error}", "")
            continue
        for entry in inside:
            path = folder / entry.name
            if path in (BIBLIOGRAPHY, NOTATION) or not os.path.isdir(entry.path):
                yield path, None
            elif entry.is_symlink():
                yield path, ("a link to a folder", "put the folder itself here")
            elif path in BESIDE_FOLDERS or path.suffix in (".yaml", ".yml"):
                yield path, ("a folder with the name of a file", "put the file itself here")
            elif len(path.parts) > DEEPEST_FOLDER:
                yield path, (f"entries lie directly in '{path.parts[1]}'", "remove this folder")
            else:
                folders.append(path)
