"""One function, many sharpnesses: what rescaling does to the Hessian's largest eigenvalue, and to a relative one."""

import math

import pytest

from checkers.laws.sharpness_under_rescaling import sharpness_spread
from checkers.settings.network_zoo import ZooSetting
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))
SMALL = ZooSetting(examples=40, unseen=1, width=8, steps=60)


def test_the_sharpness_of_every_function_spreads_as_the_hessians_blocks_foretell() -> None:
    measured = sharpness_spread(TRIALS, setting=SMALL)
    assert min(measured.values) > 25
    first, *_, predicted = measured.panels[0].lines
    assert predicted.role == "predicted"
    assert all(seen > 0.98 * foretold for seen, foretold in zip(first.y, predicted.y, strict=True))
    assert first.y[0] == pytest.approx(predicted.y[0], rel=0.1)
    assert first.y[-1] == pytest.approx(predicted.y[-1], rel=0.1)


def test_a_wider_range_of_rescalings_spreads_the_sharpness_by_its_square() -> None:
    near, far = (sharpness_spread(TRIALS, largest_power=power, setting=SMALL).values for power in (4, 6))
    assert all(math.isclose(wide / narrow, 16, rel_tol=0.3) for wide, narrow in zip(far, near, strict=True))


def test_sharpness_in_units_of_each_layers_norm_does_not_change() -> None:
    assert sharpness_spread(TRIALS, sharpness="relative", setting=SMALL).values == pytest.approx([1, 1], abs=0.01)


@pytest.mark.parametrize("sharpness", ["plain", "relative"])
def test_networks_that_compute_different_functions_differ_in_either(sharpness: str) -> None:
    values = sharpness_spread(TRIALS, among="networks", sharpness=sharpness, setting=SMALL).values  # type: ignore[arg-type]
    assert min(values) > 2
