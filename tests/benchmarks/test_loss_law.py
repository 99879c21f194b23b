"""The two-variable loss law from all 4,500 starts against SciPy started one at a time.

SciPy's time is extrapolated from a random sample of 60 starts. Most of its runs end early at its default tolerances,
so the share of starts that reach the best objective is printed for each side.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize

from checkers.instruments.loss_law import HUBER, LossLaw, fit_loss_law, standard_starts

POINTS, NOISE, SAMPLE = 240, 0.008, 60
TRUE = (math.log(482.0), 0.348, math.log(2085.0), 0.366, math.log(1.817))
Array = NDArray[np.float64]


def test_loss_law_fit(benchmark: Any, extra_memory: Callable[[Callable[[], object]], float]) -> None:
    draws = torch.Generator().manual_seed(0)
    sizes = 10 ** (7.5 + 2.7 * torch.rand(POINTS, generator=draws, dtype=torch.float64))
    data = 10 ** (9 + 2.5 * torch.rand(POINTS, generator=draws, dtype=torch.float64))
    law = LossLaw(*(torch.tensor([value], dtype=torch.float64) for value in TRUE))
    losses = law.predict(sizes, data) * torch.exp(NOISE * torch.randn(1, POINTS, generator=draws, dtype=torch.float64))
    log_size, log_data, log_loss = sizes.log().numpy(), data.log().numpy(), losses[0].log().numpy()

    def objective(parameters: Array) -> tuple[float, Array]:
        """Value and analytic gradient in NumPy, a call of about forty array operations."""
        a, alpha, b, beta, e = parameters
        by_size, by_data = a - alpha * log_size, b - beta * log_data
        largest = np.maximum(np.maximum(by_size, by_data), e)
        terms = np.exp(by_size - largest), np.exp(by_data - largest), np.exp(e - largest)
        total = terms[0] + terms[1] + terms[2]
        residual = largest + np.log(total) - log_loss
        within = np.minimum(np.abs(residual), HUBER)
        pull = np.clip(residual, -HUBER, HUBER) / total
        p, q = pull * terms[0], pull * terms[1]
        gradient = np.array([p.sum(), -p @ log_size, q.sum(), -q @ log_data, (pull * terms[2]).sum()])
        return float((within * (np.abs(residual) - within / 2)).sum()), gradient

    memory = extra_memory(lambda: fit_loss_law(sizes, data, losses))
    times = []
    for _ in range(3):
        started = time.process_time()
        fit = fit_loss_law(sizes, data, losses)
        times.append(time.process_time() - started)
    benchmark.pedantic(fit_loss_law, args=(sizes, data, losses), rounds=1)
    starts, best = standard_starts().numpy(), fit.objective.item()
    share = fit.share_of_starts.item()
    print(f"\nall {len(starts)} starts: {min(times):.2f} s, {share:.0%} reach the best; peak memory +{memory:.0f} MiB")
    sample = np.random.default_rng(0).choice(len(starts), SAMPLE, replace=False)
    for method in ("L-BFGS-B", "BFGS"):
        started = time.process_time()
        found = [minimize(objective, starts[i], jac=True, method=method).fun for i in sample]
        extrapolated = (time.process_time() - started) / SAMPLE * len(starts)
        ratio = extrapolated / min(times)
        benchmark.extra_info[method] = ratio
        reached = float(np.mean(np.array(found) <= 1.001 * best))
        print(f"SciPy's {method}: {extrapolated:.1f} s, extrapolated; {reached:.0%} reach the best; {ratio:.1f}×")
        assert best <= min(found) * (1 + 1e-9)
        assert ratio >= 10
    assert fit.law.size_exponent.item() == pytest.approx(0.348, abs=0.03)
