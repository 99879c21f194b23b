"""Full-batch Adam holds the preconditioned sharpness at its edge of stability."""

from __future__ import annotations

from checkers.settings.edge_of_stability import Setting, classification_task
from checkers.settings.edge_of_stability_paths import path_panels, sharpness_path, would_pass
from checkers.testbeds.optimisers import Adam
from lawbook import Measurement, Trials


def plateau_preconditioned_sharpness(
    trials: Trials,
    *,
    step_size: float,
    steps: int,
    beta1: float = 0.9,
    judged_beta1: float | None = None,
    beta2: float = 0.999,
    epsilon: float = 1e-7,
    batch_size: int | None = None,
    setting: Setting = Setting(labels="random"),
) -> Measurement:
    r"""Mean of λ_max(P⁻¹H) over (2+2β₁)/((1−β₁)η), over the last 40 % of the steps. (Cohen et al. 2022, figure 1.)

    P = (1 − β₁ᵗ)(√ν̂ + ε) is the bias-corrected preconditioner, so that Adam's step is momentum on P⁻¹g.
    judged_beta1: the β₁ of the edge compared with; None for the run's own. batch_size: None for the whole sample.
    In regime are runs that stay finite and whose preconditioned sharpness would exceed 1.3 times the edge after the
    first third of the training time at a third of the step size. (Before, small second moments put it far above.)
    """
    task = classification_task(trials, setting)
    edge = _edge(beta1, step_size)
    judged = edge if judged_beta1 is None else _edge(judged_beta1, step_size)

    def optimiser_at(size: float) -> Adam:
        return Adam(size, beta1=beta1, beta2=beta2, epsilon=epsilon)

    path = sharpness_path(trials, task, optimiser_at(step_size), steps=steps, batch_size=batch_size)
    rises = would_pass(
        trials, task, optimiser_at, step_size=step_size, threshold=edge, steps=steps, window=(1 / 3, 1.0)
    )
    return Measurement(
        path.plateau() / judged,
        in_regime=path.sound & rises,
        panels=path_panels(path, 1 / judged, "λ_max(P⁻¹H) / edge"),
        notes=(
            f"{int(rises.sum())} of {len(trials)} would pass 1.3 times the edge at a third of the step size",
            f"{int(path.sound.sum())} stay finite with every eigenvalue converged",
        ),
    )


def _edge(beta1: float, step_size: float) -> float:
    return (2 + 2 * beta1) / ((1 - beta1) * step_size)
