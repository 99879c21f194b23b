"""The mode equation's closed forms against numerical integration and against Euler's method itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from checkers.theory.saxe_modes import euler_lag, half_time, mode_strength, time_to_reach

strengths = st.floats(0.5, 20.0)
small_shares = st.floats(1e-6, 1e-2)


@given(strength=strengths, share=small_shares, time=st.floats(0.0, 3.0))
def test_the_sigmoid_solves_its_equation(strength: float, share: float, time: float) -> None:
    step = 1e-5
    before, after = mode_strength([time, time + step], strength, share * strength)
    middle = float(mode_strength(time + step / 2, strength, share * strength))
    assert (after - before) / step == pytest.approx(2 * middle * (strength - middle), rel=1e-4, abs=1e-6)


@given(strength=strengths, share=small_shares)
def test_two_layers_reach_half_at_the_logarithmic_time(strength: float, share: float) -> None:
    expected = math.log(1 / share - 1) / (2 * strength)
    assert float(half_time(strength, share * strength)) == pytest.approx(expected, rel=1e-9)
    assert float(mode_strength(expected, strength, share * strength)) == pytest.approx(strength / 2, rel=1e-9)


@pytest.mark.parametrize("depth", [2, 3, 4, 7])
def test_half_times_of_every_depth_agree_with_integration(depth: int) -> None:
    strength, initial = 3.0, 0.02
    reached = lambda _, u: u[0] - strength / 2  # noqa: E731
    reached.terminal = True
    solution = solve_ivp(
        lambda _, u: depth * u ** (2 - 2 / depth) * (strength - u),
        (0.0, 100.0),
        [initial],
        events=reached,
        rtol=1e-10,
        atol=1e-13,
    )
    assert float(half_time(strength, initial, depth=depth)) == pytest.approx(solution.t_events[0][0], rel=1e-7)


@given(share=small_shares, level=st.floats(0.05, 0.95), depth=st.integers(2, 5))
def test_times_add_up_along_the_way(share: float, level: float, depth: int) -> None:
    half = level / 2 + share / 2
    whole = time_to_reach(level, 1.0, share, depth=depth)
    parts = time_to_reach(half, 1.0, share, depth=depth) + time_to_reach(level, 1.0, half, depth=depth)
    assert float(whole) == pytest.approx(float(parts), rel=1e-6, abs=1e-9)


@given(strength=strengths, share=small_shares)
def test_a_mode_that_starts_at_the_level_needs_no_time(strength: float, share: float) -> None:
    assert float(time_to_reach(share * strength, strength, share * strength, depth=3)) == pytest.approx(0, abs=1e-9)


def test_levels_that_are_never_reached_have_no_time() -> None:
    assert np.isnan(time_to_reach([2.0, 3.0, 1.0], 2.0, [0.1, 0.1, -0.1])).all()


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_the_lag_of_euler_steps_is_predicted_to_first_order(depth: int) -> None:
    strength, initial, step_size = 2.0, 0.01, 0.002
    layer, steps = initial ** (1 / depth), 0
    while layer**depth < strength / 2:
        previous, layer = layer, layer + step_size * layer ** (depth - 1) * (strength - layer**depth)
        steps += 1
    fraction = (strength / 2 - previous**depth) / (layer**depth - previous**depth)
    lag = step_size * (steps - 1 + fraction) - float(half_time(strength, initial, depth=depth))
    predicted = float(euler_lag(strength / 2, strength, initial, step_size=step_size, depth=depth))
    assert lag == pytest.approx(predicted, rel=0.02)
