"""The file that `verify --report` writes, in the form that its suffix names."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lawbook.evidence.record import Environment, Record
from lawbook.junit import HEAD as HEAD_OF_JUNIT
from lawbook.junit import Case, Told, as_xml
from lawbook.registry.models import Tier
from lawbook.registry.suggestions import did_you_mean
from lawbook.verdicts.status import WORST_FIRST, claim_as_expected
from lawbook.verification.outcomes import NOT_MEASURED, CheckOutcome, EntryOutcome, report

HEAD_OF_MARKDOWN = "# Lawbook run"
# How an earlier report begins, which alone may be written over.
HEADS = {".json": '{\n "schema": 1,', ".xml": HEAD_OF_JUNIT, ".md": HEAD_OF_MARKDOWN}
FORMS = {".json": "JSON", ".xml": "JUnit's XML", ".md": "Markdown"}

Writer = Callable[[Sequence[EntryOutcome], Environment, Tier], str]


class ReportError(Exception):
    """A report cannot be written as it was asked for; the text says why and what would do."""


def check_report(path: Path) -> None:
    """Raises ReportError where the suffix names no form, or another file stands there."""
    suffix = path.suffix.lower()
    if suffix not in FORMS:
        forms = ", ".join(f"{known} ({form})" for known, form in FORMS.items())
        meant = did_you_mean(suffix, FORMS, noun="suffixes") if suffix else "give it one"
        raise ReportError(f"its suffix names the form, one of {forms}, and '{path.suffix}' is none; {meant}")
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise ReportError("it is no plain file")
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(len(HEADS[suffix]))
        if head and head != HEADS[suffix].encode():
            raise ReportError("that file is no earlier report and would be lost; name another, or delete it")


def report_text(path: Path, outcomes: Sequence[EntryOutcome], environment: Environment, tier: Tier) -> str:
    """What to write to `path`, which `check_report` has let pass."""
    writers: dict[str, Writer] = {".json": _json, ".xml": _junit, ".md": _markdown}
    return writers[path.suffix.lower()](outcomes, environment, tier)


def _json(outcomes: Sequence[EntryOutcome], environment: Environment, tier: Tier) -> str:
    return json.dumps(report(outcomes, environment), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _junit(outcomes: Sequence[EntryOutcome], environment: Environment, tier: Tier) -> str:
    return as_xml(_case(outcome, check, tier) for outcome in outcomes for check in outcome.checks) + "\n"


def _case(outcome: EntryOutcome, check: CheckOutcome, tier: Tier) -> Case:
    record = check.record
    place = (outcome.entry.strand, outcome.entry.id, f"{check.name} [{tier}]")
    if check.unmeasured:
        return Case(*place, "error", NOT_MEASURED, check.unmeasured)
    if check.unreached:
        return Case(*place, "skipped", message=f"not reached within the budget; {check.unreached}")
    if record is None:
        return Case(*place, "skipped", message="disabled, or the run was cut short")
    told, said = verdict(outcome, record)
    return Case(*place, told, record.outcome, said, record.output, record.seconds)


def verdict(outcome: EntryOutcome, record: Record) -> tuple[Told, str]:
    """How a recorded outcome is told, and why; of a probe only that it measured nothing is bad news."""
    said = record.reason or record.outcome
    if record.outcome == "error":
        return "error", said
    if outcome.entry.is_problem:
        return ("failure" if record.outcome == "void" else "passed"), said
    claim = outcome.entry.claim
    # One check that fails refutes a claim, and makes a known failure; the others may pass.
    may_fail = claim.standing == "refuted" or claim.known_failure is not None
    if claim_as_expected(claim, record.outcome) or (may_fail and outcome.status == "fail" and record.outcome == "pass"):
        return "passed", said
    return "failure", record.reason or f"{record.outcome}, while the claim's standing is {claim.standing}"


def _markdown(outcomes: Sequence[EntryOutcome], environment: Environment, tier: Tier) -> str:
    return "\n".join(_markdown_lines(outcomes, environment, tier)) + "\n"


def _markdown_lines(outcomes: Sequence[EntryOutcome], environment: Environment, tier: Tier) -> Iterator[str]:
    counts = Counter(outcome.status for outcome in outcomes)
    said = ", ".join(f"{counts[status]} {status}" for status in reversed(WORST_FIRST) if counts[status])
    yield HEAD_OF_MARKDOWN
    yield ""
    yield f"Tier {tier}, {environment.device}, torch {environment.torch or 'none'}. Claims and problems: {said}."
    yield ""
    yield "| check | outcome | estimate | interval | as told | reason |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for outcome in outcomes:
        for check in outcome.checks:
            name = f"{outcome.entry.id}/{check.name}"
            if check.record is None:
                told, why = ("**not measured**", check.unmeasured) if check.unmeasured else ("not run", check.unreached)
                yield f"| {name} | {check.status} | – | – | {told} | {_cell(why)} |"
                continue
            told, why = verdict(outcome, check.record)
            cells = (
                name,
                check.record.outcome,
                "–" if check.record.estimate is None else f"{check.record.estimate:.5g}",
                _interval(check.record),
                "as expected" if told == "passed" else f"**{told}**",
                "" if told == "passed" else _cell(why),
            )
            yield f"| {' | '.join(cells)} |"


def _interval(record: Record) -> str:
    if record.interval is None:
        return "–"
    low, high = (("…" if end is None else f"{end:.5g}") for end in record.interval)
    return f"{low} to {high}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")
