"""Which dimensionless group the kernel's change is a function of, on a small grid of cells."""

from statistics import mean, median

from checkers.limits.kernel_collapse import collapse, unexplained_ratio
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_006)))
GRID = {
    "output_scales": [0.125, 0.25, 0.5, 1.0, 2.0, 4.0],
    "widths": [16, 64, 256, 512],
    "step_fractions": [0.3, 0.8],
    "time": 10.0,
}


def test_cells_collapse_on_the_group_and_not_on_output_scale_alone() -> None:
    assert mean(collapse(TRIALS, **GRID).values) > 0.9
    assert mean(collapse(TRIALS, **GRID, group="output-scale").values) < 0.8


def test_the_ratio_is_that_of_what_two_groups_leave() -> None:
    left, rival = (
        [1 - value for value in collapse(TRIALS, **GRID, group=group).values]
        for group in ("combined", "output-scale")
    )
    measured = unexplained_ratio(TRIALS, **GRID, rival="output-scale").values
    assert (
        max(abs(one / other - value) for one, other, value in zip(left, rival, measured, strict=True)) < 1e-9
    )


def test_both_orders_together_leave_less_than_either_alone() -> None:
    assert median(unexplained_ratio(TRIALS, **GRID).values) < 0.8
    assert median(unexplained_ratio(TRIALS, **GRID, rival="first-order").values) < 0.8
