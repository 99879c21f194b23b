"""One run of `lawbook map`, from what was asked for to an exit code: plan, run, record, show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.freshness import installed_torch
from lawbook.evidence.map_cells import (
    MapCell,
    MapEvidence,
    append_cell,
    cell_digest,
    cell_staleness,
    check_map,
    read_maps,
)
from lawbook.evidence.record import Environment
from lawbook.evidence.store import check_store
from lawbook.prose import spelled_out
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.ids import entry_and_part
from lawbook.registry.map_grid import Grid
from lawbook.registry.models import Tier
from lawbook.registry.suggestions import did_you_mean, which_id
from lawbook.verification.environment import (
    DeviceError,
    available_cores,
    describe_environment,
)
from lawbook.verification.executors import (
    ExecutorName,
    UnavailableError,
    modules_to_preload,
    open_executor,
)
from lawbook.verification.git import read_checkout
from lawbook.verification.interruption import interruptible
from lawbook.verification.map_run import PlannedCell, run_cells
from lawbook.verification.outcomes import BROKEN, EXPECTED, INTERRUPTED, UNMEASURED
from lawbook.verification.run_devices import RunDevices, choose_devices
from lawbook.verification.verify import Refusal


@dataclass(frozen=True)
class MapRequest:
    """What was asked for. target: an id, or ID/NAME. budget: seconds. jobs, budget: None where not given."""

    target: str
    tier: Tier = "quick"
    device: str = "auto"
    jobs: int | None = None
    executor: ExecutorName = "local"
    address: str = ""
    slurm: tuple[str, ...] = ()
    budget: float | None = None
    force: bool = False
    publish: bool = False


def map_law(registry: Registry, request: MapRequest, console: Console) -> int:
    """Measure what is missing or stale of the maps asked for; the exit code. Raises Refusal where it cannot begin.

    A cell that fails is what a map is for; an error of a checker ends in 3.
    """
    entry, chosen = _select(registry, request)
    try:
        devices = choose_devices(
            request.device, request.executor, root=registry.root, slurm=request.slurm, say=console.print
        )
    except (DeviceError, UnavailableError) as error:
        raise Refusal(str(error)) from None
    code = CodeGraph(registry.root)
    evidence = read_maps(registry.root)
    for damaged in evidence.damaged:
        console.print(str(damaged), markup=False, soft_wrap=True)
    planned = [
        cell for grid in chosen for cell in _missing(entry, grid, devices.token, code, evidence, force=request.force)
    ]
    code.remember()
    counted = sum(len(grid.cells) for grid in chosen)
    console.print(f"{counted} cells: {len(planned)} to measure, {counted - len(planned)} fresh", soft_wrap=True)
    found: list[MapCell] = []
    unmeasured, interrupted = 0, False
    if planned:
        found, unmeasured, interrupted = _run(registry.root, request, planned, devices, code, console)
    after = read_maps(registry.root)
    for grid in chosen:
        _show(console, entry, grid, after)
    left = len(planned) - len(found) - unmeasured
    if left:
        console.print(f"{left} cells were not reached; run again, and only these run", soft_wrap=True)
    if interrupted:
        return INTERRUPTED
    if any(cell.outcome == "error" for cell in found):
        return BROKEN
    return UNMEASURED if unmeasured else EXPECTED


def _select(registry: Registry, request: MapRequest) -> tuple[Entry, list[Grid]]:
    id, name = entry_and_part(request.target)
    if id not in registry.entries:
        raise Refusal(f"no claim or open problem has the id '{id}'; {which_id(id, registry.entries)}")
    entry = registry.entries[id]
    names = [law_map.name for law_map in entry.maps]
    if not names:
        raise Refusal(f"{id} has no map; `maps:` in {entry.path} says over which parameters to draw one")
    if name is not None and name not in names:
        raise Refusal(f"{id} has no map '{name}'; {did_you_mean(name, names, noun='maps')}")
    wanted = names if name is None else [name]
    chosen = [entry.grids[which, request.tier] for which in wanted if (which, request.tier) in entry.grids]
    if not chosen:
        raise Refusal(f"{request.target} has no settings for the {request.tier} tier")
    return entry, chosen


def _missing(
    entry: Entry, grid: Grid, token: str, code: CodeGraph, evidence: MapEvidence, *, force: bool
) -> Iterable[PlannedCell]:
    known = evidence.of(entry.id, grid.law_map.name, grid.tier)
    for cell in grid.cells:
        stored = known.get(cell_digest(cell.values))
        fresh = (
            stored is not None
            and stored.outcome != "error"
            and not cell_staleness(stored, grid.measured, cell, code, installed_torch())
        )
        if force or not fresh:
            yield PlannedCell(entry, grid, cell, code.fingerprint(grid.measured.checker), token)


def _run(
    root: Path,
    request: MapRequest,
    planned: Sequence[PlannedCell],
    devices: RunDevices,
    code: CodeGraph,
    console: Console,
) -> tuple[list[MapCell], int, bool]:
    """The judged cells, how many the machine failed or have no data here, and whether the run was interrupted."""
    try:
        check_store(root, publish=request.publish)
        for key in sorted({cell.key for cell in planned}):
            check_map(root, key, publish=request.publish)
    except OSError as error:
        raise Refusal(f"no cell can be recorded: {error.strerror}") from None
    jobs = request.jobs or devices.sharing
    threads = max(1, available_cores() // jobs)
    preload = modules_to_preload((cell.grid.measured for cell in planned), code)
    checkout = read_checkout(root)
    environment: Environment = describe_environment(threads, checkout.commit, checkout.modified)
    try:
        executor = open_executor(
            request.executor,
            jobs,
            threads=threads,
            preload=preload,
            address=request.address,
            gpu=devices.kind != "cpu",
            whole_cluster=request.jobs is None,
            root=root,
            slurm=request.slurm,
        )
    except UnavailableError as error:
        raise Refusal(str(error)) from None
    found: list[MapCell] = []
    unmeasured = 0
    with closing(executor), interruptible():
        try:
            for cell, judged in run_cells(
                planned,
                executor,
                root=str(root),
                devices=devices.names,
                threads=threads,
                environment=environment,
                budget=request.budget,
            ):
                if not isinstance(judged, MapCell):
                    unmeasured += 1
                    said = f"not measured: {cell.name}: {spelled_out(judged.reason)}"
                    console.print(said, markup=False, soft_wrap=True)
                    continue
                append_cell(root, cell.key, judged, publish=request.publish)
                found.append(judged)
                line = f"[{len(found)}/{len(planned)}] {cell_line(judged)}"
                console.print(line, markup=False, soft_wrap=True)
        except KeyboardInterrupt:
            return found, unmeasured, True
    return found, unmeasured, False


def cell_line(cell: MapCell) -> str:
    """One judged cell in one line."""
    where = ", ".join(f"{name} = {spelled_out(str(value))}" for name, value in cell.at.items())
    value = "" if cell.estimate is None else f"  {cell.estimate:.5g}"
    reason = f"  ({spelled_out(cell.reason)})" if cell.reason and cell.outcome != "pass" else ""
    return f"{cell.outcome:<14} {where}{value}{reason}"


def _show(console: Console, entry: Entry, grid: Grid, evidence: MapEvidence) -> None:
    known = evidence.of(entry.id, grid.law_map.name, grid.tier)
    outcomes = Counter(
        known[digest].outcome if (digest := cell_digest(cell.values)) in known else "not measured"
        for cell in grid.cells
    )
    said = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())
    console.print(f"{entry.id}/{grid.law_map.name}: {said}", markup=False, soft_wrap=True)
