"""Online SGD of a soft committee machine against the order-parameter equations of Saad and Solla."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import integers, normal
from checkers.testbeds.soft_committee import overlaps
from checkers.theory.saad_solla import risk, solve
from lawbook import Measurement, Panel, Trials

STUDENT_ON_TEACHER = ((0.5, 0.1), (0.1, 0.4))
STUDENT_BESIDE_TEACHER = 0.3
RECORDED = 20
STEPS_DRAWN_AT_ONCE = 50


@dataclass(frozen=True)
class OnlineRun:
    """Two student and two teacher units; every run starts from the same overlaps, off the symmetric plateau.

    horizon: steps / d. runs: of every seed. samples: a fresh input every step, or draws with replacement from
    samples_per_dimension·d inputs.
    """

    step_size: float
    horizon: float
    runs: int
    samples: Literal["fresh", "repeated"] = "fresh"
    samples_per_dimension: float = 1.0


def fluctuation_exponent(trials: Trials, *, dimensions: list[int], setting: OnlineRun) -> Measurement:
    """Slope against log(d) of log(root mean square, over runs and times, of risk − risk of the equations)."""
    alignment = np.array(STUDENT_ON_TEACHER)
    own = alignment @ alignment.T + STUDENT_BESIDE_TEACHER**2 * np.eye(2)
    deviations = []
    course = Panel("Risk, mean and standard deviation over runs", x="time α = steps / d", y="risk")
    for dimension in dimensions:
        times, risks = _simulated_risks(trials, dimension, setting)
        solution = solve(own, alignment, np.eye(2), step_size=setting.step_size, times=times)
        difference = risks - torch.as_tensor(solution.risk)
        deviations.append(difference.square().mean((1, 2)).sqrt() / solution.risk[0])
        runs_risk = risks.flatten(0, 1)
        mean, spread = runs_risk.mean(0), runs_risk.std(0)
        course = course.line(f"d = {dimension}", times, mean, low=mean - spread, high=mean + spread)
    deviation = torch.stack(deviations, 1)
    distance = "rms of risk − equations, relative to the start"
    return Measurement(
        values=log_log_slope(dimensions, deviation),
        panels=[
            power_panel("Distance from the equations", "input dimension d", distance, dimensions, deviation, -0.5),
            course.line("order-parameter equations", times, solution.risk, role="predicted"),
        ],
    )


def _simulated_risks(trials: Trials, dimension: int, setting: OnlineRun) -> tuple[list[float], Tensor]:
    """Recorded times α and exact risks `[seeds, runs, times]`; in single precision, far below the fluctuations."""
    draw = {"device": trials.device, "dtype": torch.float32}
    frame = torch.linalg.qr(
        normal(trials.seeds, (setting.runs, dimension, 4), stream=f"frame {dimension}", **draw).flatten(0, 1)
    ).Q.mT * math.sqrt(dimension)
    teacher, beside = frame[:, :2], frame[:, 2:]
    start = torch.tensor(STUDENT_ON_TEACHER, **draw) @ teacher + STUDENT_BESIDE_TEACHER * beside
    units = torch.cat([start, teacher], 1)
    student = units[:, :2]
    steps = round(setting.horizon * dimension)
    recorded_at = {round(steps * part / RECORDED): part for part in range(RECORDED + 1)}
    pool = None
    if setting.samples == "repeated":
        shape = (setting.runs, round(setting.samples_per_dimension * dimension), dimension)
        pool = normal(trials.seeds, shape, stream=f"pool {dimension}", **draw).flatten(0, 1)
    recorded = []
    for step in trials.track(range(steps + 1), f"dimension {dimension}"):
        if step in recorded_at:
            own, alignment = (overlaps(student, other).double().cpu() for other in (student, teacher))
            recorded.append(risk(own.numpy(), alignment.numpy(), np.eye(2)))
        if step % STEPS_DRAWN_AT_ONCE == 0:
            block = _inputs(trials, setting.runs, dimension, step, pool)
        inputs = block[:, step % STEPS_DRAWN_AT_ONCE, :, None] / math.sqrt(dimension)
        fields = units @ inputs
        answers = torch.erf(fields / math.sqrt(2))
        error = answers[:, 2:].sum(1, keepdim=True) - answers[:, :2].sum(1, keepdim=True)
        push = error * math.sqrt(2 / math.pi) * torch.exp(-fields[:, :2].square() / 2)
        student.baddbmm_(push, inputs.mT, alpha=setting.step_size)
    times = [at / dimension for at in recorded_at]
    return times, torch.as_tensor(np.stack(recorded, 1)).reshape(len(trials), setting.runs, -1)


def _inputs(trials: Trials, runs: int, dimension: int, step: int, pool: Tensor | None) -> Tensor:
    """The next inputs `[seeds · runs, steps, dimension]`, fresh or out of the pool."""
    stream, shape = f"inputs {dimension}/{step}", (runs, STEPS_DRAWN_AT_ONCE)
    if pool is None:
        drawn = normal(trials.seeds, (*shape, dimension), stream=stream, device=trials.device, dtype=torch.float32)
        return drawn.flatten(0, 1)
    chosen = integers(trials.seeds, shape, stream=stream, high=pool.shape[1], device=trials.device)
    return pool.gather(1, chosen.flatten(0, 1)[:, :, None].expand(-1, -1, dimension))
