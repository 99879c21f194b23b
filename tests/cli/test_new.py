from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main
from lawbook.registry.load import lint, load_registry

REPOSITORY = Path(__file__).parents[2]


def new(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["new", *arguments, "--root", str(root)])


@pytest.mark.parametrize("id", ["signal-kept", "lambda", "2-layer", "null", "1e5"])
def test_a_new_claim_is_valid_at_once(tiny_registry: Path, id: str) -> None:
    result = new(tiny_registry, "claim", id, "--strand", "hyperparameters")
    assert result.exit_code == 0, result.output
    assert lint(tiny_registry) == []
    entry = load_registry(tiny_registry).entries[id]
    assert (entry.strand, len(entry.checks)) == ("hyperparameters", 1)
    assert entry.checks[0].controls


def test_a_new_problem_is_valid_at_once(tiny_registry: Path) -> None:
    assert new(tiny_registry, "problem", "what-else").exit_code == 0
    assert lint(tiny_registry) == []
    assert load_registry(tiny_registry).problems["what-else"].title == "What else"


def test_every_file_written_is_named(tiny_registry: Path) -> None:
    before = set(tiny_registry.rglob("*"))
    result = new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    written = {path for path in set(tiny_registry.rglob("*")) - before if path.is_file()}
    assert len(written) == 3
    assert all(f"wrote {path.relative_to(tiny_registry)}\n" in result.output for path in written)


def with_devices(root: Path) -> None:
    """Give a registry's tests the devices of this one's."""
    for path in ("tests/conftest.py", "tests/devices/pretended_accelerator.py"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text((REPOSITORY / path).read_text(encoding="utf-8"))


PYTEST = ["pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", "tests/laws"]


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_new_checker_passes_its_own_test_and_the_house_style(tiny_registry: Path) -> None:
    pytest.importorskip("torch")
    with_devices(tiny_registry)
    new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    (tiny_registry / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    # Ruff sorts imports by what lies in the tree, where a checkout has the engine.
    (tiny_registry / "src/lawbook").mkdir(parents=True)
    (tiny_registry / "src/lawbook/__init__.py").touch()
    ruff = ["ruff", "check", "--no-cache", "checkers/laws/signal_kept.py", "tests/laws"]
    formatted = ["ruff", "format", "--no-cache", "--check", "checkers/laws/signal_kept.py", "tests/laws"]
    for command in (PYTEST, ruff, formatted):
        finished = run(tiny_registry, *command)
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_a_new_checker_that_forgets_the_device_fails_its_own_test(tiny_registry: Path) -> None:
    pytest.importorskip("torch")
    with_devices(tiny_registry)
    new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    checker = tiny_registry / "checkers/laws/signal_kept.py"
    checker.write_text(checker.read_text(encoding="utf-8").replace(", device=trials.device)", ")"))
    finished = run(tiny_registry, *PYTEST)
    assert finished.returncode == 1
    assert "make it on trials.device" in finished.stdout
    assert "1 failed" in finished.stdout


def test_the_tests_of_a_registry_without_devices_ask_for_none(tiny_registry: Path) -> None:
    new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    assert "device" not in (tiny_registry / "tests/laws/test_signal_kept.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "id", ["Signal", "signal_kept", "-signal", "signal--kept", "../signal", "signal\n", ""]
)
def test_an_id_that_cannot_be_one_is_refused(tiny_registry: Path, id: str) -> None:
    result = new(tiny_registry, "claim", "--strand", "laws", "--", id)
    assert result.exit_code == 2
    assert lint(tiny_registry) == []


@pytest.mark.parametrize(
    "existing",
    ["claims/solvable/signal-kept.yaml", "checkers/laws/signal_kept.py", "tests/laws/test_signal_kept.py"],
)
def test_nothing_is_ever_overwritten(tiny_registry: Path, existing: str) -> None:
    (tiny_registry / existing).parent.mkdir(parents=True, exist_ok=True)
    (tiny_registry / existing).write_text("mine")
    before = set(tiny_registry.rglob("*"))
    result = new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    assert result.exit_code == 2
    assert existing in result.stderr
    assert set(tiny_registry.rglob("*")) == before
    assert (tiny_registry / existing).read_text() == "mine"


def test_without_any_source_it_asks_for_one(tiny_registry: Path) -> None:
    (tiny_registry / "claims/references.bib").write_text("")
    result = new(tiny_registry, "problem", "what-else")
    assert result.exit_code == 2
    assert "claims/references.bib holds no source yet" in result.stderr


def test_where_one_file_cannot_be_written_none_is(tiny_registry: Path) -> None:
    (tiny_registry / "tests").write_text("a file in the way")
    arguments = ["new", "claim", "my-law", "--strand", "laws", "--root", str(tiny_registry)]
    assert CliRunner().invoke(main, arguments).exit_code == 2
    assert not list(tiny_registry.rglob("my*law*"))


def test_nothing_is_written_through_a_link_out_of_the_registry(tiny_registry: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tiny_registry / "tests").symlink_to(tmp_path / "outside")
    arguments = ["new", "claim", "my-law", "--strand", "laws", "--root", str(tiny_registry)]
    result = CliRunner().invoke(main, arguments)
    assert (result.exit_code, list((tmp_path / "outside").iterdir())) == (2, [])
    assert "leads out of the registry; nothing was written" in result.stderr
    assert not list(tiny_registry.rglob("my*law*"))
