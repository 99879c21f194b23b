from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main
from lawbook.registry.load import lint, load_registry

REPOSITORY = Path(__file__).parents[2]


def new(root: Path, *arguments: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["new", *arguments, "--root", str(root)], input=given)


@pytest.fixture
def tested(tiny_registry: Path) -> Path:
    """The tiny registry with a test of its checker, so that a new test is not the only one."""
    (tiny_registry / "tests/laws").mkdir(parents=True)
    (tiny_registry / "tests/laws/test_example.py").touch()
    return tiny_registry


@pytest.mark.parametrize("id", ["signal-kept", "lambda", "2-layer", "null", "1e5"])
def test_a_new_claim_is_valid_at_once(tested: Path, id: str) -> None:
    result = new(tested, "claim", id, "--strand", "hyperparameters")
    assert result.exit_code == 0, result.output
    assert lint(tested) == []
    entry = load_registry(tested).entries[id]
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


PYTEST = ["pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", "tests/laws"]


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


SAID = {
    "--kind": "conjecture",
    "--standing": "contested",
    "--prediction": r"$\lambda_{\max} \to 2/\eta$, for Adam's 38",
    "--expect": "equals: 2 / step_size * weight_scale, within: 15 %",
}
WORDS = [word for pair in SAID.items() for word in pair]


def test_what_is_said_of_a_new_claim_stands_in_it(tested: Path) -> None:
    result = new(tested, "claim", "my-law", "--strand", "laws", *WORDS)
    assert result.exit_code == 0, result.output
    assert lint(tested) == []
    claim = load_registry(tested).claims["my-law"].claim
    assert (claim.kind, claim.standing, claim.prediction) == tuple(SAID.values())[:3]
    assert str(claim.checks[0].expect) == "2 / step_size * weight_scale ± 15 %"
    assert "lawbook verify" not in result.output  # the example's number is not this law's


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--expect", "equals: max(1, 2), within: 1"], "a formula with a comma must be quoted"),
        (["--expect", "equals: 1"], "'equals' and 'within' go together"),
        (["--expect", "about one"], "the region {about one}"),
        (["--expect", "{between: [2 * width, width]}"], "write the lower end first"),
        (["--expect", "at_most: setting.width"], "`setting.width` is a field of a setting"),
        (["--prediction", r"\lambda = 2"], r"\lambda stands outside a formula"),
        (["--prediction", ""], "the prediction is one line"),
        (["--kind", "law"], "'law' is not one of"),
    ],
)
def test_what_no_claim_can_say_is_refused_before_anything_is_written(tested: Path, words: list[str], told: str) -> None:
    before = set(tested.rglob("*"))
    result = new(tested, "claim", "my-law", "--strand", "laws", *words)
    assert result.exit_code == 2
    assert told in result.stderr
    assert set(tested.rglob("*")) == before


def test_at_a_terminal_what_is_not_given_is_asked_for(tested: Path) -> None:
    answers = "limit\n\n$x \\to 0$\nat_most: 1.5\n"
    command = [
        sys.executable,
        "-c",
        "from lawbook.cli import main; main()",
        "new",
        "claim",
        "my-law",
        "--strand",
        "laws",
    ]
    output = at_a_terminal([*command, "--root", str(tested)], answers)
    assert "Standing in the literature (established, contested, refuted, conjectured) [established]" in output
    claim = load_registry(tested).claims["my-law"].claim
    assert (claim.kind, claim.standing, claim.prediction) == ("limit", "established", r"$x \to 0$")
    assert str(claim.checks[0].expect) == "at most 1.5"


def at_a_terminal(command: list[str], typed: str) -> str:
    """What a command prints whose input and output are a terminal at which somebody types."""
    pty = pytest.importorskip("pty")
    controller, terminal = pty.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        os.write(controller, typed.encode())
        shown = b""
        with suppress(OSError):  # a terminal that nobody holds any more
            while part := os.read(controller, 4096):
                shown += part
    os.close(controller)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


@pytest.mark.parametrize("words", [[], WORDS], ids=["as it is", "with words"])
def test_the_new_checker_passes_its_own_test_and_the_house_style(tiny_registry: Path, words: list[str]) -> None:
    pytest.importorskip("torch")
    result = new(tiny_registry, "claim", "signal-kept", "--strand", "laws", *words)
    assert result.exit_code == 0, result.output
    (tiny_registry / "pyproject.toml").write_text((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    # Ruff sorts imports by what lies in the tree, where a checkout has the engine.
    (tiny_registry / "src/lawbook").mkdir(parents=True)
    (tiny_registry / "src/lawbook/__init__.py").touch()
    ruff = ["ruff", "check", "--no-cache", "checkers/laws/signal_kept.py", "tests/laws"]
    formatted = ["ruff", "format", "--no-cache", "--check", "checkers/laws/signal_kept.py", "tests/laws"]
    for command in (PYTEST, ruff, formatted):
        finished = run(tiny_registry, *command)
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_new_test_runs_on_the_devices_that_the_registrys_tests_know(tested: Path) -> None:
    (tested / "tests/conftest.py").write_text("def device(request):\n    return 'cpu'\n")
    new(tested, "claim", "signal-kept", "--strand", "laws")
    text = (tested / "tests/laws/test_signal_kept.py").read_text()
    assert "(device: str)" in text
    assert "Trials(seeds=(0, 1), device=device)" in text


def test_a_new_checker_that_forgets_the_device_fails_its_own_test(tiny_registry: Path) -> None:
    pytest.importorskip("torch")
    for path in ("tests/conftest.py", "tests/devices/pretended_accelerator.py"):
        (tiny_registry / path).parent.mkdir(parents=True, exist_ok=True)
        (tiny_registry / path).write_text((REPOSITORY / path).read_text(encoding="utf-8"))
    new(tiny_registry, "claim", "signal-kept", "--strand", "laws")
    checker = tiny_registry / "checkers/laws/signal_kept.py"
    held = checker.read_text(encoding="utf-8")
    assert ", device=trials.device" in held
    checker.write_text(held.replace(", device=trials.device", ""))
    finished = run(tiny_registry, *PYTEST)
    assert finished.returncode == 1
    assert "make it on trials.device" in finished.stdout
    assert "1 failed" in finished.stdout


@pytest.mark.parametrize("id", ["Signal", "signal_kept", "-signal", "signal--kept", "../signal", "signal\n", ""])
def test_an_id_that_cannot_be_one_is_refused(tiny_registry: Path, id: str) -> None:
    result = new(tiny_registry, "claim", "--strand", "laws", "--", id)
    assert result.exit_code == 2
    assert lint(tiny_registry) == []


@pytest.mark.parametrize(("length", "fits"), [(71, True), (72, False)])
def test_an_id_leaves_room_for_the_name_of_a_check(tested: Path, length: int, fits: bool) -> None:
    result = CliRunner().invoke(main, ["new", "claim", "a" * length, "--strand", "laws", "--root", str(tested)])
    assert (result.exit_code == 0) is fits, result.output
    assert fits or "characters together; use at most 80" in " ".join(result.output.split())
    assert lint(tested) == []


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
