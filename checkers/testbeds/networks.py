r"""Ensembles of fully connected networks in four parameterisations.

A network of depth L computes $h_1 = m_1 W_1 x + c\,b_1$, $h_{l+1} = m_{l+1} W_{l+1}\phi(h_l) + c\,b_{l+1}$
and outputs $\alpha h_L$. With $n_l$ the fan-in of layer l, $\sigma_l$ its weight scale, $\sigma_b$ the bias scale
and $r_l = n_l/n_0$ for base width $n_0$ (used by μP alone), a parameterisation says

| | m_l | std of W_l | c | std of b_l | SGD multiplier of W_l | Adam multiplier of W_l |
| --- | --- | --- | --- | --- | --- | --- |
| standard | 1 | σ_l/√n_l | 1 | σ_b | 1 | 1 |
| ntk | σ_l/√n_l | 1 | σ_b | 1 | 1 | 1 |
| mean-field, l < L | σ_l/√n_l | 1 | σ_b | 1 | n_L | 1 (l = 1), 1/√n_l |
| mean-field, l = L | σ_L/n_L | 1 | σ_b | 1 | n_L | 1 |
| mup, l = 1 | 1 | σ_1/√n_1 | 1 | σ_b | r_2 | 1 |
| mup, 1 < l < L | 1 | σ_l/√n_l | 1 | σ_b | r_{l+1}/r_l | 1/r_l |
| mup, l = L | 1 | σ_L/√(n_L r_L) | 1 | σ_b | 1/r_L | 1/r_L |

Biases take the SGD multiplier of μP's first layer (their own width over the base width; the last bias 1), and
1 under Adam; in mean-field they take $n_L$ under SGD, the last one 1. μP at base width is the standard
parameterisation. Sources: ntk, Jacot et al. 2018 (1806.07572); mean-field, Mei et al. 2018 (1804.06561) and,
deep, Bordelon & Pehlevan 2022 (2205.09653) at γ₀ = 1; mup, Yang et al. 2022 (2203.03466), table 3.

A deep linear network is `MultilayerPerceptron(widths, "linear")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from checkers.testbeds import randomness

Parameters = dict[str, Tensor]
Forward = Callable[[Mapping[str, Tensor], Tensor], Tensor]

ActivationName = Literal["tanh", "relu", "erf", "gelu", "quadratic", "linear"]
Parameterisation = Literal["standard", "ntk", "mean-field", "mup"]
OptimiserKind = Literal["sgd", "adam"]
PARAMETERISATIONS: tuple[str, ...] = get_args(Parameterisation)
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "erf": torch.erf,
    "gelu": torch.nn.functional.gelu,
    "quadratic": torch.square,
    "linear": lambda preactivation: preactivation,
}


@dataclass(frozen=True, eq=False)
class MultilayerPerceptron:
    """A fully connected architecture; its parameters live outside it, batched over runs.

    widths: input dimension, hidden widths, output dimension; depth L = len(widths) − 1 ≥ 1 weight matrices.
    activation: between layers: "tanh", "relu", "erf", "gelu", "quadratic" (x²) or "linear".
    parameterisation: "standard", "ntk", "mean-field" or "mup" (see the module's table).
    weight_scale: σ_l of every layer, or one for each; √2 everywhere is He's initialisation for ReLU.
    bias_scale: None for no biases; in "standard" and "mup" the biases' standard deviation at initialisation
        (0 is fine), in "ntk" and "mean-field" their positive multiplier.
    output_scale: α, one for all or Tensor[runs] (centre the function with `centred` where α is large).
    base_width: n₀ of μP; at this width μP equals the standard parameterisation.

    Parameters are named `weight_1` [runs, widths[1], widths[0]], `bias_1` [runs, widths[1]], `weight_2`, ….
    Raises ValueError for widths, names or scales that make no network.
    """

    widths: Sequence[int]
    activation: str = "tanh"
    parameterisation: str = "standard"
    weight_scale: float | Sequence[float] = 1.0
    bias_scale: float | None = None
    output_scale: float | Tensor = 1.0
    base_width: int = 64

    def __post_init__(self) -> None:
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths must be at least input and output, all positive, not {self.widths}")
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"no activation '{self.activation}'; there are {', '.join(ACTIVATIONS)}")
        if self.parameterisation not in PARAMETERISATIONS:
            known = ", ".join(PARAMETERISATIONS)
            raise ValueError(f"no parameterisation '{self.parameterisation}'; there are {known}")
        if not isinstance(self.weight_scale, int | float) and len(self.weight_scale) != self.depth:
            raise ValueError(
                f"weight_scale has {len(self.weight_scale)} entries for {self.depth} layers; "
                "give one number, or one a layer"
            )
        if self._scales_forward and self.bias_scale == 0:
            raise ValueError(
                f"bias_scale multiplies the biases in '{self.parameterisation}', so 0 makes them inert; "
                "give None for no biases"
            )

    @property
    def depth(self) -> int:
        """The number of weight matrices."""
        return len(self.widths) - 1

    def initialise(
        self,
        seeds: Sequence[int],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        *,
        stream: str = "weights",
    ) -> Parameters:
        """Fresh parameters, one run a seed; each tensor has a stream of its own."""
        parameters: Parameters = {}
        for layer in range(1, self.depth + 1):
            fan_in, fan_out = self.widths[layer - 1], self.widths[layer]
            drawn = randomness.normal(
                seeds, (fan_out, fan_in), stream=f"{stream}/weight_{layer}", device=device, dtype=dtype
            )
            parameters[f"weight_{layer}"] = drawn * self.weight_deviation(layer)
            if self.bias_scale is not None:
                drawn = randomness.normal(
                    seeds, (fan_out,), stream=f"{stream}/bias_{layer}", device=device, dtype=dtype
                )
                parameters[f"bias_{layer}"] = drawn * (1.0 if self._scales_forward else self.bias_scale)
        return parameters

    def forward(
        self,
        parameters: Mapping[str, Tensor],
        inputs: Float[Tensor, "batch inputs"] | Float[Tensor, "runs batch inputs"],
    ) -> Float[Tensor, "runs batch outputs"]:
        """The scaled output α·h_L of every run; inputs [batch, d] are shared by all runs."""
        columns = inputs.mT
        for layer in range(1, self.depth + 1):
            if layer > 1:
                columns = ACTIVATIONS[self.activation](columns)
            columns = self._affine(parameters, columns, layer)
        outputs = columns.mT
        if isinstance(self.output_scale, Tensor):
            return outputs * self.output_scale.to(outputs)[:, None, None]
        return outputs if self.output_scale == 1 else outputs * self.output_scale

    def preactivations(
        self,
        parameters: Mapping[str, Tensor],
        inputs: Float[Tensor, "batch inputs"] | Float[Tensor, "runs batch inputs"],
    ) -> list[Float[Tensor, "runs batch width"]]:
        """h_1 … h_L, each [runs, batch, widths[l]]; the last is the output before α."""
        layers = [self._affine(parameters, inputs.mT, 1)]
        for layer in range(2, self.depth + 1):
            layers.append(self._affine(parameters, ACTIVATIONS[self.activation](layers[-1]), layer))
        return [columns.mT for columns in layers]

    def weight_multiplier(self, layer: int) -> float:
        """m_l of the module's table; layers count from 1."""
        if not self._scales_forward:
            return 1.0
        fan_in = self.widths[layer - 1]
        power = -1.0 if self.parameterisation == "mean-field" and layer == self.depth else -0.5
        return float(self._weight_scale(layer) * fan_in**power)

    def weight_deviation(self, layer: int) -> float:
        """The standard deviation of W_l at initialisation; layers count from 1."""
        if self._scales_forward:
            return 1.0
        fan_in = self.widths[layer - 1]
        shrink = fan_in / self.base_width if self._is_mup_readout(layer) else 1.0
        return float(self._weight_scale(layer) * (fan_in * shrink) ** -0.5)

    def step_size_multipliers(self, optimiser: str) -> dict[str, float]:
        """Each parameter's step size over the global one; "sgd" also serves heavy ball, "adam" also AdamW."""
        if optimiser not in ("sgd", "adam"):
            raise ValueError(f"step sizes are known for 'sgd' and 'adam', not '{optimiser}'")
        multipliers: dict[str, float] = {}
        for layer in range(1, self.depth + 1):
            multipliers[f"weight_{layer}"] = self._weight_step(layer, optimiser)
            if self.bias_scale is not None:
                multipliers[f"bias_{layer}"] = self._bias_step(layer, optimiser)
        return multipliers

    def step_sizes(self, step_size: float | Tensor, optimiser: str) -> dict[str, float] | dict[str, Tensor]:
        """The global step size (one, or Tensor[runs]) times each parameter's multiplier, for an optimiser.

        α is not in it: to keep time in function space comparable over output scales use step_size/α².
        """
        multipliers = self.step_size_multipliers(optimiser)
        return {name: step_size * multiplier for name, multiplier in multipliers.items()}  # type: ignore[return-value]

    @property
    def _scales_forward(self) -> bool:
        return self.parameterisation in ("ntk", "mean-field")

    def _is_mup_readout(self, layer: int) -> bool:
        return self.parameterisation == "mup" and layer == self.depth and layer > 1

    def _weight_scale(self, layer: int) -> float:
        scale = self.weight_scale
        return float(scale) if isinstance(scale, int | float) else float(scale[layer - 1])

    def _weight_step(self, layer: int, optimiser: str) -> float:
        fan_in, fan_out, last = self.widths[layer - 1], self.widths[layer], self.widths[-2]
        if self.parameterisation == "mean-field":
            if optimiser == "sgd":
                return float(last)
            return fan_in**-0.5 if 1 < layer < self.depth else 1.0
        if self.parameterisation == "mup":
            shrink = fan_in / self.base_width if layer > 1 else 1.0
            grow = fan_out / self.base_width if layer < self.depth else 1.0
            return grow / shrink if optimiser == "sgd" else 1 / shrink
        return 1.0

    def _bias_step(self, layer: int, optimiser: str) -> float:
        if optimiser == "adam" or layer == self.depth:
            return 1.0
        if self.parameterisation == "mean-field":
            return float(self.widths[-2])
        return self.widths[layer] / self.base_width if self.parameterisation == "mup" else 1.0

    def _affine(self, parameters: Mapping[str, Tensor], columns: Tensor, layer: int) -> Tensor:
        """m_l W_l columns + c b_l, an example a column: so a weight's gradient comes out laid out as the weight."""
        weight = parameters[f"weight_{layer}"]
        if columns.ndim == 2:
            columns = columns.expand(weight.shape[0], *columns.shape)
        multiplier = self.weight_multiplier(layer)
        if self.bias_scale is None:
            mapped = torch.bmm(weight, columns)
            return mapped if multiplier == 1 else mapped * multiplier
        bias = parameters[f"bias_{layer}"].unsqueeze(2)
        return torch.baddbmm(
            bias, weight, columns, beta=self.bias_scale if self._scales_forward else 1.0, alpha=multiplier
        )


def centred(network: MultilayerPerceptron, initial: Mapping[str, Tensor]) -> Forward:
    """The network's function minus its function at `initial`, so that outputs start at exactly 0.

    The returned forward map costs one more forward pass without gradients. (Chizat et al. 2018, 1812.07956.)
    """
    start = {name: tensor.detach().clone() for name, tensor in initial.items()}

    def forward(parameters: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        with torch.no_grad():
            origin = network.forward(start, inputs)
        return network.forward(parameters, inputs) - origin

    return forward
