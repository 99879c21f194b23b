"""Drops of a two-layer network's loss at the times of the linear theory, and where these break."""

from statistics import mean

from checkers.settings.linear_modes import LinearModes
from checkers.solvable.successive_drops import drop_time_error
from lawbook import Trials

TRIALS = Trials((200_000, 200_001, 200_002, 200_003))


def error(width: int, activation: str, **options: object) -> float:
    setting = LinearModes(modes=(20.0, 12.0, 6.0), width=width, step_size=0.002, activation=activation)
    return mean(drop_time_error(TRIALS, setting=setting, init_scale=0.002, **options).values)


def test_a_linear_network_drops_when_theory_says_and_a_wide_tanh_network_nearly_so() -> None:
    assert error(64, "linear") < 0.04
    assert error(64, "linear") < error(64, "tanh") < 0.1


def test_the_more_its_units_saturate_the_later_a_network_drops() -> None:
    assert error(16, "tanh") > 1.5 * error(64, "tanh")


def test_the_times_of_other_labels_are_others() -> None:
    assert error(64, "tanh", told="target of other labels") > 0.5
