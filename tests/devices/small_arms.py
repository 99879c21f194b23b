"""Every checker that a claim names, with parameters of the book made small: short runs of few steps, few draws.

The numbers mean nothing then. They are for asking whether a checker runs, on which devices, and how it treats seeds.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from lawbook import Measurement, Trials
from lawbook.registry.load import load_registry
from lawbook.verification.arguments import bind_params

ROOT = Path(__file__).resolve().parents[2]
# The most of a parameter of that name, a length, a count or a time; of a list the n-th entry may be n times as much.
MOST: dict[str, float] = {
    **dict.fromkeys(("steps", "settled", "settle", "approach_steps", "max_steps"), 6),
    "epochs": 1,
    "time": 0.1,
    "horizon": 0.2,
    "layers": 3,
    "grid": 4,
    "draws": 2,
    "restarts": 1,
    "repeats": 1,
    "runs": 2,
    "networks": 32,
    "clones": 200,
    **dict.fromkeys(("examples", "unseen", "held_out", "test_examples", "test_points", "pool"), 100),
    "width": 32,
    "widths": 16,
    "hidden": 16,
    "dimensions": 20,
    "samples": 16,
    "depths": 4,
}
# What a checker that asks for more is given instead, as a factor; the last is the book's own.
MORE = (1.0, 4.0, 16.0, math.inf)


# Of a checker, what is taken instead of a parameter or a setting's field of that name; larger steps, so fewer of them.
INSTEAD: dict[str, dict[str, Any]] = {
    "checkers.solvable.three_layer_modes:half_time_error": {"step_size": 0.01},
    "checkers.solvable.deep_linear_modes:half_time_error": {"step_size": 0.01},
    "checkers.solvable.deep_linear_modes:trajectory_error": {"step_size": 0.01},
    "checkers.limits.kernel_collapse:collapse_residual": {"output_scales": [0.5, 1.0, 2.0]},
    "checkers.limits.edge_of_chaos:critical_growth_ratio": {"width": 256},
}
# However small, these run for minutes: how long follows from their other parameters.
LONG = {
    "checkers.hyperparameters.intrinsic_time:relaxation_rate",
    "checkers.hyperparameters.momentum:flow_distance_exponent",
    "checkers.limits.gradient_noise_scale:one_step_gain",
}


@dataclass(frozen=True)
class SmallArm:
    """A checker with bound arguments, and the arm of the book that they are made from."""

    checker: str
    arm: str
    function: Callable[..., Measurement]
    arguments: dict[str, Any]


def checkers() -> list[str]:
    """The names of all checkers of the quick book; nothing of them is imported."""
    return list(dict.fromkeys(checker for _, checker, _ in arms()))


@cache
def whole_arms() -> tuple[SmallArm, ...]:
    """Every arm of the quick book, as it is."""
    return tuple(
        SmallArm(checker, arm, function := _function(checker), bind_params(function, params))
        for arm, checker, params in arms()
    )


def first_arms() -> dict[str, SmallArm]:
    """The first arm of every checker, as it is, by the checker's name."""
    found: dict[str, SmallArm] = {}
    for whole in whole_arms():
        found.setdefault(whole.checker, whole)
    return found


def measure_small(arm: SmallArm, seeds: tuple[int, ...]) -> tuple[SmallArm, Measurement]:
    """The arm made as small as its checker takes it, and what it measures then on the CPU."""
    for factor in MORE:
        small = replace(arm, arguments=_small(arm, factor))
        try:
            measurement = small.function(Trials(seeds), **small.arguments)
        except Exception:
            if factor == MORE[-1]:
                raise
            continue
        if any(map(math.isfinite, measurement.values)):
            return small, measurement
    raise AssertionError(f"{arm.checker} measures nothing, however much it is given")


def _small(arm: SmallArm, factor: float) -> dict[str, Any]:
    signature = inspect.signature(arm.function)
    given = {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}
    instead = INSTEAD.get(arm.checker, {})
    return {name: _smaller(name, value, factor, instead) for name, value in (given | arm.arguments).items()}


def _smaller(name: str, value: Any, factor: float, instead: dict[str, Any]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: _smaller(name, held[name], factor, instead) for name in held})
    if name in instead:
        return instead[name]
    if name not in MOST:
        return value
    if isinstance(value, list | tuple):
        return type(value)(_capped(each, MOST[name] * factor * place) for place, each in enumerate(value, 1))
    return _capped(value, MOST[name] * factor)


def _capped(value: Any, most: float) -> Any:
    return type(value)(min(value, most)) if isinstance(value, int | float) else value


def _function(checker: str) -> Callable[..., Measurement]:
    module, _, name = checker.partition(":")
    function: Callable[..., Measurement] = getattr(import_module(module), name)
    return function


def arms() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every arm of the quick book: its name, its checker, its params."""
    for id, entry in load_registry(ROOT).entries.items():
        for check in entry.checks:
            if check.quick is None or check.disabled is not None:
                continue
            name = f"{id}/{check.name}"
            yield name, check.checker, check.quick.params
            for control in check.controls:
                yield f"{name}:{control.name}", check.checker, check.control_params(control, "quick")
            for rival in check.rivals:
                if rival.params is not None:
                    yield f"{name}:{rival.name}", check.checker, check.rival_params(rival, "quick")
