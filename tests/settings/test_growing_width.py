"""What the networks of growing width start from, and which of their layers move."""

from typing import Literal

import pytest
import torch

from checkers.settings.growing_width import Setting, width_task
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))


def test_copies_compute_the_function_of_the_narrow_network() -> None:
    task = width_task(TRIALS, Setting(weights="copies", examples=8), base_width=16)
    narrow, wide = (task.network(width).forward(task.initialise(width), task.inputs) for width in (16, 64))
    torch.testing.assert_close(wide, narrow)


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_copies_go_on_to_do_so_under_the_step_sizes_of_mup(optimiser: Literal["adam", "sgd"]) -> None:
    task = width_task(TRIALS, Setting(optimiser=optimiser, weights="copies", examples=8), base_width=16)
    paths = [task.train(width, task.initialise(width), 1e-3, 10).losses for width in (16, 64)]
    torch.testing.assert_close(paths[1], paths[0], rtol=1e-3, atol=1e-5)
    assert bool((paths[0][-1] < 0.999 * paths[0][0]).all())


def test_only_the_readout_moves_where_it_alone_is_trained() -> None:
    task = width_task(TRIALS, Setting(layers="readout", examples=8), base_width=16)
    start = task.initialise(32)
    moved = task.train(32, start, 1e-3, 3).parameters
    assert [name for name in start if not torch.equal(start[name], moved[name])] == ["weight_3"]
