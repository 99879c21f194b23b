"""How much of a card's memory is in use, as its driver's own tool says it; the engine itself never talks to CUDA."""

from __future__ import annotations

import subprocess


def card_memory(device: str) -> int:
    """MiB in use on the card of a torch device such as `cuda:1`; 0 for the CPU, and where the tool cannot say."""
    if not device.startswith("cuda"):
        return 0
    number = device.partition(":")[2] or "0"
    command = ["nvidia-smi", f"--id={number}", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    said = done.stdout.strip()
    return int(said) if done.returncode == 0 and said.isdigit() else 0
