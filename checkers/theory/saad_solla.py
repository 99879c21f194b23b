r"""Order-parameter equations of online learning in soft committee machines.

(Saad & Solla 1995, Physical Review Letters 74, 4337 and Physical Review E 52, 4225.)

Student $\sum_ig(x_i)$ and teacher $\sum_ng(y_n)$ with $g(z)=\operatorname{erf}(z/\sqrt2)$ see $d$-dimensional
Gaussian inputs through fields $x_i=w_i\cdot\xi/\sqrt d$, $y_n=v_n\cdot\xi/\sqrt d$. Their covariances $Q=ww^\top/d$,
$R=wv^\top/d$, $T=vv^\top/d$ are the order parameters. One sample a step,
$w_i\leftarrow w_i+\frac{\eta}{\sqrt d}g'(x_i)(y-\hat y)\xi$, and time $\alpha=$ steps$/d$ give, as $d\to\infty$, closed
equations. With $c_a=-1$ for student and $+1$ for teacher fields $z_a$,

$$\dot R_{in}=\eta\sum_ac_aI_3(i,n,a),\qquad
\dot Q_{ik}=\eta\sum_ac_a\bigl[I_3(i,k,a)+I_3(k,i,a)\bigr]+\eta^2\sum_{ab}c_ac_bI_4(i,k,a,b),$$

and the risk $\tfrac12\mathbb E(y-\hat y)^2=\tfrac12\sum_{ab}c_ac_bI_2(a,b)$.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OrderParameters:
    """Overlaps along a solution: student_student `[times, K, K]` (Q), student_teacher `[times, K, M]` (R), the risk."""

    times: Array
    student_student: Array
    student_teacher: Array
    risk: Array


def risk(student_student: ArrayLike, student_teacher: ArrayLike, teacher_teacher: ArrayLike) -> Array:
    """½E(y − ŷ)² of soft committees with overlaps Q `[…, K, K]`, R `[…, K, M]`, T `[M, M]` (PRL eq. 4)."""
    covariance = _covariance(student_student, student_teacher, teacher_teacher)
    charges = _charges(np.asarray(student_teacher).shape)
    return np.asarray(0.5 * np.einsum("...ab,a,b->...", two_point(covariance), charges, charges))


def solve(
    student_student: ArrayLike,
    student_teacher: ArrayLike,
    teacher_teacher: ArrayLike,
    *,
    step_size: float,
    times: ArrayLike,
    second_order: bool = True,
) -> OrderParameters:
    """Integrate the equations from Q `[K, K]`, R `[K, M]`, with teacher overlaps T, to α = times (increasing, from 0).

    second_order: False leaves out the term in η², which single samples add to Q: what remains is flow of the risk.

    Raises RuntimeError where the integrator gives up (a step size beyond stability makes Q diverge).
    """
    students, teachers = np.asarray(student_teacher).shape
    teacher = np.asarray(teacher_teacher, dtype=float)

    def unpack(state: Array) -> tuple[Array, Array]:
        split = students * students
        return state[:split].reshape(students, students), state[split:].reshape(students, teachers)

    def velocity(_: float, state: Array) -> Array:
        overlap, alignment = unpack(state)
        moved_overlap, moved_alignment = drift(
            overlap, alignment, teacher, step_size=step_size, second_order=second_order
        )
        return np.concatenate([moved_overlap.ravel(), moved_alignment.ravel()])

    points = np.asarray(times, dtype=float)
    start = np.concatenate([np.asarray(part, dtype=float).ravel() for part in (student_student, student_teacher)])
    solution = solve_ivp(
        velocity, (0.0, float(points[-1])), start, t_eval=points, rtol=1e-7, atol=1e-9, method="DOP853"
    )
    if not solution.success:
        raise RuntimeError(f"the order-parameter equations could not be integrated: {solution.message}")
    paths = [unpack(state) for state in solution.y.T]
    overlap, alignment = (np.stack(parts) for parts in zip(*paths, strict=True))
    return OrderParameters(points, overlap, alignment, risk(overlap, alignment, teacher))


def drift(
    student_student: ArrayLike,
    student_teacher: ArrayLike,
    teacher_teacher: ArrayLike,
    *,
    step_size: float,
    second_order: bool = True,
) -> tuple[Array, Array]:
    """dQ/dα and dR/dα (PRL eqs. 7 and 8), with or without the term in η²."""
    covariance = _covariance(student_student, student_teacher, teacher_teacher)
    shape = np.asarray(student_teacher).shape
    charges, students = _charges(shape), shape[0]
    pull = np.einsum("iba,a->ib", three_point(covariance, students), charges)
    inner = pull[:, :students]
    moved = step_size * (inner + inner.T)
    if second_order:
        moved = moved + step_size**2 * np.einsum("ikab,a,b->ik", four_point(covariance, students), charges, charges)
    return moved, step_size * pull[:, students:]


def two_point(covariance: Array) -> Array:
    """I2[a, b] = E g(z_a) g(z_b); covariance `[…, F, F]`."""
    scale = np.sqrt(1 + np.diagonal(covariance, axis1=-2, axis2=-1))
    return np.asarray(2 / np.pi * np.arcsin(covariance / (scale[..., :, None] * scale[..., None, :])))


def three_point(covariance: Array, students: int) -> Array:
    """I3[i, b, a] = E g'(z_i) z_b g(z_a) for the first `students` fields i and all b, a."""
    size = len(covariance)
    i, b, a = np.ix_(range(students), range(size), range(size))
    own = 1 + covariance[i, i]
    determinant = own * (1 + covariance[a, a]) - covariance[i, a] ** 2
    cross = covariance[b, a] * own - covariance[i, b] * covariance[i, a]
    return np.asarray(2 / np.pi * cross / (own * np.sqrt(determinant)))


