"""The nightly workflow, each step's script run as it stands, with a bare repository as the remote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/nightly.yml").read_text())
JOBS: Mapping[str, Any] = WORKFLOW["jobs"]


def script(job: str, name: str) -> str:
    """The script of a step whose name begins so."""
    (found,) = (step["run"] for step in JOBS[job]["steps"] if step.get("name", "").startswith(name))
    return str(found)


class Runner:
    """A checkout of a small registry on a machine with an environment made beforehand; and its remote."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.checkout = checkout
        self.remote = folder / "remote.git"
        self.temporary = folder / "runner"
        self.output = folder / "output"
        self.summary = folder / "summary"
        programs = self.temporary / "lawbook/bin"
        programs.mkdir(parents=True)
        for name in ("python", "lawbook"):
            program = Path(sys.executable).parent / name
            (programs / name).write_text(f'#!/bin/sh\nexec {program} "$@"\n')
            (programs / name).chmod(0o755)
        self.git("init", "--quiet", "--bare", str(self.remote), at=folder)
        self.git("init", "--quiet", "--initial-branch", "main")
        (checkout / ".gitignore").write_text("build/\n.lawbook/\n__pycache__/\n")
        self.git("add", "--all")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "begin")

    def git(self, *arguments: str, at: Path | None = None) -> str:
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", *arguments],
            cwd=at or self.checkout,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, job: str, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """One step's script, as the runner runs it."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script(job, name)],
            cwd=self.checkout,
            env={
                **os.environ,
                "RUNNER_TEMP": str(self.temporary),
                "GITHUB_OUTPUT": str(self.output),
                "GITHUB_STEP_SUMMARY": str(self.summary),
                "REMOTE": str(self.remote),
                "TOKEN": "",
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def step(self, job: str, name: str, **environment: str) -> str:
        done = self.run(job, name, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def codes(self) -> list[str]:
        return self.output.read_text().splitlines()


@pytest.fixture
def runner(tmp_path: Path, make_registry: Callable[[Mapping[str, Any]], Path]) -> Runner:
    return Runner(tmp_path, make_registry({}))


def night(runner: Runner) -> None:
    runner.step("verify", "Know what earlier nights")
    runner.step("verify", "Verify the quick tier")
    runner.step("verify", "Verify the full tier")
    runner.step("verify", "Refuse a night")


def test_a_night_from_measuring_to_its_report(runner: Runner) -> None:
    night(runner)
    assert runner.codes() == ["code=0", "code=0"]
    beat = json.dumps({"commit": "abc", "quick": "0", "full": "0"})
    said = runner.step("publish", "Put the night on", HEARTBEAT=beat)
    assert "build/night/evidence: " in said
    listed = runner.git("ls-tree", "-r", "--name-only", "evidence", at=runner.remote).split()
    assert "evidence/noise-averages-out/centre.quick.cpu.json" in listed
    assert "heartbeat.json" in listed
    assert not [name for name in listed if "/." in name]
    runner.step("publish", "Tell the night")
    assert "2 claims: " in runner.summary.read_text()


def test_the_next_night_knows_what_the_last_has_measured(runner: Runner) -> None:
    night(runner)
    runner.step("publish", "Put the night on", HEARTBEAT="{}")
    runner.git("checkout", "--quiet", "--", ".")
    runner.git("clean", "--quiet", "-fdx")
    runner.git("clone", "--quiet", "--branch", "evidence", str(runner.remote), "build/branch")
    runner.step("verify", "Know what earlier nights")
    assert (runner.checkout / "evidence/noise-averages-out/centre.quick.cpu.json").is_file()


def test_a_night_that_changed_a_claim_is_refused(runner: Runner) -> None:
    night(runner)
    (runner.checkout / "claims/laws/planted.yaml").write_text("title: planted")
    done = runner.run("verify", "Refuse a night")
    assert done.returncode == 1
    assert "claims/laws/planted.yaml" in done.stdout


def test_a_hook_that_a_checker_plants_does_not_run(runner: Runner, tmp_path: Path) -> None:
    night(runner)
    for place in (runner.checkout / ".git/hooks", runner.remote.parent / "hooks"):
        place.mkdir(parents=True, exist_ok=True)
        for name in ("pre-push", "post-index-change", "post-checkout", "reference-transaction"):
            (place / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
            (place / name).chmod(0o755)
    runner.git("config", "core.fsmonitor", str(runner.checkout / ".git/hooks/pre-push"))
    runner.step("verify", "Refuse a night")
    runner.step("publish", "Put the night on", HEARTBEAT="{}")
    assert not (tmp_path / "ran").exists()


def test_both_codes_are_kept_and_judged_apart(runner: Runner) -> None:
    spoilt = runner.checkout / "claims/laws/noise-averages-out.yaml"
    spoilt.write_text(spoilt.read_text().replace("title:", "tile:", 1))
    runner.step("verify", "Verify the quick tier")
    runner.git("checkout", "--quiet", "--", ".")
    runner.step("verify", "Verify the full tier")
    assert runner.codes() == ["code=2", "code=0"]


@pytest.mark.parametrize(
    ("quick", "full", "done", "code"),
    [
        ("0", "0", "success success success", 0),
        ("3", "0", "success success success", 1),
        ("0", "4", "success success success", 1),
        ("", "", "failure skipped skipped", 1),
        ("0", "0", "success failure skipped", 1),
    ],
)
def test_the_night_is_red_where_either_tier_or_a_job_is(
    runner: Runner, quick: str, full: str, done: str, code: int
) -> None:
    assert runner.run("judge", "Say how", QUICK=quick, FULL=full, DONE=done).returncode == code


def test_the_site_is_built_from_what_is_published(runner: Runner) -> None:
    """But for the building itself, which has tests of its own."""
    night(runner)
    runner.step("publish", "Put the night on", HEARTBEAT='{"quick": "0"}')
    runner.git("checkout", "--quiet", "--", ".")
    runner.git("clean", "--quiet", "-fdx")
    (runner.temporary / "lawbook/bin/lawbook").write_text("#!/bin/sh\nmkdir -p build/site\n")
    runner.step("publish", "Build the site")
    assert (runner.checkout / "evidence/noise-averages-out/centre.quick.cpu.json").is_file()
    assert json.loads((runner.checkout / "build/site/heartbeat.json").read_text())["quick"] == "0"


def test_no_step_that_runs_checkers_has_a_token() -> None:
    verify = JOBS["verify"]
    assert verify["permissions"] == {"contents": "read"}
    assert "token" not in yaml.safe_dump(verify).lower()
    assert all(
        step["with"]["persist-credentials"] is False
        for job in JOBS.values()
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout")
    )


def test_only_main_is_measured_and_published() -> None:
    assert JOBS["verify"]["if"] == "github.ref == 'refs/heads/main'"
    assert JOBS["publish"]["needs"] == "verify"
    assert "needs.verify.result == 'success'" in JOBS["publish"]["if"]


def test_the_environment_lies_outside_the_checkout() -> None:
    assert script("verify", "Make the environment") == (
        'make VENV="$RUNNER_TEMP/lawbook" "$RUNNER_TEMP/lawbook/.ready"'
    )
