r"""How far a second mode has come when a factored linear model has learned half of the first, as the start shrinks.

$\tfrac12\lVert W_2W_1 - S\rVert_F^2$ from small random weights: modes of strengths $s_1 > s_2$ grow as $e^{2s_kt}$ from
starts of order ε², so that the second has the strength $\propto\varepsilon^{2(1 - s_2/s_1)}$ when the first is half
learned: with small starts one mode at a time (Gidel et al. 2019; Arora et al. 2019). Without factors it has no wait.
"""

from __future__ import annotations

import torch

from checkers.instruments.slopes import log_log_slope
from checkers.settings.power_panel import power_panel
from checkers.testbeds.randomness import normal
from lawbook import Measurement, Trials

MAX_STEPS = 10_000


def lag_exponent(
    trials: Trials,
    *,
    scales: list[float],
    first: float = 2.0,
    second: float = 1.0,
    factored: bool = True,
    width: int = 8,
    size: int = 4,
    step_size: float = 0.01,
) -> Measurement:
    """Slope over log ε² of the log share learned of the second mode when the first is half learned.

    scales: ε, the standard deviation of the weights at the start; all share one draw a seed. first, second: strengths
    of the target's two modes, in `size` dimensions. factored: two layers of `width`, else one matrix from ε² times the
    same product. A seed is in regime where the first mode is half learned at every ε within 10,000 steps.
    """
    device, wide = trials.device, torch.float64
    target = torch.diag(torch.tensor([first, second, *[0.0] * (size - 2)], dtype=wide, device=device))
    runs = (len(scales), len(trials))
    epsilon = torch.tensor(scales, dtype=wide, device=device)[:, None, None, None]
    inner = epsilon * normal(trials.seeds, (width, size), stream="inner", device=device, dtype=wide)
    outer = epsilon * normal(trials.seeds, (size, width), stream="outer", device=device, dtype=wide)
    product = outer @ inner
    share = torch.full(runs, torch.nan, dtype=wide, device=device)
    for _ in trials.track(range(MAX_STEPS), "descent"):
        error = product - target
        if factored:
            inner, outer = inner - step_size * outer.mT @ error, outer - step_size * error @ inner.mT
            product = outer @ inner
        else:
            product = product - step_size * error
        reached = (product[..., 0, 0] >= first / 2) & share.isnan()
        # The strength of what was learned of the second mode, the first one's vectors left out.
        rest = torch.linalg.matrix_norm(product[..., 1:2, 1:2])
        share = torch.where(reached, rest / second, share)
        if not bool(share.isnan().any()):
            break
    shares = share.T.cpu()
    squares = [scale**2 for scale in scales]
    power = 1 - second / first if factored else 0.0
    return Measurement(
        values=log_log_slope(squares, shares).nan_to_num(nan=0.0),
        in_regime=shares.isfinite().all(1),
        panels=power_panel(
            "Second mode when the first is half learned", "ε²", "share learned", squares, shares.abs(), power
        ),
    )
