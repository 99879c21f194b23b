"""One-pass stochastic gradient descent on the leading features of power-law data, several widths on one stream.

Features beyond the drawn ones, infinitely many, are seen by no model; being independent and Gaussian, their share of
the target is a Gaussian label noise of known variance, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.testbeds.gaussian_spectra import power_law_spectrum, power_law_tail
from checkers.testbeds.randomness import normal, permutation, signs
from checkers.theory.online_regression_risk import expected_risk
from lawbook import Trials

_STEPS_DRAWN_AT_ONCE = 50


@dataclass(frozen=True)
class OnlineRegression:
    """Feature k has variance k^{−capacity} and contributes k^{−target} to the target's variance.

    features: how many are drawn, the widest model's width or more.
    """

    capacity: float
    target: float
    features: int
    batch_size: int
    step_size: float

    def exact_risks(self, widths: list[int], steps: int) -> Tensor:
        """The expected risk before each step, `[widths, steps + 1]`."""
        spectrum, power = self._spectra()
        return torch.as_tensor(
            expected_risk(
                spectrum,
                power,
                widths,
                steps=steps,
                step_size=self.step_size,
                batch_size=self.batch_size,
                unseen=power_law_tail(self.features, self.target),
            )
        )

    def trained_risks(self, trials: Trials, widths: list[int], steps: int, *, permuted: bool) -> Tensor:
        """Risk Σ λ_k e_k² of every run and width before each step, `[runs, widths, steps + 1]`.

        permuted: the contributions of the drawn features come in random order. Their signs are random in any case.
        """
        draw = {"device": trials.device, "dtype": torch.float64}
        spectrum, power = (part.to(trials.device) for part in self._spectra())
        power = power.expand(len(trials), -1)
        if permuted:
            order = permutation(trials.seeds, self.features, stream="target order", device=trials.device)
            power = power.gather(1, order)
        target = signs(trials.seeds, (self.features,), stream="target", **draw) * (power / spectrum).sqrt()
        beyond = power_law_tail(self.features, self.target)
        place = torch.arange(self.features, device=trials.device)
        learned = (place < torch.tensor(widths, device=trials.device)[:, None]) * self.step_size
        error = target[:, None, :].repeat(1, len(widths), 1)  # target minus weights
        risks = torch.empty(steps + 1, len(trials), len(widths), **draw)
        rate = learned.to(error.dtype) / self.batch_size
        for step in trials.track(range(steps), "stochastic gradient descent"):
            if step % _STEPS_DRAWN_AT_ONCE == 0:
                shape = (_STEPS_DRAWN_AT_ONCE, self.batch_size, self.features + 1)
                block = normal(trials.seeds, shape, stream=f"inputs {step}", **draw)
                inputs, unseen = block[..., :-1] * spectrum.sqrt(), block[..., -1] * beyond**0.5
            risks[step] = error.square() @ spectrum + beyond
            x, rest = inputs[:, step % _STEPS_DRAWN_AT_ONCE], unseen[:, step % _STEPS_DRAWN_AT_ONCE]
            missed = error @ x.mT + rest[:, None, :]
            error.sub_(rate * (missed @ x))
        risks[steps] = error.square() @ spectrum + beyond
        return risks.permute(1, 2, 0).cpu()

    def _spectra(self) -> tuple[Tensor, Tensor]:
        return power_law_spectrum(self.features, self.capacity), power_law_spectrum(self.features, self.target)
