"""Submits one array through submitit. Run as `python -P -m lawbook.verification.slurm.submission`.

The array comes pickled on standard input, its number goes to standard output. A process of its own, whose environment
holds no secret: Slurm hands the environment of whoever submits to every node, where all that runs can read it.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

import submitit

from lawbook.verification.slurm.commands import last_line
from lawbook.verification.slurm.request import SUBMITIT_FOLDER, Array
from lawbook.verification.slurm.task import work


def submit(array: Array) -> str:
    """The number that Slurm gives the array, or the single job that it is; raises what submitit raises."""
    executor = submitit.SlurmExecutor(folder=f"{array.folder}/{SUBMITIT_FOLDER}", max_num_timeout=0)
    executor.update_parameters(**parameters(array))
    count = array.size
    before, after = (array.jobs, array.folder), (array.minutes, array.threads, array.preload)
    jobs = executor.map_array(
        work, *([each] * count for each in before), range(count), *([each] * count for each in after)
    )
    return str(jobs[0].job_id).partition("_")[0]


def parameters(array: Array) -> dict[str, Any]:
    """What submitit is told of an array."""
    shape = array.shape
    return {
        "job_name": array.name,
        "time": array.minutes,
        "nodes": 1,
        "ntasks_per_node": 1,
        "cpus_per_task": shape.cores,
        "mem": f"{shape.memory}M",
        "array_parallelism": array.size,
        # One process on one node needs no step of its own.
        "use_srun": False,
        # Begun again by Slurm it would run beside the engine's own second try.
        "additional_parameters": {**array.options, "no_requeue": True},
    }


def main() -> int:
    """Submit what standard input holds; in one line what went wrong, where something did."""
    array: Array = pickle.load(sys.stdin.buffer)
    try:
        number = submit(array)
    except Exception as error:
        print(last_line(str(error)) or type(error).__name__, file=sys.stderr)
        return 1
    print(number)
    return 0


if __name__ == "__main__":
    sys.exit(main())
