"""What a worker may see of the engine's environment: a list of what it needs, and nothing else.

A checker is code; a token in its environment is a token given away.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Mapping

NAMES = frozenset(
    (
        *(
            "PATH",
            "HOME",
            "LANG",
            "LANGUAGE",
            "TZ",
            "TERM",
            "LD_LIBRARY_PATH",
            "LD_PRELOAD",
            "DYLD_LIBRARY_PATH",
        ),
        *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "XDG_CACHE_HOME"),
    )
)
# Of locales, of the libraries that share out cores and cards, and what an operator names for the checkers.
PREFIXES = (
    *(
        "LC_",
        "LAWBOOK_",
        "OMP_",
        "MKL_",
        "OPENBLAS_",
        "NUMEXPR_",
        "KMP_",
        "GOMP_",
        "BLIS_",
        "VECLIB_",
        "MALLOC_",
    ),
    *("CUDA_", "CUBLAS_", "CUDNN_", "NCCL_", "NVIDIA_", "HIP_", "ROCR_", "ROCM_", "HSA_"),
    *("TORCH_", "PYTORCH_", "TRITON_"),
)
SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|(^|_)KEY(_|$)|APIKEY|AUTH(_|$)", re.IGNORECASE)
POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# Names every process that a run has started, so that none outlives it.
RUN_MARK = "LAWBOOK_RUN"
SET_DUMPABLE = 4


def worker_environment(ours: Mapping[str, str], threads: int, run: str) -> dict[str, str]:
    """The environment of the fork server and of every worker. ours: the engine's. run: a name for the run."""
    kept = {name: value for name, value in ours.items() if _may_be_seen(name)}
    return {
        # A thread that waits must not spin: on a busy machine spinning slows small matrix work some twentyfold.
        "OMP_WAIT_POLICY": "PASSIVE",
        # glibc hands the blocks of one training step back to the system and asks for them again at the next: a tenth
        # of a quiet run's time. Blocks above 128 MiB still go back, so that memory does not fall into holes.
        "MALLOC_MMAP_THRESHOLD_": str(2**27),
        "MALLOC_TRIM_THRESHOLD_": str(2**29),
        "MALLOC_TOP_PAD_": str(2**26),
        **kept,
        **dict.fromkeys(POOLS, str(threads)),
        "PYTHONHASHSEED": "0",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        RUN_MARK: run,
    }


def hide_from_workers() -> None:
    """Where the system can, keep processes of the same user from reading this one's memory and environment.

    It also keeps them from tracing it, and the system from dumping it. Root reads on.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_DUMPABLE, 0, 0, 0, 0)


def _may_be_seen(name: str) -> bool:
    return (name in NAMES or name.startswith(PREFIXES)) and not SECRET.search(name)
