"""Small residual networks of many runs at once, with the runs as groups of one convolution.

A pre-activation network (He et al. 2016, 1603.05027) whose normalisation is over channels and places of each example
(layer normalisation as group normalisation with one group), so that an example's output does not depend on its
batch. Activations of all runs stay in one tensor [batch, runs·channels, height, width], a run a group.

One thread, 32 images 16×8×8, forward and backward of one 3×3 convolution of 8 runs: 7.5 ms grouped, 8.1 ms through
`torch.vmap` (which groups too), 11 ms in a loop, 24 ms by unfolding into one batched product; a training step of 6
runs of the default network at batch 64 on digits takes 29, 35 and 49 ms grouped, through vmap and in a loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness
from checkers.testbeds.attention_blocks import linear


@dataclass(frozen=True)
class ResidualNetwork:
    """A 3×3 stem, stages of residual blocks, the mean over places, a linear readout.

    image_shape: (channels, height, width), as `Examples.shape`. Stage s = 1, 2, … has width·2^(s−1) channels; the
    first block of each but the first halves the resolution, with a 1×1 convolution on its shortcut.
    """

    image_shape: tuple[int, ...]
    classes: int = 10
    width: int = 8
    stages: int = 2
    blocks: int = 1

    def initialise(
        self,
        seeds: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        *,
        stream: str = "weights",
    ) -> dict[str, Tensor]:
        """Convolutions N(0, 2/fan-in), readout and shortcuts N(0, 1/fan-in), norm scales 1 and shifts 0."""
        parameters: dict[str, Tensor] = {}
        for name, (shape, gain) in self._shapes().items():
            if gain is None:
                start = torch.zeros if name.endswith("shift") else torch.ones
                parameters[name] = start(len(seeds), *shape, device=device, dtype=dtype)
            else:
                fan_in = torch.Size(shape[1:]).numel()
                drawn = randomness.normal(seeds, shape, stream=f"{stream}/{name}", device=device, dtype=dtype)
                parameters[name] = drawn * (gain / fan_in) ** 0.5
        return parameters

    def forward(
        self, parameters: Mapping[str, Tensor], inputs: Float[Tensor, "*runs batch pixels"]
    ) -> Float[Tensor, "runs batch classes"]:
        """Logits of flat images, [batch, pixels] shared or [runs, batch, pixels]."""
        return linear(self.features(parameters, inputs), parameters["readout"])

    def features(
        self, parameters: Mapping[str, Tensor], inputs: Float[Tensor, "*runs batch pixels"]
    ) -> Float[Tensor, "runs batch width"]:
        """What the readout sees: the normalised, rectified last stage, averaged over places."""
        runs, batch = parameters["readout"].shape[0], inputs.shape[-2]
        images = inputs.expand(runs, *inputs.shape[-2:]).transpose(0, 1)
        hidden = images.reshape(batch, runs * self.image_shape[0], *self.image_shape[1:])
        hidden = _convolve(hidden, parameters["stem"])
        for stage, block in self._blocks():
            hidden = _residual_block(parameters, hidden, f"stage_{stage}.block_{block}", runs)
        hidden = _normalise(parameters, hidden, "final_norm", runs)
        return hidden.mean(dim=(2, 3)).reshape(batch, runs, -1).transpose(0, 1)

    def _blocks(self) -> list[tuple[int, int]]:
        return [(stage, block) for stage in range(1, self.stages + 1) for block in range(1, self.blocks + 1)]

    def _shapes(self) -> dict[str, tuple[tuple[int, ...], float | None]]:
        """Each parameter's shape and gain; None for those of a normalisation."""
        shapes: dict[str, tuple[tuple[int, ...], float | None]] = {
            "stem": ((self.width, self.image_shape[0], 3, 3), 2.0)
        }
        channels = self.width
        for stage, block in self._blocks():
            name, wider = f"stage_{stage}.block_{block}", self.width * 2 ** (stage - 1)
            shapes |= _norm_shapes(f"{name}.norm_1", channels) | _norm_shapes(f"{name}.norm_2", wider)
            shapes[f"{name}.convolution_1"] = ((wider, channels, 3, 3), 2.0)
            shapes[f"{name}.convolution_2"] = ((wider, wider, 3, 3), 2.0)
            if wider != channels:
                shapes[f"{name}.shortcut"] = ((wider, channels, 1, 1), 1.0)
            channels = wider
        shapes |= _norm_shapes("final_norm", channels)
        shapes["readout"] = ((self.classes, channels), 1.0)
        return shapes


def _norm_shapes(name: str, channels: int) -> dict[str, tuple[tuple[int, ...], float | None]]:
    return {f"{name}.scale": ((channels,), None), f"{name}.shift": ((channels,), None)}


def _residual_block(parameters: Mapping[str, Tensor], hidden: Tensor, name: str, runs: int) -> Tensor:
    shortcut = parameters.get(f"{name}.shortcut")
    stride = 1 if shortcut is None else 2
    branch = _normalise(parameters, hidden, f"{name}.norm_1", runs)
    carried = hidden if shortcut is None else _convolve(branch, shortcut, stride)
    branch = _convolve(branch, parameters[f"{name}.convolution_1"], stride)
    branch = _normalise(parameters, branch, f"{name}.norm_2", runs)
    return carried + _convolve(branch, parameters[f"{name}.convolution_2"])


def _normalise(parameters: Mapping[str, Tensor], hidden: Tensor, name: str, runs: int) -> Tensor:
    scale, shift = parameters[f"{name}.scale"].reshape(-1), parameters[f"{name}.shift"].reshape(-1)
    return torch.relu(torch.nn.functional.group_norm(hidden, runs, scale, shift))


def _convolve(hidden: Tensor, weight: Float[Tensor, "runs to from size size"], stride: int = 1) -> Tensor:
    """Every run's own convolution, padded to keep the resolution (before the stride)."""
    return torch.nn.functional.conv2d(
        hidden, weight.flatten(0, 1), stride=stride, padding=weight.shape[-1] // 2, groups=weight.shape[0]
    )
