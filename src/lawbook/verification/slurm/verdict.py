"""Whether a job on a Slurm cluster is lost: by its task's signs of life, by Slurm's word, and by a deadline of ours.

Without accounting Slurm forgets a task minutes after its end, and of one whose node hangs it says nothing at all.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from lawbook.verification.jobs import Job
from lawbook.verification.slurm.commands import State
from lawbook.verification.slurm.jobs_folder import task_name
from lawbook.verification.slurm.signs import Beat

WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD")
UNDER_WAY = ("RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
# In the reasons for which a task waits for ever, unless somebody does something about it; and those among them for
# which one might not that asks for less time.
TOO_LONG = ("PartitionTimeLimit", "MaxWall")
HOPELESS = ("Held", "BadConstraints", "PartitionNodeLimit", "InvalidAccount", "InvalidQOS", *TOO_LONG)
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

    looks: between looks for results; beats: at the tasks' signs of life; questions: at squeue; arrays: between two
    submissions. files: for the word of a task that Slurm calls over. silence: for a sign of life of one that runs, the
    first of which may need packages from a cold network disk. place: for a job to be taken. beyond: for a job past its
    own time, which its watcher should have ended. answer: for Slurm, while no task gives a sign of life. leave: for
    tasks that have nothing more to do; end: for all, which are cancelled in between.
    """

    looks: float = 0.1
    beats: float = 1.0
    questions: float = 10.0
    arrays: float = 5.0
    files: float = 60.0
    silence: float = 300.0
    place: float = 86400.0
    beyond: float = 420.0
    answer: float = 600.0
    leave: float = 5.0
    end: float = 15.0


@dataclass(eq=False)
class Task:
    """A task of an array, as the engine knows it. since: when it came into its state, Slurm's word, for a reason.

    heard: when its newest sign of life came, which is its beat or what became of a job. how: with what it ended, in
    words, where that is known. is_given_up: whether nothing is expected of it any more.
    """

    array: str
    place: int
    since: float
    state: str = "PENDING"
    reason: str = ""
    heard: float = float("-inf")
    beat: Beat | None = None
    how: str = ""
    is_given_up: bool = False

    @property
    def name(self) -> str:
        return task_name(self.array, self.place)

    @property
    def was_heard(self) -> bool:
        return self.heard > float("-inf")

    @property
    def is_over(self) -> bool:
        """Whether Slurm has called it over, or knows it no more."""
        return self.state not in (*WAITING, *UNDER_WAY)

    @property
    def is_there(self) -> bool:
        """Whether it may take a job, now or when it has begun."""
        return not self.is_over and not self.is_given_up

    def see(self, state: State | None, now: float) -> bool:
        """Take what Slurm says, None where it knows the task no more; whether that is new. An end is kept in mind."""
        word = "" if state is None else state.word
        self.reason = "" if state is None else state.reason
        if word == self.state or (not word and self.is_over):
            return False
        self.state, self.since = word, now
        return True

    def hear(self, beat: Beat, now: float) -> bool:
        """Take a sign of life; whether it is new."""
        if beat == self.beat:
            return False
        self.beat, self.heard = beat, now
        return True


@dataclass(eq=False)
class UnderWay:
    """A job that waits for a task, or is done by one. number: its place in its folder. since: when it came there.

    task: which has taken it; taken: when that was seen; begun: when it was, as far as is known. gone: since when one
    that waits has no file.
    """

    ticket: Hashable
    job: Job
    number: int
    since: float
    task: Task | None = None
    taken: float = 0.0
    begun: float = 0.0
    gone: float | None = None
    progress: tuple[str, int, int | None] | None = None

    def take(self, task: Task, now: float) -> None:
        """See that a task has taken it."""
        if self.task is None:
            self.task, self.taken, self.begun = task, now, now
            task.heard = now

    def hear(self, beat: Beat, now: float) -> bool:
        """Take its task's sign of life; whether it tells of new progress."""
        self.begun = min(self.begun, now - beat.working)
        before, self.progress = self.progress, beat.progress
        return beat.progress is not None and beat.progress != before


@dataclass(frozen=True)
class Verdict:
    """Why a job, or a task, is lost. runs: whether Slurm still has the task, so that it is to be cancelled."""

    reason: str
    runs: bool


def verdict(running: UnderWay, reason: str, now: float, patience: SlurmPatience) -> Verdict | None:
    """Why a job is lost, whose files hold no result; None where something may still come of it.

    reason: Slurm's, for which the tasks wait that might take it.
    """
    task = running.task
    if task is None:
        if now - running.since > patience.place:
            why = f": {reason}" if reason else ""
            return Verdict(f"Slurm had no place for it in {patience.place / 3600:g} hours{why}", runs=False)
        return None
    if task.is_over:
        return _ended(task, now, patience)
    timeout = running.job.timeout
    if now - running.begun > timeout + patience.beyond:
        return Verdict(f"it ran on past its deadline of {timeout:g} seconds, and its watcher with it", runs=True)
    return _silent(max(running.taken, task.heard), now, patience)


def verdict_on_task(task: Task, now: float, patience: SlurmPatience) -> Verdict | None:
    """Why nothing more is to be expected of a task that does no job; None where it may yet do one."""
    if task.is_over:
        return _ended(task, now, patience)
    if task.state in UNDER_WAY:
        return _silent(max(task.since, task.heard), now, patience)
    if any(word in task.reason for word in HOPELESS) and now - task.since >= patience.files:
        return Verdict(f"Slurm does not run it: {task.reason}", runs=True)
    return None


def _ended(task: Task, now: float, patience: SlurmPatience) -> Verdict | None:
    # The word of one that ended well, or perhaps so, may be on its way through a network disk.
    waits = patience.files if task.state in ("COMPLETED", "") else 0.0
    said = ENDS.get(task.state) or f"the task that watches it ended{task.how}"
    return Verdict(f"{said}, without a result", runs=False) if now - task.since > waits else None


def _silent(heard: float, now: float, patience: SlurmPatience) -> Verdict | None:
    if now - heard > patience.silence:
        return Verdict(f"its task was silent for {patience.silence:g} seconds", runs=True)
    return None
