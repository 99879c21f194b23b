"""A job whose seeds do not fit into the device's memory at once is measured in parts, down to one seed.

The numbers of a seed do not depend on its companions, so the values of the parts are those of the whole. Panels that
were drawn over seeds are drawn anew over all of them; what else differs between parts stays as the first drew it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from lawbook.contract import Line, Measurement, Panel, over_more_seeds

Measure = Callable[[tuple[int, ...]], Measurement]
# Libraries that ask for memory of their own, beside PyTorch's, say so in these words alone.
OTHER_WORDS = ("CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED", "CUDA error: out of memory")


def measure_in_parts(measure: Measure, seeds: Sequence[int]) -> Measurement:
    """What `measure` gives for the seeds, in halves where the device's memory is too small for all at once.

    Where it was split, a note says into which parts. Raises what `measure` raises, out of memory too where a single
    seed does not fit.
    """
    waiting = [tuple(seeds)]
    done: list[tuple[int, Measurement]] = []
    while waiting:
        part = waiting.pop(0)
        measured = _try(measure, part)
        if measured is not None:
            done.append((len(part), measured))
            continue
        # What is still to come will not fit either.
        half = (len(part) + 1) // 2
        left = [*part, *(seed for later in waiting for seed in later)]
        waiting = [tuple(left[start : start + half]) for start in range(0, len(left), half)]
    return joined([measurement for _, measurement in done], [size for size, _ in done])


def joined(parts: Sequence[Measurement], sizes: Sequence[int]) -> Measurement:
    """One measurement of all the parts' seeds, in their order; sizes: how many seeds each was given."""
    if len(parts) == 1:
        return parts[0]
    notes = list(dict.fromkeys(note for part in parts for note in part.notes))
    listed = ", ".join(map(str, sizes))
    notes.append(f"measured in parts of {listed} seeds, as the device's memory was too small for all at once")
    regimes: list[bool] | None = None
    if any(part.in_regime is not None for part in parts):
        regimes = [
            flag
            for part in parts
            for flag in (part.in_regime if part.in_regime is not None else [True] * len(part.values))
        ]
    panels, kept = _joined_panels([part.panels for part in parts])
    if kept:
        notes.append(f"drawn for the first {sizes[0]} seeds alone: {', '.join(kept)}")
    return Measurement([value for part in parts for value in part.values], regimes, panels, notes)


def _joined_panels(parts: Sequence[Sequence[Panel]]) -> tuple[list[Panel], list[str]]:
    """The panels over all seeds, and what of them is the first part's because it cannot be joined."""
    others = [{panel.title: panel for panel in part} for part in parts[1:]]
    panels, kept = [], []
    for panel in parts[0]:
        lines = []
        for place, line in enumerate(panel.lines):
            alike = [_same_line(other.get(panel.title), place, line) for other in others]
            whole = None if None in alike else over_more_seeds(line, [one for one in alike if one is not None])
            if whole is None:
                kept.append(f"'{line.label}' of '{panel.title}'")
            lines.append(whole or line)
        # By their texts, in which NaN is like NaN.
        maps = repr(panel.maps)
        if any(panel.title not in other or repr(other[panel.title].maps) != maps for other in others):
            kept += [f"'{drawn.label}' of '{panel.title}'" for drawn in panel.maps]
        panels.append(replace(panel, lines=tuple(lines)))
    return panels, kept


def _same_line(panel: Panel | None, place: int, line: Line) -> Line | None:
    if panel is None or place >= len(panel.lines):
        return None
    other = panel.lines[place]
    return other if (other.label, other.role) == (line.label, line.role) else None


def _try(measure: Measure, part: tuple[int, ...]) -> Measurement | None:
    """The part's measurement; None where it did not fit and may be halved."""
    try:
        return measure(part)
    except Exception as error:
        if len(part) == 1 or not is_out_of_memory(error):
            raise
    # Only here has the error let go of the tensors in its frames.
    gc.collect()
    if torch := sys.modules.get("torch"):
        torch.cuda.empty_cache()
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device's memory was too small, as PyTorch and the libraries beneath it say it."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(error, torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in OTHER_WORDS)
