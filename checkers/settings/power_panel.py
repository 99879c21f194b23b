"""What exponents are read off: measurements of every seed on logarithmic axes, and the predicted power beside them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lawbook import Panel


def power_panel(title: str, x: str, y: str, places: Sequence[float], values: Tensor, power: float) -> Panel:
    """Geometric mean and range over seeds of values [seeds, places], and place^power through their middle."""
    logs = torch.as_tensor(places, dtype=torch.float64).log()
    line = (values.double().log().mean() + power * (logs - logs.mean())).exp()
    panel = Panel(title, x=x, y=y, log="xy").over_seeds("measured", places, values, middle="geometric mean")
    return panel.line(f"power {power:g}", places, line, role="predicted")
