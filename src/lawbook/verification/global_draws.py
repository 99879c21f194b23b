"""Draws from a global generator are refused when they happen, with the line that draws.

Numbers from there do not follow the seeds, so another run, another batch or another order gives others. What a library
draws for itself is let pass, as it may be seeded by whoever calls it or overwritten, and is told afterwards.
"""

from __future__ import annotations

import functools
import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from lawbook.verification.own_line import PACKAGE, ForAuthors

_NOT_DRAWS = frozenset(("seed", "getstate", "setstate", "get_state", "set_state", "get_bit_generator"))
_TORCH = (
    *("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like"),
    *("normal", "bernoulli", "multinomial", "poisson"),
)
_TENSOR = (
    *("normal_", "uniform_", "random_", "bernoulli_", "exponential_", "cauchy_", "log_normal_", "geometric_"),
    *("bernoulli", "multinomial"),
)
_Draws = Callable[[tuple[Any, ...], dict[str, Any]], bool]


class GlobalDrawError(ForAuthors):
    """A checker drew from a global generator."""


@contextmanager
def global_draws_refused(root: Path) -> Iterator[Callable[[], list[str]]]:
    """While it lasts, the registry's checkers may not draw from a global generator of torch, NumPy or Python.

    Gives a function that says, in remarks, whose generators were drawn from by something that the checkers call. What
    is imported later is guarded from then on; numbers are those that they would be without.
    """
    folder = str(root / PACKAGE) + os.sep
    undo: list[Callable[[], None]] = []
    try:
        _guard_all(folder, undo)
        before = _states()
        yield lambda: [_told(name) for name, state in _states().items() if before.get(name, state) != state]
    finally:
        for restore in reversed(undo):
            restore()


def _told(library: str) -> str:
    return (
        f"something that the checker calls drew from {library}'s global generator; such numbers do not follow "
        "the seeds unless the checker seeds or replaces them"
    )


def _guard_all(folder: str, undo: list[Callable[[], None]]) -> None:
    advice = "one for each of trials.seeds"
    for name in random.__all__:
        if getattr(getattr(random, name), "__self__", None) is random._inst and name not in _NOT_DRAWS:
            meant = f"draw from random.Random(seed), {advice}"
            _guard(random, name, f"random.{name}", "Python", meant, _always, folder, undo)
    if "numpy" in sys.modules:
        # NumPy imports it when it is first asked for.
        numpy_random = import_module("numpy.random")
        meant = f"draw from numpy.random.default_rng(seed), {advice}"
        shared = numpy_random.mtrand._rand
        for name in numpy_random.__all__:
            if getattr(getattr(numpy_random, name), "__self__", None) is shared and name not in _NOT_DRAWS:
                _guard(numpy_random, name, f"numpy.random.{name}", "NumPy", meant, _always, folder, undo)
        _guard(numpy_random, "default_rng", "numpy.random.default_rng()", "", meant, _unseeded, folder, undo)
    if (torch := sys.modules.get("torch")) is not None:
        meant = f"give it `generator=torch.Generator().manual_seed(seed)`, {advice}"
        for owner, names, prefix in ((torch, _TORCH, "torch."), (torch.Tensor, _TENSOR, "Tensor.")):
            for name in names:
                _guard(owner, name, f"{prefix}{name}", "torch", meant, _without_generator, folder, undo)


def _guard(
    owner: Any,
    name: str,
    called: str,
    library: str,
    meant: str,
    draws: _Draws,
    folder: str,
    undo: list[Callable[[], None]],
) -> None:
    original = getattr(owner, name, None)
    if original is None:
        return
    source = f"{library}'s global generator" if library else "a generator without a seed"

    @functools.wraps(original)
    def guarded(*arguments: Any, **options: Any) -> Any:
        # Whoever calls decides: what a library draws for itself is its own affair.
        if guarding[0] and draws(arguments, options):
            caller = sys._getframe(1).f_code.co_filename
            if caller.startswith(folder):
                raise GlobalDrawError(f"{called} draws from {source}, so its numbers do not follow the seeds; {meant}")
        return original(*arguments, **options)

    # A module that took the name by `from random import gauss` keeps it beyond our time.
    guarding = [True]
    was_own = name in vars(owner)

    def restore() -> None:
        guarding[0] = False
        if was_own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)

    setattr(owner, name, guarded)
    undo.append(restore)


def _always(arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    return True


def _unseeded(arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    return all(value is None for value in (*arguments, *options.values()))


def _without_generator(arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
    if options.get("generator") is not None:
        return False
    return not any(type(argument).__name__ == "Generator" for argument in arguments)


def _states() -> dict[str, Any]:
    states: dict[str, Any] = {"Python": random.getstate()}
    if (numpy_random := sys.modules.get("numpy.random")) is not None:
        _, words, *place = numpy_random.get_state()
        states["NumPy"] = (words.tobytes(), *place)
    if (torch := sys.modules.get("torch")) is not None:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states
