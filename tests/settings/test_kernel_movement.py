"""How far networks move in training: what is measured, and what a random change of the same size is."""

import pytest
import torch

from checkers.settings.kernel_movement import Setting, combined_group, scramble, train_and_compare

SEEDS = tuple(range(200_000, 200_006))
RELU = Setting(activation="relu", hidden_layers=1, centre=True)


def test_a_random_change_is_as_long_as_that_of_training_layer_by_layer() -> None:
    task, names = RELU.task("cpu"), ["first_weights", "second_weights", "kernel"]
    plain, random = (
        train_and_compare(SEEDS, RELU, task, 64, names, step_size=0.5, steps=4, scrambled=scrambled).sizes
        for scrambled in (False, True)
    )
    torch.testing.assert_close(random["first_weights"], plain["first_weights"])
    torch.testing.assert_close(random["second_weights"], plain["second_weights"])
    assert not torch.isclose(random["kernel"], plain["kernel"]).any()


def test_a_random_line_is_the_runs_own_and_the_same_at_every_length() -> None:
    before = {"weight_1": torch.zeros(2, 3, 4, dtype=torch.float64)}
    near, far = (
        scramble((1, 2), before, {"weight_1": torch.full((2, 3, 4), size)})["weight_1"] for size in (1.0, 3.0)
    )
    torch.testing.assert_close(far, 3 * near)
    assert not torch.allclose(near[0], near[1])


def test_flips_with_a_positive_readout_have_one_sign_and_random_ones_do_not() -> None:
    positive = Setting(activation="relu", hidden_layers=1, centre=True, readout="one-sign")
    names = ["flips", "one_sidedness"]
    one, both = (
        train_and_compare(SEEDS, setting, setting.task("cpu"), 4096, names, step_size=0.5, steps=8).sizes
        for setting in (positive, RELU)
    )
    assert one["one_sidedness"].mean() > 2 * both["one_sidedness"].mean()
    assert 0 < both["flips"].mean() < 0.1


def test_runs_are_the_same_in_any_block(monkeypatch: pytest.MonkeyPatch) -> None:
    task, scales = RELU.task("cpu"), torch.linspace(0.5, 2.0, 6, dtype=torch.float64)

    def movement() -> torch.Tensor:
        moved = train_and_compare(
            SEEDS, RELU, task, 16, ["kernel"], output_scales=scales, step_size=0.5, steps=3
        )
        return moved.sizes["kernel"]

    whole = movement()
    monkeypatch.setattr("checkers.settings.kernel_movement.BLOCK", 2 * 9 * 16)
    torch.testing.assert_close(movement(), whole)


def test_a_setting_that_starts_from_zero_has_all_of_its_loss_to_lose() -> None:
    moved = train_and_compare(SEEDS, RELU, RELU.task("cpu"), 32, ["features"], step_size=0.0, steps=1)
    assert moved.remaining.tolist() == pytest.approx([1.0] * len(SEEDS))
    assert moved.sizes["features"].abs().max() == 0


def test_the_group_joins_first_and_second_order() -> None:
    large, small = combined_group(torch.tensor([1e4, 1e-4]), width=10).tolist()
    assert large == pytest.approx(1 / (1e4 * 10))
    assert small == pytest.approx(1 / (1e-8 * 10))
