"""Small vision transformers of many runs at once. (Dosovitskiy et al. 2020, 2010.11929, without a class token.)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness
from checkers.testbeds.attention_blocks import apply_blocks, initialise_blocks, layer_norm, linear


@dataclass(frozen=True)
class VisionTransformer:
    """Patches, learned positions, transformer blocks, the mean over patches, a linear readout.

    image_shape: (channels, height, width), as `Examples.shape`; patch must divide height and width, heads width.
    ValueError where they do not.
    """

    image_shape: tuple[int, ...]
    classes: int = 10
    patch: int = 2
    width: int = 32
    depth: int = 2
    heads: int = 4

    def __post_init__(self) -> None:
        _, height, width = self.image_shape
        if height % self.patch or width % self.patch:
            raise ValueError(f"images of {height}×{width} do not split into patches of {self.patch}")
        if self.width % self.heads:
            raise ValueError(f"a width of {self.width} does not split into {self.heads} heads")

    def initialise(
        self,
        seeds: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        *,
        stream: str = "weights",
    ) -> dict[str, Tensor]:
        """Weights N(0, 1/fan-in), positions N(0, 1), norm scales 1; blocks as in `attention_blocks`."""
        channels, height, width = self.image_shape
        places, pixels = height * width // self.patch**2, channels * self.patch**2
        deviations = {
            "patches": ((self.width, pixels), pixels**-0.5),
            "positions": ((places, self.width), 1.0),
            "readout": ((self.classes, self.width), self.width**-0.5),
        }
        parameters = {
            name: deviation * randomness.normal(seeds, shape, stream=f"{stream}/{name}", device=device, dtype=dtype)
            for name, (shape, deviation) in deviations.items()
        }
        parameters["final_norm"] = torch.ones(len(seeds), self.width, device=device, dtype=dtype)
        return parameters | initialise_blocks(seeds, self.depth, self.width, stream=stream, device=device, dtype=dtype)

    def forward(
        self, parameters: Mapping[str, Tensor], inputs: Float[Tensor, "*runs batch pixels"]
    ) -> Float[Tensor, "runs batch classes"]:
        """Logits of flat images, [batch, pixels] shared or [runs, batch, pixels]."""
        return linear(self.features(parameters, inputs), parameters["readout"])

    def features(
        self, parameters: Mapping[str, Tensor], inputs: Float[Tensor, "*runs batch pixels"]
    ) -> Float[Tensor, "runs batch width"]:
        """What the readout sees: the normalised stream, averaged over patches."""
        runs = parameters["readout"].shape[0]
        patches = self._patches(inputs.expand(runs, *inputs.shape[-2:]))
        residual = linear(patches, parameters["patches"]) + parameters["positions"].unsqueeze(1)
        residual = apply_blocks(
            parameters,
            residual,
            depth=self.depth,
            heads=self.heads,
            attention_scale=(self.width // self.heads) ** -0.5,
            causal=False,
        )
        return layer_norm(residual, parameters["final_norm"]).mean(dim=2)

    def _patches(self, images: Float[Tensor, "runs batch pixels"]) -> Float[Tensor, "runs batch places patch_pixels"]:
        channels, height, width = self.image_shape
        size, rows, columns = self.patch, height // self.patch, width // self.patch
        grid = images.reshape(*images.shape[:2], channels, rows, size, columns, size)
        return grid.permute(0, 1, 3, 5, 2, 4, 6).reshape(*images.shape[:2], rows * columns, -1)
