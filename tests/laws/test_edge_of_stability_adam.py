"""What the checker of the edge of Adam measures, on a task of a second or two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkers.laws.edge_of_stability_adam import plateau_preconditioned_sharpness
from checkers.settings.edge_of_stability import Setting
from lawbook import Trials

TRIALS = Trials((100001, 100002, 100003))
DEEP = Setting(examples=50, hidden=(16, 16))


def test_adam_settles_at_the_edge_of_its_own_momentum() -> None:
    settings = {"step_size": 0.004, "steps": 400, "setting": replace(DEEP, labels="random")}
    for beta1, edge in ((0.9, 38 / 0.004), (0.5, 6 / 0.004)):
        measured = plateau_preconditioned_sharpness(TRIALS, beta1=beta1, **settings)  # type: ignore[arg-type]
        assert measured.in_regime == (True, True, True)
        assert measured.values == pytest.approx([edge] * 3, rel=0.2)
        assert measured.panels[0].lines[1].y[0] == pytest.approx(edge)
