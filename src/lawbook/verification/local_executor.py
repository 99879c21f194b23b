"""Jobs on this machine: a process each from the fork server, watched for its end and its limits.

Every wait has an end. A server that does not start, does not answer, or dies is killed and started anew, and what it
ran is lost; a worker that cannot be killed, as it hangs in the kernel, is given up together with its slot.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import socket
import subprocess
import sys
import time
from collections.abc import Hashable, Sequence
from compileall import compile_dir
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import IO

from lawbook.evidence.fingerprint import PACKAGE
from lawbook.verification.fork_server import ASK, GIVEN, HEADER, KILL, OWN, RUN
from lawbook.verification.isolation import ALWAYS, Isolation, find_isolation
from lawbook.verification.jobs import Finished, Job, Lost, Progress
from lawbook.verification.left_over import kill_left_over
from lawbook.verification.running_job import OUTPUT_KEPT, RunningJob, plain_file
from lawbook.verification.scratch import ScratchFolder
from lawbook.verification.worker_environment import worker_environment

SECONDS_BETWEEN_SAMPLES = 0.2
SECONDS_BETWEEN_QUESTIONS = 2.0
SECONDS_TO_END = 5.0
DEAD = "the process that forks the workers died, and its workers with it"


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait: for the server to start (it imports torch), to answer, and for a killed job to end."""

    start: float = 300.0
    answer: float = 30.0
    kill: float = 15.0


@dataclass
class _Server:
    """The fork server. ready: whether it has begun to serve. asked: when it was asked for an answer that is due."""

    process: subprocess.Popen[bytes]
    connection: socket.socket
    said: IO[bytes]
    born: float = field(default_factory=time.monotonic)
    heard: float = field(default_factory=time.monotonic)
    asked: float | None = None
    ready: bool = False
    unread: bytes = b""


