"""The files of a new claim or open problem: small, complete and valid, to be replaced piece by piece."""

from __future__ import annotations

import keyword
from importlib.resources import files
from pathlib import Path

from lawbook.registry.bibliography import read_bibliography
from lawbook.registry.first_words import FirstWords, check_words, in_quotes
from lawbook.registry.ids import id_mistake, pair_mistake
from lawbook.registry.layout import BIBLIOGRAPHY, survey
from lawbook.registry.models import PROBLEMS_FOLDER
from lawbook.registry.notation import read_notation
from lawbook.registry.root import CLAIMS_FOLDER

FUNCTION, CHECK = "gain_of_a_layer", "unit-gain"
EXAMPLE = FirstWords()
PARAMETERS = {"width": "int = 64", "weight_scale": "float = 1.0", "orthogonal": "bool = False"}
LINE = 120
CONTROLLED = "weight_scale"
JUDGED = "\n        judge_with: {weight_scale: 1}"
RIVALS = """
      - {name: rectified, predicts: 0.5, why: a rectifier halves the mean square of symmetric inputs}"""
DEVICE_FIXTURE = "def device("
SYMBOLS = {
    "W": r"meaning: weights of the layer, shape: $n \times n$",
    "x": "meaning: input of the layer, shape: $n$",
    "g": "meaning: gain of the layer",
}


class ScaffoldError(Exception):
    """Why nothing was written."""


def new_claim(root: Path, id: str, strand: str, first: FirstWords = EXAMPLE) -> dict[Path, str]:
    """The claim's file, its checker's and its test's, each by its path relative to `root`; writes nothing.

    Parameters that the region's formulas use and the example lacks become parameters of its checker. Raises
    ScaffoldError where the id cannot be used or a file is in the way, FirstWordsError for words that no claim holds.
    """
    first = check_words(first)
    claim = Path(CLAIMS_FOLDER, strand, f"{id}.yaml")
    stem = module_stem(id)
    module = f"checkers.{strand}.{stem}"
    words = {
        "TITLE": _title(id),
        "CITATION": _any_citation(root),
        "SYMBOLS": _symbols(root),
        "REFERENCE": f"{module}:{FUNCTION}",
        "CLAIM_PATH": claim.as_posix(),
        "CHECK": CHECK,
        "MODULE": module,
        "KIND": first.kind,
        "STANDING": first.standing,
        "PREDICTION": in_quotes(first.prediction),
        "EXPECTATION": first.expect,
        # The example's rival says nothing of a law that is not the example's.
        "RIVALS": RIVALS if first.expect == EXAMPLE.expect else "[]",
        "JUDGED": JUDGED if CONTROLLED in first.names else "",
        "SIGNATURE": _signature(first.names),
    }
    written = {
        claim: _form("claim.yaml", words),
        Path("checkers", strand, f"{stem}.py"): _form("checker.py.txt", words),
        Path("tests", strand, f"test_{stem}.py"): _form("test.py.txt", words) + _on_devices(root, words),
    }
    _check_free(root, id, written)
    if mistake := pair_mistake(id, CHECK):
        raise ScaffoldError("; ".join(mistake))
    return written


def new_problem(root: Path, id: str) -> dict[Path, str]:
    """The open problem's file by its path relative to `root`; raises as `new_claim` does, writes nothing."""
    words = {"TITLE": _title(id), "CITATION": _any_citation(root)}
    written = {Path(CLAIMS_FOLDER, PROBLEMS_FOLDER, f"{id}.yaml"): _form("problem.yaml", words)}
    _check_free(root, id, written)
    return written


def module_stem(id: str) -> str:
    """The name of the module of a claim's checker: the id as a Python identifier."""
    stem = id.replace("-", "_")
    return stem if stem.isidentifier() and not keyword.iskeyword(stem) else f"law_{stem}"


def _form(name: str, words: dict[str, str]) -> str:
    text = files("lawbook.registry").joinpath("forms", name).read_text(encoding="utf-8")
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    return text


def _signature(names: tuple[str, ...]) -> str:
    """The checker's parameters as the house lays them out, with a number for each name that the example lacks."""
    known = PARAMETERS | {name: "float = 1.0" for name in names if name not in PARAMETERS}
    parts = ["trials: Trials", "*", *(f"{name}: {type}" for name, type in known.items())]
    line = f"    {', '.join(parts)}"
    return f"\n{line}\n" if len(line) <= LINE else "".join(f"\n    {part}," for part in parts) + "\n"


def _on_devices(root: Path, words: dict[str, str]) -> str:
    """A test that forgetting the device fails, where the registry's tests have devices to ask on."""
    shared = root / "tests" / "conftest.py"
    if not shared.is_file() or DEVICE_FIXTURE not in shared.read_text(encoding="utf-8"):
        return ""
    return _form("test_on_devices.py.txt", words)


def _title(id: str) -> str:
    return id.replace("-", " ").capitalize()


def _symbols(root: Path) -> str:
    """The example's symbols; one that the house has for something else comes with the reason that it needs."""
    house = read_notation(root).by_name
    reasons = {symbol: ", why: this is an example" if symbol in house else "" for symbol in SYMBOLS}
    return "\n".join(f"  - {{symbol: {symbol}, {told}{reasons[symbol]}}}" for symbol, told in SYMBOLS.items())


def _any_citation(root: Path) -> str:
    references = read_bibliography(root).references
    if not references:
        raise ScaffoldError(f"{BIBLIOGRAPHY} holds no source yet; add the one that your claim comes from first")
    return next(iter(references))


def _check_free(root: Path, id: str, written: dict[Path, str]) -> None:
    if mistake := id_mistake(id):
        raise ScaffoldError("; ".join(mistake))
    taken = next((file.path for file in survey(root).files if file.id == id), None)
    if taken is not None:
        raise ScaffoldError(f"the id '{id}' is taken by {taken}")
    for path in written:
        if (root / path).exists():
            raise ScaffoldError(f"{path} exists; nothing was written")
