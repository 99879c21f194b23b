"""Pairs of neighbouring words, counted in a part of a text."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from checkers.testbeds import word_pairs
from checkers.testbeds.data_sources import SOURCES
from checkers.testbeds.word_pairs import count_pairs


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand words: `ab` and `cd` always together, apart from rarer ones."""
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("Ab cd, and RARE-x " * 500, encoding="utf-8")
    monkeypatch.setenv("LAWBOOK_DATA", str(tmp_path))
    monkeypatch.setattr(word_pairs, "_text", word_pairs._text.__wrapped__)


@pytest.mark.usefixtures("text")
def test_frequencies_are_symmetric_and_sum_to_one() -> None:
    pairs = count_pairs([1, 2], words=5, window=2)
    assert pairs.words == ("ab", "and", "cd", "rare", "x")
    assert torch.equal(pairs.joint, pairs.joint.mT)
    assert pairs.joint.sum((1, 2)) == pytest.approx([1.0, 1.0])
    assert torch.equal(pairs.joint.sum(2), pairs.single)


@pytest.mark.usefixtures("text")
def test_words_beyond_the_window_make_no_pair() -> None:
    joint = count_pairs([1], words=5, window=1).joint[0]
    assert joint[0, 2] > 0
    assert joint[0, 1] == 0
    assert count_pairs([1], words=5, window=2).joint[0, 0, 1] > 0


@pytest.mark.usefixtures("text")
def test_words_in_random_order_meet_independently() -> None:
    pairs = count_pairs([1], words=5, window=2, order="shuffled")
    apart = pairs.single[0, :, None] * pairs.single[0, None, :]
    assert float((pairs.joint[0] / apart - 1).abs().max()) < 0.5


@pytest.mark.usefixtures("text")
def test_a_text_with_too_few_words_is_refused() -> None:
    with pytest.raises(ValueError, match="5 different words, not 6"):
        count_pairs([1], words=6, window=1)


@pytest.mark.skipif(SOURCES["text"].find() is None, reason="no text on this machine")
def test_seeds_draw_parts_of_their_own() -> None:
    pairs = count_pairs([100_000, 100_001], words=50, window=2)
    assert not torch.equal(pairs.joint[0], pairs.joint[1])
    assert torch.equal(count_pairs([100_001], words=50, window=2).joint[0], pairs.joint[1])
