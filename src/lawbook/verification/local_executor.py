"""Jobs on this machine: a process each from the fork server, watched for its end, its deadline and its
memory.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import IO

from lawbook.verification.fork_server import HEADER, KILL, RUN
from lawbook.verification.jobs import Failure, Finished, Job, Progress, Result

SECONDS_BETWEEN_SAMPLES = 0.2
SECONDS_TO_END = 5.0
OUTPUT_KEPT = 4000
MIB = 2**20


@dataclass
class _Running:
    """A job under way. pid: None until the fork server has said it. verdict: why it is being killed.

    peak: MiB, the most that it was seen to hold.
    """

    ticket: Hashable
    job: Job
    progress: int
    result: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    output: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    pid: int | None = None
    started: float = field(default_factory=time.monotonic)
    unread: bytes = b""
    verdict: str = ""
    peak: int = 0


class LocalExecutor:
    """Runs up to `slots` jobs at a time, each in a process of its own that nothing else depends on.

    preload: modules that the fork server imports once, for all workers. threads: what BLAS may use in a
    worker.
    """

    def __init__(self, slots: int, *, threads: int, preload: Sequence[str] = ()) -> None:
        self.slots = slots
        self._threads = threads
        self._preload = tuple(preload)
        self._running: dict[int, _Running] = {}
        self._tokens = 0
        self._server: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._unread = b""
        self._sampled = 0.0
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115

    def submit(self, ticket: Hashable, job: Job) -> None:
        """Fork a worker for the job."""
        connection = self._connect()
        receive, send = os.pipe()
        os.set_blocking(receive, False)
        running = _Running(ticket, job, receive)
        self._tokens += 1
        self._running[self._tokens] = running
        payload = pickle.dumps(job)
        header = HEADER.pack(RUN, self._tokens, len(payload))
        try:
            handles = [send, running.result.fileno(), running.output.fileno()]
            socket.send_fds(connection, [header], handles)
            connection.sendall(payload)
        except OSError:
            # The fork server is dead; `wait` finds that out and says so of every job.
            pass
        finally:
            os.close(send)

    def wait(self, seconds: float) -> list[Progress | Finished]:
        """Progress and ends since the last call; also kills what is past its deadline or over its memory."""
        if self._connection is None:
            return []
        pipes = {running.progress: running for running in self._running.values()}
        server = self._connection.fileno()
        ready, _, _ = select.select([server, *pipes], [], [], min(seconds, SECONDS_BETWEEN_SAMPLES))
        events: list[Progress | Finished] = []
        for handle in ready:
            if handle in pipes:
                events += self._read_progress(pipes[handle])
        if server in ready:
            events += self._read_server()
        self._enforce_limits()
        return events

    def close(self) -> None:
        """Kill every worker, by closing the socket whose end the fork server waits for."""
        for running in self._running.values():
            _release(running)
        self._running.clear()
        self._stop_server()
        self._said.close()

    def _connect(self) -> socket.socket:
        if self._connection is None:
            ours, theirs = socket.socketpair()
            command = [sys.executable, "-P", "-m", "lawbook.verification.fork_server", str(theirs.fileno())]
            self._server = subprocess.Popen(
                [*command, *self._preload],
                pass_fds=[theirs.fileno()],
                env=_environment(self._threads),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                # A session of its own, so that the terminal's Ctrl-C reaches the engine alone.
                start_new_session=True,
            )
            theirs.close()
            self._connection = ours
            self._unread = b""
        return self._connection

    def _stop_server(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._server is not None:
            try:
                self._server.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None

    def _read_progress(self, running: _Running) -> list[Progress | Finished]:
        with contextlib.suppress(BlockingIOError):
            running.unread += os.read(running.progress, 65536)
        *lines, running.unread = running.unread.split(b"\n")
        if not lines:
            return []
        # Only the newest matters; whoever watches cannot read faster.
        label, done, total = json.loads(lines[-1])
        return [Progress(running.ticket, label, done, total)]

    def _read_server(self) -> list[Progress | Finished]:
        assert self._connection is not None
        try:
            received = self._connection.recv(65536)
        except ConnectionResetError:
            received = b""
        if not received:
            return self._bury_server()
        *lines, self._unread = (self._unread + received).split(b"\n")
        events: list[Progress | Finished] = []
        for line in lines:
            message: dict[str, int] = json.loads(line)
            running = self._running.get(message["token"])
            if running is None:
                continue
            if "pid" in message:
                running.pid, running.started = message["pid"], time.monotonic()
            else:
                del self._running[message["token"]]
                result = _result(running, message["status"])
                events.append(Finished(running.ticket, result, running.peak))
                _release(running)
        return events

    def _bury_server(self) -> list[Progress | Finished]:
        events: list[Progress | Finished] = []
        for running in self._running.values():
            reason = running.verdict or "the process that forks the workers died, and its workers with it"
            output = _tail(running.output) or _tail(self._said)
            events.append(Finished(running.ticket, Failure(reason, output)))
            _release(running)
        self._running.clear()
        self._stop_server()
        return events

    def _enforce_limits(self) -> None:
        now = time.monotonic()
        if now - self._sampled < SECONDS_BETWEEN_SAMPLES:
            return
        self._sampled = now
        for token, running in self._running.items():
            if running.pid is None or running.verdict:
                continue
            used = _resident_memory(running.pid) / MIB
            running.peak = max(running.peak, round(used))
            if now - running.started > running.job.timeout:
                running.verdict = f"timed out after {running.job.timeout:g} seconds"
            elif used > running.job.memory:
                running.verdict = f"took {used:.0f} MiB of memory, over its limit of {running.job.memory} MiB"
            if running.verdict and self._connection is not None:
                with contextlib.suppress(OSError):
                    self._connection.sendall(HEADER.pack(KILL, token, 0))


def _environment(threads: int) -> dict[str, str]:
    """The workers' environment: a share of the cores, and the same hashes and CUDA kernels in every run."""
    pools = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        # A thread that waits must not spin: on a busy machine spinning slows small matrix work some twentyfold.
        "OMP_WAIT_POLICY": "PASSIVE",
        **os.environ,
        **dict.fromkeys(pools, str(threads)),
        "PYTHONHASHSEED": "0",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }


def _resident_memory(pid: int) -> int:
    """Bytes that a process and its descendants hold; 0 once it is gone."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        total = process.memory_info().rss
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                total += child.memory_info().rss
    return int(total)


def _result(running: _Running, status: int) -> Result:
    seconds = time.monotonic() - running.started
    output = _tail(running.output)
    if running.verdict:
        return Failure(running.verdict, output, seconds)
    running.result.seek(0)
    try:
        result: Result = pickle.load(running.result)
    except Exception:
        if status < 0:
            return Failure(f"the worker was killed by {_signal_name(-status)}", output, seconds)
        return Failure(f"the worker ended with status {status} and no result", output, seconds)
    return Failure(result.reason, output, result.seconds) if isinstance(result, Failure) else result


def _signal_name(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
    return f"{name} (out of memory, perhaps)" if name == "SIGKILL" else name


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - OUTPUT_KEPT))
    return file.read().decode(errors="replace")


def _release(running: _Running) -> None:
    os.close(running.progress)
    running.result.close()
    running.output.close()
