"""What `lawbook list` takes over a year of nights: `python tests/benchmarks/year_of_nights.py [CHECKS] [NIGHTS]`.

Writes such a history beside a copy of the tiny registry, then says its size, the bytes of a line, and the seconds of
CPU of `lawbook list` with it and without, as months and compacted into a year.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lawbook.evidence.history import HISTORY_FOLDER, HistoryLine, line_text, short_ends
from lawbook.evidence.pruning import compact_years
from lawbook.evidence.record import TIME_FORMAT

TINY_REGISTRY = Path(__file__).parents[1] / "tiny_registry"
COMMAND = [sys.executable, "-c", "from lawbook.cli import main; main()", "list", "--root"]


def main(checks: int = 200, nights: int = 365) -> None:
    """Write, measure, say."""
    with tempfile.TemporaryDirectory(prefix="lawbook-year-") as folder:
        root = shutil.copytree(TINY_REGISTRY, Path(folder) / "registry")
        without = _seconds(root)
        store = root / "evidence"
        files: dict[str, list[bytes]] = {}
        for night in range(nights):
            for check in range(checks):
                line = _line(night, check)
                files.setdefault(line.started[:7], []).append(line_text(line))
        (store / HISTORY_FOLDER).mkdir(parents=True)
        for month, lines in files.items():
            (store / HISTORY_FOLDER / f"{month}.jsonl").write_bytes(b"\n".join(lines) + b"\n")
        longest = max(len(line) for lines in files.values() for line in lines)
        size = sum(path.stat().st_size for path in (store / HISTORY_FOLDER).iterdir())
        print(f"{checks} checks, {nights} nights: {size / 1e6:.1f} MB, at most {longest} bytes a line")
        print(f"list without history: {without:.2f} s of CPU")
        print(f"with months: {_seconds(root):.2f} s")
        compact_years(root, store.relative_to(root), before=2026)
        print(f"with a year file: {_seconds(root):.2f} s")


def _line(night: int, check: int) -> HistoryLine:
    started = datetime(2025, 1, 1, 2, tzinfo=UTC) + timedelta(days=night, seconds=7 * check)
    value = float(f"{0.9 + (night * 7919 + check * 104729) % 1000 / 1e4 + 1 / 3e4:.7g}")
    return HistoryLine(
        started=started.strftime(TIME_FORMAT),
        claim="noise-averages-out" if check == 0 else f"a-claim-with-a-long-name-{check // 3}",
        check="centre" if check == 0 else f"exponent-of-it-{check % 3}",
        tier="full" if check % 2 else "quick",
        device="h100",
        outcome="pass",
        before="pass",
        estimate=value,
        interval=short_ends((value - 0.0123456, value + 0.0123457)),
        error=0.006172839,
        seeds=32,
        seed_base=20250101 + night,
        accept=(0.8123456, 1.1876543),
        measures="0123456789ab",
        law="ba9876543210",
        commit="abcdef012345",
        seconds=1234.5,
    )


def _seconds(root: Path) -> float:
    """CPU of the command, children included; the least of three."""
    taken = []
    for _ in range(3):
        before = os.times()
        subprocess.run([*COMMAND, str(root)], check=True, capture_output=True)
        after = os.times()
        taken.append(after.children_user + after.children_system - before.children_user - before.children_system)
    return min(taken)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
