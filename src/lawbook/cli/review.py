"""`lawbook review`: what a hostile reader asks of each check, and what can be answered by machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lawbook.cli.options import counted, entry_or_exit, registry_or_exit, root_option
from lawbook.cli.terminal_text import fill
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

    The checks with most bad answers that nothing explains come first (!), then those with most that the claim file
    explains (~). With --fresh each check runs again on blocks of seeds that no verdict has seen, and nothing is
    recorded; exits with 1 if some outcome is another one there, 2 where nothing is recorded.
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
    questioned = [_questioned(book, name, states[name], outcomes) for name in states]
    _report(questioned, outcomes, as_json=as_json)
    differing = [found for found in outcomes if found.outcome != states[found.check].outcome]
    sys.exit(DIFFER if differing else AGREE)


@dataclass(frozen=True)
class Questioned:
    """A check with its answers. needless: what it explains though it is answered well. blocks: of fresh seeds."""

    name: str
    state: CheckState
    asked: Severity
    needless: tuple[str, ...]
    blocks: tuple[BlockOutcome, ...]

    @property
    def kept(self) -> int:
        """How many blocks came out as the record did."""
        return sum(found.outcome == self.state.outcome for found in self.blocks)

    @property
    def open(self) -> int:
        """How many bad answers nothing explains, one for all blocks of fresh seeds that come out otherwise."""
        return len(self.asked.open) + (self.kept < len(self.blocks))


def _questioned(book: Book, name: str, state: CheckState, outcomes: Sequence[BlockOutcome]) -> Questioned:
    from lawbook.verdicts.severity import needless_answers, severity_of

    asked = severity_of(state)
    assert asked is not None
    every_tier = [
        severity_of(other)
        for other in book.states[name.partition("/")[0]].checks
        if other.check.name == state.check.name
    ]
    needless = needless_answers(state.check, [found for found in every_tier if found is not None])
    return Questioned(name, state, asked, needless, tuple(found for found in outcomes if found.check == name))


def _report(questioned: Sequence[Questioned], outcomes: Sequence[BlockOutcome], *, as_json: bool) -> None:
    worst_first = sorted(questioned, key=lambda one: (-one.open, -len(one.asked.explained), one.name))
    if as_json:
        click.echo(json.dumps([_plain(one) for one in worst_first], indent=1))
        return
    for one in worst_first:
        click.echo("\n" + "\n".join(_told(one)))
    if outcomes:
        kept = sum(one.kept for one in questioned)
        share = 100 * kept / len(outcomes)
        click.echo(f"\n{kept} of {len(outcomes)} (check, block) pairs keep their outcome, {share:.1f} %")
    still_open = sum(one.open > 0 for one in questioned)
    explained = sum(not one.open and bool(one.asked.explained) for one in questioned)
    none = len(questioned) - still_open - explained
    click.echo(
        f"\n{counted(len(questioned), 'check')}: {none} without a bad answer, {explained} whose bad answers are all "
        f"explained, {still_open} with an open one"
    )


def _told(one: Questioned) -> Iterator[str]:
    """The lines about a check: its answers, marked `!` where a bad one is open and `~` where it is explained."""
    explained = f", {len(one.asked.explained)} explained" if one.asked.explained else ""
    bad = "bad answer" if not one.asked.explained else "open bad answer"
    yield f"{one.name}: {one.state.outcome}, {counted(one.open, bad)}{explained}"
    for answer in one.asked.answers:
        mark = "!" if answer.is_open else "~" if answer.is_bad else " "
        yield f"  {mark} {answer.question} {spelled_out(answer.answer)}"
        if answer.explanation:
            yield fill(spelled_out(answer.explanation), "      ", "      ")
    if one.blocks:
        said = ", ".join(_block(found) for found in one.blocks)
        mark = " " if one.kept == len(one.blocks) else "!"
        yield f"  {mark} Do fresh seeds give the same outcome? {one.kept} of {len(one.blocks)}: {said}"
    for question in one.needless:
        yield f"  ? 'answers' explains '{question}', which is not answered badly; remove it from the claim file"


def _plain(one: Questioned) -> dict[str, object]:
    return {
        "check": one.name,
        "outcome": one.state.outcome,
        "width": one.asked.width,
        "answers": [
            {
                "key": answer.key,
                "question": answer.question,
                "answer": answer.answer,
                "bad": answer.is_bad,
                "explanation": answer.explanation,
            }
            for answer in one.asked.answers
        ],
        "needless": list(one.needless),
        "region": one.state.past.lines(),
        "fresh": [
            {"seed_base": found.seed_base, "outcome": found.outcome, "estimate": found.estimate} for found in one.blocks
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
