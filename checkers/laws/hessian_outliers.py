r"""Whether the leading Hessian eigenvectors of a classifier are spanned by its class-mean gradients.

Cross-entropy's Gauss–Newton matrix is a second moment of logit gradients; what stands out of it are the means of
classes, K of them, of which the common mean takes one. (Papyan 2019, 1901.08244.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_eigenpairs
from checkers.instruments.lanczos import Eigenpairs
from checkers.instruments.subspaces import subspace_overlap
from checkers.testbeds.data import draw_subset, load
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.randomness import permutation
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

MEASUREMENTS = 8
TOLERANCE = 2e-2


def overlap_with_class_means(
    trials: Trials,
    *,
    steps: int,
    step_size: float = 0.1,
    shuffled: bool = False,
    of: Literal["leading", "next"] = "leading",
    count: int = 9,
    dataset: Literal["digits", "fashion-mnist", "cifar10"] = "digits",
    examples: int = 500,
    hidden: tuple[int, ...] = (32, 32),
) -> Measurement:
    """Mean squared cosine between the leading eigenvectors and the span of the classes' mean gradients.

    A class's mean gradient is that of the loss over its own examples. shuffled: examples are averaged by shuffled
    labels, in groups as large as the classes; the network is the same. count: how many eigenvectors. of: "next" gives
    the squared cosine of the one after them instead. In regime are runs whose loss has halved.
    """
    data = load(dataset)
    inputs, labels = draw_subset(data, trials.seeds, examples)
    inputs, labels = inputs.to(trials.device), labels.to(trials.device)
    classes = data.classes
    groups = labels
    if shuffled:
        groups = labels.gather(1, permutation(trials.seeds, examples, stream="groups", device=trials.device))
    network = MultilayerPerceptron((inputs.shape[2], *hidden, classes), "tanh", bias_scale=0.0)

    def loss(parameters: Mapping[str, Tensor]) -> Tensor:
        return cross_entropy(network.forward(parameters, inputs), labels)

    def of_group(group: int, parameters: Mapping[str, Tensor]) -> Tensor:
        outputs = network.forward(parameters, inputs)
        missed = outputs.logsumexp(2) - outputs.gather(2, labels[:, :, None])[:, :, 0]
        chosen = (groups == group).to(missed.dtype)
        return (missed * chosen).sum(1) / chosen.sum(1).clamp_min(1.0)

    known: Eigenpairs | None = None

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        nonlocal known
        known = hessian_eigenpairs(loss, snapshot.parameters, count + 1, warm_start=known, tolerance=TOLERANCE)
        means = torch.stack(
            [gradient(lambda at, group=group: of_group(group, at), snapshot.parameters) for group in range(classes)],
            dim=2,
        )
        span = torch.linalg.qr(means).Q.mT
        with torch.no_grad():
            return {
                "overlap": subspace_overlap(known.vectors[:, :count], span),
                "each": (known.vectors @ span.mT).square().sum(2),
                "values": known.values,
                "converged": known.converged,
                "loss": loss(snapshot.parameters),
            }

    every = max(1, steps // MEASUREMENTS)
    path = train(
        network.initialise(trials.seeds, trials.device),
        loss,
        GradientDescent(step_size),
        steps=steps,
        observe=observe,
        observe_at=range(0, steps + 1, every),
        track=trials.track,
    )
    seen, times = path.observed, path.observed_at
    ranks = range(1, count + 2)
    return Measurement(
        seen["overlap"][-1] if of == "leading" else seen["each"][-1, :, -1],
        in_regime=seen["converged"][-1] & ~path.diverged & (seen["loss"][-1] < 0.5 * seen["loss"][0]),
        panels=[
            Panel("Overlap along training", x="step", y="mean squared cosine").over_seeds(
                "measured", times, seen["overlap"].T
            ),
            Panel("Each eigenvector's share in the span", x="rank of the eigenvalue", y="squared cosine").over_seeds(
                "at the end", ranks, seen["each"][-1]
            ),
            Panel("Leading eigenvalues", x="rank", y="eigenvalue", log="y").over_seeds(
                "at the end", ranks, seen["values"][-1]
            ),
        ],
        notes=f"loss falls from {float(seen['loss'][0].mean()):.2f} to {float(seen['loss'][-1].mean()):.2f}",
    )
