"""Training many runs at once: a step is one forward, one backward and a few operations on one flat tensor.

network = MultilayerPerceptron((64, 32, 10), "tanh", bias_scale=0.0)
initial = network.initialise(trials.seeds, trials.device)
trajectory = train(
    initial,
    lambda parameters: squared_loss(network.forward(parameters, inputs), targets),
    GradientDescent(network.step_sizes(0.1, "sgd")),
    steps=1000,
    observe=lambda snapshot: {"norm": snapshot.flat.norm(dim=1)},
    observe_at=range(0, 1001, 10),
)
trajectory.losses            # [1000, runs]
trajectory.observed["norm"]  # [101, runs]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from checkers.instruments.parameters import flatten, run_count, unflatten
from checkers.testbeds.optimisers import Buffers, Optimiser, Point, Scalar, spread

Parameters = dict[str, Tensor]
Loss = Callable[..., Tensor]
Schedule = Callable[[int], float]
Track = Callable[[Iterable[Any], str], Iterator[Any]]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What an observer sees. Tensors are the trainer's own: change nothing (what is returned gets copied).

    step: updates made in this call. updates: those made in all, with the calls it resumes.
    parameters: detached views, each [runs, …]. flat: the same numbers in one tensor.
    buffers: the optimiser's state ("velocity"; "first_moment" and "second_moment"), flat.
    active: which runs are still moving.
    """

    step: int
    updates: int
    parameters: Parameters
    flat: Float[Tensor, "runs parameters"]
    buffers: Buffers
    active: Bool[Tensor, " runs"]


