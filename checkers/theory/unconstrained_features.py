r"""The global minimum of the unconstrained-features model under cross-entropy, classes balanced.

Free features $h_i \in \mathbb R^d$ of N = nK examples and a classifier $W \in \mathbb R^{K\times d}$ minimise
$\frac1N\sum_i \mathrm{CE}(Wh_i, y_i) + \frac{\lambda_W}2\lVert W\rVert_F^2
+ \frac{\lambda_H}{2N}\sum_i\lVert h_i\rVert^2$.
At given logits Z the least decay is $\sqrt{\lambda_W\lambda_H/N}$ times the nuclear norm of Z, and by symmetry the
best Z is $c\,(I - J/K)$ repeated n times: one number c is left, the margin between a class's own logit and any other.
(Zhu et al. 2021, arXiv:2105.02375, theorem 3.1; the decay of features is there not divided by N.)
"""

from __future__ import annotations

import math


def least_margin_loss(classes: int, classifier_decay: float, feature_decay: float) -> tuple[float, float]:
    r"""The margin $c^* = \ln(1/r - K + 1)$, $r = \sqrt{\lambda_W\lambda_H/K}$, and the loss there.

    (0, ln K) where rK ≥ 1.
    ValueError where a decay is not positive: then there is no minimum.
    """
    if classifier_decay <= 0 or feature_decay <= 0:
        raise ValueError(f"decays must be positive, not {classifier_decay} and {feature_decay}; else no minimum")
    rate = math.sqrt(classifier_decay * feature_decay / classes)
    if rate * classes >= 1:
        return 0.0, math.log(classes)
    margin = math.log(1 / rate - classes + 1)
    return margin, math.log1p((classes - 1) * math.exp(-margin)) + (classes - 1) * rate * margin
