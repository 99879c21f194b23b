"""JUnit's XML, as CI systems read it: what counts against a claim is a failure, what measured nothing an error."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

# The library would name the encoding of the terminal, whatever the file is then written in.
DECLARATION = "<?xml version='1.0' encoding='utf-8'?>"
HEAD = f'{DECLARATION}\n<testsuites name="lawbook"'
Told = Literal["passed", "failure", "error", "skipped"]
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """One check at one tier. suite: its strand. kind: the word for what happened, as an outcome. seconds: None
    where nothing ran.
    """

    suite: str
    claim: str
    name: str
    told: Told
    kind: str = ""
    message: str = ""
    output: str = ""
    seconds: float | None = None


def as_xml(cases: Iterable[Case]) -> str:
    """A document with a suite for each strand."""
    by_suite: dict[str, list[Case]] = {}
    for case in cases:
        by_suite.setdefault(case.suite, []).append(case)
    suites = ElementTree.Element("testsuites", name="lawbook")
    for name, members in by_suite.items():
        told = Counter(case.told for case in members)
        counts = {
            "failures": str(told["failure"]),
            "errors": str(told["error"]),
            "skipped": str(told["skipped"]),
        }
        suite = ElementTree.SubElement(
            suites, "testsuite", {"name": _clean(name), "tests": str(len(members)), **counts}
        )
        for case in members:
            _add(suite, case)
    ElementTree.indent(suites)
    return f"{DECLARATION}\n{ElementTree.tostring(suites, encoding='unicode')}"


def _add(suite: ElementTree.Element, case: Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=_clean(case.claim), name=_clean(case.name))
    if case.seconds is not None:
        element.set("time", f"{case.seconds:.3f}")
    if case.told == "passed":
        return
    mark = ElementTree.SubElement(element, case.told, message=_clean(case.message))
    if case.told != "skipped":
        mark.set("type", case.kind)
        mark.text = _clean(case.output) or None


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)
