r"""A published fit of $L = E + A N^{-\alpha} + B D^{-\beta}$ to language models, drawn anew within its errors."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from checkers.testbeds.randomness import normal
from checkers.theory.loss_law_allocation import LossLawFactors
from lawbook import Trials

_CENTRE = (1e9, 2e10)  # parameters and tokens about which the fitted runs of Hoffmann et al. lie


@dataclass(frozen=True)
class PublishedLossLaw:
    """A, B, α, β in nats; standard_error: of either exponent."""

    size_factor: float
    data_factor: float
    size_exponent: float
    data_exponent: float
    standard_error: float = 0.02

    def draws(self, trials: Trials) -> LossLawFactors:
        """A law a seed: both exponents normal about their values, both terms of the loss unchanged at the centre."""
        drawn = self.standard_error * normal(trials.seeds, (2,), stream="exponents", dtype=torch.float64)
        return LossLawFactors(
            self.size_factor * _CENTRE[0] ** drawn[:, 0],
            self.data_factor * _CENTRE[1] ** drawn[:, 1],
            self.size_exponent + drawn[:, 0],
            self.data_exponent + drawn[:, 1],
        )
