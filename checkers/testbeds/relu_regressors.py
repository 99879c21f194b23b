"""Small ReLU networks with one output as flat vectors of parameters, with the exact Jacobian that Gauss–Newton needs.

Many networks of one architecture are a matrix, a row each: every layer's weights, then its biases, in order.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness

_READOUT_SCALE = 0.1  # small, so that the first steps fit the readout before any piece moves


@dataclass(frozen=True)
class ReluRegressor:
    """Layer widths from the inputs to the single output, such as (2, 16, 16, 1)."""

    widths: tuple[int, ...]

    @property
    def parameters(self) -> int:
        """How many weights and biases a network has."""
        return sum(after * (before + 1) for before, after in itertools.pairwise(self.widths))

    def draw(
        self,
        seeds: Sequence[int],
        restarts: int,
        *,
        stream: str,
        device: torch.device | str = "cpu",
    ) -> Float[Tensor, "runs parameters"]:
        """Random float64 networks, run `seed × restarts + restart`.

        Weights have variance 2/fan-in (He et al. 2015); a unit's bias puts the border where it begins to act through a
        random point of the cube [−1, 1]^d, so that every unit bends the function somewhere inside.
        """
        hidden = self.widths[1:-1]
        points = randomness.uniform(
            seeds,
            (restarts, sum(hidden), self.widths[0]),
            stream=f"{stream} points",
            low=-1.0,
            high=1.0,
            dtype=torch.float64,
        ).flatten(0, 1)
        parts, first = [], 0
        for layer, (before, after) in enumerate(itertools.pairwise(self.widths)):
            shape = (restarts, after, before)
            weight = randomness.normal(seeds, shape, stream=f"{stream} weights {layer}", dtype=torch.float64)
            weight = weight.flatten(0, 1) * (2 / before) ** 0.5
            if layer < len(hidden):
                fields = points @ weight.mT
                bias = -fields[:, first : first + after].diagonal(dim1=1, dim2=2)
                points = (fields + bias.unsqueeze(1)).relu()
                first += after
            else:
                weight = _READOUT_SCALE * weight
                bias = weight.new_zeros(len(weight), 1)
            parts += [weight.flatten(1), bias]
        return torch.cat(parts, 1).to(device)

    def outputs(
        self, parameters: Float[Tensor, "runs parameters"], inputs: Float[Tensor, "n d"]
    ) -> Float[Tensor, "runs n"]:
        """Every network's output at the same inputs."""
        return self._forward(parameters, inputs)[0]

    def jacobian(
        self, parameters: Float[Tensor, "runs parameters"], inputs: Float[Tensor, "n d"]
    ) -> tuple[Float[Tensor, "runs n"], Float[Tensor, "runs n parameters"]]:
        """Every network's outputs and their derivatives by its parameters; a unit at zero counts as off."""
        outputs, layers, weights = self._forward(parameters, inputs)
        sensitivity = torch.ones_like(outputs).unsqueeze(2)
        columns: list[Tensor] = []
        for layer in range(len(weights) - 1, -1, -1):
            below = layers[layer]
            by_weight = (sensitivity.unsqueeze(3) * below.unsqueeze(2)).flatten(2)
            columns = [by_weight, sensitivity, *columns]
            if layer:
                sensitivity = (sensitivity @ weights[layer]) * (below > 0)
        return outputs, torch.cat(columns, 2)

    def _forward(self, parameters: Tensor, inputs: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        layers, weights = [inputs.expand(len(parameters), -1, -1)], []
        place = 0
        for before, after in itertools.pairwise(self.widths):
            weight = parameters[:, place : place + after * before].unflatten(1, (after, before))
            place += after * before
            fields = torch.baddbmm(parameters[:, None, place : place + after], layers[-1], weight.mT)
            place += after
            weights.append(weight)
            layers.append(fields.relu())
        return fields.squeeze(2), layers[:-1], weights
