"""Each way to spoil a registry ends in status 2 and one clear line at the right place, never in a traceback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lawbook.cli import main

CLAIM = "claims/laws/noise-averages-out.yaml"
OTHER = "claims/limits/noise-is-positive.yaml"
PROBLEM = "claims/open-problems/noise-in-the-dark.yaml"
TINY = Path(__file__).parents[1] / "tiny_registry"
ORIGINAL = (TINY / CLAIM).read_text(encoding="utf-8")
CHECKER = (TINY / "checkers/laws/example.py").read_text(encoding="utf-8")

Changes = Mapping[str, str | bytes | tuple[str, str] | None]
MakeRegistry = Callable[[Changes], Path]


def lint(root: Path) -> Result:
    return CliRunner().invoke(main, ["lint", "--root", str(root)])


def place_of(text: str, marked: str) -> str:
    """line:column of `‸` in `marked`, a piece of `text` with that mark put where the finger should point."""
    start = text.index(marked.replace("‸", "")) + marked.index("‸")
    before = text[:start]
    return f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"


def assert_one_error(result: Result, place: str, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    error, count = result.stderr.splitlines()
    assert error.startswith(f"{place}: "), f"{error!r} is not at {place}"
    for word in words:
        assert word in error
    assert count == "1 error in 1 file"


@pytest.mark.parametrize(
    ("old", "new", "finger", "words"),
    [
        pytest.param(
            "kind: theorem", "kid: x\nkind: theorem", "‸kid: x", ["unknown key 'kid'", "did you mean 'kind'?"],
            id="unknown key",
        ),
        pytest.param(
            "because:", "becuase: x\n    because:", "‸becuase", ["unknown key 'becuase'", "did you mean 'because'?"],
            id="unknown key deep inside",
        ),
        pytest.param("use: |", "kind: limit\nuse: |", "‸kind: limit", ["'kind' is given twice", "line 3"], id="twice"),
        pytest.param("  - independent draws", "\t- independent draws", "‸\t- indep", ["a tab"], id="tab"),
        pytest.param(
            "title: Noise averages out", "title: !!python/name:os.system x", "title: ‸!!python",
            ["'!!python/name:os.system' is not allowed"], id="python tag",
        ),
        pytest.param(
            "regime:\n", "regime: &a [x, x]\nuse: [*a, *a, *a]\nlimits:\n", "regime: ‸&a", ["'&a' is not allowed"],
            id="alias bomb",
        ),
        pytest.param(
            "cite: gauss1809theoria", "cite: gaus1809theoria", "cite: ‸gaus1809",
            ["unknown citation 'gaus1809theoria'", "did you mean 'gauss1809theoria'?"], id="unknown citation",
        ),
        pytest.param(
            "target: noise-is-positive", "target: noise-is-positiv", "target: ‸noise-is-positiv",
            ["'noise-is-positiv'", "did you mean 'noise-is-positive'?"], id="dangling relation",
        ),
        pytest.param(
            "target: noise-is-positive", "target: noise-averages-out", "target: ‸noise-averages-out",
            ["relates to itself"], id="relation to itself",
        ),
        pytest.param(
            "checkers.laws.example:", "checkers.laws.exampel:", "checker: ‸checkers.laws.exampel",
            ["no module 'checkers.laws.exampel'", "did you mean 'checkers.laws.example'?"], id="missing module",
        ),
        pytest.param(
            ":centre_of_noise", ":center_of_noise", "checker: ‸checkers",
            ["no function 'center_of_noise'", "did you mean 'centre_of_noise'?"], id="missing function",
        ),
        pytest.param(
            "checkers.laws.example:centre_of_noise", "os.path:join", "checker: ‸os.path:join",
            ["must name a function under checkers/", "'os.path:join'"], id="reference outside checkers",
        ),
        pytest.param(
            "checkers.laws.example:centre_of_noise", "checkers.laws.example:Measurement", "checker: ‸checkers",
            ["'Measurement' is imported into 'checkers.laws.example'"], id="re-exported name",
        ),
        pytest.param(
            "spread: 0.05", "spraed: 0.05", "‸spraed", ["no parameter 'spraed'", "did you mean 'spread'?"],
            id="unknown parameter",
        ),
        pytest.param(
            "spread: 0.05", "spread: wide", "spread: ‸wide", ["'spread' must be a number, not the text 'wide'"],
            id="wrong parameter type",
        ),
        pytest.param(
            "spread: 0.05", "spread: .inf", "spread: ‸.inf", ["'spread' must be finite"], id="infinite parameter",
        ),
        pytest.param(
            "quick: {seeds: 8, timeout: 30, params: {centre: 0.0}}", "quick: {seeds: 8, timeout: 30, params: {}}",
            "seeds: 8, timeout: 30, ‸params", ["needs 'centre'", "`centre: float`"], id="missing parameter",
        ),
        pytest.param(
            "params: {centre: 1.0}", "params: {center: 1.0, centre: 1.0}", "{‸center", ["no parameter 'center'"],
            id="unknown parameter of a control",
        ),
        pytest.param(
            "params: {centre: 1.0}", "params: {spread: 0.1, centre: 0.0}", "- ‸name: shifted",
            ["measures the same as the check at the quick tier"], id="control that changes nothing",
        ),
        pytest.param(
            "{equals: 0.0, within: 0.3}", "{at_most: .nan}", "at_most: ‸.nan", ["the number must be finite"],
            id="NaN region",
        ),
        pytest.param(
            "{equals: 0.0, within: 0.3}", "{between: [1, -1]}", "expect: ‸{between",
            ["[1, -1]", "lower end first"], id="inverted region",
        ),
        pytest.param(
            "{equals: 0.0, within: 0.3}", "{equals: 0.0, at_least: 0}", "expect: ‸{equals",
            ["exactly one", "equals and at_least"], id="two regions",
        ),
        pytest.param(
            "confidence: 0.95", "confidence: 1.5", "confidence: ‸1.5", ["must be less than 1, not the number 1.5"],
            id="confidence out of range",
        ),
        pytest.param(
            "confidence: 0.95", "confidence: '0.95'", "confidence: ‸'0.95'", ["must be a number, not the text '0.95'"],
            id="number in quotes",
        ),
        pytest.param(
            "quick: {seeds: 8", "quick: {seeds: 0", "seeds: ‸0", ["'checks[0].quick.seeds' must be at least 1"],
            id="zero seeds",
        ),
        pytest.param(
            "quick: {seeds: 8", "quick: {seeds: 2", "seeds: ‸2", ["2 seeds", "the mean", "use at least 3"],
            id="too few seeds for a mean",
        ),
        pytest.param(
            "confidence: 0.95\n    quick: {seeds: 8", "confidence: 0.99\n    estimator: median\n    quick: {seeds: 7",
            "seeds: ‸7", ["7 seeds", "the median", "use at least 8"], id="too few seeds for a median",
        ),
        pytest.param(
            "quick: {seeds: 8", "quick: {max_seeds: 4, seeds: 8", "quick: ‸{max_seeds", ["max_seeds (4)"],
            id="fewer seeds at most than at least",
        ),
        pytest.param(
            "kind: theorem", "kind: theorm", "kind: ‸theorm", ["one of theorem, limit", "did you mean 'theorem'?"],
            id="unknown choice",
        ),
        pytest.param(
            "title: Noise averages out\n", "", "‸kind: theorem", ["the key 'title' is missing"], id="missing key",
        ),
        pytest.param(
            "title: Noise averages out", "title:", "title:‸", ["'title' must be text, not nothing"], id="no value",
        ),
        pytest.param(
            "title: Noise averages out", "title: ' '", "title: ‸' '", ["'title' is blank"], id="blank text",
        ),
        pytest.param(
            "  - independent draws\n  - finite", "  finite", "regime:\n  ‸finite", ["'regime' must be a list"],
            id="text for a list",
        ),
        pytest.param(
            "{equals: 0.0, within: 0.3}", "{equals: 1.0e+20, within: 1.0e-5}", "expect: ‸{equals",
            ["1e+20 ± 1e-05 is no region"], id="region narrower than a float",
        ),
        pytest.param(
            "{equals: 0.0, within: 0.3}", "{equals: 1.0e+308, within: 1.0e+308}", "expect: ‸{equals",
            ["is no region"], id="region that overflows",
        ),
        pytest.param(
            "quick: {seeds: 8", "quick: {seeds: 8000000000", "seeds: ‸8000000000",
            ["'checks[0].quick.seeds' must be at most 100000"], id="more seeds than fit anywhere",
        ),
        pytest.param(
            "    controls:\n",
            "    controls:\n      - {name: shifted, why: further, params: {centre: 2.0}}\n",
            "- name: ‸shifted", ["two controls or rivals are named 'shifted', the first at line 33", "rename one"],
            id="two controls of one name",
        ),
        pytest.param(
            "title: Noise averages out", 'title: "Noise $\\nu$ averages out"', 'title: ‸"Noise',
            ["a backslash between double quotes made the control character U+000A", "single quotes"],
            id="LaTeX eaten by double quotes",
        ),
        pytest.param(
            "title: Noise averages out", 'title: "Noise \\beta averages out"', 'title: ‸"Noise', ["U+0008"],
            id="a bare command eaten by double quotes",
        ),
        pytest.param(
            "title: Noise averages out", "title: Noise\u202eaverages out", "Noise‸\u202e",
            ["the invisible character U+202E is not allowed"], id="a mark that turns the direction of writing",
        ),
        pytest.param(
            "kind: theorem", "kind: theorem\u2028x", "theorem‸\u2028", ["U+2028"], id="a line end that no editor shows",
        ),
        pytest.param(
            "params: {centre: 0.0}", "params: {centre:}", "centre‸:}", ["no space after it"],
            id="a colon that touches a bracket",
        ),
        pytest.param(
            "name: centre", "name: The Centre", "name: ‸The Centre", ["lower-case words"], id="bad name",
        ),
        pytest.param(
            "the mean tends", "the mean $\\frac{1}{$ tends", "{1}{‸$ tends", ["in statement"],
            id="bad LaTeX in a block",
        ),
    ],
)  # fmt: skip
def test_a_spoiled_claim_gives_one_line_at_its_place(
    make_registry: MakeRegistry, old: str, new: str, finger: str, words: list[str]
) -> None:
    spoiled = ORIGINAL.replace(old, new, 1)
    assert spoiled != ORIGINAL
    result = lint(make_registry({CLAIM: spoiled}))
    assert_one_error(result, f"{CLAIM}:{place_of(spoiled, finger)}", *words)


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"title: caf\xe9\n", "1:11", ["0xe9 is not valid UTF-8"]),
        (b"", "1:1", ["empty"]),
        (b"- title: x\n", "1:1", ["a list"]),
        (b"[" * 100_000, "1:34", ["nested deeper"]),
        (b"#" * (2 << 20), "1:1", ["2097152 bytes"]),
    ],
    ids=["bad UTF-8", "empty", "list at the top", "bottomless nesting", "too large"],
)
def test_a_file_that_is_no_claim_at_all(
    make_registry: MakeRegistry, content: bytes, place: str, words: list[str]
) -> None:
    assert_one_error(lint(make_registry({CLAIM: content})), f"{CLAIM}:{place}", *words)


def test_an_id_is_unique_over_all_folders(make_registry: MakeRegistry) -> None:
    clash = "claims/solvable/noise-averages-out.yaml"
    result = lint(make_registry({clash: ORIGINAL}))
    assert_one_error(result, f"{clash}:1:1", "the id 'noise-averages-out' is taken by", CLAIM)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("claims/laws/Noise_Two.yaml", ["'Noise_Two' cannot be an id"]),
        ("claims/laws/notes.txt", ["unexpected file 'notes.txt'"]),
        ("claims/laws/old/more.yaml", ["entries lie directly in 'laws'"]),
        ("claims/lwas/more.yaml", ["'lwas' is neither a strand nor open-problems", "did you mean 'laws'?"]),
        ("claims/more.yaml", ["an entry lies in a folder"]),
        ("claims/refrences.bib", ["unexpected file", "did you mean 'references.bib'?"]),
    ],
)
def test_a_file_out_of_place_is_an_error(make_registry: MakeRegistry, path: str, words: list[str]) -> None:
    assert_one_error(lint(make_registry({path: "x: 1\n"})), f"{path}:1:1", *words)


def test_two_checks_of_one_name_are_told_at_the_second(make_registry: MakeRegistry) -> None:
    spoiled = ORIGINAL.rstrip() + "\n" + ORIGINAL[ORIGINAL.index("  - name: centre") :]
    second = spoiled[: spoiled.rindex("- name: centre")].count("\n") + 1
    assert_one_error(
        lint(make_registry({CLAIM: spoiled})),
        f"{CLAIM}:{second}:11",
        "two checks are named 'centre'",
        "line 24",
    )


def test_a_link_to_a_folder_says_that_it_is_one(make_registry: MakeRegistry) -> None:
    root = make_registry({})
    (root / "claims/laws/loop").symlink_to(root / "claims/laws")
    assert_one_error(lint(root), "claims/laws/loop:1:1", "a link to a folder", "put the folder itself here")


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        (b"\xe9", "1:1", ["0xe9 is not valid UTF-8"]),
        (b"@book{a, title = {x", "1:19", ["the file ends inside an entry"]),
        (None, "1:1", ["the bibliography is missing"]),
    ],
)
def test_a_bibliography_that_cannot_be_read_to_its_end_is_one_error(
    make_registry: MakeRegistry, content: bytes | None, place: str, words: list[str]
) -> None:
    result = lint(make_registry({"claims/references.bib": content}))
    assert_one_error(result, f"claims/references.bib:{place}", *words)


def test_hidden_files_are_passed_over(make_registry: MakeRegistry) -> None:
    assert lint(make_registry({"claims/laws/.x.yaml.swp": b"\0"})).exit_code == 0


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("def centre_of_noise(trials, centre):", ["takes (trials, centre) by position"]),
        ("def centre_of_noise(*, centre):", ["takes (nothing) by position"]),
        ("def centre_of_noise(trials, *more, centre):", ["takes (trials, *more)"]),
        ("def centre_of_noise(trials, **params):", ["takes any keyword (**params)"]),
        ("async def centre_of_noise(trials, *, centre):", ["is an async function"]),
        ("class centre_of_noise:", ["is a class"]),
        ("if True:\n  def centre_of_noise(trials, *, centre):", ["no function 'centre_of_noise'"]),
        ("def centre_of_noise(trials, *, centre:", ["not valid Python", "mend checkers/laws/example.py:"]),
        ("from checkers.laws.home import centre_of_noise\nx:", ["name the module that defines it"]),
    ],
)
def test_a_checker_of_another_form_is_an_error(make_registry: MakeRegistry, signature: str, words: list[str]) -> None:
    changes = {
        "checkers/laws/example.py": f"{signature} int\n",
        "checkers/laws/home.py": CHECKER,
        OTHER: None,
    }
    changes[CLAIM] = ORIGINAL.replace("  - {type: contradicts, target: noise-is-positive}\n", "")
    result = lint(make_registry(changes))
    assert_one_error(result, f"{CLAIM}:{place_of(changes[CLAIM], 'checker: ‸')}", *words)


def test_a_re_export_names_the_module_that_defines_the_checker(make_registry: MakeRegistry) -> None:
    root = make_registry(
        {
            "checkers/laws/home.py": CHECKER,
            "checkers/laws/middle.py": "from .home import centre_of_noise as noise\n",
            "checkers/laws/example.py": "from checkers.laws.middle import noise as centre_of_noise\n",
        }
    )
    for line in lint(root).stderr.splitlines()[:2]:
        assert line.endswith("name the module that defines it: checkers.laws.home:centre_of_noise")


def test_every_error_of_every_file_is_reported_in_one_run(make_registry: MakeRegistry) -> None:
    spoiled = ORIGINAL.replace("kind: theorem", "kind: theorm").replace("spread: 0.05", "spraed: 0.05")
    spoiled = spoiled.replace("gauss1809theoria", "nobody").replace("$$\\frac{1}{n}", "$$\\frac{1{n}")
    root = make_registry(
        {
            CLAIM: spoiled,
            OTHER: ("standing: refuted", "standing: refuted\nx: 1"),
            PROBLEM: b"\xff",
            "claims/references.bib": ("year      = {1809},", "year      = {1809}, year = 3,"),
        }
    )
    result = lint(root)
    assert result.exit_code == 2
    *errors, count = result.stderr.splitlines()
    assert [error.split(":")[0] for error in errors] == [CLAIM] * 4 + [
        OTHER,
        PROBLEM,
        "claims/references.bib",
    ]
    assert errors == sorted(errors, key=lambda error: (error.split(":")[0], int(error.split(":")[1])))
    assert count == "7 errors in 4 files"


def test_a_broken_claim_does_not_break_those_that_point_to_it(make_registry: MakeRegistry) -> None:
    result = lint(make_registry({OTHER: "title: [\n"}))
    assert len(result.stderr.splitlines()) == 2
    assert result.stderr.startswith(f"{OTHER}:")


def test_lint_never_runs_a_checker(make_registry: MakeRegistry, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'ran')!r}, 'w').close()\n"
    root = make_registry(
        {
            "checkers/laws/example.py": CHECKER.replace("import random\n", f"import random\n{trap}"),
            "checkers/__init__.py": trap,
            "checkers/laws/__init__.py": trap,
            "sitecustomize.py": trap,
        }
    )
    assert lint(root).exit_code == 0
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("path", [CLAIM, "claims/references.bib", "claims/notation.yaml"])
@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", ">>>>>>> of-another", ">>>>>>>"])
def test_a_merge_left_half_done_is_told_at_its_mark(make_registry: MakeRegistry, path: str, mark: str) -> None:
    text = (TINY / path).read_text(encoding="utf-8")
    first, rest = text.split("\n", 1)
    root = make_registry({path: f"{first}\n{mark}\n{rest}"})
    told = [line for line in lint(root).stderr.splitlines() if line.startswith(f"{path}:")]
    assert len(told) == 1
    assert told[0].startswith(f"{path}:2:1: a mark of an unfinished merge ({mark[:7]})")
