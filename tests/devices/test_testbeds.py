"""Every test bed makes, trains and computes on an accelerator what it does on the CPU.

One case a module, which uses what is public there; a new module fails here until it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor

import checkers.testbeds
from checkers.testbeds import (
    data,
    decoder_transformer,
    finite_elements,
    gaussian_clones,
    gaussian_spectra,
    linear_teacher,
    losses,
    minibatches,
    modular_addition,
    networks,
    optimisers,
    random_waves,
    randomness,
    relu_regressors,
    residual_network,
    schedules,
    soft_committee,
    sparse_parities,
    text,
    training,
    vision_transformer,
    word_pairs,
)

SEEDS = (3, 5)
# Places and formats of files, which no device sees, and parts of the transformers.
OF_NO_DEVICE = {"data_files", "data_sources", "attention_blocks", "optimisers", "schedules"}
NETWORK = networks.MultilayerPerceptron((6, 8, 3), bias_scale=0.1)


def tensors(made: Any) -> Iterator[Tensor]:
    """All tensors in what a case gives, in order."""
    if isinstance(made, Tensor):
        yield made
    elif isinstance(made, dict):
        yield from tensors(made.values())
    elif isinstance(made, Iterable) and not isinstance(made, str):
        for part in made:
            yield from tensors(part)


def of_data(device: str) -> Any:
    examples = data.load("digits").to(device, torch.float64)
    inputs, labels = data.draw_subset(examples, SEEDS, 20, balanced=True)
    return inputs, data.one_hot(labels, 10, centred=True), data.draw_subset(examples, SEEDS, 7, test=True)


def of_decoder_transformer(device: str) -> Any:
    network = decoder_transformer.DecoderTransformer(vocabulary=11, context=6, width=8, depth=1, heads=2)
    parameters = network.initialise(SEEDS, device)
    tokens = randomness.integers(SEEDS, (4, 7), stream="tokens", high=11, device=device)
    logits = network.forward(parameters, tokens[..., :-1])
    return logits, decoder_transformer.next_token_loss(logits, tokens)


def of_finite_elements(device: str) -> Any:
    points = randomness.uniform(SEEDS[:1], (9, 2), stream="points", device=device, dtype=torch.float64)[0]
    return finite_elements.interpolate(lambda at: at.sum(-1).sin().expand(2, -1), 3, points)


def of_gaussian_clones(device: str) -> Any:
    examples = data.load("digits").to(device, torch.float64)
    moments = gaussian_clones.class_moments(examples.inputs[:300], examples.labels[:300], 10)
    return gaussian_clones.draw_clones(moments.keeping("pooled").shifted(), SEEDS, 8)


def of_gaussian_spectra(device: str) -> Any:
    spectrum = gaussian_spectra.power_law_spectrum(12, 1.5, device=device)
    target = gaussian_spectra.power_law_target(SEEDS, spectrum, 0.5)
    return gaussian_spectra.gaussian_inputs(SEEDS, 5, spectrum), target


def of_linear_teacher(device: str) -> Any:
    return (
        linear_teacher.linear_teacher(SEEDS, (2.0, 1.0), 4, 3, device=device),
        linear_teacher.whitened_inputs(SEEDS, 9, 4, device=device),
    )


def of_losses(device: str) -> Any:
    outputs = randomness.normal(SEEDS, (5, 3), stream="outputs", device=device)
    labels = randomness.integers(SEEDS, (5,), stream="labels", high=3, device=device)
    sign = randomness.signs(SEEDS, (5, 1), stream="signs", device=device)
    return (
        losses.squared_loss(outputs, outputs.cos()),
        losses.cross_entropy(outputs, labels),
        losses.accuracy(outputs, labels),
        losses.logistic_loss(outputs[:, :, :1], sign),
    )


def of_minibatches(device: str) -> Any:
    table = randomness.normal(SEEDS, (9, 2), stream="table", device=device)
    without = islice(minibatches.without_replacement(SEEDS, 9, 4, device=device), 3)
    others = islice(minibatches.with_replacement(SEEDS, 9, 4, device=device), 3)
    return [minibatches.take(table, at, per_run=True) for at in (*without, *others)]


def of_modular_addition(device: str) -> Any:
    return modular_addition.addition_table(5, device=device), modular_addition.split_pairs(SEEDS, 5, 0.5, device=device)


def of_networks(device: str) -> Any:
    parameters = NETWORK.initialise(SEEDS, device)
    inputs = randomness.normal(SEEDS[:1], (7, 6), stream="inputs", device=device)[0]
    centred = networks.centred(NETWORK, parameters)
    return NETWORK.preactivations(parameters, inputs), centred(parameters, inputs)


def of_random_waves(device: str) -> Any:
    waves = random_waves.draw_waves(SEEDS, 2, smoothness=3.0, waves=16, device=device)
    points = randomness.uniform(SEEDS[:1], (9, 2), stream="points", device=device, dtype=torch.float64)[0]
    return waves.laplacian().amplitudes, waves(points)  # type: ignore[operator]


def of_randomness(device: str) -> Any:
    return (
        randomness.normal(SEEDS, (4,), stream="a", device=device),
        randomness.uniform(SEEDS, (4,), stream="a", device=device),
        randomness.integers(SEEDS, (4,), stream="a", high=9, device=device),
        randomness.signs(SEEDS, (4,), stream="a", device=device),
        randomness.permutation(SEEDS, 6, stream="a", device=device),
        randomness.subset(SEEDS, 6, 3, stream="a", device=device),
        randomness.orthogonal(SEEDS, 4, stream="a", device=device),
    )


def of_relu_regressors(device: str) -> Any:
    regressor = relu_regressors.ReluRegressor((2, 5, 1))
    parameters = regressor.draw(SEEDS, 1, stream="weights", device=device)
    points = randomness.uniform(SEEDS[:1], (9, 2), stream="points", device=device, dtype=torch.float64)[0]
    return regressor.outputs(parameters, points), regressor.jacobian(parameters, points)


def of_residual_network(device: str) -> Any:
    network = residual_network.ResidualNetwork((1, 8, 8), width=4)
    images = randomness.normal(SEEDS, (3, 64), stream="images", device=device)
    return network.forward(network.initialise(SEEDS, device), images)


def of_soft_committee(device: str) -> Any:
    student = soft_committee.draw_committee(SEEDS, 3, 6, stream="student", device=device)
    inputs = randomness.normal(SEEDS, (4, 6), stream="inputs", device=device, dtype=torch.float64)
    weights = next(iter(student.values()))
    return soft_committee.committee_outputs(student, inputs), soft_committee.overlaps(weights, weights)


def of_sparse_parities(device: str) -> Any:
    frequencies = sparse_parities.task_frequencies(4, 1.5)
    return (
        sparse_parities.sparse_parity(SEEDS, 6, 8, 3, device=device),
        sparse_parities.multitask_parity(SEEDS, 6, frequencies, 8, 3, device=device),
    )


def of_text(device: str) -> Any:
    symbols = torch.arange(600).remainder(250).to(torch.uint8)
    return (
        *islice(text.windows(symbols, SEEDS, 2, 5, device=device), 2),
        *islice(text.one_pass(symbols, SEEDS, 2, 2, 5, device=device), 2),
    )


def of_training(device: str) -> Any:
    """With every optimiser, a schedule, runs that diverge and runs that are done."""
    inputs = randomness.normal(SEEDS[:1], (12, 6), stream="inputs", device=device)[0]
    start = NETWORK.initialise(SEEDS, device)

    def loss(parameters: dict[str, Tensor], rows: Tensor) -> Tensor:
        outputs = NETWORK.forward(parameters, minibatches.take(inputs, rows))
        return losses.squared_loss(outputs, torch.ones_like(outputs))

    steep = torch.tensor([0.1, 1e4], device=device)
    paths = [
        training.train(
            start,
            loss,
            optimiser,
            steps=6,
            batches=minibatches.with_replacement(SEEDS, 12, 4, device=device),
            schedule=schedules.warmup(2, schedules.cosine(4)),
            observe=lambda snapshot: {"norm": snapshot.flat.norm(dim=1)},
            observe_at=(0, 3, 6),
            done=lambda values: values < 0.05,
        )
        for optimiser in (
            optimisers.GradientDescent(steep, momentum=0.5),
            optimisers.Adam(0.01),
            optimisers.AdamW(0.01),
        )
    ]
    return [(path.parameters, path.losses, path.diverged, path.steps, path.observed) for path in paths]


def of_vision_transformer(device: str) -> Any:
    network = vision_transformer.VisionTransformer((1, 8, 8), patch=4, width=8, depth=1, heads=2)
    images = randomness.normal(SEEDS, (3, 64), stream="images", device=device)
    return network.forward(network.initialise(SEEDS, device), images)


def of_word_pairs(device: str) -> Any:
    words = np.arange(4000) % 7
    with patch.object(word_pairs, "_text", return_value=(tuple("abcdefg"), words)):
        pairs = word_pairs.count_pairs(SEEDS, words=5, window=2, device=device)
    return pairs.joint, pairs.single


CASES: dict[str, Callable[[str], Any]] = {
    name.removeprefix("of_"): case for name, case in list(globals().items()) if name.startswith("of_")
}


def test_every_test_bed_has_a_case() -> None:
    found = {path.stem for path in Path(str(checkers.testbeds.__path__[0])).glob("[a-z]*.py")}
    assert found - OF_NO_DEVICE == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_it_gives_the_same_there(name: str, accelerator: ModuleType) -> None:
    expected = list(tensors(CASES[name]("cpu")))
    with accelerator.card():
        there = list(tensors(CASES[name](accelerator.DEVICE)))
        assert {str(part.device) for part in there} == {accelerator.DEVICE}
        found = [part.cpu() for part in there]
    assert expected
    for one, other in zip(expected, found, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-6, atol=1e-6, equal_nan=True)
