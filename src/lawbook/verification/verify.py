"""One run of `verify`, from what was asked for to an exit code: plan, run, record, show, report."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from lawbook.evidence.fingerprint import CodeGraph
from lawbook.evidence.freshness import installed_torch, staleness
from lawbook.evidence.record import TIME_FORMAT, Environment
from lawbook.evidence.store import check_store, read_store, store_folder
from lawbook.places.registry_places import PlaceError, refuse_inside
from lawbook.places.writing import check_folder, write_atomically
from lawbook.registry.entry import Entry, Registry
from lawbook.registry.ids import entry_and_part
from lawbook.registry.models import Tier
from lawbook.registry.suggestions import did_you_mean, which_id
from lawbook.verification.display import make_display, show_lines, show_table
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
from lawbook.verification.git import GitError, changed_since, read_checkout
from lawbook.verification.interruption import interruptible
from lawbook.verification.isolation import find_isolation
from lawbook.verification.leases import Leases
from lawbook.verification.night import Need, expected_seconds, most_needed_first, needs, now_utc
from lawbook.verification.outcomes import INTERRUPTED, entry_outcomes, exit_code
from lawbook.verification.plan import Plan, Selection, make_plan, select_entries
from lawbook.verification.recording import Recorder
from lawbook.verification.run import Judged, Limits, Unmeasured, run_checks
from lawbook.verification.run_devices import RunDevices, choose_devices
from lawbook.verification.run_report import ReportError, check_report, report_text
from lawbook.verification.seeds import base_of_night
from lawbook.verification.shards import Shard
from lawbook.verification.summary import RunState, show_summary
from lawbook.verification.worker_environment import hide_from_workers


class Refusal(Exception):
    """A run cannot begin as it was asked for; the text says why and what would do."""


@dataclass(frozen=True)
class Request:
    """What was asked for. ids: of entries, or ENTRY/CHECK. jobs, changed_since, seed_base, budget, older_than: None
    where not given.

    address: of a Ray cluster. slurm: options for Slurm, `NAME=VALUE`. shard: the part of the plan to run. report: the
    file to write. budget: seconds that the run may last; what needs it most is measured first, whatever is fresh.
    older_than: seconds; measure what is older, fresh or not.
    """

    ids: tuple[str, ...] = ()
    strand: str | None = None
    tier: Tier = "quick"
    device: str = "auto"
    jobs: int | None = None
    executor: ExecutorName = "local"
    address: str = ""
    slurm: tuple[str, ...] = ()
    shard: Shard | None = None
    force: bool = False
    budget: float | None = None
    older_than: float | None = None
    changed_since: str | None = None
    seed_base: int | None = None
    publish: bool = False
    record: bool = True
    verbose: bool = False
    report: Path | None = None


def verify(registry: Registry, request: Request, console: Console) -> int:
    """Do what was asked and return the exit code; raises Refusal where the run cannot begin."""
    begun, now = time.monotonic(), now_utc()
    if request.budget is not None and request.seed_base is None:
        # A night measures what is fresh too, which on the same seeds would tell nothing.
        request = replace(request, seed_base=base_of_night(now.date()))
    code = CodeGraph(registry.root)
    entries, only = _select(registry, request, code)
    devices = _devices(registry.root, request, console)
    evidence = read_store(registry.root, publish=request.publish)
    plan = make_plan(
        entries,
        request.tier,
        devices.token,
        evidence,
        code,
        installed_torch(),
        force=request.force,
        seed_base=request.seed_base,
        made_since="" if request.older_than is None else _ago(now, request.older_than),
        only=only,
    )
    known = needs(
        plan.run,
        devices.token,
        evidence,
        lambda record, planned: staleness(record, planned.entry, planned.check, code, installed_torch()),
    )
    if request.shard is not None:
        published = evidence if request.publish else read_store(registry.root, publish=True)
        whole = plan.selected
        plan, known = request.shard.of(plan, known, published, devices.token)
        if whole and plan.selected == 0:
            raise Refusal(f"no check falls to part {request.shard}: there are {whole}; take no more parts than that")
        console.print(f"Shard {request.shard}: {plan.selected} of {whole} checks", highlight=False)
    limits = None
    if request.budget is not None:
        known = most_needed_first(known, now)
        plan = replace(plan, run=tuple(need.planned for need in known))
        limits = Limits(begun + request.budget, expected_seconds(known))
    code.remember()
    if plan.selected == 0:
        raise Refusal(_nothing_selected(entries, plan))
    _check_destinations(registry.root, request, plan)
    cores = available_cores()
    jobs = request.jobs or devices.sharing
    threads = max(1, cores // jobs)
    checkout = read_checkout(registry.root)
    environment = describe_environment(threads, checkout.commit, checkout.modified)
    if plan.run and request.executor == "local":
        # The nodes of a cluster say for themselves, each with what it has measured.
        isolation = find_isolation(registry.root)
        console.print(str(isolation), highlight=False, soft_wrap=True, markup=False)
        environment = environment.model_copy(update={"isolation": list(isolation.kept)})
    state = RunState(
        no_commit=checkout.trouble if request.publish else "",
        ages={need.planned.name: need.age(now) for need in known} if limits else {},
    )
    if plan.run:
        _run(
            registry.root,
            request,
            plan,
            known,
            limits,
            devices,
            jobs,
            environment,
            code,
            console,
            state,
        )
    unreached = {name: state.ages[name] for name in state.unreached(plan) if name in state.ages}
    outcomes = entry_outcomes(entries, plan, state.records, state.unmeasured, unreached)
    if request.report is not None:
        _write_report(request.report, report_text(request.report, outcomes, environment, plan.tier), state)
    show_table(console, outcomes)
    show_summary(console, registry, plan, evidence, outcomes, state)
    if state.interrupted:
        return INTERRUPTED
    return exit_code(outcomes, is_unwritable=state.is_unwritable)


def _ago(now: datetime, seconds: float) -> str:
    return (now - timedelta(seconds=seconds)).strftime(TIME_FORMAT)


def _select(registry: Registry, request: Request, code: CodeGraph) -> tuple[list[Entry], Selection]:
    """The entries asked for, and which checks of those of which only some were."""
    whole: set[str] = set()
    only: dict[str, set[str]] = {}
    for asked in request.ids:
        id, name = entry_and_part(asked)
        if id not in registry.entries:
            raise Refusal(f"no claim or open problem has the id '{id}'; {which_id(id, registry.entries)}")
        names = [check.name for check in registry.entries[id].checks]
        if name is not None and name not in names:
            raise Refusal(f"'{id}' has no check '{name}'; {did_you_mean(name, names, noun='checks')}")
        if name is not None:
            only.setdefault(id, set()).add(name)
        else:
            whole.add(id)
    try:
        changed = None if request.changed_since is None else changed_since(registry.root, request.changed_since)
    except GitError as error:
        raise Refusal(f"--changed-since {request.changed_since}: {error}") from None
    ids = [entry_and_part(asked)[0] for asked in request.ids]
    selection = {id: names for id, names in only.items() if id not in whole}
    return select_entries(registry, ids, request.strand, changed, code), selection


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


def _devices(root: Path, request: Request, console: Console) -> RunDevices:
    try:
        return choose_devices(request.device, request.executor, root=root, slurm=request.slurm, say=console.print)
    except (DeviceError, UnavailableError) as error:
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
    known: Sequence[Need],
    limits: Limits | None,
    devices: RunDevices,
    jobs: int,
    environment: Environment,
    code: CodeGraph,
    console: Console,
    state: RunState,
) -> None:
    hide_from_workers()
    before = {need.planned.name: need.record for need in known if need.record is not None}
    recorder = Recorder(root, before, state, record=request.record, publish=request.publish)
    leases = Leases(root, devices.token, before, request.publish, enabled=request.record)
    preload = modules_to_preload((planned.check for planned in plan.run), code)
    try:
        executor = open_executor(
            request.executor,
            jobs,
            threads=environment.threads,
            preload=preload,
            address=request.address,
            gpu=devices.kind != "cpu",
            whole_cluster=request.jobs is None,
            root=root,
            slurm=request.slurm,
        )
    except UnavailableError as error:
        raise Refusal(str(error)) from None
    with (
        closing(leases),
        closing(executor),
        make_display(console, len(plan.run), verbose=request.verbose) as display,
        interruptible(),
    ):
        events = run_checks(
            plan.run,
            executor,
            root=str(root),
            devices=devices.names,
            threads=environment.threads,
            seed_base=request.seed_base or 0,
            environment=environment,
            again=recorder.again,
            limits=limits,
            may_begin=leases.take,
        )
        try:
            for event in events:
                if isinstance(event, Judged | Unmeasured):
                    recorder.take(event)
                    if not (isinstance(event, Judged) and event.again):
                        leases.release(event.planned.name)
                display.show(event)
        except KeyboardInterrupt:
            state.interrupted = True
    show_lines(console, "Left to another run:", [f"{name}: {why}" for name, why in leases.elsewhere.items()])


def _write_report(path: Path, text: str, state: RunState) -> None:
    try:
        write_atomically(path, text.encode(errors="replace"))
    except OSError as error:
        state.unrecorded.append(f"the report: {error}")
        state.is_unwritable = True
