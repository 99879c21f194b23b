"""Takes out one escape at a time and asks whether the tests notice.

`python tests/publishing/mutate_escapes.py [WORD…]` copies the project once, spoils one place of the copy after the
other (only those whose description holds one of the words), and runs the tests of texts there. It prints a table and
exits 1 if a spoilt copy passed. Most end in seconds, a few take two
minutes, so it is run by hand when an escape changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from escapes import MUTANTS, Mutant

REPOSITORY = Path(__file__).parents[2]
COPIED = ("src", "site", "tests", "checkers", "claims", "pyproject.toml")
# The quick ones first: the first that fails ends the run.
TESTS = (
    "tests/publishing/test_escaping.py",
    "tests/prose/test_visible.py",
    "tests/prose/test_markup.py",
    "tests/publishing/test_generate.py",
    "tests/publishing/test_hostile_texts.py",
    "tests/publishing/test_in_a_browser.py",
)


def run(words: list[str]) -> int:
    """Runs every mutant that the words pick; the exit code."""
    picked = [mutant for mutant in MUTANTS if not words or any(word in mutant.told for word in words)]
    missed = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder)
        for name in COPIED:
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        for mutant in picked:
            started = time.monotonic()
            caught = _caught(root, mutant)
            missed += caught == "MISSED"
            print(f"{mutant.told:45} {time.monotonic() - started:5.0f} s  {caught}", flush=True)
    print(f"{len(picked) - missed} of {len(picked)} caught")
    return 1 if missed else 0


def _caught(root: Path, mutant: Mutant) -> str:
    """Which test noticed, or MISSED."""
    path = root / mutant.file
    whole = path.read_text(encoding="utf-8")
    if mutant.old not in whole:
        return "MISSED"
    path.write_text(_with_import(whole.replace(mutant.old, mutant.new), mutant.new), encoding="utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS],
            cwd=root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), *sys.path[1:]])},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.write_text(whole, encoding="utf-8")
    if done.returncode == 0:
        return "MISSED"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0][:100] if failed else f"exit code {done.returncode}"


def _with_import(text: str, new: str) -> str:
    """A mutant may need `Markup`, which nothing but one module imports."""
    needs = new.startswith("Markup(") and "from markupsafe" not in text
    return text.replace("\nfrom functools", "\nfrom markupsafe import Markup\nfrom functools", 1) if needs else text


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
