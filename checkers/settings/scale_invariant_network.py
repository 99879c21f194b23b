r"""A network of one hidden layer in which every weight vector is scale-invariant.

Each row of each weight matrix is used only through its direction, $\hat w = w/\|w\|$: logits are
$\gamma \hat W_2 \tanh(\hat W_1 x)$ with a fixed gain γ. With `normalised=False` the weights are
used as they are, and scale invariance is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.testbeds.networks import Parameters
from checkers.testbeds.randomness import normal


@dataclass(frozen=True)
class ScaleInvariantNetwork:
    """inputs, hidden, outputs: sizes. gain: γ. normalised: whether rows count by their direction alone."""

    inputs: int
    hidden: int
    outputs: int
    gain: float = 1.0
    normalised: bool = True

    def initialise(self, seeds: tuple[int, ...], device: str, dtype: torch.dtype, norm: float) -> Parameters:
        """Rows of random directions, all of length `norm`."""
        shapes = {"weight_1": (self.hidden, self.inputs), "weight_2": (self.outputs, self.hidden)}
        drawn = {name: normal(seeds, shape, stream=name, device=device, dtype=dtype) for name, shape in shapes.items()}
        return {name: norm * directions(weight) for name, weight in drawn.items()}

    def forward(self, parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        """Logits [runs, batch, outputs]; inputs [batch, d] or [runs, batch, d]."""
        used = self._rows(parameters["weight_1"]), self._rows(parameters["weight_2"])
        hidden: Tensor = torch.tanh(inputs @ used[0].mT)
        logits: Tensor = self.gain * (hidden @ used[1].mT)
        return logits

    def _rows(self, weight: Tensor) -> Tensor:
        return directions(weight) if self.normalised else weight


def directions(weight: Tensor) -> Tensor:
    """Rows [..., rows, columns] divided by their lengths."""
    return weight / weight.norm(dim=-1, keepdim=True)
