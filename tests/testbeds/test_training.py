"""The batched trainer does to every run what torch.optim does to one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from checkers.testbeds import minibatches, schedules
from checkers.testbeds.losses import squared_loss
from checkers.testbeds.networks import MultilayerPerceptron
from checkers.testbeds.optimisers import Adam, AdamW, GradientDescent, Optimiser
from checkers.testbeds.training import Snapshot, train

SEEDS = (3, 11, 4)
STEP_SIZES = torch.tensor([0.05, 0.02, 0.11], dtype=torch.float64)
NETWORK = MultilayerPerceptron((5, 7, 2), "tanh", bias_scale=0.3)
INPUTS = torch.linspace(-1, 1, 60, dtype=torch.float64).reshape(12, 5).sin()
TARGETS = torch.linspace(-1, 2, 24, dtype=torch.float64).reshape(12, 2).cos()


def loss(parameters: dict[str, Tensor]) -> Tensor:
    return squared_loss(NETWORK.forward(parameters, INPUTS), TARGETS)


def batch_loss(parameters: dict[str, Tensor], indices: Tensor) -> Tensor:
    return squared_loss(NETWORK.forward(parameters, INPUTS[indices]), TARGETS[indices])


def initial() -> dict[str, Tensor]:
    return NETWORK.initialise(SEEDS, dtype=torch.float64)


def quadratic(parameters: dict[str, Tensor]) -> Tensor:
    return parameters["w"].square().sum(dim=1) / 2


TorchOptimiser = Callable[[list[Tensor], float], torch.optim.Optimizer]
PAIRS: dict[str, tuple[Callable[[Tensor], Optimiser], TorchOptimiser]] = {
    "gradient descent": (
        lambda step: GradientDescent(step),
        lambda tensors, step: torch.optim.SGD(tensors, step),
    ),
    "heavy ball with decay": (
        lambda step: GradientDescent(step, momentum=0.9, weight_decay=0.1),
        lambda tensors, step: torch.optim.SGD(tensors, step, momentum=0.9, weight_decay=0.1),
    ),
    "Adam": (
        lambda step: Adam(step, beta1=0.8, beta2=0.95, epsilon=1e-4, weight_decay=0.1),
        lambda tensors, step: torch.optim.Adam(tensors, step, (0.8, 0.95), 1e-4, weight_decay=0.1),
    ),
    "AdamW": (
        lambda step: AdamW(step, weight_decay=0.3),
        lambda tensors, step: torch.optim.AdamW(tensors, step, weight_decay=0.3),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_every_run_follows_torch_optim_step_by_step(name: str) -> None:
    ours, theirs = PAIRS[name]
    trajectory = train(
        initial(),
        loss,
        ours(STEP_SIZES),
        steps=25,
        observe=lambda snapshot: {"flat": snapshot.flat},
        observe_at=range(26),
    )
    for run, step_size in enumerate(STEP_SIZES.tolist()):
        single = {key: value[run : run + 1].clone().requires_grad_() for key, value in initial().items()}
        optimiser = theirs(list(single.values()), step_size)
        for step in range(26):
            flat = torch.cat([tensor.detach().flatten() for tensor in single.values()])
            torch.testing.assert_close(trajectory.observed["flat"][step, run], flat, rtol=1e-12, atol=1e-13)
            optimiser.zero_grad()
            loss(single).sum().backward()
            optimiser.step()


def test_hyperparameters_may_differ_from_run_to_run() -> None:
    betas = torch.tensor([0.5, 0.9, 0.0], dtype=torch.float64)
    together = train(initial(), loss, GradientDescent(0.05, momentum=betas), steps=10)
    decays = torch.tensor([0.9, 0.99, 0.999], dtype=torch.float64)
    adaptive = train(initial(), loss, AdamW(STEP_SIZES, beta1=betas, beta2=decays), steps=10)
    for run in range(3):
        alone = {name: value[run : run + 1] for name, value in initial().items()}
        single = train(alone, loss, GradientDescent(0.05, momentum=betas[run].item()), steps=10)
        torch.testing.assert_close(together.parameters["weight_1"][run], single.parameters["weight_1"][0])
        optimiser = AdamW(STEP_SIZES[run].item(), beta1=betas[run].item(), beta2=decays[run].item())
        single = train(alone, loss, optimiser, steps=10)
        torch.testing.assert_close(adaptive.parameters["weight_1"][run], single.parameters["weight_1"][0])


def test_each_parameter_may_have_its_own_step_size() -> None:
    step_sizes = {"weight_1": 0.0, "bias_1": 0.1, "weight_2": STEP_SIZES, "bias_2": 0.0}
    start = initial()
    trajectory = train(start, loss, GradientDescent(step_sizes), steps=1)
    leaves = {name: value.clone().requires_grad_() for name, value in start.items()}
    loss(leaves).sum().backward()
    for name, step_size in step_sizes.items():
        factor = torch.as_tensor(step_size, dtype=torch.float64).reshape(-1, *[1] * (start[name].ndim - 1))
        torch.testing.assert_close(trajectory.parameters[name], start[name] - factor * leaves[name].grad)


def test_step_sizes_for_other_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"values for \['weight'\], but the parameters are \['w'\]"):
        train({"w": torch.ones(2, 1)}, quadratic, GradientDescent({"weight": 0.1}), steps=1)


def test_the_given_parameters_stay_as_they_were() -> None:
    start = initial()
    train(start, loss, Adam(0.1), steps=3)
    for name, value in initial().items():
        assert torch.equal(start[name], value)


def test_a_diverged_run_stays_where_its_loss_was_last_within_the_limit() -> None:
    start = {"w": torch.ones(3, 2, dtype=torch.float64)}
    step_sizes = torch.tensor([0.5, 11.0, 2.5], dtype=torch.float64)  # w shrinks by 1−η a step: 0.5, −10, −1.5
    trajectory = train(start, quadratic, GradientDescent(step_sizes), steps=20, loss_limit=1e6)
    assert trajectory.diverged.tolist() == [False, True, True]
    assert trajectory.steps.tolist() == [20, 3, 17]
    expected = [0.5**20, -(10.0**3), -(1.5**17)]
    torch.testing.assert_close(trajectory.parameters["w"][:, 0], torch.tensor(expected, dtype=torch.float64))
    assert trajectory.losses[:4, 1].tolist() == [1.0, 100.0, 10000.0, 1000000.0]
    assert trajectory.losses[4:, 1].isinf().all()
    assert trajectory.losses[:, 0].isfinite().all()


@pytest.mark.parametrize(
    "optimiser",
    [GradientDescent(torch.tensor([1e30, 0.1]), momentum=0.9), AdamW(torch.tensor([1e30, 0.1]))],
)
def test_non_finite_numbers_of_one_run_reach_no_other(optimiser: Optimiser) -> None:
    start = {"w": torch.full((2, 2), 0.5)}
    trajectory = train(start, lambda p: p["w"].pow(4).sum(dim=1), optimiser, steps=6)
    alone = {"w": start["w"][1:]}
    clean = type(optimiser)(0.1, 0.9)  # the second argument is momentum, or β₁, of the same value
    single = train(alone, lambda p: p["w"].pow(4).sum(dim=1), clean, steps=6)
    assert trajectory.diverged.tolist() == [True, False]
    assert torch.equal(trajectory.parameters["w"][0], start["w"][0])
    torch.testing.assert_close(trajectory.parameters["w"][1], single.parameters["w"][0])


def test_an_update_to_non_finite_parameters_at_the_very_end_is_undone() -> None:
    start = {"w": torch.tensor([[1e8], [1.0]])}
    trajectory = train(start, quadratic, GradientDescent(1e38), steps=1, loss_limit=1e20)
    assert trajectory.diverged.tolist() == [True, False]
    assert trajectory.parameters["w"][0].item() == 1e8


def test_training_ends_once_every_run_is_done_or_has_diverged() -> None:
    start = {"w": torch.ones(3, 1)}
    trajectory = train(
        start,
        quadratic,
        GradientDescent(torch.tensor([0.5, 0.25, 5.0])),
        steps=1000,
        done=lambda losses: losses < 1e-3,
        observe=lambda snapshot: {"w": snapshot.parameters["w"][:, 0]},
        observe_at=[0, 5, 500],
    )
    assert trajectory.diverged.tolist() == [False, False, True]
    assert trajectory.steps.tolist()[:2] == [5, 11]  # the first t with ½(1−η)^{2t} < 1e−3
    assert len(trajectory.losses) < 20
    assert trajectory.parameters["w"][0].item() == 0.5**5
    assert trajectory.observed_at == (0, 5)
    assert trajectory.observed["w"].shape == (2, 3)


def test_observations_are_taken_after_that_many_updates() -> None:
    steps: list[tuple[int, int]] = []

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        steps.append((snapshot.step, snapshot.updates))
        return {"w": snapshot.parameters["w"]}

    trajectory = train(
        {"w": torch.ones(1, 1, dtype=torch.float64)},
        quadratic,
        GradientDescent(0.5),
        steps=4,
        observe=observe,
        observe_at=[4, 0, 3],
    )
    assert steps == [(0, 0), (3, 3), (4, 4)]
    assert trajectory.observed["w"].flatten().tolist() == [1.0, 0.125, 0.0625]
    assert trajectory.losses.flatten().tolist() == [0.5, 0.125, 0.03125, 0.0078125]


def test_observing_outside_the_training_is_refused() -> None:
    with pytest.raises(ValueError, match="observe_at must lie in 0 … 4, not 0 … 5"):
        train(initial(), loss, Adam(0.1), steps=4, observe=lambda snapshot: {}, observe_at=[0, 5])


def test_adams_preconditioner_divides_its_step() -> None:
    optimiser = Adam(0.01, epsilon=1e-3)
    rows: dict[int, Tensor] = {}
    predicted: dict[int, Tensor] = {}

    def observe(snapshot: Snapshot) -> dict[str, Tensor]:
        rows[snapshot.updates] = snapshot.flat.clone()
        if snapshot.updates == 7:
            divisor = optimiser.preconditioner(snapshot.buffers, 7)
            predicted[7] = 0.01 * snapshot.buffers["first_moment"] / (1 - 0.9**7) / divisor
        return {}

    train(initial(), loss, optimiser, steps=7, observe=observe, observe_at=[6, 7])
    torch.testing.assert_close(rows[6] - rows[7], predicted[7])


@pytest.mark.parametrize("optimiser", [GradientDescent(0.1, momentum=0.9), AdamW(0.01)])
def test_a_resumed_training_equals_an_unbroken_one(optimiser: Optimiser) -> None:
    whole = train(initial(), loss, optimiser, steps=9)
    half = train(initial(), loss, optimiser, steps=4)
    rest = train(half.parameters, loss, optimiser, steps=5, resume=half)
    assert rest.updates == 9
    for name, value in whole.parameters.items():
        assert torch.equal(rest.parameters[name], value)


def test_a_run_that_had_diverged_stays_diverged_when_training_goes_on() -> None:
    start = {"w": torch.ones(2, 1, dtype=torch.float64)}
    optimiser = GradientDescent(torch.tensor([0.5, 11.0], dtype=torch.float64))
    first = train(start, quadratic, optimiser, steps=10, loss_limit=1e6)
    second = train(first.parameters, quadratic, optimiser, steps=2, loss_limit=1e6, resume=first)
    assert second.diverged.tolist() == [False, True]
    assert second.parameters["w"].flatten().tolist() == [0.5**12, -(10.0**3)]


def test_a_schedule_scales_the_step_sizes() -> None:
    trajectory = train(
        {"w": torch.ones(1, 1, dtype=torch.float64)},
        quadratic,
        GradientDescent(0.5),
        steps=2,
        schedule=schedules.drop(1, 0.5),
    )
    assert trajectory.parameters["w"].item() == 0.5 * 0.75


def test_schedules_start_and_end_where_they_say() -> None:
    rise = schedules.warmup(4, schedules.linear_decay(8))
    assert [rise(step) for step in (0, 3, 4, 8, 9)] == [0.25, 1.0, 0.5, 0.0, 0.0]
    fall = schedules.cosine(10, floor=0.2)
    assert (fall(0), fall(5), fall(10), fall(20)) == pytest.approx((1.0, 0.6, 0.2, 0.2))


def test_minibatch_training_of_a_seed_does_not_depend_on_its_companions() -> None:
    def trained(seeds: tuple[int, ...]) -> Tensor:
        start = NETWORK.initialise(seeds, dtype=torch.float64)
        batches = minibatches.without_replacement(seeds, 12, 5)
        return train(start, batch_loss, Adam(0.05), steps=20, batches=batches).parameters["weight_2"]

    torch.testing.assert_close(trained((3, 11, 4))[0], trained((3,))[0])


def test_running_out_of_batches_says_when() -> None:
    batches = [torch.zeros(3, 4, dtype=torch.int64)] * 2
    with pytest.raises(ValueError, match="batches ran out after 2 of 3 steps"):
        train(initial(), batch_loss, Adam(0.1), steps=3, batches=batches)


def test_a_loss_that_is_not_one_number_a_run_is_refused() -> None:
    with pytest.raises(ValueError, match=r"one number a run, shape \(3,\), not \(\)"):
        train(initial(), lambda parameters: loss(parameters).sum(), Adam(0.1), steps=3)


def test_progress_is_reported_through_track() -> None:
    seen: list[tuple[int, str]] = []

    def track(steps, label):  # type: ignore[no-untyped-def]
        for step in steps:
            seen.append((step, label))
            yield step

    train(initial(), loss, Adam(0.1), steps=3, track=track)
    assert seen == [(0, "training"), (1, "training"), (2, "training")]
