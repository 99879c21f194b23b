"""The house notation, `claims/notation.yaml`, and what an entry's own `symbols` may say beside it.

Like `lawbook.registry.crossref` it works on the plain data of a file, and passes over what the models report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from lawbook.registry.cut_texts import cut_texts
from lawbook.registry.diagnostics import Diagnostic
from lawbook.registry.latex_symbols import FoundSymbol, bare, one_symbol, symbols_of_text
from lawbook.registry.layout import NOTATION
from lawbook.registry.model_errors import explain_errors
from lawbook.registry.models import HouseSymbol, Notation, Symbol
from lawbook.registry.text_places import place_in_file
from lawbook.registry.yaml_reader import Document, read_yaml

Listed = TypeVar("Listed", bound=HouseSymbol)


@dataclass(frozen=True)
class House:
    """The symbols of the house by their names in normal form, as far as they can be read.

    is_whole: the file is valid, or there is none; else nobody is told that the house lacks a symbol.
    documents: the file, if there is one.
    """

    by_name: Mapping[str, HouseSymbol] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    is_whole: bool = True
    documents: tuple[Document, ...] = ()

    @property
    def symbols(self) -> tuple[HouseSymbol, ...]:
        return tuple(self.by_name.values())


def read_notation(root: Path) -> House:
    """Reads `claims/notation.yaml`; a registry may do without one."""
    whole = root / NOTATION
    if not (whole.exists() or whole.is_symlink()):
        return House()
    document = read_yaml(root, NOTATION)
    cut = dict(cut_texts(document))
    found = [*document.diagnostics, *cut.values(), *_list_mistakes(document)]
    if document.content is None:
        return House({}, tuple(found), is_whole=False, documents=(document,))
    try:
        symbols = Notation.model_validate(document.content).symbols
    except ValidationError as error:
        found += explain_errors(error, Notation, document, told=cut.keys())
        return House({}, tuple(found), is_whole=False, documents=(document,))
    return House(index_symbols(symbols), tuple(found), not found, (document,))


def index_symbols(symbols: Sequence[Listed]) -> dict[str, Listed]:
    """Listed symbols by their names in normal form."""
    return {name: item for item in symbols if (name := one_symbol(bare(item.symbol))) is not None}


def meaning_of(found: FoundSymbol, own: Mapping[str, Symbol], house: Mapping[str, HouseSymbol]) -> HouseSymbol | None:
    """What names a symbol of an entry's text: the nearest of its names that is listed, the entry's list first."""
    return next((own.get(name) or house[name] for name in found.names if name in own or name in house), None)


def judge_symbols(document: Document, house: House) -> Iterator[Diagnostic]:
    """What is wrong with the `symbols` of an entry: no symbol, given twice, another meaning without a reason."""
    yield from _list_mistakes(document)
    for index, item, name in _items(document):
        at = document.values["symbols", index, "symbol"]
        known, meaning, why = house.by_name.get(name), item.get("meaning"), item.get("why")
        if known is None:
            if why is not None and house.is_whole:
                what = f"'why' explains nothing: {NOTATION} has no symbol '{bare(item['symbol'])}'"
                yield Diagnostic(document.path, *document.keys["symbols", index, "why"], what, "remove it")
        elif isinstance(meaning, str) and why is None and not _same(meaning, known.meaning):
            what = f"'{bare(item['symbol'])}' is the house's symbol for '{known.meaning}' ({NOTATION})"
            meant = "take another symbol, or say in 'why' what makes it mean something else here"
            yield Diagnostic(document.path, *at, what, meant)


def untold_symbols(document: Document, house: House) -> Iterator[Diagnostic]:
    """A note for each symbol of the prediction that neither the entry nor the house names, where it first stands."""
    text = (document.content or {}).get("prediction")
    if not isinstance(text, str) or not house.is_whole:
        return
    told = {*house.by_name, *(name for _, _, name in _items(document))}
    for found in symbols_of_text(text):
        if found.is_word or told.intersection(found.names):
            continue
        told.add(found.names[0])
        before = text[: found.start].split("\n")
        line, column = place_in_file(document, ("prediction",), text, len(before), len(before[-1]) + 1)
        what = f"note: nothing says what '{found.tex}' of the prediction means"
        yield Diagnostic(document.path, line, column, what, "add it to 'symbols', with its meaning")


def _list_mistakes(document: Document) -> Iterator[Diagnostic]:
    first: dict[str, int] = {}
    for index, item in _mappings(document):
        symbol = item.get("symbol")
        if not isinstance(symbol, str) or not symbol.strip():
            continue
        position = document.values["symbols", index, "symbol"]
        name = one_symbol(bare(symbol))
        if name is None:
            meant = r"write one, as in '\eta', 'w_0', '\lambda_{\max}', '\mathcal L'"
            yield Diagnostic(document.path, *position, f"'{symbol}' is not one symbol", meant)
        elif name in first:
            what = f"the symbol '{bare(symbol)}' is listed twice, first at line {first[name]}"
            yield Diagnostic(document.path, *position, what, "keep one")
        else:
            first[name] = position[0]


def _items(document: Document) -> Iterator[tuple[int, dict[str, Any], str]]:
    """The listed symbols with their places in the list and their names in normal form."""
    for index, item in _mappings(document):
        symbol = item.get("symbol")
        if isinstance(symbol, str) and (name := one_symbol(bare(symbol))) is not None:
            yield index, item, name


def _mappings(document: Document) -> Iterator[tuple[int, dict[str, Any]]]:
    listed = (document.content or {}).get("symbols")
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield index, item


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()
