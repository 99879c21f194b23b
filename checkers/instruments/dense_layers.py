r"""Per-example gradients of dense layers in factored form.

Where a weight matrix $W$ is used once, as $h = aW^\top$ for a layer's inputs $a$, the gradient of output $k$
on example $x$ is the outer product $s_k(x)\,a(x)^\top$ with the signal $s_k = \partial f_k/\partial h$.
Signals and inputs take width numbers an example where the gradient takes width squared. Such weights, and
biases added once to every example, are found in the graph that autograd records, however the forward map was
written. Source: Novak et al. 2022 (structured derivatives).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.instruments.arguments import check_parameters
from checkers.instruments.parameters import finite

Forward = Callable[[Mapping[str, Tensor], Tensor], Tensor]

# operations that only rename the entries of a tensor, so that inner products of gradients do not notice them
_RENAMING = {
    "TransposeBackward0",
    "PermuteBackward0",
    "TBackward0",
    "ViewBackward0",
    "ReshapeAliasBackward0",
    "UnsafeViewBackward0",
    "SqueezeBackward1",
    "ExpandBackward0",
    "AliasBackward0",
}


@dataclass(frozen=True, eq=False)
class FactoredGradients:
    """Gradients of one parameter: signal ⊗ activation for each example and output.

    signals: [runs, examples, outputs, fan out]. activations: [runs, examples, fan in], or None for a bias,
    whose gradient is the signal itself.
    """

    signals: Float[Tensor, "runs examples outputs fan_out"]
    activations: Float[Tensor, "runs examples fan_in"] | None


@dataclass(frozen=True, eq=False)
class _Use:
    """Where a parameter enters the graph: the product's node, which operand it is, and what multiplies it."""

    node: Any
    scale: float
    activations: Tensor | None
    transposed: bool


def factored_gradients(
    forward: Forward, parameters: Mapping[str, Tensor], inputs: Tensor
) -> dict[str, FactoredGradients]:
    """The factored gradients of every parameter that is a dense layer's weight or bias; others are left out.

    forward: parameters, inputs -> [runs, examples, outputs], each example's outputs depending on that
    example alone. inputs: [examples, …], or [runs, examples, …]. One backward pass an output, for all runs
    and examples together. Raises ValueError where outputs are of another shape.
    """
    check_parameters(parameters)
    leaves = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
    with torch.enable_grad():
        outputs = forward(leaves, inputs)
    if outputs.ndim != 3:
        raise ValueError(f"the forward map must give [runs, examples, outputs], not shape {tuple(outputs.shape)}")
    if outputs.grad_fn is None:
        return {}
    uses = _dense_uses(outputs, leaves)
    arrived: dict[int, Tensor] = {}
    hooks = [use.node.register_prehook(_keeper(arrived, id(use.node))) for use in uses.values()]

    def signals_from(part: Tensor) -> dict[str, Tensor]:
        torch.autograd.grad(part.sum(), [leaves[name] for name in uses], retain_graph=True)
        return {name: _by_example(arrived[id(use.node)], use) for name, use in uses.items()}

    if uses:
        first = signals_from(outputs[:, 0])
        uses = {name: use for name, use in uses.items() if _is_dense(first[name], use, leaves[name])}
    by_output = [signals_from(outputs[..., k]) for k in range(outputs.shape[2])] if uses else []
    for hook in hooks:
        hook.remove()
    # a run whose parameters are not finite gives NaN, whatever its activations make of them
    spoiled = torch.where(finite(leaves), 0.0, torch.nan).reshape(-1, 1, 1, 1)
    return {
        name: FactoredGradients(torch.stack([signals[name] for signals in by_output], 2).add_(spoiled), use.activations)
        for name, use in uses.items()
    }


def _by_example(signal: Tensor, use: _Use) -> Tensor:
    return (signal.mT if use.transposed else signal) * use.scale


def _is_dense(first: Tensor, use: _Use, leaf: Tensor) -> bool:
    """Whether rows are examples (the first's outputs reach the first row alone) and sizes multiply up.

    A run that is not finite has NaN in all rows, and no say.
    """
    fan_in = 1 if use.activations is None else use.activations.shape[2]
    whole = first.ndim == 3 and leaf.numel() == leaf.shape[0] * fan_in * first.shape[2]
    return whole and not bool(first[:, 1:].nan_to_num(0.0, 0.0, 0.0).any())


def _keeper(arrived: dict[int, Tensor], key: int) -> Callable[[tuple[Tensor, ...]], None]:
    def keep(gradients: tuple[Tensor, ...]) -> None:
        arrived[key] = gradients[0].detach()

    return keep


def _dense_uses(outputs: Tensor, leaves: Mapping[str, Tensor]) -> dict[str, _Use]:
    consumers: dict[Any, list[tuple[Any, int]]] = defaultdict(list)
    accumulators: dict[int, Any] = {}
    root: Any = outputs.grad_fn
    seen, waiting = {root}, [root]
    while waiting:
        node = waiting.pop()
        if hasattr(node, "variable"):
            accumulators[id(node.variable)] = node
        for operand, (earlier, _) in enumerate(node.next_functions):
            if earlier is None:
                continue
            consumers[earlier].append((node, operand))
            if earlier not in seen:
                seen.add(earlier)
                waiting.append(earlier)
    runs, examples = outputs.shape[:2]
    uses = {}
    for name, leaf in leaves.items():
        node, operand = accumulators.get(id(leaf)), 0
        unsqueezed: list[int] = []
        while node is not None and len(consumers[node]) == 1:
            node, operand = consumers[node][0]
            if node.name() == "UnsqueezeBackward0":
                unsqueezed.append(node._saved_dim)
            elif node.name() not in _RENAMING:
                use = _bias_use(node, operand, unsqueezed) or _weight_use(node, operand, runs, examples)
                if use is not None:
                    uses[name] = use
                break
    return uses


def _weight_use(node: Any, operand: int, runs: int, examples: int) -> _Use | None:
    """A weight as one factor of a batched product whose other factor has a row (or column) an example."""
    if node.name() == "BmmBackward0":
        scale, factors = 1.0, (node._saved_self, node._saved_mat2)
    elif node.name() == "BaddbmmBackward0" and operand > 0:
        operand -= 1
        scale, factors = float(node._saved_alpha), (node._saved_batch1, node._saved_batch2)
    else:
        return None
    activations: Tensor | None = factors[1 - operand]
    if activations is None:
        return None
    by_column = operand == 0
    activations = activations.detach().mT if by_column else activations.detach()
    if activations.shape[:2] != (runs, examples):
        return None
    return _Use(node, scale, activations, by_column)


def _bias_use(node: Any, operand: int, unsqueezed: list[int]) -> _Use | None:
    """A bias [runs, units] as what is added to every row (its unit axis last) or column (its unit axis second)."""
    if unsqueezed not in ([1], [2]):
        return None
    by_column = unsqueezed == [2]
    if node.name() == "BaddbmmBackward0" and operand == 0:
        return _Use(node, float(node._saved_beta), None, by_column)
    if node.name() == "AddBackward0":
        return _Use(node, float(node._saved_alpha) if operand == 1 else 1.0, None, by_column)
    return None
