"""What happens inside a worker process: one job, from the import of its checker to plain data."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from lawbook.contract import Line, Map, Measurement, Panel, Trials
from lawbook.evidence.record import StoredLine, StoredMap, StoredPanel
from lawbook.registry.diagnostics import printable
from lawbook.verification.arguments import ArgumentError, bind_params
from lawbook.verification.fit_device import measure_in_parts
from lawbook.verification.global_draws import global_draws_refused
from lawbook.verification.host import speaks_of_the_machine
from lawbook.verification.jobs import Failure, Job, Lost, Measured, Missing, Result
from lawbook.verification.own_line import REASON_KEPT, ForAuthors, explain, left_debugger, rest_of_the_trace
from lawbook.verification.precision import pin_precision
from lawbook.verification.printed import listening

Report = Callable[[str, int, int | None], None]
Track = Callable[[Iterable[Any], str], Iterator[Any]]
SECONDS_BETWEEN_REPORTS = 0.2
# A registry says by this exception that a data set is not at hand; its text says how to get it.
DATA_SOURCES, DATA_MISSING = "checkers.testbeds.data_sources", "DataMissing"
# Panels are for looking at; more digits would only make records larger.
DRAWN_DIGITS = 7
LABEL_KEPT, NOTE_KEPT = 100, 1000  # characters
NO_TERMINAL = "a worker has no terminal to stop at or to read from; `lawbook try ID/CHECK` runs in yours"


def run_job(job: Job, report: Report) -> Result:
    """Import the job's checker, call it, and give what it measured, or why it could not.

    report: called now and then with (label, done, total) while the checker tracks its loops.
    """
    start = time.perf_counter()
    sys.breakpointhook = _no_terminal
    try:
        with listening() as heard:
            measurement = measure(job, _tracker(report))
        return Measured(
            values=tuple(measurement.values),
            in_regime=None if measurement.in_regime is None else tuple(measurement.in_regime),
            panels=tuple(map(stored_panel, measurement.panels)),
            notes=tuple(_readable(note, NOTE_KEPT) for note in measurement.notes),
            seconds=time.perf_counter() - start,
            device=_device_name(job.device),
            printed=heard.text,
            printed_lines=heard.lines,
        )
    except (ArgumentError, WrongReturn) as error:
        return Failure(str(error), seconds=time.perf_counter() - start)
    except BaseException as error:
        root = Path(job.root)
        if is_missing_data(error):
            return Missing(_readable(str(error), REASON_KEPT), time.perf_counter() - start)
        if left_debugger(error) or _asked_for_a_line(error):
            error = ForAuthors(NO_TERMINAL).with_traceback(error.__traceback__)
        sys.stdout.flush()
        for line in rest_of_the_trace(error, root, job.checker):
            print(line, file=sys.stderr)
        kind = Lost if speaks_of_the_machine(error) else Failure
        return kind(explain(error, root, job.checker), seconds=time.perf_counter() - start)


def _asked_for_a_line(error: BaseException) -> bool:
    """Whether it is `input()` that found nobody to ask; a data file that ends too early is another matter."""
    return isinstance(error, EOFError) and "reading a line" in str(error)


def is_missing_data(error: BaseException) -> bool:
    """Whether a checker says, by its registry's own exception, that a data set is not on this machine."""
    kind = type(error)
    return kind.__module__ == DATA_SOURCES and kind.__name__ == DATA_MISSING


class WrongReturn(Exception):
    """A checker returned what the contract does not allow."""


def _no_terminal(*_: Any, **__: Any) -> None:
    raise ForAuthors(f"breakpoint() was reached: {NO_TERMINAL}")


def measure(job: Job, track: Track) -> Measurement:
    """What the job's checker measures, in this process; whatever it raises is let through.

    Raises ArgumentError where the params do not fit it, and WrongReturn.
    """
    if job.root not in sys.path:
        sys.path.insert(0, job.root)
    module_name, _, function_name = job.checker.partition(":")
    with global_draws_refused(Path(job.root)):
        module = import_module(module_name)
    function = getattr(module, function_name)
    arguments = bind_params(function, job.params)
    _prepare_torch(job)

    def measure_part(seeds: tuple[int, ...]) -> Measurement:
        measurement = function(Trials(seeds, job.device, track), **arguments)
        if not isinstance(measurement, Measurement):
            kind = type(measurement).__name__
            raise WrongReturn(f"{job.checker} returned {kind}; a checker returns a lawbook.Measurement")
        if len(measurement.values) != len(seeds):
            raise WrongReturn(
                f"{job.checker} returned {len(measurement.values)} values for {len(seeds)} seeds; "
                "a checker returns one value a seed, in the seeds' order"
            )
        return measurement

    with global_draws_refused(Path(job.root)) as drawn_elsewhere:
        measurement = measure_in_parts(measure_part, job.seeds)
        remarks = drawn_elsewhere()
    return replace(measurement, notes=(*measurement.notes, *remarks)) if remarks else measurement


def _prepare_torch(job: Job) -> None:
    """Same seeds, same device kind, same numbers; and a worker's share of the cores, no more."""
    if "torch" not in sys.modules:
        return
    import torch

    torch.set_num_threads(job.threads)
    pin_precision()
    if job.device.startswith("cuda"):
        torch.cuda.set_device(job.device)


def _device_name(device: str) -> str:
    if not device.startswith("cuda"):
        return ""
    import torch

    return torch.cuda.get_device_name(device)


def _tracker(report: Report) -> Callable[[Iterable[Any], str], Iterator[Any]]:
    def track(iterable: Iterable[Any], label: str) -> Iterator[Any]:
        total = len(iterable) if isinstance(iterable, Sized) else None
        said = 0.0
        for done, item in enumerate(iterable):
            now = time.monotonic()
            if now - said >= SECONDS_BETWEEN_REPORTS:
                report(_readable(str(label), LABEL_KEPT), done, total)
                said = now
            yield item

    return track


def stored_panel(panel: Panel) -> StoredPanel:
    """A panel as records hold it."""
    axes: dict[str, Any] = {}
    for axis in "xyz":
        axes[f"{axis}_label"] = _plain(getattr(panel, axis))
        axes[f"{axis}_scale"] = "log" if axis in panel.log else "linear"
    return StoredPanel(
        title=_plain(panel.title),
        lines=[StoredLine.model_validate(_plain_fields(line)) for line in panel.lines],
        maps=[StoredMap.model_validate(_plain_fields(drawn)) for drawn in panel.maps],
        **axes,
    )


def _plain_fields(shape: Line | Map) -> dict[str, Any]:
    # What does not count in a comparison is not drawn.
    return {field.name: _plain(getattr(shape, field.name)) for field in fields(shape) if field.compare}


def _plain(value: Any) -> Any:
    """Numbers rounded for drawing, those that are not finite as None."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DRAWN_DIGITS}g}") if math.isfinite(value) else None
    return _readable(value, NOTE_KEPT) if isinstance(value, str) else value


def _readable(text: str, longest: int) -> str:
    """The text on one line, cut to a length; what is not for printing, or not for UTF-8, is spelled out."""
    return printable(" ".join(text.split()), longest)
