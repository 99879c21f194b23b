r"""How noisy minibatch gradients are: the gradient noise scales of McCandlish et al. 2018 (arXiv:1812.06162).

With per-example gradients $g_i$, mean $g$ and covariance $\Sigma$, a batch of $B$ drawn with replacement has
gradient covariance $\Sigma/B$. The simple noise scale is $\operatorname{tr}\Sigma/\lVert g\rVert^2$; the one
that the best one-step gain $\Delta(B) = \Delta_{\max}/(1 + \mathcal B/B)$ depends on is $\mathcal B =
\operatorname{tr}(H\Sigma)/(g^\top H g)$.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.accurate_sums import largest_entry, unit_scale
from checkers.instruments.arguments import check_tensors
from checkers.instruments.curvature import gradient
from checkers.instruments.parameters import Parameters, run_count

_SAFE = 1e-24, 1e34  # of sums of squares, in float32 too
BatchLoss = Callable[[dict[str, Tensor], tuple[Tensor, Tensor]], Tensor]


@dataclass(frozen=True)
class TwoBatchEstimate:
    """Unbiased estimates of the squared gradient norm and of tr Σ, and their (biased) ratio."""

    squared_gradient: Float[Tensor, " runs"]
    covariance_trace: Float[Tensor, " runs"]

    @property
    def noise_scale(self) -> Float[Tensor, " runs"]:
        """tr Σ over the squared gradient; NaN where that is 0."""
        return self.covariance_trace / torch.where(self.squared_gradient == 0, torch.nan, self.squared_gradient)


def two_batch_estimate(
    small: Float[Tensor, "runs draws"], large: Float[Tensor, "runs draws"], small_size: int, large_size: int
) -> TwoBatchEstimate:
    """tr Σ and the squared gradient norm from squared gradient norms at two batch sizes (appendix A.1 there).

    small, large: squared norms of gradients of batches of `small_size` and `large_size` examples, averaged
    over draws here; a run with one that is not finite gives NaN. ValueError where the sizes are not in that order.
    """
    check_tensors(
        small=(small, "runs draws"),
        large=(large, "runs draws" if small.shape == large.shape else "runs large_draws"),
    )
    if not 0 < small_size < large_size:
        raise ValueError(f"the small batch ({small_size}) must be smaller than the large one ({large_size})")
    at_small, at_large = small.mean(dim=1), large.mean(dim=1)
    squared = (large_size * at_large - small_size * at_small) / (large_size - small_size)
    trace = (at_small - at_large) / (1 / small_size - 1 / large_size)
    finite = squared.isfinite() & trace.isfinite()
    return TwoBatchEstimate(*(torch.where(finite, estimate, torch.nan) for estimate in (squared, trace)))


def per_example_gradients(
    loss: BatchLoss, parameters: Parameters, inputs: Tensor, targets: Tensor
) -> Float[Tensor, "runs examples parameters"]:
    """Every example's gradient in every run, from one backward pass in which an example counts as a run.

    loss: (parameters, (inputs, targets)) -> [runs], with inputs [runs, batch, …]; called with batches of one.
    inputs, targets: [examples, …], shared by all runs. Takes runs · examples · parameters numbers. An example whose
    loss is not finite gives NaN. ValueError where inputs and targets are not equally many.
    """
    if len(inputs) != len(targets):
        raise ValueError(f"{len(inputs)} inputs have {len(targets)} targets; give each its own")
    runs, examples = run_count(parameters), inputs.shape[0]
    repeated = {name: tensor.repeat_interleave(examples, dim=0) for name, tensor in parameters.items()}
    singles = tuple(part[:, None].repeat(runs, *([1] * part.ndim)) for part in (inputs, targets))
    slopes = gradient(lambda varied: loss(varied, (singles[0], singles[1])), repeated)
    return slopes.reshape(runs, examples, -1)


def simple_noise_scale(gradients: Float[Tensor, "runs examples parameters"]) -> Float[Tensor, " runs"]:
    """tr Σ / ‖g‖², with the covariance over exactly these examples (divided by their number).

    NaN for one example, for a mean gradient that is 0 up to rounding, and for a run that is not finite.
    """
    check_tensors(gradients=(gradients, "runs examples parameters"))
    mean, spread, squared = _mean_and_spread(gradients)
    if not all(_SAFE[0] < number < _SAFE[1] for number in torch.cat([spread, squared]).tolist()):
        mean, spread, squared = _mean_and_spread(unit_scale(gradients))
    known = squared > (4 * torch.finfo(mean.dtype).eps) ** 2 * (spread + squared)
    return torch.where(known & (gradients.shape[1] > 1), spread / squared, torch.nan)


def _mean_and_spread(gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The mean gradient, the trace of the covariance, and the squared norm of the mean."""
    mean = gradients.mean(dim=1)
    moved = gradients - mean[:, None]
    spread, squared = moved.square().sum(dim=2).mean(dim=1), mean.square().sum(dim=1)
    if any(far > 100 * near for far, near in zip(squared.tolist(), spread.tolist(), strict=True)):
        spread = spread - moved.mean(dim=1).square().sum(dim=1)  # the mean's own rounding
    return mean, spread, squared


def curvature_noise_scale(
    product: Callable[[Tensor], Tensor], gradients: Float[Tensor, "runs examples parameters"]
) -> Float[Tensor, " runs"]:
    """tr(HΣ) / gᵀHg, exactly: one Hessian product an example.

    product: the Hessian of the mean loss over these examples, vectors [runs, parameters] -> H v. NaN for one example,
    for a mean gradient that is 0 up to rounding or has no curvature, and for a run that is not finite.
    """
    check_tensors(gradients=(gradients, "runs examples parameters"))
    unit, mean = _unit_and_mean(gradients)
    trace = torch.zeros_like(mean[:, 0])
    for index in range(gradients.shape[1]):
        deviation = gradients[:, index] * unit - mean
        trace += (deviation * product(deviation)).sum(dim=1)
    curvature = (mean * product(mean)).sum(dim=1)
    return trace / gradients.shape[1] / torch.where(curvature == 0, torch.nan, curvature)


def _unit_and_mean(gradients: Tensor) -> tuple[Tensor, Tensor]:
    """One over each run's largest entry [runs, 1], and the mean gradient in those units; NaN where it is rounding."""
    unit = (1 / largest_entry(gradients)).unsqueeze(1)
    mean = gradients.mean(dim=1) * unit
    known = largest_entry(mean) > 4 * torch.finfo(mean.dtype).eps
    if gradients.shape[1] < 2:
        known = torch.zeros_like(known)
    return unit, torch.where(known.unsqueeze(1), mean, torch.nan)
