"""How far networks move in training: what is measured, and what a random change of the same size is."""

from dataclasses import replace

import pytest
import torch

from checkers.settings.kernel_movement import Setting, combined_group, sweep_output_scales, train_and_compare
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_006)))
RELU = Setting(activation="relu", hidden_layers=1, centre=True, steps=4)


def test_a_random_change_is_as_long_as_that_of_training_layer_by_layer() -> None:
    names = ["first_weights", "second_weights", "kernel"]
    plain, random = (
        train_and_compare(TRIALS, replace(RELU, scrambled=scrambled), 64, names).sizes for scrambled in (False, True)
    )
    for name in names[:2]:
        torch.testing.assert_close(random[name], plain[name])
    assert not torch.isclose(random["kernel"], plain["kernel"]).any()


def test_flips_with_a_positive_readout_have_one_sign_and_random_ones_do_not() -> None:
    names = ["flips", "one_sidedness"]
    one, both = (
        train_and_compare(TRIALS, replace(RELU, readout=readout, steps=8), 4096, names).sizes
        for readout in ("one-sign", "random")
    )
    assert one["one_sidedness"].mean() > 2 * both["one_sidedness"].mean()
    assert 0 < both["flips"].mean() < 0.1


def test_runs_are_the_same_in_any_block(monkeypatch: pytest.MonkeyPatch) -> None:
    scales = [0.5, 1.0, 2.0]
    whole, _ = sweep_output_scales(TRIALS, RELU, 16, scales)
    monkeypatch.setattr("checkers.settings.kernel_movement.BLOCK", 2 * 9 * 16)
    parts, _ = sweep_output_scales(TRIALS, RELU, 16, scales)
    torch.testing.assert_close(parts, whole)
    for column, scale in enumerate(scales):
        alone = train_and_compare(TRIALS, RELU, 16, ["kernel"], output_scales=[scale])
        torch.testing.assert_close(whole[:, column], alone.sizes["kernel"])


def test_a_setting_that_starts_from_zero_has_all_of_its_loss_to_lose() -> None:
    moved = train_and_compare(TRIALS, replace(RELU, step_size=0.0, steps=1), 32, ["features"])
    assert moved.remaining.tolist() == pytest.approx([1.0] * len(TRIALS))
    assert moved.sizes["features"].abs().max() == 0


def test_the_group_joins_first_and_second_order() -> None:
    large, small = combined_group(torch.tensor([1e4, 1e-4]), width=10).tolist()
    assert large == pytest.approx(1 / (1e4 * 10))
    assert small == pytest.approx(1 / (1e-8 * 10))