Observer = Callable[[Snapshot], Mapping[str, Tensor]]


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What training left behind.

    parameters: each run's last ones; of a diverged run the last with a loss within the limit.
    losses: the loss (on that step's batch) before each update; inf once a run has diverged.
    diverged: which runs did. steps: how many updates each run made.
    observed: for each name that the observer gave, its values stacked, [observations, …].
    observed_at: the steps observed; fewer than asked for where every run ended early.
    buffers, updates: the optimiser's state, for `train(…, resume=trajectory)`.
    """

    parameters: Parameters
    losses: Float[Tensor, "steps runs"]
    diverged: Bool[Tensor, " runs"]
    steps: Int[Tensor, " runs"]
    observed: dict[str, Tensor]
    observed_at: tuple[int, ...]
    buffers: Buffers
    updates: int


def train(
    parameters: Mapping[str, Tensor],
    loss: Loss,
    optimiser: Optimiser,
    *,
    steps: int,
    batches: Iterable[Any] | None = None,
    schedule: Schedule | None = None,
    observe: Observer | None = None,
    observe_at: Iterable[int] = (),
    done: Callable[[Tensor], Tensor] | None = None,
    loss_limit: float = 1e8,
    resume: Trajectory | None = None,
    track: Track | None = None,
) -> Trajectory:
    """Trains every run of `parameters` (left unchanged) and observes it on the way.

    loss: `loss(parameters)`, or `loss(parameters, batch)` where `batches` are given; one loss a run, [runs],
        each depending on its own run alone.
    batches: one item a step, such as those of `minibatches`; may be endless.
    schedule: step → factor on every step size, as in `schedules`.
    observe, observe_at: at these steps `observe(snapshot)` gives named tensors, which are kept; step t is after
        t updates, so 0 is the start and `steps` the end.
    done: losses [runs] → bool [runs]; a run that is done stays where it is.
    loss_limit: a run diverges when its loss exceeds this or is not finite; it returns to the parameters before
        and stays there. Training ends early once no run moves.
    resume: an earlier trajectory whose optimiser state to go on from (pass its `parameters` too); runs that had
        diverged stay where they are, those that were done move on.
    track: `trials.track`, to report progress.
    Denormal numbers are flushed to zero meanwhile, where the processor can. ValueError where the loss is not
    [runs], batches run out, or `observe_at` leaves 0 … steps.
    """
    watched = _watched(observe, observe_at, steps)
    ensemble = _Ensemble(parameters, optimiser, resume)
    supply = None if batches is None else iter(batches)
    factors = schedule or (lambda step: 1.0)
    records = _Records()
    progress = range(steps) if track is None else track(range(steps), "training")
    with _denormals_flushed():
        for step in progress:
            batch = () if supply is None else (_next_batch(supply, step, steps),)
            losses, gradient = ensemble.differentiate(loss, batch)
            records.losses.append(ensemble.settle(losses, gradient, done, loss_limit))
            if step in watched:
                records.add(step, watched[step](ensemble.snapshot(step)))
            if ensemble.halted:
                break
            ensemble.update(gradient, factors(step))
        else:
            ensemble.drop_non_finite()
            if steps in watched:
                records.add(steps, watched[steps](ensemble.snapshot(steps)))
    return Trajectory(
        parameters={name: view.clone() for name, view in unflatten(ensemble.flat, parameters).items()},
        losses=torch.stack(records.losses) if records.losses else ensemble.flat.new_empty(0, ensemble.runs),
        diverged=ensemble.diverged,
        steps=ensemble.steps,
        observed={name: torch.stack(values) for name, values in records.observed.items()},
        observed_at=tuple(records.observed_at),
        buffers=ensemble.buffers,
        updates=ensemble.updates,
    )


class _Ensemble:
    """The moving state: two flat tensors take turns, so the point before the last update is never lost."""

    def __init__(self, parameters: Mapping[str, Tensor], optimiser: Optimiser, resume: Trajectory | None) -> None:
        self.runs = run_count(parameters)
        self.optimiser = optimiser
        self.flat = flatten(parameters).detach().clone()
        self._before = self.flat.clone()
        self._leaves = _leaves(self.flat, parameters)
        self._leaves_before = _leaves(self._before, parameters)
        self._gradient = torch.empty_like(self.flat)
        self._step_size = spread(optimiser.step_size, parameters)
        self._weight_decay = spread(optimiser.weight_decay, parameters)
        if resume is None:
            self.buffers, self.updates = optimiser.start(self.flat), 0
        else:
            self.buffers = {name: buffer.clone() for name, buffer in resume.buffers.items()}
            self.updates = resume.updates
        self.diverged = torch.zeros(self.runs, dtype=torch.bool, device=self.flat.device)
        if resume is not None:
            self.diverged = resume.diverged.clone()
        self.active = ~self.diverged
        self.steps = torch.zeros(self.runs, dtype=torch.int64, device=self.flat.device)
        self._all_active = bool(self.active.all())

    @property
    def halted(self) -> bool:
        """Whether no run moves any more."""
        return not self._all_active and not bool(self.active.any())

    def differentiate(self, loss: Loss, batch: tuple[Any, ...]) -> tuple[Tensor, Tensor]:
        """Every run's loss [runs] and gradient [runs, parameters] here."""
        losses = loss(self._leaves, *batch)
        if losses.shape != (self.runs,):
            raise ValueError(f"the loss must give one number a run, shape ({self.runs},), not {tuple(losses.shape)}")
        slopes = torch.autograd.grad(
            losses, list(self._leaves.values()), torch.ones_like(losses), materialize_grads=True
        )
        torch.cat([slope.reshape(self.runs, -1) for slope in slopes], dim=1, out=self._gradient)
        return losses.detach(), self._gradient

    def settle(
        self,
        losses: Tensor,
        gradient: Tensor,
        done: Callable[[Tensor], Tensor] | None,
        loss_limit: float,
    ) -> Tensor:
        """Stops the runs that diverged or are done; the losses to record."""
        lost = self.active & ~(losses <= loss_limit)
        stopped = lost if done is None else lost | (self.active & done(losses))
        if bool(stopped.any()):
            self._stop_diverged(lost)
            self.active = self.active & ~stopped
            self._all_active = False
        if self._all_active:
            return losses
        gradient.masked_fill_(~self.active[:, None], 0.0)
        return losses.masked_fill(self.diverged, torch.inf)

    def update(self, gradient: Tensor, factor: float) -> None:
        """One step of the optimiser for the active runs."""
        step_size: Scalar = self._step_size if factor == 1.0 else self._step_size * factor
        if not self._all_active:
            held = torch.as_tensor(step_size, dtype=self.flat.dtype, device=self.flat.device)
            step_size = torch.where(self.active[:, None], held, 0.0)
        point = Point(self.flat, gradient, self.buffers, self.updates)
        self.optimiser.advance(point, step_size, self._weight_decay, self._before)
        self.flat, self._before = self._before, self.flat
        self._leaves, self._leaves_before = self._leaves_before, self._leaves
        self.updates += 1
        self.steps += self.active

    def drop_non_finite(self) -> None:
        """Counts as diverged whatever the last update made non-finite."""
        lost = self.active & ~self.flat.isfinite().all(dim=1)
        if bool(lost.any()):
            self._stop_diverged(lost)
            self.active = self.active & ~lost

    def snapshot(self, step: int) -> Snapshot:
        """The present state for an observer."""
        views = {name: leaf.detach() for name, leaf in self._leaves.items()}
        return Snapshot(step, self.updates, views, self.flat, self.buffers, self.active)

    def _stop_diverged(self, lost: Tensor) -> None:
        rows = lost[:, None]
        torch.where(rows, self._before, self.flat, out=self.flat)
        for buffer in self.buffers.values():
            buffer.masked_fill_(rows, 0.0)
        self.diverged = self.diverged | lost
        self.steps -= (lost & (self.steps > 0)).to(self.steps.dtype)


class _Records:
    def __init__(self) -> None:
        self.losses: list[Tensor] = []
        self.observed: dict[str, list[Tensor]] = {}
        self.observed_at: list[int] = []

    def add(self, step: int, values: Mapping[str, Tensor]) -> None:
        for name, value in values.items():
            self.observed.setdefault(name, []).append(value.detach().clone())
        self.observed_at.append(step)


def _leaves(flat: Tensor, like: Mapping[str, Tensor]) -> Parameters:
    return {name: view.detach().requires_grad_() for name, view in unflatten(flat, like).items()}


def _watched(observe: Observer | None, observe_at: Iterable[int], steps: int) -> dict[int, Observer]:
    if observe is None:
        return {}
    watched = dict.fromkeys((int(step) for step in observe_at), observe)
    if watched and not 0 <= min(watched) <= max(watched) <= steps:
        raise ValueError(f"observe_at must lie in 0 … {steps}, not {min(watched)} … {max(watched)}")
    return watched


def _next_batch(supply: Iterator[Any], step: int, steps: int) -> Any:
    try:
        return next(supply)
    except StopIteration:
        raise ValueError(f"batches ran out after {step} of {steps} steps") from None


@contextmanager
def _denormals_flushed() -> Iterator[None]:
    supported = torch.set_flush_denormal(True)
    try:
        yield
    finally:
        if supported:
            torch.set_flush_denormal(False)
