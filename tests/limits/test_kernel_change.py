"""The change of the tangent kernel at one output scale and width."""

from statistics import mean

from checkers.limits.kernel_change import kernel_change
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_006)))


def change(output_scale: float, width: int) -> float:
    return mean(kernel_change(TRIALS, output_scale=output_scale, width=width).values)


def test_a_large_output_scale_is_lazy_and_a_small_one_rich() -> None:
    assert change(2.0, 64) < 0.1 < 0.5 < change(0.08, 64)


def test_at_a_small_output_scale_twice_the_root_of_the_width_is_as_rich_at_half_the_scale() -> None:
    assert 0.7 < change(0.1, 128) / change(0.2, 32) < 1.4
