"""Real labelled data sets as tensors, and subsets of them by seed.

Inputs are flattened float32 [n, d], standardised: each channel's training mean is subtracted and the result
divided by that channel's training standard deviation, both over all pixels. `shape` gives the axes back.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import data_files, randomness
from checkers.testbeds.data_sources import IDX_FILES, idx_file, locate


@dataclass(frozen=True, eq=False)
class Examples:
    """A labelled data set, split for good into training and test examples.

    inputs, test_inputs: standardised, flat. labels, test_labels: int64 in 0 … classes−1.
    shape: (channels, height, width), or (channels, length) of a sequence.
    """

    name: str
    inputs: Float[Tensor, "n d"]
    labels: Int[Tensor, " n"]
    test_inputs: Float[Tensor, "m d"]
    test_labels: Int[Tensor, " m"]
    classes: int
    shape: tuple[int, ...]

    def to(self, device: torch.device | str, dtype: torch.dtype = torch.float32) -> Examples:
        """The same examples elsewhere, inputs in `dtype`."""
        return replace(
            self,
            inputs=self.inputs.to(device, dtype),
            labels=self.labels.to(device),
            test_inputs=self.test_inputs.to(device, dtype),
            test_labels=self.test_labels.to(device),
        )


def load(name: str) -> Examples:
    """The data set called "digits", "mnist1d", "fashion-mnist" or "cifar10"; read once a process, so change nothing.

    digits: 1,797 images 8×8, 1,400 of them for training, split once for all. mnist1d: 4,000 + 1,000 sequences of
    40, from the package's own procedure with its own seed. fashion-mnist: 60,000 + 10,000 images 28×28. cifar10:
    50,000 + 10,000 images 3×32×32. DataMissing where it is not on this machine, DataDamaged where it is not whole,
    ValueError for another name.
    """
    if name not in _LOADERS:
        raise ValueError(f"no labelled data set '{name}'; there are {', '.join(_LOADERS)}")
    return _load(name)


def draw_subset(
    examples: Examples,
    seeds: Sequence[int],
    size: int,
    *,
    test: bool = False,
    balanced: bool = False,
    stream: str = "data",
) -> tuple[Float[Tensor, "runs size d"], Int[Tensor, "runs size"]]:
    """`size` different training (or test) examples for every seed: inputs and labels.

    balanced: the same number of each class, in random order. ValueError where there are too few examples, or
    `size` is no multiple of the number of classes.
    """
    inputs, labels = (examples.test_inputs, examples.test_labels) if test else (examples.inputs, examples.labels)
    if balanced:
        indices = _balanced(labels, seeds, size, examples.classes, stream)
    else:
        indices = randomness.subset(seeds, len(labels), size, stream=stream, device=labels.device)
    return inputs[indices], labels[indices]


def one_hot(
    labels: Int[Tensor, "*axes"], classes: int, *, centred: bool = False, dtype: torch.dtype = torch.float32
) -> Float[Tensor, "*axes classes"]:
    """1 at the label and 0 elsewhere; with `centred`, minus 1/classes everywhere."""
    targets = torch.nn.functional.one_hot(labels, classes).to(dtype)
    return targets - 1 / classes if centred else targets


def _balanced(labels: Tensor, seeds: Sequence[int], size: int, classes: int, stream: str) -> Tensor:
    each, rest = divmod(size, classes)
    if rest:
        raise ValueError(f"a balanced subset of {classes} classes has a multiple of {classes} examples, not {size}")
    chosen = []
    for label in range(classes):
        members = (labels == label).nonzero().squeeze(1)
        picked = randomness.subset(seeds, len(members), each, stream=f"{stream}/class {label}", device=labels.device)
        chosen.append(members[picked])
    order = randomness.permutation(seeds, size, stream=f"{stream}/order", device=labels.device)
    return torch.cat(chosen, dim=1).gather(1, order)


@lru_cache(maxsize=4)
def _load(name: str) -> Examples:
    images, labels, test_images, test_labels = _LOADERS[name]()
    axes = (0, *range(2, images.ndim))
    mean = images.mean(axis=axes, keepdims=True, dtype=np.float64)
    deviation = images.std(axis=axes, keepdims=True, dtype=np.float64)

    def standardised(raw: _Array) -> Tensor:
        scaled = torch.from_numpy(raw.astype(np.float32))
        scaled.sub_(torch.from_numpy(mean)).div_(torch.from_numpy(deviation))
        return scaled.reshape(len(raw), -1)

    return Examples(
        name=name,
        inputs=standardised(images),
        labels=torch.from_numpy(labels.astype(np.int64)),
        test_inputs=standardised(test_images),
        test_labels=torch.from_numpy(test_labels.astype(np.int64)),
        classes=10,
        shape=images.shape[1:],
    )


_Array = np.ndarray[tuple[int, ...], np.dtype[np.generic]]
_Arrays = tuple[_Array, _Array, _Array, _Array]


def _digits() -> _Arrays:
    # scikit-learn's own file, without the two seconds that importing it takes in every process.
    rows = np.loadtxt(locate("digits") / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    rows = rows[randomness.permutation([0], len(rows), stream="digits split")[0].numpy()]
    images, labels = rows[:, :-1].reshape(-1, 1, 8, 8), rows[:, -1].astype(np.int64)
    return images[:1400], labels[:1400], images[1400:], labels[1400:]


def _mnist1d() -> _Arrays:
    locate("mnist1d")
    from mnist1d.data import make_dataset

    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        made = make_dataset()
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
    return made["x"][:, None], made["y"], made["x_test"][:, None], made["y_test"]


def _fashion_mnist() -> _Arrays:
    folder = locate("fashion-mnist")
    paths = [idx_file(folder, name) for name in IDX_FILES]
    train_images, train_labels, test_images, test_labels = (path for path in paths if path is not None)
    images, labels = data_files.read_labelled_idx(train_images, train_labels)
    held_out, held_out_labels = data_files.read_labelled_idx(test_images, test_labels)
    return images[:, None], labels, held_out[:, None], held_out_labels


def _cifar10() -> _Arrays:
    return data_files.read_cifar10(locate("cifar10"))


_LOADERS: dict[str, Callable[[], _Arrays]] = {
    "digits": _digits,
    "mnist1d": _mnist1d,
    "fashion-mnist": _fashion_mnist,
    "cifar10": _cifar10,
}
