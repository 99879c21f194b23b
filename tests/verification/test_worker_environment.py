"""What a worker, and a process of the same user, can learn of the engine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.verification import worker_environment as module
from lawbook.verification.worker_environment import worker_environment

# By its file, as another user may not be able to read the package.
ENGINE = """
import runpy, subprocess, sys
hide = {hide}
if hide:
    exec({source!r})
    hide_from_workers()
read = "import os; print(len(open(f'/proc/{{os.getppid()}}/environ', 'rb').read()))"
print(subprocess.run([sys.executable, "-c", read], capture_output=True, text=True).stdout or "refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("hide", [True, False])
def test_the_engines_environment_cannot_be_read_by_what_it_starts(hide: bool) -> None:
    source = Path(module.__file__).read_text()
    nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", ENGINE.format(hide=hide, source=source)],
        env={"TOKEN": "secret", "PATH": "/usr/bin:/bin"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **nobody,
    )
    if done.stdout == "":
        pytest.skip(f"no other user can run Python here: {done.stderr[-200:]}")
    assert (done.stdout.strip() == "refused") is hide, done.stdout + done.stderr


NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=12)


@given(
    prefix=st.sampled_from(["", "LAWBOOK_", "CUDA_", "LC_"]),
    name=NAMES,
    worry=st.sampled_from(["TOKEN", "SECRET", "PASSWORD", "CREDENTIALS", "API_KEY"]),
)
def test_no_name_that_sounds_secret_gets_through(prefix: str, name: str, worry: str) -> None:
    seen = worker_environment({f"{prefix}{name}_{worry}": "x", f"{prefix}{worry}_{name}": "x"}, 1, "run")
    assert "x" not in seen.values()


@given(name=NAMES.map("GITHUB_".__add__))
def test_nothing_of_the_workflow_gets_through(name: str) -> None:
    assert "x" not in worker_environment({name: "x", "ACTIONS_RUNTIME_URL": "x", "RUNNER_TEMP": "x"}, 1, "r").values()


def test_hashes_and_threads_are_the_same_in_every_run() -> None:
    seen = worker_environment({"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "64"}, 3, "run")
    assert seen["PYTHONHASHSEED"] == "0"
    assert seen["OMP_NUM_THREADS"] == "3"


def test_workers_keep_their_memory_unless_the_operator_says_otherwise() -> None:
    assert worker_environment({}, 1, "run")["MALLOC_TRIM_THRESHOLD_"] == str(2**29)
    assert worker_environment({"MALLOC_TRIM_THRESHOLD_": "0"}, 1, "run")["MALLOC_TRIM_THRESHOLD_"] == "0"
