"""Which dimensionless group the kernel's change is a function of, on a small grid of cells."""

from statistics import mean

from checkers.limits.kernel_collapse import collapse_residual
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_003)))
GRID = {
    "output_scales": [0.125, 0.25, 0.5, 1.0, 2.0, 4.0],
    "widths": [32, 64, 128, 256],
    "time": 10.0,
    "draws": 8,
}


def left(group: str) -> float:
    return mean(collapse_residual(TRIALS, **GRID, group=group).values)


def test_both_orders_together_leave_less_than_either_alone_or_than_output_scale() -> None:
    assert left("combined") < 0.15
    assert min(left("mean-field"), left("first-order")) > 0.2
    assert left("output-scale") > 0.7


def test_more_networks_a_cell_leave_less() -> None:
    one = mean(collapse_residual(TRIALS, **{**GRID, "draws": 1}).values)
    assert left("combined") < one
