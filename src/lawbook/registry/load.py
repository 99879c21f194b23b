"""Loads a registry, or says everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from lawbook.registry.bibliography import Bibliography, read_bibliography
from lawbook.registry.checker_modules import CheckerError
from lawbook.registry.checker_source import Resolve, resolver
from lawbook.registry.checker_tests import untested_checkers
from lawbook.registry.crossref import cross_reference
from lawbook.registry.cut_texts import cut_texts
from lawbook.registry.diagnostics import Diagnostic, RegistryError
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.layout import EntryFile, survey
from lawbook.registry.links import Pages, bad_links, page_parts
from lawbook.registry.map_grid import Grid, grids
from lawbook.registry.model_errors import explain_errors
from lawbook.registry.models import PROBLEMS_FOLDER, Claim, Problem, Tier
from lawbook.registry.notation import House, judge_symbols, read_notation, untold_symbols
from lawbook.registry.panel_labels import unrendered_labels
from lawbook.registry.regions import CheckRegions, all_regions
from lawbook.registry.remembered import Known, Memory, plain_regions, regions_of, surroundings
from lawbook.registry.yaml_reader import Document


@dataclass(frozen=True)
class Inspection:
    """What `lawbook lint` says: mistakes, and notes that are none; the registry, unless it is wrong anywhere."""

    mistakes: list[Diagnostic]
    notes: list[Diagnostic]
    registry: Registry | None


def inspect(root: Path, paths: Sequence[Path] = ()) -> Inspection:
    """Everything to say of the registry, sorted by place; with `paths` only of these files and folders.

    Mistakes include LaTeX that KaTeX cannot set. Notes: symbols of a prediction that no list names.
    """
    reading = _read(root)
    mistakes = _mistakes(root, reading, paths)
    notes = [
        note for document in reading.documents if _selected(document.path, paths) for note in _notes(reading, document)
    ]
    reading.memory.save()
    is_valid = not mistakes and not reading.diagnostics
    return Inspection(mistakes, sorted(notes), reading.registry(root) if is_valid else None)


def lint(root: Path, paths: Sequence[Path] = ()) -> list[Diagnostic]:
    """Every mistake of the registry, sorted by place; with `paths` only those in these files and folders.

    Includes what `load_registry` lets pass: LaTeX that KaTeX cannot set, links that lead nowhere, texts that show
    nothing, formulas on the axes of panels, checkers without a test. paths: relative to `root`.
    """
    return inspect(root, paths).mistakes


def load_registry(root: Path) -> Registry:
    """The registry at `root`; raises RegistryError with every mistake where there is one."""
    reading = _read(root)
    reading.memory.save()
    if reading.diagnostics:
        raise RegistryError(sorted(set(reading.diagnostics)))
    return reading.registry(root)


@dataclass(frozen=True)
class _Reading:
    documents: list[Document]
    pages: Pages
    entries: dict[str, Entry]
    bibliography: Bibliography
    house: House
    resolve: Resolve
    diagnostics: list[Diagnostic]
    memory: Memory
    beside: str

    def registry(self, root: Path) -> Registry:
        return Registry(root, self.entries, self.bibliography.references, self.house.symbols)


def _mistakes(root: Path, reading: _Reading, paths: Sequence[Path]) -> list[Diagnostic]:
    from lawbook.registry.mathematics import bad_sources

    found = [*reading.diagnostics, *bad_sources(reading.bibliography), *unrendered_labels(root)]
    for document in reading.documents:
        if _selected(document.path, paths):
            found += untested_checkers(root, document, reading.resolve)
    for document in (*reading.documents, *reading.house.documents):
        if document.content is not None and _selected(document.path, paths):
            found += _mistakes_of_prose(document, reading.memory.of(document.path))
            found += _lost_links(reading, document)
    return sorted({diagnostic for diagnostic in found if _selected(diagnostic.path, paths)})


def _mistakes_of_prose(document: Document, known: Known | None) -> list[Diagnostic]:
    """What is wrong with the texts of a file by themselves."""
    from lawbook.registry.mathematics import bad_mathematics, unseen_texts

    if known is not None and known.prose:
        return []
    found = [*bad_mathematics(document), *unseen_texts(document)]
    if known is not None:
        known.prose = not found
    return found


def _lost_links(reading: _Reading, document: Document) -> list[Diagnostic]:
    known = reading.memory.of(document.path)
    if known is not None and known.linked == reading.beside:
        return []
    found = list(bad_links(document, reading.pages))
    if known is not None and not found:
        known.linked = reading.beside
    return found


def _notes(reading: _Reading, document: Document) -> list[Diagnostic]:
    known = reading.memory.of(document.path)
    if known is not None and known.quiet == reading.beside:
        return []
    found = list(untold_symbols(document, reading.house))
    if known is not None and not found:
        known.quiet = reading.beside
    return found


def _read(root: Path) -> _Reading:
    layout = survey(root)
    bibliography = read_bibliography(root)
    house = read_notation(root)
    memory = Memory(root)
    found = [*layout.diagnostics, *bibliography.diagnostics, *house.diagnostics]
    documents = [memory.document(file.path) for file in layout.files]
    pages = page_parts(list(zip(layout.files, documents, strict=True)))
    beside = surroundings(root, layout.files, pages)
    # Files claim their ids whether valid or not, so that a broken one does not break those that point to it.
    ids = frozenset(file.id for file in layout.files)
    entries: dict[str, Entry] = {}
    resolve = resolver(root)
    for file, document in zip(layout.files, documents, strict=True):
        known = memory.of(file.path)
        if known is not None and known.beside == beside:
            entries[file.id] = _remembered(resolve, file, document, known)
            continue
        mistakes = [*document.diagnostics, *cross_reference(resolve, file, document, ids, bibliography)]
        mistakes += judge_symbols(document, house)
        entry = _validate(resolve, file, document)
        if isinstance(entry, Entry):
            entries[file.id] = entry
            if known is not None and not mistakes:
                known.beside, known.regions = beside, plain_regions(entry.regions)
        else:
            mistakes += entry
        found += mistakes
    return _Reading(documents, pages, entries, bibliography, house, resolve, found, memory, beside)


def _remembered(resolve: Resolve, file: EntryFile, document: Document, known: Known) -> Entry:
    content = _model(file).model_validate(document.content)
    regions, find_grids = regions_of(known.regions), partial(_grids, resolve, content)
    return Entry(file.id, file.strand, file.path, content, document.keys, regions, find_grids)


def _model(file: EntryFile) -> type[Claim] | type[Problem]:
    return Problem if file.strand == PROBLEMS_FOLDER else Claim


def _validate(resolve: Resolve, file: EntryFile, document: Document) -> Entry | list[Diagnostic]:
    cut = dict(cut_texts(document))
    if document.content is None:
        return list(cut.values())
    model = _model(file)
    try:
        content = model.model_validate(document.content)
    except ValidationError as error:
        return [*cut.values(), *explain_errors(error, model, document, told=cut.keys())]
    if cut:
        return list(cut.values())
    regions, find_grids = _regions(resolve, content), partial(_grids, resolve, content)
    return Entry(file.id, file.strand, file.path, content, document.keys, regions, find_grids)


def _regions(resolve: Resolve, content: Claim | Problem) -> dict[tuple[str, Tier], CheckRegions]:
    regions: dict[tuple[str, Tier], CheckRegions] = {}
    for check in content.checks:
        # A reference that names nothing is told where references are judged.
        with suppress(CheckerError):
            regions |= {(check.name, tier): found for tier, found in all_regions(resolve(check.checker), check).items()}
    return regions


def _grids(resolve: Resolve, content: Claim | Problem) -> dict[tuple[str, Tier], Grid]:
    found: dict[tuple[str, Tier], Grid] = {}
    for drawn in content.maps:
        of_check = next((check.checker for check in content.checks if check.name == drawn.check), None)
        # A check or checker that is not there, and an axis that it does not take, are told where maps are judged.
        with suppress(CheckerError, KeyError):
            if reference := drawn.checker or of_check:
                source = resolve(reference)
                found |= {(drawn.name, tier): grid for tier, grid in grids(source, drawn, content.checks).items()}
    return found


def _selected(path: Path, paths: Sequence[Path]) -> bool:
    return not paths or any(path.is_relative_to(chosen) for chosen in paths)
