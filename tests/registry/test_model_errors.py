from __future__ import annotations

import json
import re

import pytest

from lawbook.registry.json_schema import schema_text
from lawbook.registry.model_errors import PATTERNS, describe
from lawbook.registry.models import Claim, Problem
from lawbook.registry.suggestions import did_you_mean


def test_every_pattern_of_the_models_has_words_of_its_own() -> None:
    texts = schema_text(Claim) + schema_text(Problem)
    patterns = {json.loads(found) for found in re.findall(r'"pattern": (".*")', texts)}
    assert patterns
    assert patterns == set(PATTERNS)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "nothing"),
        (True, "true"),
        (3, "the number 3"),
        (float("-inf"), "the number -.inf"),
        (float("nan"), "the number .nan"),
        ("two\nlines", "the text 'two'"),
        ("x" * 99, f"the text '{'x' * 39}…'"),
        ([1], "a list"),
        ({}, "a mapping"),
    ],
)
def test_values_are_named_as_the_file_writes_them(value: object, words: str) -> None:
    assert describe(value) == words


def test_the_nearest_word_is_suggested_or_else_a_short_list_shown() -> None:
    known = ["width", "depth", "step_size"]
    assert did_you_mean("Widht", known, noun="parameters") == "did you mean 'width'?"
    assert did_you_mean("zzz", known, noun="parameters") == "parameters: depth, step_size, width"
    assert did_you_mean("zzz", known, noun="parameters", most=2) == ""
    assert did_you_mean("zzz", [], noun="parameters") == "there are no parameters"
