"""Which executor a run takes, and what its workers have imported beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, Protocol

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.verification.environment import install_advice, missing_packages
from lawbook.verification.jobs import Executor

ExecutorName = Literal["local", "ray", "slurm"]
# Slow to import and safe to fork with; imported beforehand only where a selected checker would import it.
WORTH_PRELOADING = ("torch", "numpy", "scipy", "sklearn")
ALWAYS_NEEDED = ("psutil", "scipy")


class UnavailableError(Exception):
    """An executor cannot be had here; the text says why, and what would do."""


class MissingPackagesError(UnavailableError):
    """Packages that the run needs are not installed; the text says which and how to get them."""


class NamesChecker(Protocol):
    """A check, or what else is measured by a checker."""

    @property
    def checker(self) -> str: ...


def modules_to_preload(checks: Iterable[NamesChecker], code: CodeGraph) -> list[str]:
    """Those modules worth importing once that the code of the checks may import."""
    used = frozenset().union(*(code.external(check.checker) for check in checks))
    return sorted(name for name in used if name.split(".")[0] in WORTH_PRELOADING)


def check_packages(preload: list[str]) -> None:
    """Raises MissingPackagesError where something is not installed that checkers of such imports need."""
    needed = [*ALWAYS_NEEDED, *({module.split(".")[0] for module in preload} & {"torch", "numpy"})]
    if missing := missing_packages(sorted(set(needed))):
        raise MissingPackagesError(f"verifying needs {', '.join(missing)}; install with: {install_advice('verify')}")


def open_executor(
    name: ExecutorName,
    slots: int,
    *,
    threads: int,
    preload: list[str],
    address: str = "",
    gpu: bool = False,
    whole_cluster: bool = False,
    root: Path | None = None,
    slurm: Sequence[str] = (),
) -> Executor:
    """An executor with so many slots; raises UnavailableError.

    address, gpu: of a cluster, and whether jobs take GPUs there. whole_cluster: as many slots as it has room for.
    root: the registry, where Slurm's tasks leave word. slurm: options of sbatch, `NAME=VALUE`.
    """
    check_packages(preload)
    if slurm and name != "slurm":
        raise UnavailableError("--slurm is for --executor slurm")
    if name == "slurm":
        if missing_packages(["submitit"]):
            raise MissingPackagesError(f"--executor slurm needs submitit; install with: {install_advice('slurm')}")
        from lawbook.verification.slurm.executor import NoSlurmError, SlurmExecutor

        assert root is not None
        try:
            return SlurmExecutor(
                None if whole_cluster else slots, root=root, threads=threads, preload=preload, gpu=gpu, options=slurm
            )
        except NoSlurmError as error:
            raise UnavailableError(f"--executor slurm: {error}") from None
    if name == "ray":
        if missing_packages(["ray"]):
            raise MissingPackagesError(f"--executor ray needs ray; install with: {install_advice('ray')}")
        from lawbook.verification.ray_executor import NoClusterError, RayExecutor

        try:
            return RayExecutor(
                None if whole_cluster else slots, threads=threads, preload=preload, address=address, gpu=gpu
            )
        except NoClusterError as error:
            raise UnavailableError(f"--executor ray: {error}") from None
    from lawbook.verification.local_executor import LocalExecutor

    return LocalExecutor(slots, threads=threads, preload=preload)
