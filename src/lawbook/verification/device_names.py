"""A card's model as one short word, for the names of records: `NVIDIA H100 80GB HBM3` is `h100`."""

from __future__ import annotations

import re

# Of memory, its kind, and how the card is plugged in: nothing that changes what the model is called.
_UNSAID = re.compile(r"\d+\s*gi?b|hbm\d?e?|pcie?|sxm\d*|nvl|oam|mig|generation|graphics|series")
_SUFFIXES = ("ti", "super", "xt", "xtx", "ada")


def device_token(name: str) -> str:
    """The model token of a card's name: lower-case letters and digits, never empty.

    The first word with a digit names the model; a family before a bare number (`RTX 4090`) and a variant
    after it (`Ti`, `SUPER`) belong to it.
    """
    words = [word for word in re.split(r"[^a-z0-9]+", name.lower()) if word and not _UNSAID.fullmatch(word)]
    place = next((place for place, word in enumerate(words) if any(map(str.isdigit, word))), None)
    if place is None:
        return "".join(words) or "gpu"
    token = words[place]
    if token[0].isdigit() and place:
        token = words[place - 1] + token
    for word in words[place + 1 :]:
        if word not in _SUFFIXES:
            break
        token += word
    return token
