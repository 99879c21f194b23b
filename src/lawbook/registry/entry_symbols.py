"""What the symbols of one entry mean: its own list and, for the rest, the house's."""

from __future__ import annotations

from dataclasses import dataclass

from lawbook.registry.entry import Entry, Registry
from lawbook.registry.latex_symbols import bare, one_symbol, symbols_of_text
from lawbook.registry.models import HouseSymbol, Symbol
from lawbook.registry.notation import index_symbols, meaning_of


@dataclass(frozen=True)
class NamedSymbol:
    """A symbol that an entry uses, and what names it.

    name: in normal form, as the lists compare it. house: what the house says of it, None where it has no such
    symbol; `item` is that same object unless the entry says otherwise.
    """

    name: str
    item: HouseSymbol
    house: HouseSymbol | None

    @property
    def tex(self) -> str:
        return bare(self.item.symbol)

    @property
    def is_of_the_house(self) -> bool:
        return self.item is self.house

    @property
    def why(self) -> str | None:
        """Why it means something else here than in the house."""
        return self.item.why if isinstance(self.item, Symbol) else None


def entry_symbols(registry: Registry, entry: Entry) -> list[NamedSymbol]:
    """The named symbols of an entry's prediction and statement (a problem's question and what is known), in the
    order in which a reader meets them; then what it lists and uses elsewhere.
    """
    own, house = index_symbols(entry.content.symbols), index_symbols(registry.notation)
    met: dict[str, HouseSymbol] = {}
    for text in _texts(entry):
        for found in symbols_of_text(text):
            item = meaning_of(found, own, house)
            if item is not None:
                met.setdefault(_name(item), item)
    for name, item in own.items():
        met.setdefault(name, item)
    return [NamedSymbol(name, item, house.get(name)) for name, item in met.items()]


def _texts(entry: Entry) -> tuple[str, str]:
    if entry.is_problem:
        return entry.problem.question, entry.problem.known
    return entry.claim.prediction, entry.claim.statement


def _name(item: HouseSymbol) -> str:
    name = one_symbol(bare(item.symbol))
    assert name is not None, f"{item.symbol} stands in no list by name"
    return name
