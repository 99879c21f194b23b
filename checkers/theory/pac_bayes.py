r"""Bounds on a mean from its sample, in the divergence of two coins.

With $\mathrm{kl}(q\Vert p) = q\ln\frac qp + (1-q)\ln\frac{1-q}{1-p}$: the mean q of N independent numbers in [0, 1] of
mean p has $\mathrm{kl}(q\Vert p) \le \ln(1/\delta)/N$ or q > p with probability at least 1 − δ (Chernoff; Hoeffding
1963, theorem 1). With a prior P chosen before the n examples, simultaneously for all posteriors Q,
$\mathrm{kl}(\hat e_Q\Vert e_Q) \le (\mathrm{KL}(Q\Vert P) + \ln(2\sqrt n/\delta))/n$ with probability at least 1 − δ
(Langford & Seeger 2001; the constant is that of Maurer 2004, arXiv:cs/0411099).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_BISECTIONS = 60


def largest_mean(seen: Tensor, budget: Tensor | float) -> Tensor:
    r"""The largest p with $\mathrm{kl}(\text{seen}\Vert p)$ within the budget: what the mean may still be.

    seen: in [0, 1], any shape; budget ≥ 0, of that shape or one for all. In float64.
    """
    seen = seen.double()
    low, high = seen, torch.ones_like(seen)
    entropy = torch.special.xlogy(seen, seen) + torch.special.xlogy(1 - seen, 1 - seen)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        divergence = entropy - torch.special.xlogy(seen, middle) - torch.special.xlogy(1 - seen, 1 - middle)
        within = divergence <= budget
        low, high = torch.where(within, middle, low), torch.where(within, high, middle)
    return low


def error_bound(seen: Tensor, divergence: Tensor, *, examples: int, draws: int, choices: int, failure: float) -> Tensor:
    """What the mean error of a posterior's networks may be, with probability at least 1 − `failure`.

    seen: the share of wrong answers over `examples`, each answered by `draws` networks of its own from the posterior.
    divergence: KL of posterior and prior. choices: among how many posterior–prior pairs the best may be taken. Half of
    `failure` goes to the finite draws, half to the finite sample.
    """
    mean = largest_mean(seen, math.log(2 * choices / failure) / (examples * draws))
    return largest_mean(mean, (divergence + math.log(4 * math.sqrt(examples) * choices / failure)) / examples)
