"""Test risk against samples for kernel regression on power laws with infinitely many modes.

The strongest modes are drawn. The others, whose eigenvalues lie far below what so few samples resolve, are not learned:
their Gram matrix is nearly a multiple of the identity, so that they act as a ridge Σλ_k, and their share of the
target as label noise Σv_k². Both sums are exact.
"""

from __future__ import annotations

import torch

from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_regression import draw_features, risk_panel, sign_averaged_risk
from checkers.testbeds.gaussian_spectra import power_law_spectrum, power_law_tail
from checkers.testbeds.randomness import permutation
from checkers.theory.kernel_regression_risk import predicted_risk
from lawbook import Measurement, Trials


def learning_exponent(
    trials: Trials,
    *,
    capacity: float,
    source: float,
    samples: list[int],
    modes: int,
    noise: float = 0.0,
    permuted_target: bool = False,
) -> Measurement:
    """Minus the slope of log risk over log sample size, without a ridge. (Bordelon et al. 2020; Cui et al. 2021.)

    Gaussian features with eigenvalues k^{−capacity}, target coefficients v_k² = k^{−(2·source·capacity + 1)} averaged
    exactly over their signs. modes: how many are drawn, several times the samples. noise: its variance; the risk leaves
    out the test label's. permuted_target: the drawn modes' coefficients come in random order. The predicted curve knows
    of neither.
    """
    decay = 2 * source * capacity + 1
    spectrum, coefficients = power_law_spectrum(modes, capacity), power_law_spectrum(modes, decay)
    ridge, unseen = power_law_tail(modes, capacity), power_law_tail(modes, decay)
    power = coefficients.to(trials.device)
    if permuted_target:
        power = power[permutation(trials.seeds, modes, stream="target order", device=trials.device)]
    measured = []
    for count in trials.track(samples, "sample sizes"):
        features = draw_features(trials, count, modes, "gaussian")
        risk = sign_averaged_risk(features, spectrum.to(trials.device), power, ridge, unseen + noise)
        measured.append(risk - noise)
    risks = torch.stack(measured, 1).cpu()
    predicted = torch.tensor(
        [predicted_risk(spectrum, coefficients, count, ridge=ridge, noise=unseen) for count in samples],
        dtype=torch.float64,
    )
    return Measurement(
        values=-log_log_slope(samples, risks),
        panels=risk_panel(samples, risks, predicted),
        notes=f"the closed equations have the exponent {-log_log_slope(samples, predicted).item():.4f} at this size",
    )
