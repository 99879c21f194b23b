r"""How far training leaves the linearised network, $f + \nabla_\theta f\cdot(\theta - \theta_0)$, as width grows.

On squared loss the linearised outputs on the training inputs follow $f \leftarrow f - (\eta/P)\,\Theta (f - y)$ with a
fixed kernel Θ: the network's own at the start, or the limit of infinite width. Both start from the network's outputs.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.kernels import empirical_ntk
from checkers.instruments.slopes import log_log_slope
from checkers.settings.kernel_movement import Setting, Task
from checkers.settings.power_panel import power_panel
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import GradientDescent
from checkers.testbeds.training import train
from checkers.theory.infinite_width import infinite_width_kernels
from lawbook import Measurement, Trials

LEARNED = 0.9  # a run whose loss has not fallen below this share of its start says nothing about training


def gap_slope(
    trials: Trials,
    *,
    kernel: Literal["own", "infinite"] = "own",
    predicted: float = -1.0,
    widths: list[int],
    setting: Setting = Setting(),
) -> Measurement:
    """Slope over log width of the log rms distance between trained and linearised outputs after the same steps.

    kernel: that of each network at its start, or that of infinite width (NTK parameterisation only; ValueError
    elsewhere). predicted: the slope of the line drawn beside it. All in float32, whose rounding is a ten-thousandth of
    the distance at 512 units. A seed is in regime where its loss fell to 0.9 of its start or less at every width. (Lee
    et al. 2019, arXiv:1902.06720.)
    """
    if kernel == "infinite" and setting.parameterisation != "ntk":
        raise ValueError(
            f"the kernel of infinite width is that of the 'ntk' parameterisation, not of '{setting.parameterisation}'"
        )
    task = _single(setting.task(trials.device))
    gaps, left = [], []
    for width in trials.track(widths, "width"):
        network = setting.network(task, width)
        drawn = setting.initialise(network, trials.seeds, trials.device)
        initial = {name: weight.float() for name, weight in drawn.items()}
        loss = setting.loss(network, initial, task)
        step_size = setting.step_size * _multiplier(network)
        trained = train(initial, loss, GradientDescent(step_size), steps=setting.steps)
        outputs = network.forward(initial, task.inputs)[..., 0]
        if kernel == "own":
            fixed = step_size * empirical_ntk(network.forward, initial, task.inputs)
        else:
            if setting.activation == "gelu":
                raise ValueError("the kernel of infinite width is known for tanh, relu and erf, not for gelu")
            limit = infinite_width_kernels(
                task.inputs.double(),
                depth=network.depth,
                activation=setting.activation,
                weight_scale=network.weight_scale,
            )
            fixed = step_size * limit.ntk[-1].float()
        followed = _follow(fixed, outputs, task.targets[:, 0], setting.steps)
        reached = network.forward(trained.parameters, task.inputs)[..., 0]
        gaps.append((reached - followed).square().mean(dim=1).sqrt())
        left.append(loss(trained.parameters) / trained.losses[0])
    sizes = torch.stack(gaps, dim=1).cpu()
    remaining = torch.stack(left, dim=1).cpu()
    title = "Distance of the outputs from linearised training"
    return Measurement(
        values=log_log_slope(widths, sizes),
        in_regime=(remaining <= LEARNED).all(dim=1),
        panels=power_panel(title, "width n", "rms distance", widths, sizes, predicted),
        notes=[f"loss left, mean over seeds: {', '.join(f'{share:.2f}' for share in remaining.mean(dim=0))}"],
    )


def _single(task: Task) -> Task:
    return Task(task.inputs.float(), task.targets.float())


def _multiplier(network: MultilayerPerceptron) -> float:
    """What every layer's step size is multiplied by; ValueError where layers differ, as in μP."""
    multipliers = set(network.step_size_multipliers("sgd").values())
    if len(multipliers) > 1:
        raise ValueError(
            "layers must have the same step size, as in 'ntk' and 'mean-field', for one kernel to tell the motion"
        )
    return multipliers.pop()


def _follow(kernel: Tensor, outputs: Tensor, targets: Tensor, steps: int) -> Tensor:
    """Outputs [runs, examples] after linearised steps; kernel: with the step size in it."""
    for _ in range(steps):
        error = (outputs - targets)[..., None]
        outputs = outputs - (kernel @ error)[..., 0] / kernel.shape[-1]
    return outputs
