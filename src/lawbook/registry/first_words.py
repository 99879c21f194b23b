"""What a contributor says of a new claim before its file exists: its kind, standing, formula and region."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from lawbook.registry.expectation import Expectation
from lawbook.registry.formulas import FormulaError
from lawbook.registry.yaml_reader import parse_yaml

_NOWHERE = Path("expect")


class FirstWordsError(Exception):
    """Which of the words cannot stand in a claim, and why."""


@dataclass(frozen=True)
class FirstWords:
    """As the file will have them; the defaults are the scaffold's example. prediction: LaTeX between dollar signs."""

    kind: str = "theorem"
    standing: str = "established"
    prediction: str = r"$\mathbb E\,\lVert W x \rVert^2 / \lVert x \rVert^2 = g^2$"
    expect: str = "{equals: 1.0, within: 0.3}"

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that `expect` uses."""
        return read_expectation(self.expect)[1].names


def check_words(words: FirstWords) -> FirstWords:
    """The words with `expect` as a mapping of one line; raises FirstWordsError for what lint would refuse."""
    from lawbook.prose import bad_math

    if not words.prediction.strip() or "\n" in words.prediction:
        raise FirstWordsError("the prediction is one line, as in '$f(x) = 2$'")
    for bad in bad_math(words.prediction):
        raise FirstWordsError(f"the prediction {words.prediction}: column {bad.column}: {bad.message}")
    text, expectation = read_expectation(words.expect)
    if dotted := next((name for name in expectation.names if "." in name), None):
        raise FirstWordsError(f"`{dotted}` is a field of a setting, which the example lacks; write it in later")
    try:
        expectation.region(dict.fromkeys(expectation.names, 1.0))
    except FormulaError as error:
        raise FirstWordsError(f"the region {text}, its parameters at 1: {error}") from None
    return FirstWords(words.kind, words.standing, words.prediction, text)


def read_expectation(text: str) -> tuple[str, Expectation]:
    """A region as it may be given, with braces or without: as a mapping in one line, and as it is read."""
    whole = text.strip() if text.strip().startswith("{") else f"{{{text.strip()}}}"
    document = parse_yaml(f"expect: {whole}\n", _NOWHERE)
    if document.diagnostics or document.content is None or "\n" in whole:
        said = document.diagnostics[0].what if document.diagnostics else "it is no mapping of one line"
        raise FirstWordsError(f"the region {whole}: {said}; write it as in {{equals: 1.0, within: 0.3}}")
    try:
        return whole, Expectation.model_validate(document.content["expect"])
    except ValidationError as error:
        told = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in told["loc"] if isinstance(part, str))
        message = str(told.get("ctx", {}).get("error", told["msg"]))
        raise FirstWordsError(f"the region {whole}: {f'{where}: ' if where else ''}{message}") from None


def in_quotes(text: str) -> str:
    """A text as YAML's single quotes hold it."""
    return "'" + text.replace("'", "''") + "'"
