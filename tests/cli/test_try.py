"""`lawbook try`: one check in this process, to look at what it measures before anything is claimed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from lawbook.cli import main

PROGRAM = "from lawbook.cli import main; main()"
CHECKER = "checkers/laws/example.py"
CLAIM = "claims/laws/noise-averages-out.yaml"


@pytest.fixture
def attempt(tiny_registry: Path) -> Callable[..., str]:
    """Runs `lawbook try` on the tiny registry in a process of its own; gives what it says."""

    def attempt(*arguments: str, exit_code: int = 0, said_to_it: str = "", **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "try", *arguments, "--root", str(tiny_registry)],
            input=said_to_it,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "COLUMNS": "90", **environment},
        )
        assert done.returncode == exit_code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        # Remarks that are wider than the terminal go on under their first words.
        return (done.stdout + done.stderr).replace("\n" + 13 * " ", " ")

    return attempt


def change(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, new))


def test_a_check_is_explored_and_nothing_recorded(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    before = sorted(path for path in tiny_registry.rglob("*") if "__pycache__" not in path.parts)
    said = attempt("noise-averages-out/centre")
    for part in (
        "noise-averages-out/centre, quick tier: explored on 8 seeds from 100,000, nothing is recorded",
        "with       centre = 0.0\n",
        "(mean, 95 % over all looks, standard deviation over seeds 0.",
        "accepted   [-0.3, 0.3]",
        "would be   pass",
        "with 8 seeds, doubling to 32, this region would be decided with probability 1.00 (pass 1.00, fail 0.00)",
        "around the truth would be decided with probability 0.9, one of ± 0.3 with 1.00",
        "note       drawn with the standard library",
        "b  centre (predicted, dashed)",
    ):
        assert part in said
    after = sorted(path for path in tiny_registry.rglob("*") if "__pycache__" not in path.parts)
    # What code was read is remembered beside the evidence; no record and no history.
    assert [path for path in set(after) - set(before) if "evidence" in path.parts] == []


def test_parameters_and_seeds_can_be_set_and_the_region_follows(
    tiny_registry: Path, attempt: Callable[..., str]
) -> None:
    change(tiny_registry, CLAIM, "{equals: 0.0, within: 0.3}", "{equals: 2 * centre, within: 3 * spread}")
    change(
        tiny_registry,
        CLAIM,
        "params: {centre: 1.0}\n",
        "params: {centre: 1.0}\n        judge_with: {centre: 0}\n",
    )
    said = attempt("noise-averages-out", "--set", "centre=4", "--set", "spread=1e-2", "--seeds", "5")
    assert "explored on 5 seeds from 100,000" in said
    assert "with       centre = 4 (set), spread = 0.01 (set)" in said
    assert "accepted   2 * centre ± 3 * spread = [7.97, 8.03]" in said
    assert "would be   fail" in said
    assert "with 5 seeds, doubling to 20, this region" in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["noise-averages-out/center"], "no check 'center'; did you mean 'centre'?"),
        (["noise-averages-ot"], "did you mean 'noise-averages-out'?"),
        (["noise-averages-out", "--set", "spraed=1"], "has no parameter 'spraed'; did you mean 'spread'?"),
        (["noise-averages-out", "--set", "spread=wide"], "'spread' must be a number, not the text 'wide'"),
        (["noise-averages-out", "--set", "spread"], "write it as NAME=VALUE, as in --set width=64"),
        (
            ["noise-averages-out", "--set", "spread.width=1"],
            "'spread' has no fields; write --set spread=VALUE",
        ),
        (["noise-averages-out", "--set", "spread=[1"], "no value that a claim file could hold"),
        (["noise-averages-out", "--control", "shfted"], "no control 'shfted'; did you mean 'shifted'?"),
        (["noise-is-positive", "--tier", "full"], "runs at the full tier; try --tier quick"),
        (["noise-in-the-dark"], "'noise-in-the-dark' has no check to try"),
    ],
)
def test_what_cannot_be_tried_is_told_with_what_was_meant(
    attempt: Callable[..., str], arguments: list[str], told: str
) -> None:
    assert told in " ".join(attempt(*arguments, exit_code=2).split())


def test_without_the_packages_it_says_how_to_install_them(tiny_registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lawbook.verification.executors.missing_packages", lambda needed: ["torch"])
    done = CliRunner().invoke(main, ["try", "noise-averages-out", "--root", str(tiny_registry)])
    assert done.exit_code == 2
    assert "verifying needs torch; install with: pip install -e " in done.output


def test_all_checks_of_a_claim_are_tried_in_turn_and_a_problems_probes_too(
    tiny_registry: Path, attempt: Callable[..., str]
) -> None:
    checks = (tiny_registry / CLAIM).read_text().partition("checks:\n")[2]
    problem = tiny_registry / "claims/open-problems/noise-in-the-dark.yaml"
    positive = "      - {name: by-construction, role: positive, why: drawn there, params: {spread: 0.09}}\n"
    whole = f"{checks.rstrip()}\n{positive}"
    problem.write_text(f"{problem.read_text()}checks:\n{whole}{whole.replace('name: centre', 'name: second')}")
    said = attempt("noise-in-the-dark", "--seeds", "4")
    assert said.index("noise-in-the-dark/centre, quick tier") < said.index("noise-in-the-dark/second, quick tier")


def test_controls_are_run_where_they_are_asked_for(attempt: Callable[..., str]) -> None:
    said = attempt("noise-averages-out", "--control", "all")
    assert "negative control shifted: the centre has moved" in said
    assert "would be   fail, as it must" in said


def test_prints_and_breakpoints_work(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    change(
        tiny_registry,
        CHECKER,
        "    return Measurement(",
        "    print('mean', sum(values))\n    breakpoint()\n    return Measurement(",
    )
    said = attempt("noise-averages-out", said_to_it="p 'there are', len(values)\nc\n")
    assert "mean " in said
    assert "('there are', 8)" in said
    assert "would be   pass" in said


def test_quitting_the_debugger_is_no_error_of_the_checker(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    change(tiny_registry, CHECKER, "    return Measurement(", "    breakpoint()\n    return Measurement(")
    assert attempt("noise-averages-out", said_to_it="q\n", exit_code=130).endswith("interrupted\n")


def test_ctrl_c_ends_it_at_once(tiny_registry: Path) -> None:
    change(
        tiny_registry,
        CHECKER,
        "    return Measurement(",
        "    import time\n    print('asleep', flush=True)\n    time.sleep(60)\n    return Measurement(",
    )
    command = [sys.executable, "-c", PROGRAM, "try", "noise-averages-out", "--root", str(tiny_registry)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        while "asleep" not in running.stdout.readline():
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 130


def test_an_error_of_the_checker_is_its_authors_line_and_3(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    change(tiny_registry, CHECKER, "    return Measurement(", "    values[99]\n    return Measurement(")
    said = attempt("noise-averages-out", exit_code=3)
    assert "noise-averages-out/centre: checkers/laws/example.py:13: IndexError: list index out of range" in said
    assert "at `values[99]`" in said


def test_a_draw_from_a_global_generator_is_refused(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    change(tiny_registry, CHECKER, "random.Random(seed).gauss", "random.gauss")
    said = attempt("noise-averages-out", exit_code=3)
    assert "checkers/laws/example.py:12: random.gauss draws from Python's global generator" in said


def test_a_value_that_is_no_number_is_named_by_its_seed_and_3(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    change(
        tiny_registry,
        CHECKER,
        "    return Measurement(",
        "    values[2] = float('nan')\n    return Measurement(",
    )
    said = attempt("noise-averages-out", exit_code=3)
    assert "would be   error: the value of seed 100002 is nan, not a finite number" in said


def test_missing_data_are_no_error_of_the_checker_and_4(tiny_registry: Path, attempt: Callable[..., str]) -> None:
    missing = "class DataMissing(LookupError):\n    pass\n\n\ndef centre_of_noise("
    change(tiny_registry, CHECKER, "def centre_of_noise(", missing)
    change(
        tiny_registry,
        CHECKER,
        "    return Measurement(",
        "    raise DataMissing('cifar10 is not here. Install it.')\n    return Measurement(",
    )
    said = attempt("noise-averages-out", exit_code=4)
    assert "not measured: cifar10 is not here. Install it." in said


def test_a_terminal_of_ascii_gets_ascii(attempt: Callable[..., str]) -> None:
    said = attempt("noise-averages-out", PYTHONIOENCODING="ascii")
    drawing = said[said.index("\ndraws\n") :]
    assert drawing.isascii()
    assert "\\x" not in drawing
    assert "\\u" not in drawing
    assert drawing.count("b") > 20
