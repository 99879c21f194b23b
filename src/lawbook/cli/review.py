"""`lawbook review`: what a hostile reader asks of each check, and what can be answered by machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lawbook.cli.options import counted, entry_or_exit, registry_or_exit, root_option
from lawbook.prose import spelled_out
from lawbook.registry.models import TIERS, Tier

if TYPE_CHECKING:
    from lawbook.book import Book, CheckState
    from lawbook.verdicts.severity import Severity
    from lawbook.verification.fresh_blocks import BlockOutcome

AGREE, DIFFER = 0, 1


@click.command("review")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--tier", type=click.Choice(TIERS), default="quick", show_default=True)
@click.option("--fresh", type=click.IntRange(min=1), metavar="N", help="Also run N fresh blocks of seeds.")
@click.option("--jobs", type=click.IntRange(min=1), help="Jobs at a time (default: one a core).")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@root_option
def command(root: Path, ids: tuple[str, ...], tier: Tier, fresh: int | None, jobs: int | None, as_json: bool) -> None:
    """Ask of every recorded check of the claims IDs (default: all) what a hostile reader asks.

    The checks with most questions answered badly come first. With --fresh each check runs again on blocks of seeds that
    no verdict has seen, and nothing is recorded; exits with 1 if some outcome is another one there, 2 where nothing is
    recorded.
    """
    registry = registry_or_exit(root)
    from lawbook.book import join_evidence
    from lawbook.evidence.store import read_evidence

    chosen = [entry_or_exit(registry, id).id for id in ids] or list(registry.entries)
    book = join_evidence(registry, read_evidence(root))
    states = {
        f"{id}/{state.check.name}": state
        for id in dict.fromkeys(chosen)
        for state in book.states[id].checks
        if state.tier == tier and state.record is not None
    }
    if not states:
        raise click.UsageError(f"nothing is recorded at the {tier} tier; `lawbook verify` measures it")
    outcomes = _run_fresh(root, book, states, fresh, jobs, quiet=as_json) if fresh else []
    _report(states, outcomes, as_json=as_json)
    differing = [found for found in outcomes if found.outcome != states[found.check].outcome]
    sys.exit(DIFFER if differing else AGREE)


def _report(states: dict[str, CheckState], outcomes: Sequence[BlockOutcome], *, as_json: bool) -> None:
    from lawbook.verdicts.severity import severity

    asked = {name: severity(state.record, state.check) for name, state in states.items() if state.record is not None}
    of_check: dict[str, list[BlockOutcome]] = {name: [] for name in asked}
    for found in outcomes:
        of_check[found.check].append(found)
    worst_first = sorted(asked, key=lambda name: (-_complaints(name, asked, states, of_check), name))
    if as_json:
        click.echo(json.dumps([_plain(name, asked, states, of_check) for name in worst_first], indent=1))
        return
    for name in worst_first:
        state = states[name]
        click.echo(f"\n{name}: {state.outcome}, {counted(_complaints(name, asked, states, of_check), 'bad answer')}")
        for answer in asked[name].answers:
            click.echo(f"  {'!' if answer.is_bad else ' '} {answer.question} {spelled_out(answer.answer)}")
        for line in state.past.lines():
            click.echo(f"  {'!' if state.past.moves else ' '} {line}")
        if of_check[name]:
            kept = sum(found.outcome == state.outcome for found in of_check[name])
            said = ", ".join(_block(found) for found in of_check[name])
            mark = " " if kept == len(of_check[name]) else "!"
            click.echo(f"  {mark} Do fresh seeds give the same outcome? {kept} of {len(of_check[name])}: {said}")
    if outcomes:
        kept = sum(found.outcome == states[found.check].outcome for found in outcomes)
        click.echo(
            f"\n{kept} of {len(outcomes)} (check, block) pairs keep their outcome, {100 * kept / len(outcomes):.1f} %"
        )
    none = sum(not _complaints(name, asked, states, of_check) for name in asked)
    click.echo(f"\n{counted(len(asked), 'check')}, {none} without a bad answer")


def _complaints(
    name: str,
    asked: dict[str, Severity],
    states: dict[str, CheckState],
    of_check: dict[str, list[BlockOutcome]],
) -> int:
    unstable = any(found.outcome != states[name].outcome for found in of_check[name])
    return len(asked[name].bad) + bool(states[name].past.moves) + unstable


def _plain(
    name: str,
    asked: dict[str, Severity],
    states: dict[str, CheckState],
    of_check: dict[str, list[BlockOutcome]],
) -> dict[str, object]:
    return {
        "check": name,
        "outcome": states[name].outcome,
        "width": asked[name].width,
        "answers": [
            {"question": answer.question, "answer": answer.answer, "bad": answer.is_bad}
            for answer in asked[name].answers
        ],
        "region": states[name].past.lines(),
        "fresh": [
            {"seed_base": found.seed_base, "outcome": found.outcome, "estimate": found.estimate}
            for found in of_check[name]
        ],
    }


def _block(found: BlockOutcome) -> str:
    value = "" if found.estimate is None else f" {found.estimate:.5g}"
    return f"{found.outcome}{value}"


def _run_fresh(
    root: Path, book: Book, states: dict[str, CheckState], blocks: int, jobs: int | None, *, quiet: bool
) -> list[BlockOutcome]:
    from lawbook.evidence.fingerprint import CodeGraph
    from lawbook.verification.environment import available_cores, describe_environment
    from lawbook.verification.executors import MissingPackagesError, modules_to_preload, open_executor
    from lawbook.verification.fresh_blocks import BlockOutcome, run_fresh_blocks
    from lawbook.verification.plan import plan_check
    from lawbook.verification.run import Unmeasured

    code = CodeGraph(root)
    planned = [
        plan_check(book.registry.entries[name.partition("/")[0]], state.check, state.tier, code)
        for name, state in states.items()
        if state.check.disabled is None
    ]
    cores = available_cores()
    slots = jobs or cores
    threads = max(1, cores // slots)
    preload = modules_to_preload((plan.check for plan in planned), code)
    try:
        executor = open_executor("local", slots, threads=threads, preload=preload)
    except MissingPackagesError as error:
        raise click.UsageError(str(error)) from None
    found = []
    with closing(executor):
        for event in run_fresh_blocks(
            planned,
            executor,
            root=str(root),
            devices=("cpu",),
            threads=threads,
            environment=describe_environment(threads, "", modified=False),
            blocks=blocks,
        ):
            if isinstance(event, BlockOutcome):
                found.append(event)
                if not quiet:
                    click.echo(f"block {event.seed_base}: {event.outcome:<12} {event.check}")
            elif isinstance(event, Unmeasured):
                click.echo(f"not measured: {event.planned.name}: {spelled_out(event.reason)}", err=True)
    return found
