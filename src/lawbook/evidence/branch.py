"""The branch on which a repository keeps the evidence of its nights: its newest state, one commit a year.

`python -m lawbook.evidence.branch TREE…` merges trees of evidence into the branch and pushes it, with the remote,
its token and a heartbeat from the environment (REMOTE, TOKEN, HEARTBEAT); `--into DIR` gets the branch instead. No hook
runs, whatever the repository says.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from lawbook.evidence.merging import Merged, merge_evidence
from lawbook.evidence.record import TIME_FORMAT

BRANCH = "evidence"
HEARTBEAT = "heartbeat.json"
ATTEMPTS, SECONDS_BETWEEN_ATTEMPTS = 6, 3.0
AUTHOR = "lawbook nightly <nightly@users.noreply.github.com>"


class BranchError(Exception):
    """The branch could not be read or pushed; the text says what git said."""


def publish(
    remote: str,
    trees: Sequence[Path],
    heartbeat: Mapping[str, object],
    *,
    token: str = "",
    before_push: Callable[[], None] = lambda: None,
) -> list[Merged]:
    """Merge trees of evidence into the remote's branch and push it; raises BranchError.

    The branch's commit of this year is replaced, on top of that of the last year that had one. Where somebody pushes
    meanwhile, the merge is done anew on what they pushed. before_push: called each time, for a test to meddle.
    """
    with tempfile.TemporaryDirectory(prefix="lawbook-branch-") as folder:
        git = _Git(Path(folder), token)
        git("init", "--quiet", "--initial-branch", "work")
        for attempt in range(ATTEMPTS):
            seen = _fetch(git, remote)
            merged = [merge_evidence(tree, Path(folder) / "evidence") for tree in trees]
            told = json.dumps({"ended": _now(), **heartbeat}, indent=1) + "\n"
            (Path(folder) / HEARTBEAT).write_text(told)
            commit = _commit(git, seen)
            before_push()
            lease = f"--force-with-lease=refs/heads/{BRANCH}:{seen}"
            if git.succeeds("push", "--quiet", lease, remote, f"{commit}:refs/heads/{BRANCH}"):
                return merged
            time.sleep(SECONDS_BETWEEN_ATTEMPTS * attempt)
        raise BranchError(f"the branch {BRANCH} could not be pushed in {ATTEMPTS} attempts: {git.said}")


def get(remote: str, folder: Path, *, token: str = "") -> bool:
    """Check the branch out in an empty folder; whether there is one. Raises BranchError."""
    folder.mkdir(parents=True, exist_ok=True)
    git = _Git(folder, token)
    git("init", "--quiet", "--initial-branch", "work")
    return bool(_fetch(git, remote))


def main(arguments: Sequence[str]) -> int:
    """Publish the trees named, as the environment says, or get the branch; what is refused in a tree is told."""
    if arguments[:1] == ["--into"]:
        return int(not get(os.environ["REMOTE"], Path(arguments[1]), token=os.environ.get("TOKEN", "")))
    heartbeat = json.loads(os.environ.get("HEARTBEAT") or "{}")
    merged = publish(
        os.environ["REMOTE"], [Path(tree) for tree in arguments], heartbeat, token=os.environ.get("TOKEN", "")
    )
    for tree, told in zip(arguments, merged, strict=True):
        print(f"{tree}: {told}")
    return 0


class _Git:
    """Git in a folder, with no hook, no configuration but ours, and the token where no command line shows it."""

    def __init__(self, folder: Path, token: str) -> None:
        self._folder = folder
        self.said = ""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        configuration = {"core.hooksPath": os.devnull, "core.fsmonitor": "false", "gc.auto": "0"}
        if token:
            secret = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            configuration["http.extraHeader"] = f"Authorization: Basic {secret}"
        self._environment = {
            **kept,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_COUNT": str(len(configuration)),
        }
        for number, (name, value) in enumerate(configuration.items()):
            self._environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        name, _, address = AUTHOR.partition(" <")
        for role in ("AUTHOR", "COMMITTER"):
            self._environment |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": address.rstrip(">")}

    def __call__(self, *arguments: str) -> str:
        """What a command prints; raises BranchError where it fails."""
        done = self._run(arguments)
        if done.returncode:
            raise BranchError(f"git {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    def succeeds(self, *arguments: str) -> bool:
        """Whether a command succeeds; what it said otherwise is in `said`."""
        done = self._run(arguments)
        self.said = done.stderr.strip()
        return done.returncode == 0

    def _run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


def _fetch(git: _Git, remote: str) -> str:
    """Check the branch's newest commit out; its name, empty where the remote has no such branch yet."""
    listed = git("ls-remote", remote, f"refs/heads/{BRANCH}")
    if not listed:
        return ""
    # Its parent too, on which a new year's commit stands.
    git("fetch", "--quiet", "--depth", "2", remote, f"refs/heads/{BRANCH}")
    git("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    git("clean", "--quiet", "--force", "-d", "-x")
    return git("rev-parse", "FETCH_HEAD")


def _commit(git: _Git, seen: str) -> str:
    """A commit of the folder: in the place of this year's, or on top of an earlier year's."""
    git("add", "--all", "--force", "--", "evidence", HEARTBEAT)
    tree = git("write-tree")
    parents: list[str] = []
    if seen:
        year = git("show", "--no-patch", "--format=%cd", "--date=format:%Y", seen)
        parents = git("show", "--no-patch", "--format=%P", seen).split() if year == _now()[:4] else [seen]
    arguments = [part for parent in parents for part in ("-p", parent)]
    return git("commit-tree", tree, *arguments, "-m", f"Evidence of {_now()[:4]}")


def _now() -> str:
    return datetime.now(UTC).strftime(TIME_FORMAT)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
