r"""Deep factors fill in a matrix of low rank from few entries better than the least nuclear norm does.

Descent on $\tfrac12\sum_{(i,j)\in\Omega}(W_L\cdots W_1 - Y)_{ij}^2$ from small random square factors. A singular value
of the product moves at a rate $\propto \sigma^{2-2/L}$: the larger, the faster, the more so the more layers there are,
so that few grow at all before the seen entries are fitted. (Arora et al. 2019, arXiv:1905.13655.)
"""

from __future__ import annotations

from itertools import accumulate

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal, permutation
from lawbook import Measurement, Panel, Trials

ITERATIONS = 600
SHRINK = 0.1
SETTLED = 1e-2
LARGEST = 10.0


def completion_ratio(
    trials: Trials,
    *,
    depth: int = 3,
    rank: int = 2,
    size: int = 20,
    observed: float = 0.35,
    start: float = 1e-4,
    step_size: float = 0.3,
    steps: int = 25000,
) -> Measurement:
    r"""Error of deep factors on the entries that were not observed, over that of the least nuclear norm that fits.

    The matrix is a product of Gaussian factors of `rank`, over its norm; observed: the share of entries seen. start:
    size of the product of the factors' scales, each of which is `start`$^{1/L}$ over the root of `size`. Errors are
    Frobenius norms; the ratio is capped at 10. In regime is a seed that fits what it sees to a hundredth.
    """
    device, wide = trials.device, torch.float64
    left, right = (
        normal(trials.seeds, (size, rank), stream=f"factor {side}", device=device, dtype=wide)
        for side in ("left", "right")
    )
    target = left @ right.mT
    target = target / torch.linalg.matrix_norm(target, 2)[:, None, None]
    count = round(observed * size**2)
    order = permutation(trials.seeds, size**2, stream="observed", device=device)
    seen = (order < count).reshape(-1, size, size).to(wide)
    scale = start ** (1 / depth) / size**0.5
    layers = [
        scale * normal(trials.seeds, (size, size), stream=f"layer {layer}", device=device, dtype=wide)
        for layer in range(depth)
    ]
    unseen, singular, missed = 1 - seen, [], []
    looks = range(0, steps + 1, max(1, steps // 100))
    for step in trials.track(range(steps + 1), "descent"):
        inner = _inner_products(layers)
        product = inner[-1]
        if step in looks:
            singular.append(torch.linalg.svdvals(product[0])[:4])
            missed.append(_size((product - target) * unseen) / _size(target * unseen))
        layers = _stepped(layers, inner, seen * (product - target), step_size)
    least = _least_nuclear_norm(target, seen)
    error = _size((product - target) * unseen)
    against = _size((least - target) * unseen)
    curve, norms = torch.stack(missed, 1), against / _size(target * unseen)
    values = (error / against).nan_to_num(LARGEST).clamp_max(LARGEST).cpu()
    fitted = _size((product - target) * seen) <= SETTLED * _size(target * seen)
    paths = torch.stack(singular, 1).cpu()
    modes = Panel("Singular values of the product, first seed", x="step", y="singular value")
    for place, path in enumerate(paths, 1):
        modes = modes.line(f"{place}", list(looks), path)
    return Measurement(
        values,
        in_regime=fitted.cpu(),
        panels=[
            Panel("Error on what was not observed", x="step", y="relative error", log="y")
            .over_seeds(f"{depth} factors", list(looks), curve.cpu())
            .line("least nuclear norm", list(looks), float(norms.mean()), role="reference"),
            modes,
        ],
        notes=f"median relative error: factors {curve[:, -1].median():.4f}, least nuclear norm {norms.median():.4f}",
    )


def _inner_products(layers: list[Tensor]) -> list[Tensor]:
    """W₁, W₂W₁, … and the product of all."""
    return list(accumulate(layers, lambda product, layer: layer @ product))


def _stepped(layers: list[Tensor], inner: list[Tensor], error: Tensor, step_size: float) -> list[Tensor]:
    """The layers, first one first, after a step of descent on half the squared error."""
    pulled, moved = error, []
    for layer, below in zip(layers[:0:-1], inner[-2::-1], strict=True):
        moved.append(torch.baddbmm(layer, pulled, below.mT, alpha=-step_size))
        pulled = layer.mT @ pulled
    moved.append(layers[0] - step_size * pulled)
    return moved[::-1]


def _least_nuclear_norm(target: Tensor, seen: Tensor) -> Tensor:
    """The matrix of least nuclear norm with the target's seen entries, by Douglas–Rachford splitting."""
    state = seen * target
    for _ in range(ITERATIONS):
        # Singular values that survive are above SHRINK, and their squares are known well enough.
        squares, left = torch.linalg.eigh(state @ state.mT)
        kept = (1 - SHRINK * squares.clamp_min(SHRINK**2).rsqrt())[:, None, :]
        low = (left * kept) @ (left.mT @ state)
        mirrored = 2 * low - state
        state = state + torch.where(seen > 0, target, mirrored) - low
    return torch.where(seen > 0, target, low)


def _size(matrix: Tensor) -> Tensor:
    return torch.linalg.matrix_norm(matrix)
