"""Fair comparisons: both sides on one thread, in turns, by processor time; the ratio and peak memories are printed."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import torch

MEBIBYTE = 2**20
SHORTEST_ROUND = 0.05  # seconds, so that calls of microseconds are timed with warm caches
Compare = Callable[[str, Callable[[], Any], Callable[[], Any], float], float]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def compare(benchmark: Any) -> Compare:
    """`compare(title, ours, peer, at_least)`: the peer's time over ours, the best of several rounds each in turns.

    Processor time, so that other work on the machine disturbs it little. Fails below `at_least`.
    """

    def run(title: str, ours: Callable[[], Any], peer: Callable[[], Any], at_least: float) -> float:
        our_peak, peer_peak = _extra_memory(ours), _extra_memory(peer)
        calls = max(1, round(SHORTEST_ROUND / _processor_seconds(ours, 1)))
        our_times, peer_times = [], []
        started = time.perf_counter()
        while len(our_times) < 3 or (len(our_times) < 7 and time.perf_counter() - started < 20):
            our_times.append(_processor_seconds(ours, calls))
            peer_times.append(_processor_seconds(peer, calls))
        ratio = min(peer_times) / min(our_times)
        benchmark.extra_info.update(ratio=ratio, peak_mebibytes=our_peak, peer_peak_mebibytes=peer_peak)
        benchmark.pedantic(ours, rounds=1, iterations=1)
        print(
            f"\n{title}: {ratio:.1f}× (asked {at_least:g}×); {min(our_times):.2g} s against {min(peer_times):.2g} s; "
            f"peak memory +{our_peak:.0f} MiB against +{peer_peak:.0f} MiB"
        )
        assert ratio >= at_least
        return ratio

    return run


@pytest.fixture
def extra_memory() -> Callable[[Callable[[], Any]], float]:
    """The most resident memory that a call adds, in MiB."""
    return _extra_memory


def _processor_seconds(function: Callable[[], Any], calls: int) -> float:
    """Of one call, from so many in a row."""
    gc.collect()
    started = time.process_time()
    for _ in range(calls):
        function()
    return (time.process_time() - started) / calls


def _extra_memory(function: Callable[[], Any]) -> float:
    """The most resident memory that a call added, in MiB, sampled every millisecond. The call also warms up."""
    gc.collect()
    process = psutil.Process()
    before = most = process.memory_info().rss
    finished = threading.Event()

    def watch() -> None:
        nonlocal most
        while not finished.wait(0.001):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        function()
    finally:
        most = max(most, process.memory_info().rss)
        finished.set()
        watcher.join()
    return (most - before) / MEBIBYTE
