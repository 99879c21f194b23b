"""The tasks whose sharpness is followed, and the meter that follows it, against the dense Hessian."""

from __future__ import annotations

import torch

from checkers.instruments.curvature import dense_hessian
from checkers.settings.edge_of_stability import Setting, Task, classification_task
from checkers.settings.edge_of_stability_paths import SharpnessMeter, sharpness_path
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import Snapshot
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))


def _task(trials: Trials = TRIALS) -> Task:
    return classification_task(trials, Setting(examples=40, labels="random", hidden=(8,)), dtype=torch.float64)


def _snapshot(task: Task, buffers: dict[str, torch.Tensor], updates: int) -> Snapshot:
    flat = torch.cat([tensor.flatten(1) for tensor in task.initial.values()], dim=1)
    return Snapshot(updates, updates, task.initial, flat, buffers, torch.ones(3, dtype=torch.bool))


def test_every_seed_has_its_own_sample_whatever_seeds_are_beside_it() -> None:
    alone, together = _task(Trials((100002,))), _task()
    torch.testing.assert_close(together.inputs[1:2], alone.inputs)
    assert not torch.equal(together.targets[0], together.targets[1])
    torch.testing.assert_close(together.initial["weight_1"][1:2], alone.initial["weight_1"])


def test_the_meter_gives_the_largest_eigenvalue_of_the_hessian() -> None:
    task = _task()
    seen = SharpnessMeter(task, GradientDescent(0.1))(_snapshot(task, {}, 0))
    oracle = torch.linalg.eigvalsh(dense_hessian(task.loss, task.initial))[:, -1]
    torch.testing.assert_close(seen["sharpness"], oracle, rtol=1e-3, atol=0)


def test_under_adam_the_meter_preconditions_with_bias_corrected_second_moments() -> None:
    task = _task()
    adam = Adam(0.01, beta1=0.6, beta2=0.9, epsilon=1e-3)
    size = sum(tensor[0].numel() for tensor in task.initial.values())
    second = torch.rand(3, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    seen = SharpnessMeter(task, adam)(_snapshot(task, {"second_moment": second}, 5))
    divisor = (1 - 0.6**5) * ((second / (1 - 0.9**5)).sqrt() + 1e-3)
    spectrum = torch.linalg.eigvals(dense_hessian(task.loss, task.initial) / divisor[:, :, None]).real
    torch.testing.assert_close(seen["sharpness"], spectrum.amax(dim=1), rtol=1e-3, atol=0)


def test_sharpness_is_measured_at_odd_and_even_steps() -> None:
    path = sharpness_path(TRIALS, _task(), GradientDescent(0.1), steps=40, measurements=8)
    assert {time % 2 for time in path.times} == {0, 1}
    assert path.sharpness.shape == (len(path.times), 3)
