"""A job of the engine's own, run where a checker has died twice: if it dies too, the machine is at fault."""

from __future__ import annotations

import tempfile

from lawbook.contract import Measurement, Trials

CANARY = f"{__name__}:draw"
SCRATCH, MEMORY = 2**20, 2**26


def draw(trials: Trials) -> Measurement:
    """Do in small what every checker does: take some memory, write a file, give a number a seed."""
    taken = bytearray(MEMORY)
    with tempfile.TemporaryFile() as file:
        file.write(taken[:SCRATCH])
        file.flush()
    return Measurement([float(seed) for seed in trials.seeds])
