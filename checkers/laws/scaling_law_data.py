"""Test risk against samples for kernel regression on power laws, the exponent predicted at finite size."""

from __future__ import annotations

import torch

from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_regression import (
    draw_features,
    eigenvalues,
    risk_panel,
    sign_averaged_risk,
    target_power,
)
from checkers.testbeds.randomness import permutation
from checkers.theory.kernel_regression_risk import predicted_risk
from lawbook import Measurement, Trials


def exponent_ratio(
    trials: Trials,
    *,
    capacity: float,
    source: float,
    samples: list[int],
    modes: int,
    noise: float = 0.0,
    permuted_target: bool = False,
) -> Measurement:
    """Measured learning-curve exponent over that of the finite-size prediction on the same sample sizes.

    Gaussian features with eigenvalues k^{−capacity}, target coefficients v_k² = k^{−(2·source·capacity + 1)} averaged
    exactly over their signs, no ridge. The prediction knows of neither noise (its variance; the risk leaves out the
    test label's) nor of permuted_target, where the coefficients come in random order.
    """
    target_exponent = 2 * source * capacity + 1
    spectrum = eigenvalues(modes, capacity).to(trials.device)
    power = target_power(modes, target_exponent).to(trials.device)
    if permuted_target:
        power = power[permutation(trials.seeds, modes, stream="target order", device=trials.device)]
    measured = []
    for count in trials.track(samples, "sample sizes"):
        features = draw_features(trials, count, modes, "gaussian")
        measured.append(sign_averaged_risk(features, spectrum, power, 0.0, noise) - noise)
    risk = torch.stack(measured, 1).cpu()
    predicted = torch.tensor(
        [
            predicted_risk(eigenvalues(modes, capacity), target_power(modes, target_exponent), count)
            for count in samples
        ],
        dtype=torch.float64,
    )
    finite = -log_log_slope(samples, predicted).item()
    asymptotic = 2 * capacity * min(source, 1.0)
    reference = predicted[-1] * (torch.tensor(samples) / samples[-1]) ** -asymptotic
    slopes = -log_log_slope(samples, risk)
    return Measurement(
        values=slopes / finite,
        panels=risk_panel(samples, risk, predicted).line(
            f"asymptotic power {-asymptotic:g}", samples, reference, role="reference"
        ),
        notes=[
            f"measured exponent {slopes.mean().item():.4f}, predicted at this size {finite:.4f}, "
            f"asymptotically {asymptotic:g}"
        ],
    )
