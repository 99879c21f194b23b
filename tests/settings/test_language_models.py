"""Models of several widths on one pass: what they count, and how much text they need."""

from dataclasses import replace

import pytest

from checkers.settings.language_models import LanguageModels
from lawbook import Trials

TRIALS = Trials((200_000,))
TINY = LanguageModels(widths=(4, 8), steps=16, context=16, batch_size=8, depth=1)


def test_every_width_has_a_loss_at_each_look_and_embeddings_are_not_counted() -> None:
    runs = TINY.train(TRIALS)
    assert runs.losses.shape == (1, 2, 4)
    assert runs.data.tolist() == [2 * 128, 4 * 128, 8 * 128, 16 * 128]
    # readout and final norm, then attention (4 n²), two layers of the perceptron (8 n²) and two norms
    assert runs.sizes.tolist() == [256 * n + n + 12 * n * n + 2 * n for n in (4, 8)]


def test_more_steps_than_the_text_has_fresh_windows_are_refused() -> None:
    with pytest.raises(ValueError, match="100000 batches of 8 disjoint windows of 17 bytes need"):
        replace(TINY, steps=100_000).train(TRIALS)
