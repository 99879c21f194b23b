r"""Mode strengths of a deep linear network under gradient flow (Saxe, McClelland & Ganguli 2013, arXiv:1312.6120).

For whitened inputs, loss $\tfrac12\lVert W_L\cdots W_1-S\rVert_F^2$ and aligned, balanced weights, the strength $u$
of a mode whose singular value in $S$ is $s$ obeys

$$\dot u = L\,u^{2-2/L}(s-u), \qquad u(0)=u_0,$$

with time $t=$ step size × steps. For $L=2$ the solution is a sigmoid. A layer's own strength $x=u^{1/L}$ obeys
$\dot x = f(x) = x^{L-1}(s-x^L)$; gradient descent is Euler's method on it.
"""

from __future__ import annotations

from typing import SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

Array = NDArray[np.float64]
Values = SupportsFloat | ArrayLike


def mode_strength(time: Values, strength: Values, initial: Values) -> Array:
    """Strength u(t) of a mode of a two-layer linear network: u0·s / (u0 + (s − u0)·exp(−2st)).

    All arguments broadcast; strength s > 0, 0 < initial u0. (Saxe et al. 2013, eq. 7, with time constant 1.)
    """
    time, strength, initial = (np.asarray(value, dtype=float) for value in (time, strength, initial))
    remaining = np.exp(-2 * strength * time)
    return np.asarray(strength * initial / (initial + (strength - initial) * remaining))


def time_to_reach(level: Values, strength: Values, initial: Values, *, depth: int = 2) -> Array:
    """Time at which gradient flow takes a mode from `initial` to `level`, for 0 < initial, level < strength.

    Exact for every depth ≥ 2; negative where level < initial, nan where an argument leaves (0, strength).
    """
    level, strength, initial = (np.asarray(value, dtype=float) for value in (level, strength, initial))
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (level > 0) & (level < strength) & (initial > 0) & (initial < strength)
        time = (_elapsed(level, strength, depth) - _elapsed(initial, strength, depth)) / depth
        return np.where(inside, time, np.nan)


def half_time(strength: Values, initial: Values, *, depth: int = 2) -> Array:
    """Time at which a mode reaches half its final strength; for depth 2, ln(s/u0 − 1)/(2s)."""
    return time_to_reach(np.asarray(strength, dtype=float) / 2, strength, initial, depth=depth)


def euler_lag(level: Values, strength: Values, initial: Values, *, step_size: float, depth: int = 2) -> Array:
    r"""How much later than gradient flow gradient descent reaches `level`, to first order in the step size.

    One Euler step of $\dot x=f(x)$ covers the flow time $\eta-\tfrac12\eta^2 f'(x)$, so descent comes to lag by
    $\tfrac12\eta\ln\bigl(f(x_1)/f(x_0)\bigr)$, here with $f(x)=x^{L-1}(s-x^L)$.
    """
    level, strength, initial = (np.asarray(value, dtype=float) for value in (level, strength, initial))

    def log_speed(u: Array) -> Array:
        return np.asarray((1 - 1 / depth) * np.log(u) + np.log(strength - u))

    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(step_size / 2 * (log_speed(level) - log_speed(initial)))


def _elapsed(u: Array, s: Array, depth: int) -> Array:
    """The antiderivative of u^{−p}/(s−u) in u, p = 2 − 2/depth."""
    if depth == 2:
        return np.asarray(np.log(u / (s - u)) / s)
    power = 1 - (2 - 2 / depth)
    return np.asarray(u**power / (power * s) * hyp2f1(1, power, power + 1, u / s))
