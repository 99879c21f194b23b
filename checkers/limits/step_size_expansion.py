r"""How close gradient descent stays to gradient flow, and to the flow of a modified loss, as its step size shrinks.

At fixed time $T$ gradient descent with step size $\eta$ is compared with the flow of
$L + c\,\eta\,\|\nabla L\|^2$: plain gradient flow for $c = 0$, backward error analysis for $c = 1/4$
(Barrett & Dherin 2020, arXiv:2009.11162). A tanh network with two hidden layers learns another one of its kind on
Gaussian inputs, by squared loss, in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor

from checkers.instruments.curvature import gradient, hessian_eigenpairs
from checkers.instruments.parameters import flatten, unflatten
from checkers.instruments.slopes import log_log_slope
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron, Parameters
from checkers.testbeds.randomness import normal
from checkers.theory.euler_error import euler_error
from checkers.theory.gradient_flow import gradient_flow
from checkers.theory.modified_loss import Loss, penalised
from lawbook import Measurement, Panel, Trials

FLOW_TOLERANCE = 1e-7  # moves the smallest distance judged by a ten-thousandth
Method = Literal["descent", "heun"]


@dataclass(frozen=True)
class Teaching:
    """How large the task and its networks are."""

    examples: int = 32
    dimension: int = 8
    width: int = 16


def distance_exponent(
    trials: Trials,
    *,
    steps: list[int],
    time: float = 4.0,
    coefficient: float = 0.0,
    method: Literal["descent", "heun"] = "descent",
    setting: Teaching = Teaching(),
) -> Measurement:
    """Slope over log step size of the log distance at time T between training and the flow of L + c·η‖∇L‖².

    steps: how many make T, increasing, hence step sizes T/steps, the same for all seeds. coefficient: c. method:
    gradient descent, or Heun's method, whose step averages the gradient here and after a plain step: of second order,
    so that no penalty of first order describes it. (Barrett & Dherin 2020, theorem 3.1 and appendix A.)
    """
    loss, initial = _task(trials, setting)
    step_sizes = time / torch.tensor(steps, dtype=torch.float64)
    # The flows of all step sizes in one batch, step size by step size.
    copies = len(steps) if coefficient else 1
    strengths = coefficient * step_sizes[:copies].repeat_interleave(len(trials)).to(trials.device)
    target = penalised(loss, strengths) if coefficient else loss
    path = gradient_flow(target, _repeated(initial, copies), [time], relative_tolerance=FLOW_TOLERANCE)
    reached = _train(trials, loss, initial, time, steps, method)
    distances = (reached - path.states[-1].unflatten(0, (copies, -1))).norm(dim=2).T.cpu()
    sharpness = hessian_eigenpairs(loss, initial, tolerance=1e-4).values[:, 0]
    flow_name = f"to the flow of L + {coefficient:g} η‖∇L‖²" if coefficient else "to the flow of L"
    chart = Panel("Distance at the end", x="step size", y="distance", log="xy")
    chart = chart.over_seeds(flow_name, step_sizes, distances, middle="geometric mean")
    for power in (1, 2):
        line = distances[:, 0].log().mean().exp() * (step_sizes / step_sizes[0]) ** power
        chart = chart.line(f"slope {power}", step_sizes, line, role="predicted")
    largest = float(step_sizes[0] * sharpness.mean())
    return Measurement(
        values=log_log_slope(step_sizes, distances),
        panels=chart,
        notes=[f"the largest step size times the initial sharpness is {largest:.3g}, mean over seeds"],
    )


def first_order_ratio(
    trials: Trials,
    *,
    steps: list[int],
    time: float = 4.0,
    contraction: bool = True,
    method: Literal["descent", "heun"] = "descent",
    setting: Teaching = Teaching(),
) -> Measurement:
    """Distance at time T between training and the gradient flow, over η‖e(T)‖ of Euler's global error.

    steps: how many make T, increasing; the last is judged, the others are drawn. method: as in `distance_exponent`.
    contraction: as in `euler_error`. (Hairer, Nørsett & Wanner 1993, II.8.)
    """
    loss, initial = _task(trials, setting)
    theory = euler_error(loss, initial, time, contraction=contraction)
    step_sizes = torch.tensor([time / count for count in steps], dtype=torch.float64)
    off = _train(trials, loss, initial, time, steps, method) - theory.flow
    ratios = (off.norm(dim=2) / theory.error.norm(dim=1)).T.cpu() / step_sizes
    alike = torch.nn.functional.cosine_similarity(off[-1], theory.error, dim=1).mean()
    return Measurement(
        values=ratios[:, -1],
        panels=Panel("Distance over its first order", x="step size", y="distance / (η‖e‖)", log="x")
        .over_seeds("measured", step_sizes, ratios)
        .line("limit of small steps", step_sizes, 1.0, role="predicted"),
        notes=[f"cosine between the two differences at the last: {float(alike):.4f}, mean over seeds"],
    )


def _task(trials: Trials, setting: Teaching) -> tuple[Loss, Parameters]:
    """The loss, of the seeds or of whole repetitions of them, and the start."""
    layers = (setting.dimension, setting.width, setting.width, 1)
    network = MultilayerPerceptron(layers, "tanh", bias_scale=0.0, weight_scale=1.5)
    shape = (setting.examples, setting.dimension)
    inputs = normal(trials.seeds, shape, stream="inputs", device=trials.device, dtype=torch.float64)
    teacher = network.initialise(trials.seeds, trials.device, torch.float64, stream="teacher")
    targets = network.forward(teacher, inputs)

    def loss(parameters: Parameters) -> Tensor:
        copies = parameters["weight_1"].shape[0] // len(trials)
        shown, wanted = (part.repeat(copies, 1, 1) for part in (inputs, targets))
        return squared_loss(network.forward(parameters, shown), wanted)

    return loss, network.initialise(trials.seeds, trials.device, torch.float64)


def _repeated(initial: Parameters, copies: int) -> Parameters:
    return {name: tensor.repeat(copies, *[1] * (tensor.ndim - 1)) for name, tensor in initial.items()}


def _train(trials: Trials, loss: Loss, initial: Parameters, time: float, steps: list[int], method: Method) -> Tensor:
    """Flat parameters [step sizes, runs, parameters] at the same time, by increasing numbers of steps."""
    flat = flatten(_repeated(initial, len(steps)))
    sizes = (time / torch.tensor(steps, dtype=flat.dtype)).repeat_interleave(len(trials))[:, None].to(flat)
    # All step sizes in one batch, from which those that need fewer steps drop out first.
    for first, (done, count) in enumerate(pairwise([0, *steps])):
        moving, length = flat[first * len(trials) :], sizes[first * len(trials) :]
        for _ in trials.track(range(count - done), f"{count} steps"):
            slope = gradient(loss, unflatten(moving, initial))
            if method == "heun":
                slope = (slope + gradient(loss, unflatten(moving - length * slope, initial))) / 2
            moving -= length * slope
    return flat.unflatten(0, (len(steps), -1))
