"""A checker that needs nothing but the standard library, so that tests of the engine are quick."""

from __future__ import annotations

import random

from lawbook import Measurement, Panel, Trials


def centre_of_noise(trials: Trials, *, centre: float, spread: float = 0.1, reached: bool = True) -> Measurement:
    """One normal draw a seed, around `centre`; with `reached` false no seed is in regime."""
    values = [random.Random(seed).gauss(centre, spread) for seed in trials.track(trials.seeds, "drawing")]
    return Measurement(
        values,
        in_regime=[reached] * len(trials),
        panels=Panel("draws", x="seed", y="x")
        .line("draws", range(len(trials)), values)
        .line("centre", [0, len(trials) - 1], centre, role="predicted"),
        notes=["drawn with the standard library"],
    )
