r"""Empirical kernels of finite networks: the neural tangent kernel and the kernel of outputs or features.

For a network $f(\theta, x) \in \mathbb R^O$ the neural tangent kernel (NTK) at $\theta$ is
$$\Theta_{kl}(x, x') = \nabla_\theta f_k(x)\cdot\nabla_\theta f_l(x'),$$
a plain sum over parameters: step sizes that differ by layer are not in it. Sources: Jacot et al. 2018;
routes: Novak et al. 2022.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_parameters, check_tensors
from checkers.instruments.dense_layers import Forward, factored_gradients
from checkers.instruments.parameters import finite

Route = Literal["auto", "jacobian"]
Outputs = Literal["full", "mean"]


def empirical_ntk(
    forward: Forward,
    parameters: Mapping[str, Tensor],
    inputs: Tensor,
    others: Tensor | None = None,
    *,
    outputs: Outputs = "mean",
    route: Route = "auto",
    memory: int = 2**29,
) -> Float[Tensor, "runs inputs others"] | Float[Tensor, "runs inputs others outputs outputs"]:
    r"""The NTK of every run between `inputs` and `others` (if None, `inputs`), in the parameters' dtype.

    forward: parameters (every tensor with a leading runs axis), inputs [batch, …] -> [runs, batch, O]; an
    example's outputs depend on that example alone. inputs, others: shared by all runs, [batch, …]. outputs:
    "full" gives $\Theta_{kl}$, [runs, inputs, others, O, O]; "mean" gives $\frac1O\sum_k\Theta_{kk}$, [runs,
    inputs, others], the kernel itself where O = 1. route: "auto" takes dense layers' contributions from
    factored gradients, of width numbers an example, and contracts the Jacobian for what is left; "jacobian"
    contracts it for all. memory: bytes that Jacobian blocks may take; smaller blocks are computed more
    often. A run whose parameters are not finite, or whose kernel leaves its dtype's range, gives NaN; inputs that are
    not finite give it in their rows and columns. Raises ValueError for a network without parameters.
    """
    check_parameters(parameters)
    frozen = {name: tensor.detach() for name, tensor in parameters.items()}
    compared = inputs if others is None else others
    factored, compared_factored = {}, {}
    if route == "auto":
        factored = factored_gradients(forward, frozen, inputs)
        compared_factored = factored if others is None else factored_gradients(forward, frozen, compared)
    total: Tensor | float = 0.0
    for name in frozen:
        if name in factored and name in compared_factored:
            here, there = factored[name], compared_factored[name]
            term = _signal_products(here.signals, there.signals, outputs)
            if here.activations is not None and there.activations is not None:
                alike = here.activations @ there.activations.mT
                term = term * (alike if outputs == "mean" else alike[..., None, None])
            total = total + term
        else:
            total = total + _contraction(forward, frozen, name, inputs, compared, outputs, memory)
    if not isinstance(total, Tensor):
        raise ValueError("the network has no parameters, so it has no tangent kernel")
    return _in_range(total, parameters)


def empirical_nngp(
    forward: Forward,
    parameters: Mapping[str, Tensor],
    inputs: Tensor,
    others: Tensor | None = None,
) -> Float[Tensor, "runs inputs others"]:
    r"""The kernel of outputs $\frac1O\sum_k f_k(x) f_k(x')$ of every run.

    At initialisation its mean over seeds is the NNGP kernel, with relative error of order $1/\sqrt{O}$ a
    run: give a forward map that stops at a wide layer's preactivations for a kernel of one run. NaN as for
    `empirical_ntk`.
    """
    check_parameters(parameters)
    with torch.no_grad():
        features = forward(parameters, inputs)
        kernel = feature_kernel(features, None if others is None else forward(parameters, others))
    return _in_range(kernel, parameters) if parameters else kernel


def feature_kernel(
    features: Float[Tensor, "runs inputs width"], others: Float[Tensor, "runs others width"] | None = None
) -> Float[Tensor, "runs inputs others"]:
    """The mean over units of products of features, one matrix a run; NaN where they leave their dtype's range."""
    compared = features if others is None else others
    check_tensors(features=(features, "runs inputs width"), others=(compared, "runs others width"))
    kernel = features @ compared.mT / features.shape[2]
    return torch.addcmul(kernel, kernel, kernel.new_zeros(1))  # ∞·0 is NaN


def _in_range(kernel: Tensor, parameters: Mapping[str, Tensor]) -> Tensor:
    """The kernel, and NaN in runs that are not finite or whose largest entry may have under- or overflowed."""
    size, bounds = kernel.flatten(1).nan_to_num(0.0).abs().amax(1), torch.finfo(kernel.dtype)
    within = (size == 0) | (size > 16 * bounds.tiny) & (size < bounds.max)
    known = within & finite(parameters)
    return torch.where(known.reshape(-1, *[1] * (kernel.ndim - 1)), kernel, torch.nan)


def _signal_products(signals: Tensor, others: Tensor, outputs: Outputs) -> Tensor:
    """Inner products over units of signals [runs, examples, O, units]."""
    count = signals.shape[2]
    if outputs == "mean":
        return signals.flatten(2) @ others.flatten(2).mT / count
    table: Tensor = signals.flatten(1, 2) @ others.flatten(1, 2).mT
    return table.reshape(-1, signals.shape[1], count, others.shape[1], count).transpose(2, 3)


def _contraction(
    forward: Forward,
    parameters: Mapping[str, Tensor],
    name: str,
    inputs: Tensor,
    others: Tensor,
    outputs: Outputs,
    memory: int,
) -> Tensor:
    """One parameter tensor's part of the kernel, from blocks of its Jacobian."""
    rows = []
    for left in _jacobian_blocks(forward, parameters, name, inputs, memory):
        blocks = _jacobian_blocks(forward, parameters, name, others, memory)
        rows.append(torch.cat([_signal_products(left, right, outputs) for right in blocks], 2))
    return torch.cat(rows, 1)


def _jacobian_blocks(
    forward: Forward, parameters: Mapping[str, Tensor], name: str, inputs: Tensor, memory: int
) -> Iterator[Tensor]:
    """Jacobians [runs, examples, O, entries] of all runs by one parameter, a block of examples at a time."""
    fixed = {other: tensor for other, tensor in parameters.items() if other != name}

    def outputs_of_all_runs(parameter: Tensor, example: Tensor) -> Tensor:
        # a run's outputs depend on that run's parameters alone, so their sum has every run's Jacobian
        return forward({**fixed, name: parameter}, example.unsqueeze(0)).sum(0).squeeze(0)

    jacobian = torch.func.vmap(torch.func.jacrev(outputs_of_all_runs), in_dims=(None, 0))
    parameter = parameters[name]
    with torch.no_grad():
        count = forward(parameters, inputs[:1]).shape[2]
    block = max(1, memory // (2 * count * parameter.numel() * parameter.element_size()))
    for start in range(0, inputs.shape[0], block):
        entries = jacobian(parameter, inputs[start : start + block])
        yield entries.movedim(2, 0).flatten(3)
