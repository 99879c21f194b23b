"""A process that has the heavy packages imported and forks a worker for each job in milliseconds.

Run as `python -P -m lawbook.verification.fork_server SOCKET SCRATCH MOUNTS MODULE…`, where SOCKET is the number of an
inherited Unix socket, SCRATCH the run's temporary folder, and MOUNTS `own` where each worker takes mounts of its own,
else `given`. Requests come as a header (b"R", b"K" or b"A", token,
length) and a payload; "run" carries a pickled job and three file descriptors: a pipe for progress, a file for the
result, a pipe for what the worker prints. Answers are lines of JSON: {"ready"} once the modules are imported, and to
"ask"; {"token", "pid"} when a worker starts, or {"token", "trouble"} where none can; {"token", "status"} when it has
ended. At the end of the socket, which is the end of the engine however it came, every worker and all that it started
is killed, as is at a worker's end what it had started; on Linux even what has left its group. Then SCRATCH goes.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import pickle
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Collection
from importlib import import_module
from pathlib import Path

from lawbook.verification.jobs import SCRATCH_LIMIT, Job
from lawbook.verification.own_mounts import take_own_mounts
from lawbook.verification.results import dump_result
from lawbook.verification.scratch import remove_from_within
from lawbook.verification.worker import run_job

HEADER = struct.Struct("!cQI")
RUN, KILL, ASK = b"R", b"K", b"A"
OWN, GIVEN = "own", "given"
# How long to wait for what has been killed; what hangs in the kernel must not hang the server too.
SECONDS_TO_DIE = 2.0
SET_PARENT_DEATH_SIGNAL, SET_CHILD_SUBREAPER = 1, 36


def main(arguments: list[str]) -> None:
    """Import the modules, then serve the socket until it closes."""
    connection = socket.socket(fileno=int(arguments[0]))
    scratch = Path(arguments[1])
    own_mounts = arguments[2] == OWN
    for module in arguments[3:]:
        # Some names are not of modules, and what cannot be imported is the affair of the checker that needs it.
        with contextlib.suppress(Exception):
            import_module(module)
    # What is imported by now is for all workers; collecting garbage there would only copy its pages.
    gc.freeze()
    serve(connection, own_mounts=own_mounts)
    remove_from_within(scratch)


def serve(connection: socket.socket, *, own_mounts: bool) -> None:
    """Start, end and mourn workers as asked, until the other end closes."""
    wake, wakened = os.pipe2(os.O_NONBLOCK) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(wakened, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakened, warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _adopt_orphans()
    workers: dict[int, int] = {}
    try:
        _say(connection, {"ready": 1})
        while True:
            ready, _, _ = select.select([connection.fileno(), wake], [], [])
            if wake in ready:
                os.read(wake, 4096)
                _reap(workers, connection)
            if connection.fileno() in ready and not _answer(workers, connection, (wake, wakened), own_mounts):
                return
    except (BrokenPipeError, ConnectionResetError):
        return
    finally:
        for pid in workers.values():
            _kill(pid)
        _kill_orphans(spared=())


def _answer(workers: dict[int, int], connection: socket.socket, private: tuple[int, int], own_mounts: bool) -> bool:
    header, handles, _, _ = socket.recv_fds(connection, HEADER.size, 3)
    if not header:
        return False
    kind, token, length = HEADER.unpack(header + _receive(connection, HEADER.size - len(header)))
    payload = _receive(connection, length)
    if kind == ASK:
        _say(connection, {"ready": 1})
        return True
    if kind == KILL:
        if token in workers:
            _kill(workers[token])
        return True
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        for handle in handles:
            os.close(handle)
        _say(connection, {"token": token, "trouble": error.errno or 0})
        return True
    if pid == 0:
        signal.set_wakeup_fd(-1)
        connection.close()
        for handle in private:
            os.close(handle)
        _become_worker(payload, handles, parent, own_mounts)
    for handle in handles:
        os.close(handle)
    workers[token] = pid
    _say(connection, {"token": token, "pid": pid})
    return True


def _reap(workers: dict[int, int], connection: socket.socket) -> None:
    for token, pid in list(workers.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            # What the worker had started may outlive it; its group is still its own.
            _kill_group(pid)
            del workers[token]
            _kill_orphans(spared=workers.values())
            _say(connection, {"token": token, "status": os.waitstatus_to_exitcode(status)})


def _become_worker(payload: bytes, handles: list[int], parent: int, own_mounts: bool) -> None:
    """Never returns: runs the job, writes its result and ends the process."""
    code = 1
    try:
        os.setsid()
        _adopt_orphans()
        _die_with(parent)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        progress, result, output = handles
        nothing = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, nothing), (1, output), (2, output)):
            os.dup2(source, target)
        os.set_blocking(progress, False)
        code = _work(payload, progress, result, own_mounts)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _work(payload: bytes, progress: int, result: int, own_mounts: bool) -> int:
    def report(label: str, done: int, total: int | None) -> None:
        line = json.dumps([label, done, total]).encode() + b"\n"
        # A full pipe means that nobody is looking just now.
        with contextlib.suppress(BlockingIOError):
            os.write(progress, line)

    job: Job = pickle.loads(payload)
    if own_mounts:
        # More than a job may take, so that it is ended for that and not by a write that fails.
        take_own_mounts(Path(job.scratch).parent, Path(job.scratch), 2 * SCRATCH_LIMIT)
    os.environ["TMPDIR"] = tempfile.tempdir = job.scratch
    # A core of a process with torch in it would fill a disk, and nobody looks at it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outcome = run_job(job, report)
    with os.fdopen(result, "wb") as file:
        file.write(dump_result(outcome))
    return 0


def _die_with(parent: int) -> None:
    """Where the system can, be killed when the fork server dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _adopt_orphans() -> None:
    """Where the system can, be the parent of every descendant whose own parent ends.

    A worker adopts what it has detached from itself, and at its end the fork server does. So whatever is a
    child of the fork server and no worker is left over from a worker that has ended.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1)


def _kill_orphans(spared: Collection[int]) -> None:
    if sys.platform != "linux":
        return
    kept = set(spared)
    end = time.monotonic() + SECONDS_TO_DIE
    # Those that an orphan leaves behind are adopted in turn.
    while (orphans := set(_children()) - kept) and time.monotonic() < end:
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)


def _children() -> list[int]:
    try:
        listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text()
    except OSError:
        import psutil

        return [child.pid for child in psutil.Process().children()]
    return [int(pid) for pid in listed.split()]


def _kill(pid: int) -> None:
    _kill_group(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _say(connection: socket.socket, message: dict[str, int]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")


def _receive(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise ConnectionResetError
        received += part
    return received


if __name__ == "__main__":
    main(sys.argv[1:])
