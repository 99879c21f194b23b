"""What a task of a Slurm array does on its node: one job under the local machine's own watcher, and word of it.

Word goes by files in a folder that the engine's machine and the nodes share. NUMBER.beat says every few seconds that
the task lives, for how long and how far it is; NUMBER.result comes once, whole. Both are JSON: nothing that the engine
reads could run there.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from lawbook.places.writing import write_atomically
from lawbook.verification.cluster_worker import ClusterWorker
from lawbook.verification.jobs import Finished, Job, Progress
from lawbook.verification.results import dump_result

BEAT, RESULT = ".beat", ".result"
# In the folder above, rewritten by the engine while it lives.
ENGINE = "engine"
SECONDS_BETWEEN_BEATS = 2.0
# An engine that is silent for so long is gone, and nobody waits for a result.
SECONDS_WITHOUT_ENGINE = 600.0


def work(folder: str, number: int, job: Job, threads: int, preload: Sequence[str]) -> None:
    """Run a job and leave its result in the folder. Ends without one where the engine is gone, or by SIGTERM."""
    # Whoever is cancelled ends at once; submitit would have it wait, or begin anew.
    for each in (signal.SIGTERM, signal.SIGUSR2):
        signal.signal(each, _end)
    place, engine = Path(folder), Engine(Path(folder).parent / ENGINE)
    worker = ClusterWorker(threads, preload)
    start, told = time.monotonic(), -SECONDS_BETWEEN_BEATS
    newest: Progress | None = None
    try:
        events, _ = worker.begin(number, job)
        while True:
            for event in events:
                if isinstance(event, Finished):
                    write_atomically(place / f"{number}{RESULT}", dump_result(event.result))
                    return
                newest = event
            now = time.monotonic()
            if now - told > SECONDS_BETWEEN_BEATS:
                told = now
                far = (newest.label, newest.done, newest.total) if newest else None
                Beat(round(now - start, 1), far).write(place / f"{number}{BEAT}")
                if engine.is_gone():
                    print("the engine that asked for this is gone", file=sys.stderr)
                    return
            events, _ = worker.go_on()
    finally:
        worker.close()


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
            said = self._path.read_bytes()
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
    """A sign of life. seconds: since the task began. progress: label, done and total, where the job told of any."""

    seconds: float
    progress: tuple[str, int, int | None] | None

    def write(self, path: Path) -> None:
        """Leave it for the engine, which finds it whole; not forced to the disk, as the next one comes soon."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(json.dumps([self.seconds, self.progress]))
            temporary.replace(path)
        except OSError as error:
            print(f"no word could be left for the engine: {error}", file=sys.stderr)

    @classmethod
    def read(cls, path: Path) -> Beat:
        """What a task has left; raises ValueError where that is none, OSError where there is nothing."""
        try:
            seconds, far = json.loads(path.read_bytes())
            if far is None:
                return cls(float(seconds), None)
            label, done, total = far
            return cls(float(seconds), (str(label), int(done), None if total is None else int(total)))
        except TypeError as error:
            raise ValueError(str(error)) from None


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
