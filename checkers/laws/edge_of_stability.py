"""Full-batch gradient descent and heavy ball hold the sharpness at their edge of stability."""

from __future__ import annotations

from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.settings.edge_of_stability_paths import held_sharpness
from checkers.testbeds.optimisers import GradientDescent
from lawbook import Measurement, Trials


def plateau_sharpness(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    momentum: float = 0.0,
    batch_size: int | None = None,
    setting: Setting = Setting(),
) -> Measurement:
    r"""Mean of λ_max over the last 40 % of the steps. (Cohen et al. 2021, figures 2 and 3.)

    Heavy ball is PyTorch's, v ← βv + g, w ← w − ηv, so β = 0 is gradient descent. batch_size: None for the whole
    sample. In regime are runs that start below the edge (2+2β)/η, stay finite, and whose sharpness would pass 1.3 times
    the edge in the first half of the training time at a third of the step size.
    """
    return held_sharpness(
        trials,
        classification_task(trials, setting),
        lambda size: GradientDescent(size, momentum),
        step_size=step_size,
        steps=steps,
        edge=(2 + 2 * momentum) / step_size,
        batch_size=batch_size,
    )
