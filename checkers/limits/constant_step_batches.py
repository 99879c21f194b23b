r"""Steps against examples where each batch size has one tuned, constant step size, on a spectrum of curvatures.

Least squares on fresh Gaussian inputs with variances $k^{-a}$ and label noise σ, from an error that is the same in all
directions and has the excess loss 1. The expected excess obeys an exact recursion in any batch size and step size, and
so the tuned number of steps to an excess of `end` can be computed. (McCandlish et al. 2018, arXiv:1812.06162; Zhang et
al. 2019, arXiv:1907.04164.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from checkers.instruments.crossings import first_fall
from checkers.instruments.minima import bracketed_minimum
from checkers.testbeds.randomness import generator, signs
from checkers.theory.online_regression_risk import expected_risk
from lawbook import Measurement, Panel, Trials

WHOLE = 10**9  # a batch without noise
SPACING, REFINED = 1.3, 27
GRID, FINE = 5, 1.15
LARGEST = 10.0
LONGEST = 8000

Model = Literal["exact", "noisy quadratic"]


@dataclass(frozen=True)
class Problem:
    """Spectrum k^{−exponent} in `dimension` directions, label noise, and the share of the excess at which runs end."""

    exponent: float = 1.0
    dimension: int = 32
    noise: float = 1.0
    end: float = 0.1

    def spectrum(self) -> Tensor:
        """Variances of the inputs."""
        return torch.arange(1, self.dimension + 1, dtype=torch.float64) ** -self.exponent

    def errors(self) -> Tensor:
        """Squared error of each weight at the start, for an excess of 1."""
        return torch.full((self.dimension,), 1 / float(self.spectrum().sum()), dtype=torch.float64)

    def expected_steps(self, batch_size: int, step_size: float, most: int, model: Model = "exact") -> float:
        """Steps of that step size until the expected excess is `end`, interpolated; inf beyond `most`."""
        power = self.spectrum() * self.errors()
        follow = self._expected_risk if model == "exact" else self._noisy_quadratic_risk
        # Steps that are too long for the batch diverge, which is no news.
        with np.errstate(over="ignore", invalid="ignore"):
            risk = follow(power, batch_size, step_size, most)
        return _steps_to(torch.as_tensor(risk).nan_to_num(nan=math.inf) - self.noise**2, self.end).item()

    def _expected_risk(self, power: Tensor, batch_size: int, step_size: float, most: int) -> NDArray[np.float64]:
        return expected_risk(
            self.spectrum().numpy(),
            power.numpy(),
            [self.dimension],
            steps=most,
            step_size=step_size,
            batch_size=batch_size,
            unseen=self.noise**2,
        )[0]

    def _noisy_quadratic_risk(self, power: Tensor, batch_size: int, step_size: float, most: int) -> NDArray[np.float64]:
        """The same with the gradient's noise as at the solution, whatever the error. (Zhang et al. 2019, section 3.)"""
        reach = step_size * self.spectrum().numpy()
        kept, gain = (1 - reach) ** 2, reach**2 * self.noise**2 / batch_size
        left = kept ** np.arange(most + 1)[:, None]
        risk: NDArray[np.float64] = (left * power.numpy() + gain * (1 - left) / (1 - kept)).sum(1) + self.noise**2
        return risk

    def tuned(self, batch_size: int, model: Model = "exact") -> tuple[float, float]:
        """Expected steps at the best constant step size, and that step size: sought coarsely, then finely about it."""
        places = -torch.arange(24, dtype=torch.float64) * math.log(SPACING) + math.log(2 / float(self.spectrum()[0]))
        most, found = LONGEST, []
        for place in places:
            found.append(self.expected_steps(batch_size, math.exp(place), most, model))
            if math.isfinite(found[-1]):
                most = min(most, int(2 * found[-1]) + 2)
            if min(found) < math.inf and found[-1] > 1.5 * min(found):
                break
        middle = float(places[found.index(min(found))])
        near = middle + torch.linspace(-1, 1, REFINED, dtype=torch.float64) * math.log(SPACING)
        steps = [self.expected_steps(batch_size, math.exp(place), most, model) for place in near]
        least = bracketed_minimum(near, torch.tensor(steps, dtype=torch.float64).log())
        return float(least.height.exp()), float(least.place.exp())


