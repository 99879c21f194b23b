r"""Reads the symbols off a formula: Greek and Latin letters with accent, index and star, by names that compare.

It knows as much LaTeX as that takes, and no more: a letter or Greek command is a symbol; `\hat`, `\mathcal` and
the like belong to it, as do its subscript, its primes and a star above; `\mathbf`, `\boldsymbol` and `\dot` are
looked through; a power is read for symbols of its own; whatever else is a command, a number or a sign names nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

FORMULA = re.compile(r"(?<!\\)(?:\$\$(.+?)\$\$|\$((?:\\.|[^$\\])+)\$)", re.DOTALL)
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[A-Za-z]|[^\sA-Za-z]", re.DOTALL)
_LETTERS = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi rho varrho
sigma varsigma tau upsilon phi varphi chi psi omega ell
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
_GREEK = frozenset(f"\\{name}" for name in _LETTERS.split())
_BLACKBOARD = r"\mathbb"
_ROMAN = (r"\text", r"\mathrm", r"\operatorname", r"\textrm", r"\textbf", r"\textit", r"\mathsf", r"\mathtt")
_WORDS = frozenset((*_ROMAN, _BLACKBOARD))
_LOOKED_THROUGH = frozenset((r"\boldsymbol", r"\mathbf", r"\bm", r"\mathit", r"\dot", r"\ddot"))
_ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\tilde": "tilde", r"\widetilde": "tilde", r"\bar": "bar",
    r"\overline": "bar", r"\vec": "vec", r"\check": "check", r"\breve": "breve",
    r"\mathcal": "cal", r"\mathscr": "scr", r"\mathfrak": "frak",
}  # fmt: skip
_FRACTIONS = frozenset((r"\frac", r"\dfrac", r"\tfrac"))
_ENVIRONMENTS = frozenset((r"\begin", r"\end"))
_STARS = frozenset(("*", r"\star", r"\ast"))
_FONTS = re.compile(r"\\(?:text|mathrm|operatorname|mathit|mathsf|textrm)(?![A-Za-z])")
# An index that runs, over units, layers, steps: which letter it is says nothing.
_RUNNING = re.compile(r"[ijklmnt]([+-][0-9a-z]+)?")
_ANY = "#"
# A formula for people nests a few groups; a stranger's may nest thousands.
_DEEPEST = 16
_SAME_SYMBOL = (_ANY, "0", "T")


@dataclass(frozen=True)
class FoundSymbol:
    """A symbol of a formula.

    names: its name in normal form, and after it what else may name it: `w_0`, `w_T` and `w_t` are `w` at some
    time, `W_1` is one of the `W_l`, and `\\Delta z` a change of `z`.
    start: where it begins in the formula, from 0.
    tex: as it is written, without powers.
    is_word: set in roman or a letter of the blackboard, such as `\\mathrm{NC1}` or `\\mathbb E`.
    """

    names: tuple[str, ...]
    start: int
    tex: str
    is_word: bool = False


def symbols_in(formula: str) -> list[FoundSymbol]:
    """Every symbol of a formula (LaTeX without its dollar signs), in order, as often as it stands there."""
    return list(_read(formula))


# The house's symbols are read again for each entry, and an entry's for each of its views.
@lru_cache(maxsize=16_384)
def _read(formula: str) -> tuple[FoundSymbol, ...]:
    return tuple(_Reader(formula, 0).symbols())


def symbols_of_text(text: str) -> Iterator[FoundSymbol]:
    """Every symbol of the formulas between dollar signs in a text; `start` counts from the text's beginning."""
    for match in FORMULA.finditer(text):
        group = 1 if match[1] is not None else 2
        for found in symbols_in(match[group]):
            yield replace(found, start=match.start(group) + found.start)


def one_symbol(formula: str) -> str | None:
    """The name in normal form where the formula is one symbol and nothing else, else None."""
    alone = formula.strip()
    found = symbols_in(alone)
    if len(found) == 1 and found[0].tex == alone:
        return found[0].names[0]
    return alone if re.fullmatch(r"\\[A-Za-z]+", alone) and not found else None


def bare(symbol: str) -> str:
    """A symbol as a file may write it, `$\\eta$` or `\\eta`, without dollar signs."""
    stripped = symbol.strip()
    return stripped[1:-1].strip() if len(stripped) > 1 and stripped[0] == stripped[-1] == "$" else stripped


