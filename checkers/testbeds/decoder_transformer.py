r"""Small decoder-only transformers over tokens (bytes, say), many runs at once, in two parameterisations.

With width n, base width n₀ and r = n/n₀ (head count fixed, so that heads grow with width):

| | standard | mup |
| --- | --- | --- |
| attention scale | d^{−1/2} for head dimension d | d₀^{1/2}/d for d₀ = n₀/heads |
| readout std | n^{−1/2} | (n r)^{−1/2} |
| Adam multiplier of block weights and readout | 1 | 1/r |
| SGD multiplier of embeddings, positions and norm scales | 1 | r |
| SGD multiplier of the readout | 1 | 1/r |

All other multipliers are 1; at base width the two agree. (Yang et al. 2022, 2203.03466, table 3 and section 4.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from checkers.testbeds import randomness
from checkers.testbeds.attention_blocks import (
    apply_blocks,
    block_names,
    initialise_blocks,
    layer_norm,
    linear,
)


@dataclass(frozen=True)
class DecoderTransformer:
    """Token and position embeddings N(0, 1), causal blocks, a final norm and an untied linear readout.

    vocabulary: how many tokens there are. context: the longest sequence. ValueError where heads do not divide width
    or base width, or the parameterisation is neither "standard" nor "mup".
    """

    vocabulary: int = 256
    context: int = 64
    width: int = 64
    depth: int = 2
    heads: int = 4
    parameterisation: str = "standard"
    base_width: int = 64

    def __post_init__(self) -> None:
        if self.parameterisation not in ("standard", "mup"):
            raise ValueError(f"no parameterisation '{self.parameterisation}'; there are standard and mup")
        if self.width % self.heads or self.base_width % self.heads:
            raise ValueError(f"{self.heads} heads divide not both {self.width} and {self.base_width}")

    @property
    def attention_scale(self) -> float:
        """What products of queries and keys are multiplied by."""
        head, base_head = self.width / self.heads, self.base_width / self.heads
        return math.sqrt(base_head) / head if self.parameterisation == "mup" else 1 / math.sqrt(head)

    def initialise(
        self,
        seeds: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        *,
        stream: str = "weights",
    ) -> dict[str, Tensor]:
        """Fresh parameters, one run a seed; blocks as in `attention_blocks`."""
        deviations = {
            "embedding": ((self.vocabulary, self.width), 1.0),
            "positions": ((self.context, self.width), 1.0),
            "readout": ((self.vocabulary, self.width), (self.width * self._ratio) ** -0.5),
        }
        parameters = {
            name: deviation * randomness.normal(seeds, shape, stream=f"{stream}/{name}", device=device, dtype=dtype)
            for name, (shape, deviation) in deviations.items()
        }
        parameters["final_norm"] = torch.ones(len(seeds), self.width, device=device, dtype=dtype)
        return parameters | initialise_blocks(seeds, self.depth, self.width, stream=stream, device=device, dtype=dtype)

    def forward(
        self, parameters: Mapping[str, Tensor], tokens: Int[Tensor, "*runs batch length"]
    ) -> Float[Tensor, "runs batch length vocabulary"]:
        """Logits of the next token at every place; tokens [batch, length] shared or [runs, batch, length]."""
        return linear(self.features(parameters, tokens), parameters["readout"])

    def features(
        self, parameters: Mapping[str, Tensor], tokens: Int[Tensor, "*runs batch length"]
    ) -> Float[Tensor, "runs batch length width"]:
        """What the readout sees. ValueError where a sequence is longer than the context."""
        length = tokens.shape[-1]
        if length > self.context:
            raise ValueError(f"sequences of {length} tokens exceed the context of {self.context}")
        runs = parameters["embedding"].shape[0]
        places = tokens.expand(runs, *tokens.shape[-2:])
        rows = torch.arange(runs, device=tokens.device)[:, None, None]
        residual = parameters["embedding"][rows, places] + parameters["positions"][:, None, :length]
        residual = apply_blocks(
            parameters,
            residual,
            depth=self.depth,
            heads=self.heads,
            attention_scale=self.attention_scale,
            causal=True,
        )
        return layer_norm(residual, parameters["final_norm"])

    def step_sizes(self, step_size: float | Tensor, optimiser: str) -> dict[str, float] | dict[str, Tensor]:
        """The global step size times each parameter's multiplier, for "sgd" or "adam"; every parameter is named."""
        if optimiser not in ("sgd", "adam"):
            raise ValueError(f"step sizes are known for 'sgd' and 'adam', not '{optimiser}'")
        names = ["embedding", "positions", "readout", "final_norm", *block_names(self.depth)]
        return {name: step_size * self._multiplier(name, optimiser) for name in names}  # type: ignore[return-value]

    @property
    def _ratio(self) -> float:
        return self.width / self.base_width if self.parameterisation == "mup" else 1.0

    def _multiplier(self, name: str, optimiser: str) -> float:
        like_a_vector = name in ("embedding", "positions") or name.endswith("norm")
        if optimiser == "adam":
            return 1.0 if like_a_vector else 1 / self._ratio
        if like_a_vector:
            return self._ratio
        return 1 / self._ratio if name == "readout" else 1.0


def next_token_loss(
    logits: Float[Tensor, "runs batch length vocabulary"], tokens: Int[Tensor, "runs batch length+1"]
) -> Float[Tensor, " runs"]:
    """Mean cross-entropy in nats of tokens[…, 1:] under logits from tokens[…, :-1]."""
    targets = tokens[..., 1:].unsqueeze(-1)
    picked = logits.gather(-1, targets).squeeze(-1)
    return (logits.logsumexp(dim=-1) - picked).mean(dim=(-2, -1))
