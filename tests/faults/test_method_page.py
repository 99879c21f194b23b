"""The site's page on method tells what `make faults` does, and how often."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.in_full import TIMES

PAGE = Path(__file__).parents[2] / "site/pages/method.md"


def test_the_method_page_tells_what_make_faults_does_and_how_often() -> None:
    _, _, after = PAGE.read_text(encoding="utf-8").partition("\n## Hurt on purpose\n")
    rows = re.findall(r"^\| ([^|]+?)(?:: [^|]+)? \| (\d+) \|", after.partition("\n## ")[0], re.MULTILINE)
    assert {what: int(times) for what, times in rows} == TIMES