class _Reader:
    """Walks through the tokens of a formula, and of each group inside it; beyond `_DEEPEST` groups it reads nothing."""

    def __init__(self, formula: str, depth: int) -> None:
        self.formula, self.depth = formula, depth
        self.tokens = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(formula)]
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][0] if place < len(self.tokens) else ""

    def symbols(self) -> Iterator[FoundSymbol]:
        while self.at < len(self.tokens) and self.depth <= _DEEPEST:
            yield from self.item()

    def item(self) -> Iterator[FoundSymbol]:
        token, start, _ = self.tokens[self.at]
        if token in _ENVIRONMENTS:
            self.at += 1
            self.argument()
        elif token in _FRACTIONS:
            self.at += 1
            yield from self.fraction()
        elif token == r"\\" and self.peek(1) == "[":
            self.at += 1
            self.skip_length()
        elif token == "{":
            yield from self.inside(self.argument())
            yield from self.after_a_group()
        elif self.is_symbol():
            yield from self.symbol(start)
        elif token in ("_", "^"):
            yield from self.after_a_group()
        else:
            self.at += 1

    def skip_length(self) -> None:
        """The room below a line of an array, as in `[2ex]`."""
        while self.at < len(self.tokens) and self.peek() != "]":
            self.at += 1

    def after_a_group(self) -> Iterator[FoundSymbol]:
        """The scripts of what is no symbol: powers are read, indices (bounds of sums, components) are not."""
        while self.peek() in ("_", "^"):
            is_power = self.peek() == "^"
            self.at += 1
            inside = self.argument()
            if is_power:
                yield from self.inside(inside)

    def fraction(self) -> Iterator[FoundSymbol]:
        r"""The symbols above and below, without the two signs d of a derivative such as `\frac{d}{dt}`."""
        parts = (self.argument(), self.argument())
        is_derivative = all(written.startswith("d") for _, written in parts) and parts[1][1] != "d"
        for offset, written in parts:
            yield from self.inside((offset + 1, written[1:]) if is_derivative else (offset, written))

    def is_symbol(self) -> bool:
        token = self.peek()
        if token == "e":
            return self.peek(1) != "^"
        if token == "O":
            return self.peek(1) not in ("(", r"\bigl", r"\Bigl", r"\left")
        return (
            (len(token) == 1 and token.isalpha()) or token in _GREEK or token in _WORDS or
            token in _ACCENTS or token in _LOOKED_THROUGH
        )  # fmt: skip

    def symbol(self, start: int) -> Iterator[FoundSymbol]:
        """One symbol with its scripts; a command over more than one symbol only yields what is inside."""
        token = self.peek()
        if token == r"\Delta" and self.follows_a_symbol():
            self.at += 1
            yield from self.change(start)
            return
        self.at += 1
        is_word, base, within = token in _WORDS, token, ""
        if token in _WORDS:
            base = f"{'bb' if token == _BLACKBOARD else 'rm'} {_plain(self.words())}"
        elif token in _ACCENTS or token in _LOOKED_THROUGH:
            offset, written = self.argument()
            inner = self.inside((offset, written))
            if len(inner) != 1 or inner[0].tex != written.strip():
                yield from inner
                yield from self.after_a_group()
                return
            is_word, within = inner[0].is_word, inner[0].names[0]
            base = f"{_ACCENTS[token]} {within}" if token in _ACCENTS else within
        powers: list[tuple[int, str]] = []
        index, marks, end = self.scripts(powers)
        yield FoundSymbol(_names(base, index, marks), start, self.formula[start:end], is_word)
        for power in powers:
            yield from self.inside(power)

    def follows_a_symbol(self) -> bool:
        self.at += 1
        follows = self.at < len(self.tokens) and self.is_symbol() and self.peek() not in (r"\Delta", *_WORDS)
        self.at -= 1
        return follows

    def change(self, start: int) -> Iterator[FoundSymbol]:
        changing = list(self.symbol(self.tokens[self.at][1]))
        if not changing:
            return
        first, *others = changing
        end = first.start + len(first.tex)
        changed = (f"Delta {first.names[0]}", *(f"Delta {name}" for name in first.names[1:]), *first.names)
        yield FoundSymbol(changed, start, self.formula[start:end])
        yield from others

    def scripts(self, powers: list[tuple[int, str]]) -> tuple[str, str, int]:
        """The index in normal form, star and primes, where they end; what is raised beside them goes to `powers`."""
        index = star = primes = ""
        end = self.tokens[self.at - 1][2]
        while self.peek() in ("_", "^", "'"):
            script = self.peek()
            self.at += 1
            if script == "'":
                primes += "'"
                end = end if powers else self.tokens[self.at - 1][2]
                continue
            offset, written = self.argument()
            if script == "_":
                index = _index(written)
            elif written.strip() in _STARS:
                star = "^*"
            else:
                powers.append((offset, written))
            end = end if powers else self.tokens[self.at - 1][2]
        return index, star + primes, end

    def argument(self) -> tuple[int, str]:
        """The next group's text without its braces, or the next command or character; and where it begins."""
        if self.at >= len(self.tokens):
            return len(self.formula), ""
        _, start, end = self.tokens[self.at]
        while self.peek() in _ACCENTS or self.peek() in _WORDS or self.peek() in _LOOKED_THROUGH:
            self.at += 1
        open_groups, is_group = 0, self.peek() == "{" and self.tokens[self.at][1] == start
        while self.at < len(self.tokens):
            open_groups += {"{": 1, "}": -1}.get(self.peek(), 0)
            self.at += 1
            if open_groups <= 0:
                break
        last, closing = self.tokens[self.at - 1][1:]
        return (end, self.formula[end:last]) if is_group else (start, self.formula[start:closing])

    def words(self) -> str:
        if self.peek() == "*":
            self.at += 1
        return self.argument()[1]

    def inside(self, part: tuple[int, str]) -> list[FoundSymbol]:
        """The symbols of a part of the formula, which begins at the given place."""
        offset, written = part
        inner = _Reader(written, self.depth + 1).symbols()
        return [replace(found, start=offset + found.start) for found in inner]


def _names(base: str, index: str, marks: str) -> tuple[str, ...]:
    bare_name, any_index = f"{base}{marks}", f"{base}_{_ANY}{marks}"
    if not index:
        return (bare_name,)
    names = [f"{base}_{index}{marks}", *([any_index] if index.isdigit() else [])]
    return (*names, bare_name) if index in _SAME_SYMBOL else tuple(names)


def _index(written: str) -> str:
    plain = _plain(written)
    return _ANY if _RUNNING.fullmatch(plain) else plain


def _plain(written: str) -> str:
    """An index or word without fonts, braces, backslashes and spaces; one star for all."""
    for star in _STARS:
        written = written.replace(star, "*")
    return re.sub(r"[{}\s\\]|\\[,;:! ]", "", _FONTS.sub("", written))
