"""What a docstring says of each parameter, read and never executed."""

from collections.abc import Callable
from pathlib import Path

from lawbook.registry.checker_source import resolve_checker
from lawbook.registry.parameter_words import parameter_words, told_names

CHECKER = '''"""A family."""

from __future__ import annotations

from dataclasses import dataclass

from lawbook import Measurement, Trials

raise RuntimeError("executed")


@dataclass(frozen=True)
class Task:
    """A sample. examples: how many, drawn anew for every seed. labels: true ones, or shuffled."""

    examples: int = 200
    labels: str = "true"


def slope(trials: Trials, *, size: int, rate: float = 0.1, task: Task = Task()) -> Measurement:
    """A slope. (A & B 2020, fig. 2.)

    size, rate: of a layer (eq. 3 there), and of a step. Nothing else is said.
    """
'''


def test_a_sentence_after_names_is_told_of_each_of_them() -> None:
    told = told_names(
        "First. width: of the layer. steps and rate: how far it goes; 1.5 by default. End.",
        ["width", "steps", "rate"],
    )
    assert told == {
        "width": "of the layer",
        "steps": "how far it goes; 1.5 by default",
        "rate": "how far it goes; 1.5 by default",
    }


def test_a_word_before_a_colon_that_is_no_parameter_says_nothing() -> None:
    assert told_names("Prediction: none. method: as there.", ["steps"]) == {}


def test_a_line_may_begin_with_the_name() -> None:
    assert told_names("Slope of\n\nscrambled: as in `train`\nover lines. More.", ["scrambled"]) == {
        "scrambled": "as in `train` over lines"
    }


def test_fields_of_a_setting_are_told_by_its_own_class_and_nothing_runs(
    make_registry: Callable[..., Path],
) -> None:
    root = make_registry({"checkers/laws/slopes.py": CHECKER})
    reference = "checkers.laws.slopes:slope"
    words = parameter_words(root, reference, resolve_checker(root, reference))
    assert words == {
        "size": "of a layer (eq. 3 there), and of a step",
        "rate": "of a layer (eq. 3 there), and of a step",
        "task.examples": "how many, drawn anew for every seed",
        "task.labels": "true ones, or shuffled",
    }