class LocalExecutor:
    """Runs up to `slots` jobs at a time, each in a process of its own that nothing else depends on.

    preload: modules that the fork server imports once, for all workers. threads: what BLAS may use in a
    worker.
    """

    def __init__(
        self, slots: int, *, threads: int, preload: Sequence[str] = (), patience: Patience | None = None
    ) -> None:
        self.slots = slots
        self._threads = threads
        self._preload = tuple(preload)
        self._patience = patience or Patience()
        self._run = token_hex(8)
        self._isolation = Isolation(ALWAYS)
        self._running: dict[int, RunningJob] = {}
        self._given_up: list[RunningJob] = []
        self._early: list[Progress | Finished] = []
        self._tokens = 0
        self._server: _Server | None = None
        self._scratch: ScratchFolder | None = None
        self._sampled = 0.0

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Fork a worker for the job; what the machine has no room for is lost, and `wait` says so."""
        self._tokens += 1
        try:
            self._scratch = self._scratch or self._make_ready(Path(job.root))
            scratch = self._scratch.of_job(self._tokens)
            groups = self._isolation.groups
            group = groups.of_job(f"{self._run}-{self._tokens}", job.memory) if groups else None
            running = RunningJob(ticket, job, scratch, own_mounts=self._isolation.own_mounts, group=group)
        except OSError as error:
            reason = f"the machine has no room for a worker: {error.strerror}"
            self._early.append(Finished(ticket, Lost(reason)))
            return
        self._running[self._tokens] = running
        payload = pickle.dumps(running.job)
        try:
            server = self._server = self._server or self._start(self._scratch)
            header = HEADER.pack(RUN, self._tokens, len(payload))
            socket.send_fds(server.connection, [header], running.handles())
            server.connection.sendall(payload)
        except OSError:
            # The server is dead or deaf; `wait` finds that out and says so of every job.
            pass
        finally:
            running.handed_over()

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """Progress and ends since the last call; also kills what is past one of its limits."""
        events, self._early = self._early, []
        if self._server is None:
            events += self._lose_all("the process that forks the workers cannot be started")
            return events
        pipes = {
            handle: (running, name) for running in self._running.values() for handle, name in running.readable.items()
        }
        handle = self._server.connection.fileno()
        patience = 0.0 if events else min(seconds, SECONDS_BETWEEN_SAMPLES)
        ready, _, _ = select.select([handle, *pipes], [], [], patience)
        for found in ready:
            if found in pipes:
                running, name = pipes[found]
                progress = running.read(name)
                events += [progress] if progress else []
        if handle in ready:
            events += self._read_server(self._server)
        events += self._look_after()
        return events

    def close(self) -> None:
        """Kill every worker, by closing the socket whose end the fork server waits for."""
        self._stop_server()
        for running in (*self._running.values(), *self._given_up):
            running.release()
        self._running.clear()
        self._given_up.clear()
        if self._isolation.groups is not None:
            self._isolation.groups.remove_all(self._run)
        if self._scratch is not None:
            self._scratch.close()
            self._scratch = None

    def _start(self, scratch: ScratchFolder) -> _Server:
        ours, theirs = socket.socketpair()
        said = plain_file()
        command = [sys.executable, "-P", "-m", "lawbook.verification.fork_server", str(theirs.fileno())]
        mounts = OWN if self._isolation.own_mounts else GIVEN
        try:
            process = subprocess.Popen(
                [*self._isolation.command(scratch.path), *command, str(scratch.path), mounts, *self._preload],
                pass_fds=[theirs.fileno()],
                env=worker_environment(os.environ, self._threads, self._run),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                # A session of its own, so that the terminal's Ctrl-C reaches the engine alone.
                start_new_session=True,
            )
        except OSError:
            ours.close()
            said.close()
            raise
        finally:
            theirs.close()
        # Whoever does not take what is sent within its patience is taken for dead.
        ours.settimeout(self._patience.answer)
        return _Server(process, ours, said)

    def _make_ready(self, root: Path) -> ScratchFolder:
        """See how the workers of a registry's jobs can be isolated, and make the run's temporary folder."""
        self._isolation = find_isolation(root)
        if "root" in self._isolation.kept:
            # Workers may not write what they compile, and each would do it anew.
            compile_dir(root / PACKAGE, quiet=2)
        return ScratchFolder()

    def _stop_server(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        server.connection.close()
        # It ends its workers and itself; what is stopped or hangs is killed, and what hangs in the kernel is left.
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(SECONDS_TO_END)
        kill_left_over(self._run)
        if server.process.poll() is None:
            server.process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.process.wait(SECONDS_TO_END)
        server.said.close()

    def _read_server(self, server: _Server) -> list[Progress | Finished]:
        try:
            received = server.connection.recv(65536)
        except OSError:
            received = b""
        if not received:
            return self._bury_server(DEAD)
        server.heard = time.monotonic()
        server.asked = None
        *lines, server.unread = (server.unread + received).split(b"\n")
        events: list[Progress | Finished] = []
        for line in lines:
            message: dict[str, int] = json.loads(line)
            server.ready = server.ready or "ready" in message
            running = self._running.get(message.get("token", 0))
            if running is None:
                continue
            if "pid" in message:
                running.begun(message["pid"])
                continue
            del self._running[message["token"]]
            if "trouble" in message:
                reason = f"the machine takes no more processes: {os.strerror(message['trouble'])}"
                events.append(Finished(running.ticket, running.lost(reason)))
            else:
                result = running.result(message["status"])
                events.append(Finished(running.ticket, result, running.peak, self._isolation.kept))
            running.release()
        return events

    def _bury_server(self, reason: str) -> list[Progress | Finished]:
        server = self._server
        assert server is not None
        server.process.kill()
        server.said.seek(0)
        said = server.said.read()[-OUTPUT_KEPT:].decode(errors="replace")
        events = self._lose_all(reason, said)
        self._stop_server()
        return events

    def _lose_all(self, reason: str, said: str = "") -> list[Progress | Finished]:
        events: list[Progress | Finished] = []
        for running in self._running.values():
            lost = running.lost(reason)
            events.append(Finished(running.ticket, Lost(lost.reason, lost.output or said, lost.seconds)))
            running.release()
        self._running.clear()
        return events

    def _look_after(self) -> list[Progress | Finished]:
        """Hold every job to its limits, and the server to its word."""
        now = time.monotonic()
        server = self._server
        if server is None or now - self._sampled < SECONDS_BETWEEN_SAMPLES:
            return []
        self._sampled = now
        if not server.ready:
            if server.process.poll() is not None:
                # Bubblewrap that dies in its first milliseconds leaves a child that waits for it with the socket open.
                return self._bury_server(DEAD)
            if now - server.born > self._patience.start:
                reason = f"the process that forks the workers did not start in {self._patience.start:g} seconds"
                return self._bury_server(reason)
            return []
        if server.asked is not None and now - server.asked > self._patience.answer:
            reason = f"the process that forks the workers did not answer for {self._patience.answer:g} seconds"
            return self._bury_server(reason)
        if server.asked is None and now - server.heard > SECONDS_BETWEEN_QUESTIONS:
            server.asked = now
            self._send(HEADER.pack(ASK, 0, 0))
        events: list[Progress | Finished] = []
        for token, running in list(self._running.items()):
            if running.pid is None:
                continue
            if running.killed is None and running.over_its_limits(now):
                running.killed = now
                self._send(HEADER.pack(KILL, token, 0))
            elif running.killed is not None and now - running.killed > self._patience.kill:
                events.append(self._give_up(token, running))
        return events

    def _give_up(self, token: int, running: RunningJob) -> Finished:
        """Let go of a job whose process hangs where no signal reaches it; its slot stays taken."""
        del self._running[token]
        self._given_up.append(running)
        self.slots -= 1
        reason = f"{running.verdict}, and could not be killed: its process hangs in the kernel"
        return Finished(running.ticket, running.lost(reason))

    def _send(self, message: bytes) -> None:
        if self._server is not None:
            with contextlib.suppress(OSError):
                self._server.connection.sendall(message)
