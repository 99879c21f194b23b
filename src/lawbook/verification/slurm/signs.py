"""Signs of life between the engine and its tasks on a Slurm cluster, by files in a folder that they share.

A task rewrites its beat every few seconds, which is JSON: nothing that the engine reads could run there. The engine
rewrites its own while it lives.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lawbook.evidence.strict_json import read_plain_file

# In a run's folder, of the engine; in an array's, after a task's place in it.
ENGINE, BEAT = "engine", ".beat"
SECONDS_BETWEEN_BEATS = 2.0
# Bytes. A beat says a label of a checker's own, of a kilobyte or so.
LARGEST_SIGN = 2**20
# An engine that is silent for so long is gone, and nobody waits for a result.
SECONDS_WITHOUT_ENGINE = 600.0


class Engine:
    """The engine's own beat, as seen from a node."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = b""
        self._heard = time.monotonic()

    def is_gone(self) -> bool:
        """Whether it has been silent for long, or has taken its folder away."""
        now = time.monotonic()
        try:
            said = read_plain_file(self._path, LARGEST_SIGN)
        except OSError:
            if not self._path.parent.exists():
                return True
            # A network disk that hangs for a while says nothing of the engine.
            said = self._last
        if said != self._last:
            self._last, self._heard = said, now
        return now - self._heard > SECONDS_WITHOUT_ENGINE


@dataclass(frozen=True)
class Beat:
    """A sign of life of a task. seconds: since it began. job: the number of the one that it does, None between two.

    working: seconds since it took that job. progress: label, done and total, where the job told of any.
    """

    seconds: float
    job: int | None = None
    working: float = 0.0
    progress: tuple[str, int, int | None] | None = None

    def write(self, path: Path) -> None:
        """Leave it for the engine, which finds it whole; not forced to the disk, as the next one comes soon."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(json.dumps([self.seconds, self.job, self.working, self.progress]))
            temporary.replace(path)
        except OSError as error:
            print(f"no word could be left for the engine: {error}", file=sys.stderr)

    @classmethod
    def read(cls, path: Path) -> Beat:
        """What a task has left; raises ValueError where that is none, OSError where there is nothing."""
        try:
            seconds, job, working, far = json.loads(read_plain_file(path, LARGEST_SIGN))
            progress = None
            if far is not None:
                label, done, total = far
                progress = str(label), int(done), None if total is None else int(total)
            beat = cls(float(seconds), None if job is None else int(job), float(working), progress)
        except (TypeError, OverflowError, RecursionError) as error:
            raise ValueError(str(error)) from None
        if not (0 <= beat.seconds < math.inf and 0 <= beat.working < math.inf):
            raise ValueError("no time goes backwards or on for ever")
        return beat
