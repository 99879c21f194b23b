"""What the sharpness of trained and of rescaled networks says of their test loss."""

from checkers.laws.sharpness_generalisation import rescaled_correlation
from lawbook import Trials


def test_rescaling_takes_away_what_sharpness_says_of_the_test_loss() -> None:
    trials = Trials(tuple(range(200_000, 200_006)))
    measured = rescaled_correlation(trials, largest_factor=30.0, examples=40, width=8, steps=60)
    assert sum(measured.values) / len(trials) < 0.5
