"""The page on instruments shows code that runs and gives what the page says it gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import torch

PAGE = Path(__file__).parents[2] / "site" / "pages" / "instruments.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
RESULT = re.compile(r"^(?P<expression>\S.*?)\s+# → (?P<expected>.+)$")


def test_every_example_runs_and_gives_what_follows_its_arrow() -> None:
    namespace: dict[str, Any] = {}
    checked = 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            statements = [line for line in block.splitlines() if not RESULT.match(line)]
            exec("\n".join(statements), namespace)
            for line in block.splitlines():
                if shown := RESULT.match(line):
                    assert str(eval(shown["expression"], namespace)) == shown["expected"], line
                    checked += 1
    assert checked > 10