def four_point(covariance: Array, students: int) -> Array:
    """I4[i, k, a, b] = E g'(z_i) g'(z_k) g(z_a) g(z_b) for student fields i, k and all a, b."""
    size = len(covariance)
    i, k, a, b = np.ix_(range(students), range(students), range(size), range(size))
    first, second, joint = 1 + covariance[i, i], 1 + covariance[k, k], covariance[i, k]
    determinant = first * second - joint**2

    def reduced(one: NDArray[np.intp], other: NDArray[np.intp], diagonal: float) -> Array:
        one_i, one_k = covariance[i, one], covariance[k, one]
        other_i, other_k = covariance[i, other], covariance[k, other]
        return np.asarray(
            determinant * (diagonal + covariance[one, other])
            - first * one_k * other_k
            - second * one_i * other_i
            + joint * (one_i * other_k + one_k * other_i)
        )

    angle = reduced(a, b, 0.0) / np.sqrt(reduced(a, a, 1.0) * reduced(b, b, 1.0))
    return np.asarray(4 / np.pi**2 * np.arcsin(np.clip(angle, -1, 1)) / np.sqrt(determinant))


def _covariance(student_student: ArrayLike, student_teacher: ArrayLike, teacher_teacher: ArrayLike) -> Array:
    """The covariance `[…, K + M, K + M]` of student and teacher fields together."""
    overlap, alignment = np.asarray(student_student, dtype=float), np.asarray(student_teacher, dtype=float)
    teachers = alignment.shape[-1]
    teacher = np.broadcast_to(teacher_teacher, (*alignment.shape[:-2], teachers, teachers))
    upper = np.concatenate([overlap, alignment], -1)
    lower = np.concatenate([np.swapaxes(alignment, -1, -2), teacher], -1)
    return np.concatenate([upper, lower], -2)


def _charges(shape: tuple[int, ...]) -> Array:
    return np.concatenate([-np.ones(shape[-2]), np.ones(shape[-1])])
