r"""How close gradient descent stays to gradient flow, and to the flow of a modified loss, as its step size shrinks.

At fixed time $T$ gradient descent with step size $\eta$ is compared with the flow of
$L + c\,\eta\,\|\nabla L\|^2$: plain gradient flow for $c = 0$, backward error analysis for $c = 1/4$
(Barrett & Dherin 2020, arXiv:2009.11162). A tanh network with two hidden layers learns another one of its kind on
Gaussian inputs, by squared loss, in float64.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    steps: numbers of steps that make T, hence step sizes T/steps, the same for all seeds. coefficient: c. method:
    gradient descent, or Heun's method, whose step averages the gradient here and after a plain step: of second order,
    so that no penalty of first order describes it. (Barrett & Dherin 2020, theorem 3.1 and appendix A.)
    """
    loss, initial = _task(trials, setting)
    step_sizes = time / torch.tensor(steps, dtype=torch.float64)
    # The flows of all step sizes in one batch, step size by step size.
    copies = len(steps) if coefficient else 1
    repeated = {name: tensor.repeat(copies, *[1] * (tensor.ndim - 1)) for name, tensor in initial.items()}
    strengths = coefficient * step_sizes[:copies].repeat_interleave(len(trials)).to(trials.device)
    flows = gradient_flow(penalised(loss, strengths) if coefficient else loss, repeated, [time]).states[-1]
    found = []
    for count, flow in zip(
        trials.track(steps, "step size"), flows.chunk(copies) * (len(steps) // copies), strict=True
    ):
        found.append((_train(loss, initial, time / count, count, method) - flow).norm(dim=1))
    distances = torch.stack(found, dim=1).cpu()
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
    size = theory.error.norm(dim=1)
    found = []
    for count in trials.track(steps, "step size"):
        off = (_train(loss, initial, time / count, count, method) - theory.flow) * count / time
        found.append(off.norm(dim=1) / size)
    ratios = torch.stack(found, dim=1).cpu()
    alike = torch.nn.functional.cosine_similarity(off, theory.error, dim=1).mean()
    step_sizes = [time / count for count in steps]
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


def _train(loss: Loss, initial: Parameters, step_size: float, steps: int, method: Method) -> Tensor:
    """Flat parameters [runs, parameters] after so many steps."""
    flat = flatten(initial)
    for _ in range(steps):
        slope = gradient(loss, unflatten(flat, initial))
        if method == "heun":
            slope = (slope + gradient(loss, unflatten(flat - step_size * slope, initial))) / 2
        flat = flat - step_size * slope
    return flat
