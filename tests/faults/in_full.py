"""What `make faults` does, and how often: for the tests, the tally at their end and the site's page on method."""

from __future__ import annotations

KILLS = "kills of a process of a run"
DISKS = "disks filled to the last pages"
READ_ONLY = "disks that can only be read"
SCRATCH = "disks for temporary files that are full"
CLOCKS = "clocks that jump"
FLIPPED = "stores with bytes flipped or cut off"
OPERATORS = "operators at once"
HOSTILE = "hostile checkers"
INTERRUPTIONS = "interruptions of deaf checkers"
TIMES = {
    KILLS: 50,
    DISKS: 12,
    READ_ONLY: 1,
    SCRATCH: 1,
    CLOCKS: 2,
    FLIPPED: 300,
    OPERATORS: 3,
    HOSTILE: 9,
    INTERRUPTIONS: 2,
}