def trade_off_product(
    trials: Trials,
    *,
    batch_sizes: list[int],
    rule: Literal["tuned constant", "of single examples", "best at each step"] = "tuned constant",
    problem: Problem = Problem(),
    walkers: int = 256,
    share: float = 0.1,
) -> Measurement:
    r"""Mean over batch sizes of (S/S_min − 1)(E/E_min − 1), S steps and E = BS examples, each batch size tuned.

    S_min is the expected number for the whole gradient and E_min what single examples measure, less S_min. rule: "of
    single examples" gives every batch size their best step; "best at each step" takes that share of the step that gains
    most in expectation, along the path, as the law's derivation has it. Seeds differ in what is drawn; S is that of the
    mean over walkers. In regime is a seed that arrives at every batch size, with its best step size bracketed.
    """
    small, _, certain = _measured_steps(trials, problem, 1, rule, walkers, share)
    fewest = problem.tuned(WHOLE)[0] if rule != "best at each step" else _whole_gradient(problem, share)
    least = small - fewest
    products, rows = [], []
    for batch in trials.track(batch_sizes, "batch size"):
        steps, _, settled = _measured_steps(trials, problem, batch, rule, walkers, share)
        certain &= settled
        rows.append(steps)
        products.append((steps / fewest - 1) * (batch * steps / least - 1))
    table, measured = torch.stack(products, 1), torch.stack(rows, 1)
    grid = torch.logspace(-1.5, 1.5, 40, dtype=torch.float64)
    across = (measured * torch.tensor(batch_sizes) / least[:, None] - 1).mean(0).clamp_min(1e-3)
    chart = Panel("Steps against examples", x="examples / fewest examples − 1", y="steps / fewest steps − 1", log="xy")
    return Measurement(
        values=table.mean(1).nan_to_num(nan=LARGEST, posinf=LARGEST).clamp_max(LARGEST),
        in_regime=certain,
        panels=chart.line("measured", across, (measured / fewest - 1).mean(0).clamp_min(1e-3)).line(
            "hyperbola", grid, 1 / grid, role="predicted"
        ),
        notes=[f"products by batch size: {', '.join(f'{product:.3f}' for product in table.mean(0).tolist())}"],
    )


def steps_error(
    trials: Trials,
    *,
    batch_sizes: list[int],
    told: Literal["recursion", "noisy quadratic model", "hyperbola"] = "recursion",
    problem: Problem = Problem(),
    told_noise: float = 1.0,
    walkers: int = 256,
) -> Measurement:
    """Largest over batch sizes of |tuned steps / predicted − 1|, each with its own best constant step size.

    told: the recursion's own tuned number, at label noise told_noise, that of the noisy quadratic model, whose noise
    does not shrink with the error, or S_min + E_min/B through the recursion's tuned numbers for single examples and the
    whole gradient.
    """
    known = Problem(problem.exponent, problem.dimension, told_noise, problem.end)
    fewest, single = known.tuned(WHOLE)[0], known.tuned(1)[0]
    model: Model = "noisy quadratic" if told == "noisy quadratic model" else "exact"
    measured, predicted, certain = [], [], torch.ones(len(trials), dtype=torch.bool)
    for batch in trials.track(batch_sizes, "batch size"):
        steps, _, settled = _measured_steps(trials, problem, batch, "tuned constant", walkers, 1.0)
        certain &= settled
        measured.append(steps)
        predicted.append(fewest + (single - fewest) / batch if told == "hyperbola" else known.tuned(batch, model)[0])
    table, line = torch.stack(measured, 1), torch.tensor(predicted, dtype=torch.float64)
    return Measurement(
        values=(table / line - 1).abs().amax(1).nan_to_num(nan=LARGEST, posinf=LARGEST).clamp_max(LARGEST),
        in_regime=certain,
        panels=Panel("Tuned steps", x="batch size", y="steps", log="xy")
        .over_seeds("measured", batch_sizes, table)
        .line(told, batch_sizes, line, role="predicted"),
        notes=[f"measured over predicted: {', '.join(f'{ratio:.3f}' for ratio in (table / line).mean(0).tolist())}"],
    )


