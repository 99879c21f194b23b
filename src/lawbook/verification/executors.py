"""Which executor a run takes, and what its workers have imported beforehand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.registry.models import Check
from lawbook.verification.environment import missing_packages
from lawbook.verification.jobs import Executor

ExecutorName = Literal["local", "ray"]
# Slow to import and safe to fork with; imported beforehand only where a selected checker would import it.
WORTH_PRELOADING = ("torch", "numpy", "scipy", "sklearn")
ALWAYS_NEEDED = ("psutil", "scipy")


class MissingPackagesError(Exception):
    """Packages that the run needs are not installed; the text says which and how to get them."""


def packages_to_preload(checks: Iterable[Check], code: CodeGraph) -> list[str]:
    """Those packages worth importing once that the code of the checks may import."""
    used = frozenset().union(*(code.external(check.checker) for check in checks))
    return [package for package in WORTH_PRELOADING if package in used]


def open_executor(name: ExecutorName, slots: int, *, threads: int, preload: list[str]) -> Executor:
    """An executor with so many slots; raises MissingPackagesError where something is not installed."""
    needed = [*ALWAYS_NEEDED, *(package for package in preload if package in ("torch", "numpy"))]
    if missing := missing_packages(needed):
        raise MissingPackagesError(
            f"verifying needs {', '.join(dict.fromkeys(missing))}; install with: pip install -e '.[verify]'"
        )
    if name == "ray":
        if missing_packages(["ray"]):
            raise MissingPackagesError("--executor ray needs ray; install with: pip install -e '.[ray]'")
        from lawbook.verification.ray_executor import RayExecutor

        return RayExecutor(slots)
    from lawbook.verification.local_executor import LocalExecutor

    return LocalExecutor(slots, threads=threads, preload=preload)
