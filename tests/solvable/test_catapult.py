"""The catapult starts at 2/λ₀, ends at 4/λ₀, and is as high as the network is wide."""

import pytest

from checkers.solvable.catapult import caught_share, map_error, peak_exponent
from lawbook import Trials

TRIALS = Trials(seeds=tuple(range(100_000, 100_016)))


@pytest.mark.parametrize(("multiple", "share"), [(1.9, 0.0), (3.0, 1.0), (4.1, 0.0)])
def test_only_between_the_thresholds_is_a_run_thrown_and_caught(multiple: float, share: float) -> None:
    assert caught_share(TRIALS, multiple=multiple, width=512).values == (share,) * 16


def test_the_peak_grows_with_the_width_and_without_a_catapult_does_not() -> None:
    widths = [64, 256, 1024, 4096]
    mean = [sum(peak_exponent(TRIALS, multiple=m, widths=widths).values) / 16 for m in (3.0, 1.9)]
    assert mean == pytest.approx([1.0, 0.0], abs=0.15)


def test_linear_units_follow_the_map_exactly_and_curved_ones_do_not() -> None:
    assert max(map_error(TRIALS, multiple=3.0).values) < 1e-9
    assert min(map_error(TRIALS, multiple=3.0, units="tanh").values) > 1e-3
