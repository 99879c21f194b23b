"""What the tables of symbols and the notation page show, and what a symbol says of itself under the pointer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lawbook.book import Book, EntryState
from lawbook.prose import plain_text
from lawbook.registry.entry_symbols import NamedSymbol, entry_symbols
from lawbook.registry.latex_symbols import bare, one_symbol
from lawbook.registry.models import HouseSymbol


@dataclass(frozen=True)
class HouseRow:
    """A symbol of the house: its place on the notation page, who uses it so, and who uses it for what else."""

    symbol: NamedSymbol
    anchor: str
    users: tuple[EntryState, ...]
    otherwise: dict[str, list[EntryState]]


def house_rows(book: Book) -> list[HouseRow]:
    """Every symbol of the house, in its order, with the claims and problems that use the letter."""
    named = [(state, symbol) for state in book.states.values() for symbol in entry_symbols(book.registry, state.entry)]
    rows = []
    for item in book.registry.notation:
        name = one_symbol(bare(item.symbol)) or ""
        own = [(state, symbol) for state, symbol in named if symbol.name == name]
        users = tuple(state for state, symbol in own if symbol.is_of_the_house)
        otherwise: dict[str, list[EntryState]] = defaultdict(list)
        for state, symbol in own:
            if not symbol.is_of_the_house:
                otherwise[symbol.item.meaning].append(state)
        rows.append(HouseRow(NamedSymbol(name, item, item), anchor(item), users, otherwise))
    return rows


def anchor(item: HouseSymbol) -> str:
    r"""Where a symbol stands on the notation page: `symbol-lambda-max` for `\lambda_{\max}`."""
    words = re.findall(r"[A-Za-z0-9]+|\*", bare(item.symbol))
    return "-".join(("symbol", *("star" if word == "*" else word for word in words)))


def hints(symbols: Sequence[NamedSymbol]) -> Callable[[str], str]:
    """What to say of a formula that is one of the symbols and nothing else; nothing of any other formula."""
    meanings = {symbol.name: plain_text(symbol.item.meaning) for symbol in symbols}

    def hint(tex: str) -> str:
        return meanings.get(one_symbol(tex) or "", "")

    return hint
