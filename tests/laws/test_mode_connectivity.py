"""Children of one parent are joined by a line, strangers are not, and putting units in order changes no function."""

from __future__ import annotations

import torch

from checkers.laws.mode_connectivity import barrier, in_order_of
from checkers.testbeds.networks import MultilayerPerceptron
from lawbook import Trials

TRIALS = Trials((100001, 100002))


def test_siblings_have_no_barrier_and_strangers_have_one() -> None:
    given = {"steps": 300, "width": 32}
    siblings = barrier(TRIALS, fork=50, **given)
    strangers = barrier(TRIALS, fork=0, same_start=False, **given)
    assert siblings.in_regime == (True, True)
    assert max(siblings.values) < 0.05 < min(strangers.values)


def test_matching_lowers_the_barrier_between_strangers() -> None:
    given = {"steps": 200, "fork": 0, "width": 128, "same_start": False}
    assert max(barrier(TRIALS, **given, matched=True).values) < min(barrier(TRIALS, **given).values)


def test_units_in_another_order_are_the_same_function_and_find_their_own_order_again() -> None:
    network = MultilayerPerceptron((5, 7, 6, 3), "relu", bias_scale=0.1)
    inputs = torch.randn(40, 5, generator=torch.Generator().manual_seed(0))
    first = network.initialise(TRIALS.seeds)
    order, next_order = torch.arange(7).flip(0), torch.arange(6).roll(2)
    shuffled = dict(first)
    shuffled["weight_1"], shuffled["bias_1"] = first["weight_1"][:, order], first["bias_1"][:, order]
    shuffled["weight_2"] = first["weight_2"][:, next_order][:, :, order]
    shuffled["bias_2"] = first["bias_2"][:, next_order]
    shuffled["weight_3"] = first["weight_3"][:, :, next_order]
    torch.testing.assert_close(network.forward(shuffled, inputs), network.forward(first, inputs))
    for name, tensor in in_order_of(network, first, shuffled, inputs).items():
        torch.testing.assert_close(tensor, first[name])


def test_a_run_that_has_not_fitted_is_out_of_regime() -> None:
    assert barrier(TRIALS, fork=0, steps=3, width=16).in_regime == (False, False)
