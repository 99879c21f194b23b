"""How much of the tangent kernel training changes, at one output scale and one width: a cell of the lazy–rich map."""

from __future__ import annotations

from checkers.settings.kernel_movement import Setting, sweep_output_scales
from lawbook import Measurement, Trials


def kernel_change(
    trials: Trials,
    *,
    output_scale: float,
    width: int,
    setting: Setting = Setting(hidden_layers=1, centre=True, steps=40),
) -> Measurement:
    """Relative Frobenius change of the tangent kernel in training; runs that blow up are out of regime.

    (Chizat et al. 2018, arXiv:1812.07956; `lazy_and_rich` says where it is expected to be of order one.)
    """
    changes, diverged = sweep_output_scales(trials, setting, width, [output_scale])
    return Measurement(values=changes[:, 0], in_regime=~diverged[:, 0])
