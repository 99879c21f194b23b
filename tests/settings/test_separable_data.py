"""Descent on separable points, against what its first steps must be."""

import math

import pytest

from checkers.settings.separable_data import Descent, margin_path
from lawbook import Trials

TRIALS = Trials(seeds=(100_000, 100_001, 100_002))


@pytest.mark.parametrize("pace", ["constant", "normalised"])
def test_time_is_the_sum_of_the_step_sizes_taken(pace: str) -> None:
    setting = Descent(points=8, dimension=4, gap=1.0, step_size=0.05, steps=200, pace=pace)
    path = margin_path(TRIALS, setting)
    if pace == "constant":
        assert path.log_time[:, -1].tolist() == pytest.approx([math.log(0.05 * 200)] * 3)
    else:
        assert path.log_time[:, -1].min() > math.log(0.05 * 200 / math.log(2))


def test_both_paces_follow_one_path_in_the_time_of_flow() -> None:
    slow = margin_path(TRIALS, Descent(8, 4, 1.0, step_size=0.01, steps=4000, pace="constant"))
    fast = margin_path(TRIALS, Descent(8, 4, 1.0, step_size=0.001, steps=4000))
    target = slow.log_time[:, -1]
    nearest = (fast.log_time - target[:, None]).abs().argmin(1, keepdim=True)
    offset = fast.log_time.gather(1, nearest)[:, 0] - target
    same = slow.log_loss[:, -1] - offset
    assert fast.log_loss.gather(1, nearest)[:, 0].tolist() == pytest.approx(same.tolist(), abs=0.03)
