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

Forward = Callable[[Mapping[str, Tensor], Tensor], Tensor]

# operations that only rename the entries of a tensor, so that inner products of gradients do not notice them
_RENAMING = {
    "TransposeBackward0",
    "PermuteBackward0",
    "TBackward0",
    "ViewBackward0",
    "ReshapeAliasBackward0",
    "UnsafeViewBackward0",
    "UnsqueezeBackward0",
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
    and examples together.
    """
    leaves = {name: tensor.detach().requires_grad_() for name, tensor in parameters.items()}
    with torch.enable_grad():
        outputs = forward(leaves, inputs)
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
    return {
        name: FactoredGradients(torch.stack([signals[name] for signals in by_output], 2), use.activations)
        for name, use in uses.items()
    }


def _by_example(signal: Tensor, use: _Use) -> Tensor:
    return (signal.mT if use.transposed else signal) * use.scale


def _is_dense(first: Tensor, use: _Use, leaf: Tensor) -> bool:
    """Whether rows are examples (the first's outputs reach the first row alone) and sizes multiply up."""
    fan_in = 1 if use.activations is None else use.activations.shape[2]
    whole = leaf.numel() == leaf.shape[0] * fan_in * first.shape[2]
    return whole and not bool(first[:, 1:].any())


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
        while node is not None and len(consumers[node]) == 1:
            node, operand = consumers[node][0]
            if node.name() not in _RENAMING:
                use = _as_dense_use(node, operand, leaf, runs, examples)
                if use is not None:
                    uses[name] = use
                break
    return uses


def _as_dense_use(node: Any, operand: int, leaf: Tensor, runs: int, examples: int) -> _Use | None:
    if node.name() == "BmmBackward0":
        return _weight_use(node, operand, (node._saved_self, node._saved_mat2), 1.0, runs, examples)
    if node.name() == "BaddbmmBackward0":
        if operand == 0:
            return _bias_use(node, float(node._saved_beta), leaf, runs)
        factors = (node._saved_batch1, node._saved_batch2)
        return _weight_use(node, operand - 1, factors, float(node._saved_alpha), runs, examples)
    return None


def _weight_use(
    node: Any,
    operand: int,
    factors: tuple[Tensor | None, Tensor | None],
    scale: float,
    runs: int,
    examples: int,
) -> _Use | None:
    """A weight as one factor of a batched product whose other factor has a row (or column) an example."""
    activations = factors[1 - operand]
    if activations is None or activations.shape[0] != runs:
        return None
    weight_first = operand == 0
    activations = activations.detach()
    if weight_first:
        activations = activations.mT
    if activations.shape[1] != examples:
        return None
    return _Use(node, scale, activations, weight_first)


def _bias_use(node: Any, scale: float, leaf: Tensor, runs: int) -> _Use | None:
    """A bias as what a batched product adds to every example: one number a run and unit."""
    fan_out = node._saved_batch2.shape[2] if node._saved_batch2 is not None else None
    if leaf.shape != (runs, fan_out):
        return None
    return _Use(node, scale, None, False)
