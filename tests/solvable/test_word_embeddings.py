"""Embeddings learn the modes of a text's co-occurrences at the times that theory gives, and no others."""

import pytest

from checkers.solvable.word_embeddings import Embeddings, half_time_error
from checkers.testbeds.data_sources import SOURCES
from lawbook import Trials

pytestmark = pytest.mark.skipif(SOURCES["text"].find() is None, reason="no text on this machine")
TRIALS = Trials(seeds=(100_000, 100_001))
WORDS = 150


def test_the_leading_modes_come_at_their_times() -> None:
    found = half_time_error(TRIALS, setting=Embeddings(words=WORDS), modes=4)
    assert max(found.values) < 0.01
    assert found.values[0] != found.values[1]


def test_modes_wait_for_stronger_ones() -> None:
    alone = half_time_error(TRIALS, setting=Embeddings(words=WORDS, dimension=16), modes=4, told="each mode alone")
    behind = half_time_error(TRIALS, setting=Embeddings(words=WORDS, dimension=16), modes=4)
    assert all(more > 2 * less for more, less in zip(alone.values, behind.values, strict=True))


@pytest.mark.parametrize(
    "setting",
    [
        Embeddings(words=WORDS, order="shuffled"),
        Embeddings(words=WORDS, loss="weighted by frequency"),
        Embeddings(words=WORDS, init_scale=0.1),
    ],
)
def test_elsewhere_they_do_not(setting: Embeddings) -> None:
    assert min(half_time_error(TRIALS, setting=setting, modes=4).values) > 0.03


def test_the_logistic_loss_is_near_the_quartic_one_and_not_the_same() -> None:
    quartic, logistic = (
        half_time_error(TRIALS, setting=Embeddings(words=WORDS, loss=loss), modes=2).panels[1].lines[0].y
        for loss in ("quadratic", "logistic")
    )
    assert logistic == pytest.approx(quartic, rel=0.05)
    assert logistic != pytest.approx(quartic, rel=1e-4)


def test_the_notes_name_the_words_of_a_mode() -> None:
    found = half_time_error(TRIALS, setting=Embeddings(words=WORDS), modes=1)
    (said,) = (note for note in found.notes if note.startswith("mode 1"))
    assert " / " in said
