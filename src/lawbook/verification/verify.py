"""One run of `verify`, from what was asked for to an exit code: plan, run, record, show, report."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.freshness import installed_torch
from lawbook.evidence.record import DeviceKind, Environment, Record
from lawbook.evidence.store import (
    DamagedEvidenceError,
    check_store,
    read_store,
    store_folder,
    write_record,
)
from lawbook.places.registry_places import PlaceError, refuse_inside
from lawbook.places.writing import check_folder, write_atomically
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.models import Tier
from lawbook.registry.suggestions import which_id
from lawbook.verification.device_names import device_token
from lawbook.verification.display import make_display, show_table
from lawbook.verification.environment import (
    DeviceError,
    available_cores,
    describe_environment,
    device_name,
    find_devices,
)
from lawbook.verification.executors import (
    ExecutorName,
    MissingPackagesError,
    modules_to_preload,
    open_executor,
)
from lawbook.verification.git import GitError, changed_since, read_checkout
from lawbook.verification.interruption import interruptible
from lawbook.verification.outcomes import INTERRUPTED, INVALID, entry_outcomes, exit_code
from lawbook.verification.plan import Plan, make_plan, select_entries
from lawbook.verification.run import Judged, run_checks
from lawbook.verification.run_report import ReportError, check_report, report_text
from lawbook.verification.summary import RunState, show_summary


class Refusal(Exception):
    """A run cannot begin as it was asked for; the text says why and what would do."""


@dataclass(frozen=True)
class Request:
    """What was asked for. jobs, changed_since, seed_base: None where not given. report: the file to write."""

    ids: tuple[str, ...] = ()
    strand: str | None = None
    tier: Tier = "quick"
    device: str = "auto"
    jobs: int | None = None
    executor: ExecutorName = "local"
    force: bool = False
    changed_since: str | None = None
    seed_base: int | None = None
    publish: bool = False
    record: bool = True
    verbose: bool = False
    report: Path | None = None


def verify(registry: Registry, request: Request, console: Console) -> int:
    """Do what was asked and return the exit code; raises Refusal where the run cannot begin."""
    code = CodeGraph(registry.root)
    entries = _select(registry, request, code)
    devices = _devices(request)
    device_kind: DeviceKind = "cpu" if devices[0] == "cpu" else "cuda"
    token = "cpu" if device_kind == "cpu" else device_token(device_name(devices[0]))
    evidence = read_store(registry.root, publish=request.publish)
    plan = make_plan(
        entries,
        request.tier,
        token,
        evidence,
        code,
        installed_torch(),
        force=request.force,
        seed_base=request.seed_base,
    )
    code.remember()
    if plan.selected == 0:
        raise Refusal(_nothing_selected(entries, plan))
    _check_destinations(registry.root, request, plan)
    cores = available_cores()
    jobs = request.jobs or (cores if device_kind == "cpu" else len(devices))
    threads = max(1, cores // jobs)
    checkout = read_checkout(registry.root)
    environment = describe_environment(threads, checkout.commit, checkout.modified)
    state = RunState(no_commit=checkout.trouble if request.publish else "")
    if plan.run:
        _run(registry.root, request, plan, devices, jobs, environment, code, console, state)
    outcomes = entry_outcomes(entries, plan, state.records)
    if request.report is not None:
        _write_report(request.report, report_text(request.report, outcomes, environment, plan.tier), state)
    show_table(console, outcomes)
    show_summary(console, registry, plan, evidence, outcomes, state)
    if state.interrupted:
        return INTERRUPTED
    return INVALID if state.is_unwritable else exit_code(outcomes)


def _select(registry: Registry, request: Request, code: CodeGraph) -> list[Entry]:
    for id in request.ids:
        if id not in registry.entries:
            raise Refusal(f"no claim or open problem has the id '{id}'; {which_id(id, registry.entries)}")
    try:
        changed = (
            None if request.changed_since is None else changed_since(registry.root, request.changed_since)
        )
    except GitError as error:
        raise Refusal(f"--changed-since {request.changed_since}: {error}") from None
    return select_entries(registry, request.ids, request.strand, changed, code)


def _check_destinations(root: Path, request: Request, plan: Plan) -> None:
    """Refuse, before hours of work, what would end in nothing written."""
    try:
        if request.record and plan.run:
            check_store(root, publish=request.publish)
    except OSError as error:
        said = f"no record can be written to {store_folder(publish=request.publish)}: {error.strerror}"
        raise Refusal(f"{said}; --no-record runs without recording") from None
    try:
        if request.report is not None:
            check_report(refuse_inside(root, request.report, "--report"))
            check_folder(request.report.parent)
    except PlaceError as error:
        raise Refusal(str(error.strerror)) from None
    except OSError as error:
        raise Refusal(f"--report {request.report}: {error.strerror}") from None
    except ReportError as error:
        raise Refusal(f"--report {request.report}: {error}") from None


def _devices(request: Request) -> tuple[str, ...]:
    try:
        return find_devices(request.device)
    except DeviceError as error:
        raise Refusal(str(error)) from None


def _nothing_selected(entries: list[Entry], plan: Plan) -> str:
    if not entries:
        return "no check selected: no claim matches what was asked for"
    reasons = "; ".join(f"{idle.name}: {idle.why}" for idle in plan.idle)
    return f"no check selected at the {plan.tier} tier: {reasons or 'what matches has no check'}"


def _run(
    root: Path,
    request: Request,
    plan: Plan,
    devices: tuple[str, ...],
    jobs: int,
    environment: Environment,
    code: CodeGraph,
    console: Console,
    state: RunState,
) -> None:
    preload = modules_to_preload((planned.check for planned in plan.run), code)
    try:
        executor = open_executor(request.executor, jobs, threads=environment.threads, preload=preload)
    except MissingPackagesError as error:
        raise Refusal(str(error)) from None
    with (
        closing(executor),
        make_display(console, len(plan.run), verbose=request.verbose) as display,
        interruptible(),
    ):
        events = run_checks(
            plan.run,
            executor,
            root=str(root),
            devices=devices,
            threads=environment.threads,
            seed_base=request.seed_base or 0,
            environment=environment,
        )
        try:
            for event in events:
                if isinstance(event, Judged):
                    state.records[event.planned.name] = event.record
                    if request.record:
                        _write(root, event.record, state, publish=request.publish)
                display.show(event)
        except KeyboardInterrupt:
            state.interrupted = True


def _write(root: Path, record: Record, state: RunState, *, publish: bool) -> None:
    """Write a record, or note what kept it from being written."""
    try:
        write_record(root, record, publish=publish)
    except DamagedEvidenceError as error:
        state.unrecorded.append(f"{record.claim}/{record.check}: {error}")
    except OSError as error:
        state.unrecorded.append(f"{record.claim}/{record.check}: {error}")
        state.is_unwritable = True


def _write_report(path: Path, text: str, state: RunState) -> None:
    try:
        write_atomically(path, text.encode(errors="replace"))
    except OSError as error:
        state.unrecorded.append(f"the report: {error}")
        state.is_unwritable = True
