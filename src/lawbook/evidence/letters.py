"""How a line of history is written short: a letter a name, an outcome's initial, no digit more than it holds."""

from __future__ import annotations

import json
from typing import Annotated, Any, get_args

from pydantic import AliasChoices, AliasGenerator, BeforeValidator, PlainSerializer

from lawbook.evidence.record import Outcome

DIGITS = 7
# A name's letter, then what it was called in lines of old; all are read, the letter is written.
KEYS: dict[str, tuple[str, ...]] = {
    "started": ("t",),
    "claim": ("c",),
    "check": ("k",),
    "tier": ("q",),
    "device": ("d", "device_kind"),
    "outcome": ("o",),
    "before": ("b", "status_before"),
    "estimate": ("e",),
    "interval": ("i",),
    "error": ("s",),
    "seeds": ("n",),
    "seed_base": ("u",),
    "awaits": ("w",),
    "confirms": ("y",),
    "accept": ("a",),
    "measures": ("m",),
    "law": ("l",),
    "commit": ("g",),
    "seconds": ("r",),
}
NAMES = frozenset(KEYS).union(*KEYS.values())
LETTERS = AliasGenerator(
    validation_alias=lambda name: AliasChoices(KEYS[name][0], name, *KEYS[name][1:]),
    serialization_alias=lambda name: KEYS[name][0],
)
_INITIALS = {outcome[0]: outcome for outcome in get_args(Outcome)}


def _spelled_out(outcome: Any) -> Any:
    return _INITIALS.get(outcome, outcome) if isinstance(outcome, str) else outcome


ShortOutcome = Annotated[
    Outcome, BeforeValidator(_spelled_out), PlainSerializer(lambda outcome: outcome[0], when_used="json")
]


def written(value: Any) -> str:
    """A value as JSON, a float in the digits that a line keeps."""
    if isinstance(value, float):
        # As JSON's usual writers have it, 1.5e15 takes sixteen digits.
        return f"{value:.{DIGITS}g}"
    if isinstance(value, list):
        return f"[{','.join(map(written, value))}]"
    return json.dumps(value, ensure_ascii=False)
