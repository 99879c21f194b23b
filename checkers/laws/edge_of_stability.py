"""Full-batch gradient descent, heavy ball and Adam hold the (preconditioned) sharpness at their edge of stability."""

from __future__ import annotations

from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.settings.edge_of_stability_paths import held_sharpness
from checkers.testbeds.optimisers import Adam, GradientDescent
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


def plateau_preconditioned_sharpness(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-7,
    batch_size: int | None = None,
    setting: Setting = Setting(labels="random"),
) -> Measurement:
    r"""Mean of λ_max(P⁻¹H) over the last 40 % of the steps. (Cohen et al. 2022, figure 1.)

    P = (1 − β₁ᵗ)(√ν̂ + ε) is the bias-corrected preconditioner, so that Adam's step is momentum on P⁻¹g. batch_size:
    None for the whole sample. In regime are runs that stay finite and whose preconditioned sharpness would exceed 1.3
    times the edge (2+2β₁)/((1−β₁)η) after the first third of the training time at a third of the step size. (Before,
    small second moments put it far above.)
    """
    return held_sharpness(
        trials,
        classification_task(trials, setting),
        lambda size: Adam(size, beta1=beta1, beta2=beta2, epsilon=epsilon),
        step_size=step_size,
        steps=steps,
        edge=(2 + 2 * beta1) / ((1 - beta1) * step_size),
        batch_size=batch_size,
        window=(1 / 3, 1.0),
        starts_below=False,
        symbol="λ_max(P⁻¹H)",
    )
