"""What git says of the checkout: its commit, and what changed since a revision."""

from __future__ import annotations

import subprocess
from pathlib import Path

SEEN_BY_RECORDS = ("claims", "checkers", "src")


class GitError(Exception):
    """Git cannot answer; the text says what was asked and what it said."""


def head_commit(root: Path) -> tuple[str, bool]:
    """The commit checked out at root ("" outside git), and whether what records depend on differs from it."""
    try:
        commit = _git(root, "rev-parse", "HEAD").strip()
        folders = [folder for folder in SEEN_BY_RECORDS if (root / folder).exists()]
        return commit, bool(_git(root, "status", "--porcelain", "--", *folders).strip())
    except GitError:
        return "", False


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


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise GitError("git is not installed") from None
    if done.returncode:
        said = done.stderr.strip()
        raise GitError(f"git {' '.join(arguments)}: {said}" if said else "no such revision here")
    return done.stdout
