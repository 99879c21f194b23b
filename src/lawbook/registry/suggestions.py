"""Did-you-mean: the nearest of the words that would have been right."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

LONGEST = 100
EVERY_ID = "`lawbook list` shows every id"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None where none is near."""
    if len(word) > LONGEST:
        return None
    words = list(known)
    if not word.isascii():
        same = next((candidate for candidate in words if unicode_form(candidate) == unicode_form(word)), None)
        if same is not None:
            return same
    lowered = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def unicode_form(word: str) -> str:
    """The one form of all words that look the same and differ in how Unicode writes them."""
    return unicodedata.normalize("NFKC", word)


def question(word: str, close: str) -> str:
    """`did you mean 'x'?`, and how it differs from the word where a reader sees no difference."""
    asked = f"did you mean '{close}'?"
    if unicode_form(word) != unicode_form(close):
        return asked
    begin = next((at for at, pair in enumerate(zip(word, close, strict=False)) if pair[0] != pair[1]), 0)
    here, there = _codes(word[begin : begin + 2]), _codes(close[begin : begin + 2])
    return f"{asked} it differs in Unicode form only: {there} there, {here} here"


def _codes(characters: str) -> str:
    return " ".join(f"U+{ord(character):04X}" for character in characters) or "nothing"


def which_id(id: str, ids: Iterable[str]) -> str:
    """What to say to someone who named an entry that the registry does not hold."""
    close = nearest(id, ids)
    return question(id, close) if close else EVERY_ID


def did_you_mean(word: str, known: Iterable[str], *, noun: str, most: int = 12) -> str:
    """`did you mean 'x'?`, or else the list of what is known where it is short, or else nothing.

    noun: what the known words are, in the plural: "keys", "claims".
    """
    words = sorted(set(known))
    close = nearest(word, words)
    if close is not None:
        return question(word, close)
    if not words:
        return f"there are no {noun}"
    return f"{noun}: {', '.join(words)}" if len(words) <= most else ""
