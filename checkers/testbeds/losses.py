"""Losses of many runs at once: outputs [runs, examples, classes] to one number a run."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def squared_loss(
    outputs: Float[Tensor, "runs examples classes"], targets: Float[Tensor, "*runs examples classes"]
) -> Float[Tensor, " runs"]:
    r"""$\frac{1}{2n}\sum_i \|f(x_i) - y_i\|^2$: half, summed over outputs, mean over examples.

    targets: [examples, outputs], shared by all runs, or with a leading runs axis.
    """
    return (outputs - targets).square().sum(dim=(-2, -1)) / (2 * outputs.shape[-2])


def cross_entropy(
    outputs: Float[Tensor, "runs examples classes"], labels: Int[Tensor, "*runs examples"]
) -> Float[Tensor, " runs"]:
    """Mean over examples of −log softmax at the label, in nats; labels [examples] or [runs, examples]."""
    picked = outputs.gather(-1, labels.expand(outputs.shape[:-1]).unsqueeze(-1)).squeeze(-1)
    return (outputs.logsumexp(dim=-1) - picked).mean(dim=-1)


def logistic_loss(
    outputs: Float[Tensor, "runs examples 1"], targets: Float[Tensor, "*runs examples 1"]
) -> Float[Tensor, " runs"]:
    """Mean over examples of log(1 + exp(−y f)) for targets y = ±1."""
    return torch.nn.functional.softplus(-outputs * targets).mean(dim=(-2, -1))


def accuracy(
    outputs: Float[Tensor, "runs examples classes"], labels: Int[Tensor, "*runs examples"]
) -> Float[Tensor, " runs"]:
    """The fraction of examples whose largest output is the label's."""
    return (outputs.argmax(dim=-1) == labels).to(outputs.dtype).mean(dim=-1)
