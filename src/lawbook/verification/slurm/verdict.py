"""Whether a job on a Slurm cluster is lost: by its own signs of life, by Slurm's word, and by a deadline of ours.

Without accounting Slurm forgets a job minutes after its end, and of one whose node hangs it says nothing at all.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import State
from lawbook.verification.slurm.task import Beat

WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD")
UNDER_WAY = ("RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
# In the reasons for which a job waits for ever, unless somebody does something about it.
HOPELESS = ("Held", "BadConstraints", "PartitionTimeLimit", "PartitionNodeLimit", "InvalidAccount", "InvalidQOS")
ENDS = {
    "": "Slurm knows it no more",
    "CANCELLED": "it was cancelled",
    "NODE_FAIL": "its node failed",
    "BOOT_FAIL": "its node did not start",
    "PREEMPTED": "Slurm ended it in favour of another job",
    "REVOKED": "another cluster took it",
    "DEADLINE": "Slurm ended it at a deadline",
    "TIMEOUT": "Slurm ended it at its own time limit",
    "OUT_OF_MEMORY": "its node killed it for memory",
}


@dataclass(frozen=True)
class SlurmPatience:
    """How many seconds to wait, and between what.

    looks: between looks at the files; questions: at squeue; arrays: between two submissions. files: for the result of a
    job that Slurm calls over. silence: for a sign of life of one that runs, the first of which may need packages from a
    cold network disk. place: for a place. beyond: for a job past its own time, which its watcher should have ended.
    answer: for Slurm, while no job gives a sign of life. end: for cancelled jobs.
    """

    looks: float = 0.5
    questions: float = 10.0
    arrays: float = 5.0
    files: float = 60.0
    silence: float = 300.0
    place: float = 86400.0
    beyond: float = 420.0
    answer: float = 600.0
    end: float = 15.0


@dataclass
class UnderWay:
    """A submitted job. array, number: its place. since: when it came into its state, Slurm's word.

    begun: when it began, by its first sign of life; heard: when its newest came, which is the beat. how: with what it
    ended, in words, where that is known.
    """

    ticket: Hashable
    job: Job
    array: str
    number: int
    since: float
    state: str = "PENDING"
    begun: float | None = None
    heard: float = float("-inf")
    beat: Beat | None = None
    how: str = ""

    def hear(self, beat: Beat, now: float) -> bool:
        """Take a sign of life; whether it tells of progress."""
        if beat == self.beat:
            return False
        before, self.beat, self.heard = self.beat, beat, now
        if self.begun is None:
            self.begun = now - beat.seconds
        return beat.progress is not None and (before is None or before.progress != beat.progress)

    @property
    def is_over(self) -> bool:
        """Whether Slurm has called it over, or knows it no more."""
        return self.state not in (*WAITING, *UNDER_WAY)

    def see(self, state: State | None, now: float) -> bool:
        """Take what Slurm says, None where it knows the job no more; whether that is new. An end is kept in mind."""
        word = "" if state is None else state.word
        if word == self.state or (not word and self.is_over):
            return False
        self.state, self.since = word, now
        return True


@dataclass(frozen=True)
class Verdict:
    """Why a job is lost. runs: whether Slurm still has it, so that it is to be cancelled."""

    reason: str
    runs: bool


def verdict(running: UnderWay, reason: str, now: float, patience: SlurmPatience) -> Verdict | None:
    """Why a job is lost, whose files hold no result; None where something may still come of it.

    reason: Slurm's, for the state that it is in.
    """
    timeout, in_state = running.job.timeout, now - running.since
    if running.is_over:
        # The result of one that ended well, or perhaps so, may be on its way through a network disk.
        waits = patience.files if running.state in ("COMPLETED", "") else 0.0
        said = ENDS.get(running.state) or f"the task that watches it ended{running.how}"
        return Verdict(f"{said}, without a result", runs=False) if in_state > waits else None
    if running.begun is not None and now - running.begun > timeout + patience.beyond:
        return Verdict(f"it ran on past its deadline of {timeout:g} seconds, and its watcher with it", runs=True)
    if running.state in UNDER_WAY:
        if now - max(running.since, running.heard) > patience.silence:
            return Verdict(f"its task was silent for {patience.silence:g} seconds", runs=True)
        return None
    if any(word in reason for word in HOPELESS) and in_state >= patience.files:
        return Verdict(f"Slurm does not run it: {reason}", runs=True)
    if in_state > patience.place:
        return Verdict(f"Slurm had no place for it in {patience.place / 3600:g} hours: {reason}", runs=True)
    return None
