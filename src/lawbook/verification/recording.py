"""What a run writes as it goes: each settled check's record at once, and of a changed outcome both measurements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from lawbook.evidence.record import Record
from lawbook.evidence.store import DamagedEvidenceError, note_unconfirmed, write_record
from lawbook.verification.flips import Flip, base_to_confirm_on, confirming
from lawbook.verification.plan import PlannedCheck
from lawbook.verification.run import Judged, Unmeasured
from lawbook.verification.summary import RunState


class Recorder:
    """Takes a run's settled checks into its state and, where it is to record, into a store.

    before: the records that the store held when the run began, by `claim/check`.
    """

    def __init__(
        self, root: Path, before: Mapping[str, Record], state: RunState, *, record: bool, publish: bool
    ) -> None:
        self._root, self._before, self._state = root, before, state
        self._record, self._publish = record, publish

    def again(self, planned: PlannedCheck, record: Record) -> int | None:
        """The seed base on which to confirm a settled check, if it came out otherwise than before."""
        return base_to_confirm_on(record, self._before.get(planned.name))

    def take(self, event: Judged | Unmeasured) -> None:
        """Note and write what has been settled."""
        name, state = event.planned.name, self._state
        if isinstance(event, Unmeasured):
            state.unmeasured[name] = event.reason
        elif event.again:
            before = self._before[name]
            state.flips.append(Flip(name, before.outcome, event.record.outcome, None))
            self._write(name, lambda: note_unconfirmed(self._root, event.record, before, publish=self._publish))
        else:
            record = event.record
            if event.first is not None:
                before = self._before[name]
                record = confirming(record, event.first)
                flip = Flip(name, before.outcome, event.first.outcome, record.outcome)
                state.flips = [flip if known.name == name else known for known in state.flips]
                if flip.settles_nothing:
                    state.records[name] = before
                    self._write(name, lambda: note_unconfirmed(self._root, record, before, publish=self._publish))
                    return
            state.records[name] = record
            self._write(name, lambda: write_record(self._root, record, publish=self._publish))

    def _write(self, name: str, write: Callable[[], object]) -> None:
        """Write, or note what kept it from being written."""
        if not self._record:
            return
        try:
            write()
        except (DamagedEvidenceError, OSError) as error:
            self._state.unrecorded.append(f"{name}: {error}")
            self._state.is_unwritable = True
