"""What the workflow tells of a change: verdicts, curves, questions; and which other claims it tries."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci/change.py"
CLAIM: dict[str, Any] = {
    "id": "my-law",
    "as_expected": False,
    "checks": [
        {
            "name": "slope",
            "outcome": "fail",
            "estimate": 1.234567,
            "interval": [1.1, 1.3],
            "accept": [None, 1.0],
            "reason": "above | the <region>",
        }
    ],
}


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script, away from the checkout; what `lawbook` would print is its own arguments."""
    spec = importlib.util.spec_from_file_location("change", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "said", lambda *arguments: f"lawbook {' '.join(arguments)}")
    return module


def test_the_summary_has_verdicts_curves_and_a_hostile_readers_questions(change: ModuleType) -> None:
    text = "\n".join(change.summary([CLAIM], []))
    assert "| my-law/slope | fail | 1.2346 | 1.1 to 1.3 | … to 1 | **no** | above \\| the &lt;region> |" in text
    assert "lawbook show my-law" in text
    assert "lawbook review my-law" in text
    assert "The engine changed" not in text


def test_a_change_that_touches_no_claim_says_so(change: ModuleType) -> None:
    assert "No claim, and no code that one runs." in "\n".join(change.summary([], []))


def test_the_engines_change_is_told_with_its_sample(change: ModuleType) -> None:
    text = "\n".join(change.summary([], [CLAIM]))
    assert "The engine changed: a sample of the other claims" in text
    assert "my-law/slope" in text


def test_a_text_cannot_end_its_own_block(change: ModuleType) -> None:
    lines = list(change.folded("title", "one\n```\n<script>"))
    fence = lines[3]
    assert fence == "````"
    assert lines.count(fence) == 2


def test_a_sample_is_the_same_for_a_commit_and_another_for_the_next(change: ModuleType) -> None:
    ids = [f"law-{number}" for number in range(40)]
    one, again, next_one = (change.sample(ids, {"law-3"}, commit) for commit in ("a", "a", "b"))
    assert one == again != next_one
    assert len(set(one)) == change.SAMPLE
    assert all("law-3" not in change.sample(ids, {"law-3"}, str(commit)) for commit in range(50))


@pytest.mark.parametrize(
    ("codes", "lint", "status"),
    [([0], 0, 0), ([1], 0, 1), ([2], 0, 0), ([2], 2, 2), ([0, 1], 0, 1), ([3, 1], 0, 3), ([1, 4], 0, 4)],
)
def test_it_exits_as_the_worst_run_and_with_0_where_nothing_is_touched(
    change: ModuleType, monkeypatch: pytest.MonkeyPatch, codes: list[int], lint: int, status: int
) -> None:
    left = list(codes)

    class Ended:
        returncode = lint

    monkeypatch.setattr(change, "verify", lambda report, *arguments: left.pop(0))
    monkeypatch.setattr(change, "run", lambda *arguments: Ended)
    monkeypatch.setattr(change, "changed_paths", lambda base: ["src/x.py"] if len(codes) > 1 else ["README.md"])
    monkeypatch.setattr(change, "commit", lambda: "abc")
    monkeypatch.setattr(change, "all_ids", lambda: ["a", "b"])
    monkeypatch.setattr(change, "keep_pages", lambda ids: None)
    assert change.main("main") == status


def test_only_the_changed_pages_and_what_they_need_are_kept(
    change: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for page in (
        "index.html",
        "assets/a.css",
        "claims/my-law.html",
        "claims/other.html",
        "problems/asked.html",
    ):
        (tmp_path / "build/site" / page).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "build/site" / page).touch()

    class Ended:
        returncode = 0

    monkeypatch.setattr(change, "run", lambda *arguments: Ended)
    change.keep_pages(["my-law", "asked"])
    kept = {path.relative_to("build/preview").as_posix() for path in Path("build/preview").rglob("*.*")}
    assert kept == {"index.html", "assets/a.css", "claims/my-law.html", "problems/asked.html"}


def test_a_report_is_read_where_there_is_one(change: ModuleType, tmp_path: Path) -> None:
    assert change.claims_of(tmp_path / "none.json") == []
    (tmp_path / "one.json").write_text(json.dumps({"claims": [CLAIM]}))
    assert change.claims_of(tmp_path / "one.json") == [CLAIM]
