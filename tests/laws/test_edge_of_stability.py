"""What the edge-of-stability checkers measure, on tasks of a second or two."""

from __future__ import annotations

import pytest
import torch

from checkers.instruments.curvature import dense_hessian
from checkers.laws.edge_of_stability import plateau_sharpness
from checkers.laws.edge_of_stability_adam import plateau_preconditioned_sharpness
from checkers.laws.edge_of_stability_paths import SharpnessMeter, sharpness_path
from checkers.laws.edge_of_stability_setting import Task, classification_task
from checkers.laws.progressive_sharpening import sharpness_growth
from checkers.testbeds.optimisers import Adam, GradientDescent
from checkers.testbeds.training import Snapshot
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))


def _task(trials: Trials = TRIALS) -> Task:
    return classification_task(
        trials,
        dataset="digits",
        examples=40,
        labels="random",
        hidden=[8],
        activation="tanh",
        weight_scale=0.5,
        dtype=torch.float64,
    )


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


def test_gradient_descent_settles_at_its_edge_and_minibatches_do_not() -> None:
    settings = {"step_size": 0.5, "steps": 250, "examples": 50, "hidden": [16, 16], "labels": "random"}
    full = plateau_sharpness(TRIALS, **settings)  # type: ignore[arg-type]
    noisy = plateau_sharpness(TRIALS, batch_size=5, **settings)  # type: ignore[arg-type]
    assert full.in_regime == (True, True, True)
    assert all(0.9 < value < 1.25 for value in full.values)
    assert all(value < 0.9 for value in noisy.values)


def test_a_small_step_size_is_out_of_regime() -> None:
    measured = plateau_sharpness(TRIALS, step_size=0.02, steps=60, examples=50, hidden=[16])
    assert measured.in_regime == (False, False, False)


def test_starting_above_the_edge_is_out_of_regime() -> None:
    measured = plateau_sharpness(
        TRIALS, step_size=0.5, steps=60, examples=50, hidden=[16], weight_scale=2.0, labels="random"
    )
    assert measured.in_regime == (False, False, False)


def test_a_run_with_momentum_can_be_judged_by_the_wrong_edge() -> None:
    settings = {"step_size": 0.3, "momentum": 0.5, "steps": 60, "examples": 50, "hidden": [16]}
    own = plateau_sharpness(TRIALS, **settings)  # type: ignore[arg-type]
    plain = plateau_sharpness(TRIALS, judged_as="gradient descent", **settings)  # type: ignore[arg-type]
    assert plain.values == pytest.approx([1.5 * value for value in own.values], rel=1e-5)


def test_adams_edge_is_38_over_the_step_size_at_the_usual_momentum() -> None:
    settings = {"step_size": 0.002, "steps": 30, "examples": 50, "hidden": [16], "beta1": 0.5}
    own = plateau_preconditioned_sharpness(TRIALS, **settings)  # type: ignore[arg-type]
    usual = plateau_preconditioned_sharpness(TRIALS, judged_beta1=0.9, **settings)  # type: ignore[arg-type]
    assert usual.values == pytest.approx([value * 6 / 38 for value in own.values], rel=1e-5)


def test_a_linear_model_does_not_sharpen_and_a_network_does() -> None:
    linear = sharpness_growth(TRIALS, step_size=0.05, steps=150, examples=50, hidden=[])
    deep = sharpness_growth(TRIALS, step_size=0.2, steps=150, examples=50, hidden=[16, 16])
    assert linear.values == pytest.approx([1.0, 1.0, 1.0], rel=1e-3)
    assert all(value > 1.2 for value in deep.values)


def test_from_large_weights_the_sharpness_falls_first() -> None:
    small, large = (
        sharpness_growth(TRIALS, step_size=0.2, steps=150, examples=50, hidden=[16, 16], weight_scale=scale)
        for scale in (0.5, 1.0)
    )
    assert all(low < high for low, high in zip(large.values, small.values, strict=True))
    sharpness = large.panels[0].lines[0].y
    assert min(sharpness) < 0.95 * sharpness[0]


def test_a_lazy_network_keeps_its_sharpness_the_better_the_lazier_and_learns() -> None:
    rich, lazy, lazier = (
        sharpness_growth(
            TRIALS, step_size=0.2, steps=300, examples=50, hidden=[16, 16], lazy_scale=scale
        ).values
        for scale in (None, 10.0, 100.0)
    )
    assert all(value > 1.2 for value in rich)
    assert max(abs(value - 1) for value in lazy) < 0.2
    assert lazier == pytest.approx([1, 1, 1], abs=0.05)  # the first eigenvalue may be its neighbour


def test_laziness_changes_neither_the_first_loss_nor_the_speed_of_the_outputs() -> None:
    settings = {"step_size": 0.2, "steps": 20, "examples": 50, "hidden": [16, 16]}
    lazy, lazier = (sharpness_growth(TRIALS, lazy_scale=scale, **settings) for scale in (30.0, 100.0))  # type: ignore[arg-type]
    loss, lazier_loss = (measured.panels[1].lines[0].y for measured in (lazy, lazier))
    assert loss == pytest.approx(lazier_loss, rel=1e-2)
    assert loss[0] == pytest.approx(0.5, rel=1e-4)  # half the square of a one-hot target


def test_growth_at_the_edge_is_out_of_regime() -> None:
    measured = sharpness_growth(
        TRIALS, step_size=0.8, steps=150, examples=50, hidden=[16, 16], labels="random"
    )
    assert measured.in_regime == (False, False, False)
