"""AdamW as a moving average: exact for decoupled decay, false for coupled."""

from checkers.hyperparameters.adamw_timescale import average_residual
from lawbook import Trials

TRIALS = Trials((200_000, 200_001))


def test_decoupled_decay_averages_the_updates_exactly() -> None:
    assert max(average_residual(TRIALS, steps=20, width=8).values) < 1e-12


def test_coupled_decay_does_not() -> None:
    assert min(average_residual(TRIALS, steps=20, width=8, decay="coupled").values) > 1e-3
