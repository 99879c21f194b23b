"""What the checkers of a run have printed: shown where that is asked for, else counted, never lost without a word."""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console

from lawbook.registry.diagnostics import printable
from lawbook.verification.run import Ended

WIDEST = 500


class PrintedByChecks:
    """Gathers by check what its jobs printed, until the check is settled. verbose: show it, not only how much."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._of: defaultdict[str, list[Ended]] = defaultdict(list)

    def keep(self, ended: Ended) -> None:
        """Remember what a job printed."""
        if ended.printed:
            self._of[ended.planned.name].append(ended)

    def tell(self, console: Console, name: str) -> None:
        """Show, or count, what the check `name` printed; nothing where it printed nothing."""
        jobs = self._of.pop(name, [])
        if not jobs:
            return
        lines = sum(max(1, job.printed_lines) for job in jobs)
        if not self._verbose:
            said = f"printed {lines} line{'s' if lines > 1 else ''}; see them with `lawbook try {name}` or --verbose"
            console.print(f"    {said}", markup=False, soft_wrap=True)
            return
        for job in jobs:
            shown = job.printed.splitlines()
            left_out = job.printed_lines - len(shown)
            title = f"printed by {job.arm or 'the check'}" + (f", {left_out} lines earlier" if left_out > 0 else "")
            console.print(f"    {title}:", markup=False, soft_wrap=True)
            for line in shown:
                console.print(f"      {printable(line.expandtabs(), WIDEST)}", markup=False, soft_wrap=True)
