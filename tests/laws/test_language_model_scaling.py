"""Size and text on transformers that train in seconds."""

import pytest

from checkers.laws.language_model_scaling import held_out_error, size_gain
from lawbook import Trials

TRIALS = Trials((200_000,))
TINY = {"widths": [4, 16], "steps": 96, "context": 16, "batch_size": 8, "depth": 1}


def test_a_wider_model_gains_on_text_and_hardly_on_shuffled_text() -> None:
    on_text, on_shuffled = size_gain(TRIALS, **TINY), size_gain(TRIALS, text="shuffled", **TINY)
    assert on_text.values[0] > on_shuffled.values[0] + 0.02


def test_the_largest_model_is_predicted_from_the_others_and_drawn_beside_them() -> None:
    measured = held_out_error(TRIALS, **{**TINY, "widths": [4, 8, 16], "steps": 48})
    assert measured.values[0] >= 0
    assert [line.role for line in measured.panels[0].lines] == ["measured"] * 3 + ["predicted"]


def test_more_steps_than_the_text_has_fresh_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="100000 batches of 8 disjoint windows of 17 bytes need"):
        size_gain(TRIALS, **{**TINY, "steps": 100_000})
