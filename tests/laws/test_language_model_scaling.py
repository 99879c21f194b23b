"""Size and text on transformers that train in seconds, and what each law foretells of losses made by hand."""

from dataclasses import replace

import pytest
import torch

from checkers.laws.language_model_scaling import Law, foretold_losses, held_out_error, size_gain
from checkers.settings.language_models import LanguageModels, Runs
from lawbook import Trials

TRIALS = Trials((200_000,))
TINY = LanguageModels(widths=(4, 16), steps=96, context=16, batch_size=8, depth=1)
SIZES = torch.tensor([1e3, 3e3, 1e4, 3e4, 1e5], dtype=torch.float64)
DATA = torch.tensor([1e4, 3e4, 1e5, 3e5], dtype=torch.float64)
POWERS = 1.5 + 40 * SIZES[:, None] ** -0.5 + 30 * DATA**-0.4
PRODUCT = 20 * SIZES[:, None] ** -0.1 * DATA**-0.05
EXPONENTIAL = 1.5 + 0.7 * (-SIZES[:, None] / 1e4).exp() + 30 * DATA**-0.4
MADE: dict[Law, torch.Tensor] = {
    "sum of powers": POWERS,
    "product of powers": PRODUCT,
    "exponential in size": EXPONENTIAL,
}


def test_a_wider_model_gains_on_text_and_hardly_on_shuffled_text() -> None:
    on_text = size_gain(TRIALS, setting=TINY)
    on_shuffled = size_gain(TRIALS, setting=replace(TINY, text="shuffled"))
    assert on_text.values[0] > on_shuffled.values[0] + 0.02


def test_the_largest_model_is_predicted_from_the_others_and_drawn_beside_them() -> None:
    measured = held_out_error(TRIALS, setting=replace(TINY, widths=(4, 8, 16), steps=48))
    assert measured.values[0] >= 0
    assert [line.role for line in measured.panels[0].lines] == ["measured"] * 3 + ["predicted"]


def relative_error(law: Law, losses: torch.Tensor) -> float:
    found = foretold_losses(Runs(losses[None], SIZES, DATA), law)[0, -1]
    return abs(float(found - losses[-1, -1])) / float((losses[-2] - losses[-1])[-1])


@pytest.mark.parametrize("law", MADE)
def test_each_law_foretells_the_losses_that_follow_it(law: Law) -> None:
    assert relative_error(law, MADE[law]) < 0.05


@pytest.mark.parametrize("law", ["product of powers", "exponential in size"])
def test_a_sum_of_powers_is_not_foretold_by_its_rivals(law: Law) -> None:
    assert relative_error(law, POWERS) > 0.5
