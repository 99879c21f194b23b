"""What a job holds of memory is what its process holds, and all that it has started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest

from lawbook.verification import held_memory as module
from lawbook.verification.held_memory import held_memory

MIB = 2**20
HOARD = "hoard = bytearray(b'x' * {size}); print('ready', flush=True); input()"
# A child of another thread than the first, which has a child of its own.
FAMILY = f"""
import subprocess, sys, threading
def start(size, then=""):
    return [sys.executable, "-c", then + {HOARD!r}.replace("{{size}}", str(size))]
grandchild = f"import subprocess; subprocess.Popen({{start(64 * 2**20)!r}}, stdin=0).poll();"
thread = threading.Thread(target=lambda: subprocess.Popen(start(32 * 2**20, grandchild)).wait(), daemon=True)
thread.start()
input()
"""


@pytest.fixture(params=["told by each process", "by a look at all"])
def held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """The two ways to find it."""
    if request.param != "told by each process":
        monkeypatch.setattr(module, "TOLD", "/proc/nowhere")
    return held_memory


@pytest.fixture
def family() -> Iterator[subprocess.Popen[str]]:
    """A process with a child and a grandchild, of 32 and 64 MiB, once these hold them."""
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["ready\n", "ready\n"]
        yield process
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
        process.kill()


def test_children_and_theirs_count_whatever_thread_started_them(
    held: Callable[[int], int], family: subprocess.Popen[str]
) -> None:
    everyone = [psutil.Process(family.pid), *psutil.Process(family.pid).children(recursive=True)]
    assert len(everyone) == 3
    assert held(family.pid) > 96 * MIB
    assert held(family.pid) == pytest.approx(sum(process.memory_info().rss for process in everyone), rel=0.05)


def test_a_process_that_is_gone_holds_nothing(held: Callable[[int], int]) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert held(ended.pid) == 0
