"""What git says of the checkout: its commit, and what changed since a revision."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lawbook.registry.root import CLAIMS_FOLDER

SEEN_BY_RECORDS = ("claims", "checkers", "src")


class GitError(Exception):
    """Git cannot answer; the text says what was asked and what it said."""


@dataclass(frozen=True)
class Checkout:
    """What git says of the code at hand. commit: "" where there is none to record, for the reason `trouble`.

    modified: whether what records depend on differs from the commit.
    """

    commit: str
    modified: bool
    trouble: str = ""


def read_checkout(root: Path) -> Checkout:
    """The commit checked out at root; never that of a repository that does not hold this registry."""
    try:
        top = _git(root, "rev-parse", "--show-toplevel").rstrip("\n")
        if not _git(root, "ls-files", "-z", "--", CLAIMS_FOLDER):
            return Checkout("", False, f"the repository {top} holds none of this registry's claims")
        commit = _git(root, "rev-parse", "--verify", "HEAD").strip()
        folders = [folder for folder in SEEN_BY_RECORDS if (root / folder).exists()]
        return Checkout(commit, bool(_git(root, "status", "--porcelain", "--", *folders).strip()))
    except GitError as error:
        return Checkout("", False, _in_words(str(error)))


def changed_since(root: Path, revision: str) -> frozenset[Path]:
    """Paths below root, relative to it, that differ from where this branch left `revision`, committed or not.

    Raises GitError for an unknown revision, or outside git.
    """
    if revision.startswith("-"):
        raise GitError(f"'{revision}' is no revision")
    _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    try:
        base = _git(root, "merge-base", revision, "HEAD").strip()
    except GitError:
        base = revision
    changed = _git(root, "diff", "--name-only", "-z", "--relative", base, "--", ".")
    untracked = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    return frozenset(Path(name) for name in (changed + untracked).split("\0") if name)


def _in_words(said: str) -> str:
    if "dubious ownership" in said:
        told = "the repository belongs to another user, and git does not trust it"
        return f"{told}; if you do: git config --global --add safe.directory DIR"
    if "not a git repository" in said:
        return "this is no git repository"
    if "Needed a single revision" in said:
        return "the repository has no commit yet"
    return " ".join(said.split())


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-C", str(root), *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise GitError("git is not installed") from None
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.strip()
        raise GitError(f"git {' '.join(arguments)}: {said}" if said else "no such revision here")
    return done.stdout


def _environment() -> dict[str, str]:
    """Ours without what would lead git to another repository, or make it speak another language or write."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    return {**kept, "LC_ALL": "C", "LANGUAGE": "", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
