"""How the commands that only read, and the site, grow with the registry: `scale.py 100 300 1000`.

Each number is the best of processor seconds of one process and its children, or bytes, beside what is asked at 1,000
claims. `cold` is the first run with an empty cache; what else is said is the next one.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from grown_registry import REPOSITORY, grow

# Runs a command under a process of its own, whose memory is not that of the runs before, and says its most.
WATCHED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)
"""
WRITE_EDITED = """
import sys
from pathlib import Path
from lawbook.publishing.edited import write_edited
write_edited(Path(sys.argv[1]), [Path(sys.argv[2])])
"""
EDITED = "claims/laws/edge-of-stability.yaml"
KILO, MEGA = 1e3, 1e6
# What is asked of a thousand claims.
ASKED = {
    "lint, cold (s)": None, "lint (s)": 2.0, "lint after an edit (s)": 2.0, "list (s)": 1.5, "list memory (MB)": None,
    "site build (s)": 60.0, "site build memory (MB)": 1024.0, "site build, unchanged (s)": 10.0,
    "site build, one claim edited (s)": None, "site serve, an edited claim's page (s)": 10.0, "home (KB)": 300.0,
    "map (KB)": 500.0, "largest claim page without figures (KB)": 150.0, "search index (MB)": 2.5, "site (MB)": 120.0,
}  # fmt: skip


def main(sizes: list[int]) -> None:
    """Prints a table, a column a size."""
    columns = []
    for size in sizes:
        folder = Path(tempfile.mkdtemp(prefix="lawbook-scale-"))
        try:
            columns.append(dict(measured(folder, size)))
        finally:
            shutil.rmtree(folder)
        print(f"{size} claims measured", file=sys.stderr)
    width = max(map(len, ASKED))
    print(f"{'':<{width}}  {'asked':>8}" + "".join(f"{size:>10}" for size in sizes))
    for name, asked in ASKED.items():
        shown = "".join(f"{column[name]:>10.2f}" for column in columns)
        print(f"{name:<{width}}  {asked if asked is not None else '':>8}{shown}")


def measured(folder: Path, claims: int) -> Iterator[tuple[str, float]]:
    """Every row of the table for a registry of so many claims."""
    root = folder / "registry"
    grow(REPOSITORY, root, claims)
    cache = folder / "cache"
    yield "lint, cold (s)", run(root, cache, "lint")[0]
    yield "lint (s)", run(root, cache, "lint")[0]
    edit(root)
    yield "lint after an edit (s)", run(root, cache, "lint")[0]
    run(root, cache, "list")
    seconds, memory = run(root, cache, "list")
    yield "list (s)", seconds
    yield "list memory (MB)", memory
    seconds, memory = run(root, cache, "site", "build")
    yield "site build (s)", seconds
    yield "site build memory (MB)", memory
    yield "site build, unchanged (s)", run(root, cache, "site", "build")[0]
    edit(root)
    yield "site build, one claim edited (s)", run(root, cache, "site", "build")[0]
    yield "site serve, an edited claim's page (s)", served(root, cache)
    built = root / "build/site"
    yield "home (KB)", (built / "index.html").stat().st_size / KILO
    yield "map (KB)", (built / "graph.html").stat().st_size / KILO
    yield (
        "largest claim page without figures (KB)",
        max(map(without_figures, built.glob("claims/*.html"))) / KILO,
    )
    yield "search index (MB)", (built / "search/index.js").stat().st_size / MEGA
    yield "site (MB)", sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) / MEGA


def run(root: Path, cache: Path, *arguments: str) -> tuple[float, float]:
    """Processor seconds of a command with its children, and the most memory of the largest of them in MB."""
    environment = {**os.environ, "LAWBOOK_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", "from lawbook.cli import main; main()", *arguments, "--root", str(root)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"lawbook {' '.join(arguments)}: {done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(done.stdout) * 1024 / MEGA


def served(root: Path, cache: Path) -> float:
    """Processor seconds of what `site serve` does between a save and the page: ours, then MkDocs' server's."""
    standing = shutil.copytree(root / "build/site", root.parent / "served", copy_function=shutil.copy)
    edit(root)
    ours = ["-c", WRITE_EDITED, str(root), str(root / EDITED)]
    theirs = ["-P", "-m", "mkdocs", "build", "--dirty", "--config-file", "site/mkdocs.yml", "--site-dir", str(standing)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for arguments in (ours, theirs):
        environment = {**os.environ, "LAWBOOK_CACHE": str(cache), "OMP_NUM_THREADS": "1", "NO_MKDOCS_2_WARNING": "1"}
        subprocess.run([sys.executable, *arguments], cwd=root, env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def edit(root: Path) -> None:
    """Changes a word of one claim."""
    path = root / EDITED
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("limits: |\n", f"limits: |\n  At {time.time_ns()}. ", 1), encoding="utf-8")


def without_figures(page: Path) -> int:
    """The size of a page but for its drawings."""
    text = page.read_text(encoding="utf-8")
    size = len(text.encode())
    for part in text.split('<svg class="lb-svg')[1:]:
        size -= len(part.partition("</svg>")[0].encode())
    return size


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [100, 300, 1000])
