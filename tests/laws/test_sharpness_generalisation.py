"""What the sharpness of trained and of rescaled networks says of their test loss."""

from checkers.laws.sharpness_generalisation import rescaled_correlation
from checkers.settings.network_zoo import ZooSetting
from lawbook import Trials

TRIALS = Trials(tuple(range(200_000, 200_006)))
SMALL = ZooSetting(examples=40, unseen=1, width=8, steps=60)


def test_rescaling_takes_away_what_sharpness_says_of_the_test_loss() -> None:
    measured = rescaled_correlation(TRIALS, largest_factor=30.0, setting=SMALL)
    assert sum(measured.values) / len(TRIALS) < 0.5


def test_rescaling_by_the_test_loss_makes_sharpness_tell_it() -> None:
    measured = rescaled_correlation(TRIALS, largest_factor=30.0, rescaling="by test loss", setting=SMALL)
    assert sum(measured.values) / len(TRIALS) > 0.6
