"""What a beginner gets wrong, and what is said: each message names the place, the cause and the cure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lawbook.registry.load import lint

Make = Callable[[Mapping[str, Any]], Path]
CLAIM = "claims/laws/noise-averages-out.yaml"
BIBLIOGRAPHY = "claims/references.bib"
CHECKER = "checkers/laws/example.py"
ORIGINAL = (Path(__file__).parents[1] / "tiny_registry" / CLAIM).read_text(encoding="utf-8")
CONTROLS = ORIGINAL[ORIGINAL.index("    controls:") :]
EXPECT = "{equals: 0.0, within: 0.3}"
QUICK = "quick: {seeds: 8, timeout: 30, params: {centre: 0.0}}"
PREDICTION = r"prediction: '$\mathbb E[x] = \mu$'"
GAUSS = "- {cite: gauss1809theoria, role: origin}"
LAST = "params: {centre: 1.0}\n"

# id: (what is changed in the claim, or in which files), the place, the cause, the cure
MISTAKES: dict[str, tuple[tuple[str, str] | dict[str, Any], str, str, str]] = {
    # YAML
    "an item of a list out of line": (
        ("  - independent draws\n", "   - independent draws\n"),
        f"{CLAIM}:12:3",
        "this item stands in another column than the one above",
        "here column 4",
    ),
    "a key too far to the right": (
        ("    observable: the", "      observable: the"),
        f"{CLAIM}:26:17",
        "indented below 'checker', which has a value already",
        "start it in the column of 'checker', 5",
    ),
    "a tab": (("    because: three", "\tbecause: three"), f"{CLAIM}:28:1", "a tab", "indent with spaces"),
    "a colon in a text": (
        ("title: Noise averages out", "title: Noise: it averages out"),
        f"{CLAIM}:2:13",
        "a second ':'",
        "in single quotes",
    ),
    "a hash in a text": (
        ("because: three standard", "because: three #standard"),
        f"{CLAIM}:28:20",
        "a comment",
        "put the text in quotes",
    ),
    "LaTeX in double quotes": (
        (PREDICTION, PREDICTION.replace("'", '"')),
        f"{CLAIM}:9:15",
        "a backslash inside double quotes starts an escape",
        "write LaTeX in single quotes",
    ),
    "a key twice": (
        ("kind: theorem", "kind: theorem\nkind: limit"),
        f"{CLAIM}:4:1",
        "the key 'kind' is given twice, first at line 3",
        "keep one",
    ),
    # Mathematics
    "one dollar sign missing": (
        ("the draw $x$ itself", "the draw $x itself"),
        f"{CLAIM}:26:26",
        "this $ opens or closes no formula",
        r"write \$ for the sign itself",
    ),
    "both dollar signs missing": (
        (PREDICTION, r"prediction: 'x \to 0'"),
        f"{CLAIM}:9:16",
        r"\to stands outside a formula",
        "between dollar signs",
    ),
    "a symbol of the house with another meaning": (
        ("regime:\n", "symbols:\n  - {symbol: x, meaning: an input}\nregime:\n"),
        f"{CLAIM}:11:14",
        "the house's symbol for 'a draw'",
        "say in 'why'",
    ),
    # Names
    "a module that is not there": (
        ("checkers.laws.example:", "checkers.laws.exampel:"),
        f"{CLAIM}:25:14",
        "no module 'checkers.laws.exampel'",
        "did you mean 'checkers.laws.example'?",
    ),
    "a path for a module": (
        ("checkers.laws.example:", "checkers/laws/example.py:"),
        f"{CLAIM}:25:14",
        "must name a function under checkers/",
        "write checkers.FOLDER.MODULE:FUNCTION",
    ),
    "a function that is not there": (
        ("centre_of_noise", "center_of_noise"),
        f"{CLAIM}:25:14",
        "no function 'center_of_noise'",
        "did you mean 'centre_of_noise'?",
    ),
    "a checker by another module's name": (
        {
            "checkers/laws/__init__.py": "from checkers.laws.example import centre_of_noise\n",
            CLAIM: ("checkers.laws.example:", "checkers.laws:"),
        },
        f"{CLAIM}:25:14",
        "is imported into 'checkers.laws', not defined there",
        "name the module that defines it: checkers.laws.example:centre_of_noise",
    ),
    "a citation misspelt": (
        ("gauss1809theoria, role", "gauss1809theory, role"),
        f"{CLAIM}:18:12",
        "unknown citation 'gauss1809theory'",
        "did you mean 'gauss1809theoria'?",
    ),
    "a citation of what the bibliography lacks": (
        ("gauss1809theoria, role", "smith2020deep, role"),
        f"{CLAIM}:18:12",
        "unknown citation 'smith2020deep'",
        "`lawbook new source smith2020deep`",
    ),
    "a source that is a text": (
        (GAUSS, "- gauss1809theoria"),
        f"{CLAIM}:18:5",
        "must be a mapping, not the text 'gauss1809theoria'",
        "its keys are cite, role, note",
    ),
    "a relation to nothing": (
        ("target: noise-is-positive", "target: noise-is-positve"),
        f"{CLAIM}:21:33",
        "no claim or open problem has the id 'noise-is-positve'",
        "did you mean 'noise-is-positive'?",
    ),
    "a kind that is none": (
        ("kind: theorem", "kind: law"),
        f"{CLAIM}:3:7",
        "not the text 'law'",
        "one of theorem, limit, empirical-law, conjecture",
    ),
    "a standing that is none": (
        ("standing: established", "standing: proven"),
        f"{CLAIM}:4:11",
        "not the text 'proven'",
        "one of established, contested, refuted, conjectured",
    ),
    "an unknown key": (
        ("    full: {", "    nightly: {"),
        f"{CLAIM}:31:5",
        "unknown key 'nightly'",
        "keys here: answers, because, checker",
    ),
    # Files
    "an id that is taken": (
        {"claims/limits/noise-averages-out.yaml": ORIGINAL},
        "claims/limits/noise-averages-out.yaml:1:1",
        f"the id 'noise-averages-out' is taken by {CLAIM}",
        "rename one",
    ),
    "an id with capitals": (
        {"claims/laws/Noise_Two.yaml": ORIGINAL},
        "claims/laws/Noise_Two.yaml:1:1",
        "'Noise_Two' cannot be an id",
        "use lower-case letters, digits and single '-'",
    ),
    "a folder that is no strand": (
        {"claims/law/noise-two.yaml": ORIGINAL},
        "claims/law/noise-two.yaml:1:1",
        "'law' is neither a strand nor open-problems",
        "did you mean 'laws'?",
    ),
    "no folder": (
        {"claims/noise-two.yaml": ORIGINAL},
        "claims/noise-two.yaml:1:1",
        "an entry lies in a folder",
        "move it to one of solvable",
    ),
    "another suffix": (
        {"claims/laws/noise-two.yml": ORIGINAL},
        "claims/laws/noise-two.yml:1:1",
        "unexpected file 'noise-two.yml'",
        "ID.yaml",
    ),
    # Parameters
    "a parameter misspelt": (
        ("spread: 0.05", "spraed: 0.05"),
        f"{CLAIM}:31:58",
        "has no parameter 'spraed'",
        "did you mean 'spread'?",
    ),
    "a text for a number": (
        ("spread: 0.05", "spread: small"),
        f"{CLAIM}:31:66",
        "'spread' must be a number, not the text 'small'",
        "`spread: float`",
    ),
    "a number in quotes": (
        ("spread: 0.05", "spread: '0.05'"),
        f"{CLAIM}:31:66",
        "'spread' must be a number, not the text '0.05'",
        "write 0.05 without the quotes",
    ),
    "a parameter left out": (
        (QUICK, "quick: {seeds: 8, timeout: 30}"),
        f"{CLAIM}:30:5",
        "needs 'centre', which 'quick.params' lacks",
        "add `centre: float`",
    ),
    "no timeout": (
        (QUICK, QUICK.replace("timeout: 30, ", "")),
        f"{CLAIM}:30:5",
        "the key 'timeout' is missing",
        "seconds a job may take",
    ),
    "a timeout with its unit": (
        (QUICK, QUICK.replace("30", "30s")),
        f"{CLAIM}:30:32",
        "must be a whole number, not the text '30s'",
        "seconds a job may take",
    ),
    "two seeds": (
        (QUICK, QUICK.replace("8", "2")),
        f"{CLAIM}:30:20",
        "2 seeds give no interval for the mean",
        "use at least 3",
    ),
    "seeds as a list": (
        (QUICK, QUICK.replace("8", "[0, 1, 2]")),
        f"{CLAIM}:30:20",
        "must be a whole number, not a list",
        "how many seeds",
    ),
    "a text for a list": (
        ("regime:\n  - independent draws\n  - finite variance $\\sigma^2$", "regime: independent draws"),
        f"{CLAIM}:10:9",
        "'regime' must be a list",
        "one item a line, each after '- '",
    ),
    # The region
    "two regions at once": (
        (EXPECT, "{equals: 0.0, within: 0.3, at_most: 1}"),
        f"{CLAIM}:27:13",
        "here: equals and at_most",
        "give exactly one",
    ),
    "a region without its width": (
        (EXPECT, "{equals: 0.0}"),
        f"{CLAIM}:27:13",
        "'equals' and 'within' go together",
        "{equals: 1.0, within: 0.05}",
    ),
    "a number for a region": (
        (EXPECT, "0.0"),
        f"{CLAIM}:27:13",
        "must be a mapping, not the number 0.0",
        "its keys are between, equals",
    ),
    "ends the wrong way round": (
        (EXPECT, "{between: [1, 0]}"),
        f"{CLAIM}:27:13",
        "the region [1, 0] is empty",
        "write the lower end first",
    ),
    "a share of nothing": (
        (EXPECT, "{equals: 0.0, within: 15 %}"),
        f"{CLAIM}:27:13",
        "15 % of 'equals', which is 0, is nothing",
        "write it as a number",
    ),
    "no reason for the region": (
        ("    because: three standard errors of the mean of eight draws\n", ""),
        f"{CLAIM}:24:5",
        "the key 'because' is missing",
        "why this region",
    ),
    # Formulas
    "a formula with a comma": (
        (EXPECT, "{between: [min(centre, 2), 3]}"),
        f"{CLAIM}:27:23",
        "must have 2 items, not 3",
        "a formula with a comma must be quoted",
    ),
    "a power with a caret": (
        (EXPECT, "{equals: centre^2, within: 1}"),
        f"{CLAIM}:27:22",
        "not as `^`",
        "write a power as `**`",
    ),
    "a name that the checker does not take": (
        (EXPECT, "{equals: 2 * center, within: 1}"),
        f"{CLAIM}:27:13",
        "`center` is no parameter",
        "did you mean 'centre'?",
    ),
    "a division by zero": (
        {
            CLAIM: ORIGINAL.replace(EXPECT, "{equals: 1 / centre, within: 1}").replace(
                LAST, LAST + "        judge_with: {centre: 2}\n"
            )
        },
        f"{CLAIM}:27:13",
        "divides by zero at centre = 0",
        "mend the formula, or give its parameters values",
    ),
    "a formula of a list": (
        {
            CHECKER: ("centre: float,", "centre: list[float],"),
            CLAIM: ORIGINAL.replace(EXPECT, "{equals: centre, within: 0.3}")
            .replace("centre: 0.0", "centre: [0.0]")
            .replace("centre: 1.0", "centre: [1.0]"),
            "claims/limits/noise-is-positive.yaml": None,
        },
        f"{CLAIM}:27:13",
        "`centre` is a list; a formula calculates with numbers",
        "let the checker return the ratio to theory",
    ),
    # Controls and rivals
    "no control": (
        (CONTROLS, ""),
        f"{CLAIM}:24:5",
        "the key 'controls' is missing",
        "at least one negative: a check that cannot fail is void",
    ),
    "a control that changes nothing": (
        (LAST, "params: {centre: 0.0}\n"),
        f"{CLAIM}:33:9",
        "measures the same as the check",
        "change a parameter",
    ),
    "no positive control of what is contested": (
        ("standing: established", "standing: contested"),
        f"{CLAIM}:32:5",
        "needs a positive control",
        "add one with `role: positive`",
    ),
    "a negative control that moves its own region": (
        (EXPECT, "{equals: centre, within: 0.3}"),
        f"{CLAIM}:33:9",
        "changes `centre`, which the expectation uses",
        "judge_with: {centre: …}",
    ),
    "a region that accepts its rival": (
        (LAST, LAST + "    rivals:\n      - {name: near, predicts: 0.1, why: so it is said}\n"),
        f"{CLAIM}:37:32",
        "meets what the rival predicts, 0.1",
        "narrow the region where theory allows",
    ),
    "a rival that predicts nothing": (
        (LAST, LAST + "    rivals:\n      - {name: near, why: so it is said}\n"),
        f"{CLAIM}:37:9",
        "give a rival either",
        "'predicts'",
    ),
    # Checkers
    "a checker that is no Python": (
        {CHECKER: ("    return Measurement(", "    return Measurement((")},
        f"{CLAIM}:25:14",
        "is not valid Python: '(' was never closed",
        "mend checkers/laws/example.py:13:23",
    ),
    "a parameter without its type": (
        {CHECKER: ("spread: float = 0.1", "spread=0.1")},
        f"{CLAIM}:25:14",
        "nothing can check the parameter 'spread' (checkers/laws/example.py:10:55), which has no annotation",
        "write int, float, bool, str",
    ),
    "a type that nothing can check": (
        {CHECKER: ("spread: float = 0.1", "spread: Number = 0.1")},
        f"{CLAIM}:25:14",
        "which has the annotation `Number`",
        "write int, float, bool, str",
    ),
    "a parameter by position": (
        {CHECKER: ("trials: Trials, *, centre", "trials: Trials, centre")},
        f"{CLAIM}:25:14",
        "takes (trials, centre, spread, reached) by position",
        "write `def centre_of_noise(trials: Trials, *, …) -> Measurement`",
    ),
    "LaTeX on an axis": (
        {CHECKER: ('y="x")', r'y=r"$\lambda_{\max}$")')},
        f"{CHECKER}:16:43",
        r"the y axis of a panel is titled with $\lambda_{\max}$, which is not rendered there",
        "write the symbols themselves",
    ),
    "a checker without a test": (
        {"tests/laws/test_other.py": ""},
        f"{CLAIM}:25:14",
        "checkers/laws/example.py has no test: there is no tests/laws/test_example.py",
        "write one",
    ),
    # BibTeX
    "a brace that is never closed": (
        {BIBLIOGRAPHY: ("{The probable error of a mean}", "{The probable error of a mean")},
        f"{BIBLIOGRAPHY}:17:1",
        "the file ends inside an entry",
        "close its braces",
    ),
    "a key of BibTeX twice": (
        {BIBLIOGRAPHY: ("@article{student1908probable", "@article{gauss1809theoria")},
        f"{BIBLIOGRAPHY}:8:1",
        "the key 'gauss1809theoria' is taken by 'gauss1809theoria' at line 1",
        "keys are unique",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_beginners_mistake_is_told_with_its_place_its_cause_and_its_cure(make_registry: Make, mistake: str) -> None:
    change, place, cause, cure = MISTAKES[mistake]
    changes = {CLAIM: change} if isinstance(change, tuple) else change
    said = [str(diagnostic) for diagnostic in lint(make_registry(changes))]
    assert any(line.startswith(f"{place}: ") and cause in line and cure in line for line in said), "\n".join(
        ["of what was said, nothing is it:", *said]
    )


def test_at_least_thirty_mistakes_are_tried() -> None:
    assert len(MISTAKES) >= 30


@pytest.mark.parametrize("number", ["5e-2", "5E-2", "0.5e-1", ".05"])
def test_a_number_may_be_written_with_an_exponent(make_registry: Make, number: str) -> None:
    assert lint(make_registry({CLAIM: ("spread: 0.05", f"spread: {number}")})) == []


def test_a_registry_without_a_folder_of_tests_is_asked_for_none(tiny_registry: Path) -> None:
    assert lint(tiny_registry) == []


def test_symbols_on_an_axis_and_prices_in_a_text_are_no_latex(make_registry: Make) -> None:
    drawn = 'y="λ_max, 5 $ a run")'
    assert lint(make_registry({CHECKER: ('y="x")', drawn)})) == []
