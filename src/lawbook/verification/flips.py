"""A check that comes out otherwise than before: measured again at once on other seeds, and news only if that agrees.

A true law fails now and then by chance, as often as its confidence allows; twice in a row on seeds of their own hardly
ever.
"""

from __future__ import annotations

from dataclasses import dataclass

from lawbook.evidence.history import law_fingerprint
from lawbook.evidence.record import Outcome, Record
from lawbook.verification.seeds import confirming_base


@dataclass(frozen=True)
class Flip:
    """A changed outcome. before: of the old record. first, second: of the two measurements; second None where the
    confirming one did not come about.
    """

    name: str
    before: Outcome
    first: Outcome
    second: Outcome | None

    @property
    def is_confirmed(self) -> bool:
        return self.first == self.second

    @property
    def settles_nothing(self) -> bool:
        """Whether no outcome came twice, of the old one and the two measured: then what was recorded stays."""
        return self.second not in (None, "error", self.before, self.first)

    def __str__(self) -> str:
        said = f"{self.name}: {self.before} → {self.first}"
        if self.second is None:
            return f"{said}, not confirmed: the second measurement did not come about; what was recorded stays"
        if self.is_confirmed:
            return f"{said}, confirmed on other seeds"
        stays = "; what was recorded stays" if self.settles_nothing else ""
        return f"{said}, not confirmed: on other seeds {self.second}{stays}"


def base_to_confirm_on(record: Record, before: Record | None) -> int | None:
    """The seed base on which to measure a record's check again; None where the record changes nothing.

    An error is no draw of chance; and of another law, or other code, another outcome is no change.
    """
    if before is None or "error" in (record.outcome, before.outcome) or record.outcome == before.outcome:
        return None
    if law_fingerprint(record) != law_fingerprint(before):
        return None
    return confirming_base(record.seed_base)


def confirming(record: Record, first: Record) -> Record:
    """The second measurement as it is recorded: saying what it was to confirm, and whether it did."""
    told = "confirmed" if record.outcome == first.outcome else "not confirmed"
    note = f"{told}: on the seeds of base {first.seed_base} it came out {first.outcome}, here {record.outcome}"
    return record.model_copy(update={"confirms": first.seed_base, "notes": [*record.notes, note]})