def _measured_steps(
    trials: Trials, problem: Problem, batch: int, rule: str, walkers: int, share: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Steps of each seed, their best step size, and whether it is bracketed and all arrive."""
    if rule == "best at each step":
        excess = _run(trials, problem, batch, torch.ones(1), LONGEST, walkers, share)
        steps = _steps_to(excess[:, 0], problem.end)
        return steps, torch.ones_like(steps), steps.isfinite()
    expected, best = problem.tuned(1 if rule == "of single examples" else batch)
    places = (torch.arange(GRID, dtype=torch.float64) - GRID // 2) * math.log(FINE) + math.log(best)
    if rule == "of single examples":
        places = places[GRID // 2 : GRID // 2 + 1]
    excess = _run(trials, problem, batch, places.exp(), int(2 * expected) + 8, walkers, None)
    steps = _steps_to(excess, problem.end)
    if len(places) == 1:
        return steps[:, 0], places.exp().expand(len(trials)), steps[:, 0].isfinite()
    least = bracketed_minimum(places, steps.log())
    return least.height.exp(), least.place.exp(), least.bracketed


def _run(
    trials: Trials,
    problem: Problem,
    batch: int,
    step_sizes: Tensor,
    most: int,
    walkers: int,
    share: float | None,
) -> Tensor:
    """Mean excess over walkers before each step, [seeds, step sizes, steps + 1]; all step sizes see the same draws.

    In float32: a walker's rounding is nothing beside its noise. share: of the step that gains most in expectation at
    each step, instead of the step sizes given.
    """
    single, device = torch.float32, trials.device
    spectrum = problem.spectrum().to(device, single)
    start = signs(trials.seeds, (problem.dimension,), stream="target", device=device, dtype=single)
    error = (start * problem.errors().to(device, single).sqrt())[:, None, None].repeat(1, len(step_sizes), walkers, 1)
    sizes = step_sizes.to(device, single)[None, :, None, None]
    scales = torch.cat([spectrum.sqrt(), spectrum.new_tensor([problem.noise])])
    sources = [generator(seed, f"batch {batch}") for seed in trials.seeds]
    history = []
    for step in trials.track(range(most + 1), f"batches of {batch}"):
        squares = error.square().mean(2)
        history.append(squares @ spectrum)
        # Asked now and then: each such answer makes a card wait.
        if step % 64 == 63 and bool((torch.stack(history[-64:]).amin(0) <= problem.end).all()):
            break
        if share is not None:
            gained = squares @ spectrum.square()
            noisy = (squares @ spectrum**3) * (1 + 1 / batch)
            noisy = noisy + spectrum.square().sum() * (squares @ spectrum + problem.noise**2) / batch
            sizes = (share * gained / noisy)[:, :, None, None]
        drawn = torch.stack(
            [torch.randn(walkers, batch, problem.dimension + 1, generator=source, dtype=single) for source in sources]
        ).to(device)
        inputs, labels = drawn.mul_(scales).tensor_split([problem.dimension], dim=-1)
        residual = torch.einsum("swbd,sgwd->sgwb", inputs, error) - labels[..., 0][:, None]
        error = error - sizes / batch * torch.einsum("sgwb,swbd->sgwd", residual, inputs)
    return torch.stack(history, 2).double().cpu()


def _whole_gradient(problem: Problem, share: float) -> float:
    """Steps of the whole gradient at that share of the best step at each step."""
    spectrum, squares, path = problem.spectrum(), problem.errors(), []
    for _ in range(LONGEST):
        path.append(squares @ spectrum)
        if path[-1] <= problem.end:
            break
        best = (squares @ spectrum.square()) / (squares @ spectrum**3)
        squares = squares * (1 - share * best * spectrum) ** 2
    return _steps_to(torch.stack(path), problem.end).item()


def _steps_to(excess: Tensor, end: float) -> Tensor:
    """The first step, interpolated in the logarithm, at which curves [..., steps + 1] come down to `end`; else inf."""
    heights = excess.clamp_min(1e-300).log()
    crossing = first_fall(torch.arange(excess.shape[-1], dtype=torch.float64), heights, math.log(end))
    return torch.where(crossing.reached, crossing.place, torch.inf)
