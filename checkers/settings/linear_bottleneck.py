"""Two-layer linear networks of several widths, trained by gradient descent on a power-law spectrum.

The target is diag(k^{−g}) with inputs the identity. Only the strongest `modes` modes are trained; the weaker ones,
which no network here would learn, add their known loss. Weights are random and rotation invariant, so a diagonal
target loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from checkers.testbeds.randomness import normal
from checkers.theory.deep_linear_bottleneck import bottleneck_loss
from lawbook import Trials


@dataclass(frozen=True)
class Bottleneck:
    """Singular values k^{−spectrum_exponent}; horizon: step size × steps at every width."""

    spectrum_exponent: float
    modes: int
    horizon: float
    init_scale: float = 0.05
    step_size: float = 0.5

    def exact_losses(self, widths: list[int]) -> Tensor:
        """The least loss at each width, `[widths]`."""
        return torch.as_tensor(bottleneck_loss(widths, self.spectrum_exponent))

    def trained_losses(self, trials: Trials, widths: list[int]) -> Tensor:
        """Loss ½‖W2·W1 − diag(k^{−g})‖²_F over infinitely many modes after gradient descent, `[seeds, widths]`."""
        draw = {"device": trials.device, "dtype": torch.float64}
        spectrum = torch.arange(1, self.modes + 1, **draw) ** -self.spectrum_exponent
        beyond = float(bottleneck_loss(self.modes, self.spectrum_exponent))
        losses = []
        for width in widths:
            shape = (2, width, self.modes)
            start = self.init_scale * normal(trials.seeds, shape, stream=f"weights {width}", **draw)
            incoming, outgoing = start[:, 0].contiguous(), start[:, 1].contiguous()
            for _ in trials.track(range(round(self.horizon / self.step_size)), f"width {width}"):
                incoming_step = outgoing * spectrum - (outgoing @ outgoing.mT) @ incoming
                outgoing_step = incoming * spectrum - (incoming @ incoming.mT) @ outgoing
                incoming.add_(incoming_step, alpha=self.step_size)
                outgoing.add_(outgoing_step, alpha=self.step_size)
            residual = outgoing.mT @ incoming - torch.diag(spectrum)
            losses.append(residual.square().sum((1, 2)) / 2 + beyond)
        return torch.stack(losses, 1).cpu()
