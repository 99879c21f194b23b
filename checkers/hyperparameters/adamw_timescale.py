r"""AdamW's weights as a moving average of its updates, over a time that step size and decay set together.

With PyTorch's AdamW, $w_{t+1} = (1-\eta\lambda) w_t - \eta u_t$ with $u_t$ Adam's normalised update, so that
$w_T = (1-\eta\lambda)^T w_0 - \eta\sum_t (1-\eta\lambda)^{T-1-t} u_t$: an exponential moving average of
$-u_t/\lambda$ over $\tau = 1/(\eta\lambda)$ steps. (Wang & Aitchison 2024, arXiv:2405.13698.)
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.parameters import flatten
from checkers.testbeds.data import load
from checkers.testbeds.losses import cross_entropy
from checkers.testbeds.minibatches import take, with_replacement
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import Adam, AdamW
from checkers.testbeds.training import Snapshot, train
from lawbook import Measurement, Panel, Trials

Decay = Literal["decoupled", "coupled"]
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def average_residual(
    trials: Trials,
    *,
    decay: Decay = "decoupled",
    step_size: float = 0.003,
    weight_decay: float = 1.0,
    steps: int = 100,
    width: int = 16,
) -> Measurement:
    """‖w_T − moving average of the updates‖ / ‖w_T − w_0‖ after T steps of AdamW, or of Adam with coupled decay.

    The updates u_t are taken from the optimiser's own moments at each step; float64, digits, cross-entropy.
    """
    data = load("digits").to(trials.device, torch.float64)
    network = MultilayerPerceptron((data.inputs.shape[1], width, data.classes), "tanh")
    initial = network.initialise(trials.seeds, trials.device, torch.float64)
    kind = AdamW if decay == "decoupled" else Adam
    optimiser = kind(step_size, BETA1, BETA2, EPSILON, weight_decay)
    shrink = 1 - step_size * weight_decay
    average = [flatten(initial)]

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        if snapshot.step:
            first = snapshot.buffers["first_moment"] / (1 - BETA1**snapshot.step)
            update = first / optimiser.preconditioner(snapshot.buffers, snapshot.step)
            average[0] = shrink * average[0] - step_size * update
        gap = (average[0] - snapshot.flat).norm(dim=1) / (average[0] - flatten(initial)).norm(dim=1)
        return {"gap": gap.nan_to_num(0.0)}

    observed = train(
        initial,
        lambda parameters, indices: cross_entropy(
            network.forward(parameters, take(data.inputs, indices)), take(data.labels, indices)
        ),
        optimiser,
        steps=steps,
        batches=with_replacement(trials.seeds, len(data.labels), 32, device=trials.device),
        observe=observe,
        observe_at=range(steps + 1),
        track=trials.track,
    ).observed["gap"]
    title = "Distance of the weights from the moving average of the updates"
    panel = Panel(title, x="steps", y="relative distance", log="y").line(
        f"{decay} decay", range(1, steps + 1), observed[1:].mean(dim=1).clamp_min(1e-17)
    )
    return Measurement(values=observed[-1], panels=panel)
