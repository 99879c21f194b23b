"""Did-you-mean: the nearest of the words that would have been right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 100
EVERY_ID = "`lawbook list` shows every id"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to `word`, or None where none is near."""
    if len(word) > LONGEST:
        return None
    words = list(known)
    lowered = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def which_id(id: str, ids: Iterable[str]) -> str:
    """What to say to someone who named an entry that the registry does not hold."""
    close = nearest(id, ids)
    return f"did you mean '{close}'?" if close else EVERY_ID


def did_you_mean(word: str, known: Iterable[str], *, noun: str, most: int = 12) -> str:
    """`did you mean 'x'?`, or else the list of what is known where it is short, or else nothing.

    noun: what the known words are, in the plural: "keys", "claims".
    """
    words = sorted(set(known))
    close = nearest(word, words)
    if close is not None:
        return f"did you mean '{close}'?"
    if not words:
        return f"there are no {noun}"
    return f"{noun}: {', '.join(words)}" if len(words) <= most else ""
