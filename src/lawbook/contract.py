"""What a checker is given and what it gives back; nothing else passes between engine and checker."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Role = Literal["measured", "predicted", "reference"]
Scale = Literal["linear", "log"]


def _no_progress(iterable: Iterable[Any], label: str) -> Iterator[Any]:
    return iter(iterable)


@dataclass(frozen=True)
class Trials:
    """The seeds that one job measures, all at once, and the device to measure them on.

    seeds: distinct integers; a checker returns one value for each, in this order.
    device: a torch device string, "cpu" or "cuda:N".
    track: `for step in trials.track(range(steps), "training")` reports progress to whoever watches.
    """

    seeds: tuple[int, ...]
    device: str = "cpu"
    track: Callable[[Iterable[Any], str], Iterator[Any]] = field(default=_no_progress, compare=False)

    def __post_init__(self) -> None:
        if len(set(self.seeds)) != len(self.seeds) or not self.seeds:
            raise ValueError(f"seeds must be distinct and at least one, not {self.seeds}")

    def __len__(self) -> int:
        return len(self.seeds)


def _floats(name: str, values: Any) -> tuple[float, ...]:
    """Any one-dimensional sequence, array or tensor on any device, as Python floats."""
    listed = _listed(name, values)
    for value in listed:
        # A text that spells a number is a mistake all the same.
        if isinstance(value, str | bytes) or not hasattr(value, "__float__"):
            raise TypeError(
                f"{name} must be real numbers, one dimension of them; here is {_kind(value)} in it"
            )
    return tuple(float(value) for value in listed)


def _listed(name: str, values: Any) -> list[Any]:
    """The items in their order; what has no order, or is one text or one number, is refused."""
    listed = values.tolist() if hasattr(values, "tolist") else values
    if isinstance(listed, str | bytes | Mapping | Set) or not isinstance(listed, Iterable):
        raise TypeError(f"{name} must be a sequence, an array or a tensor, not {_kind(listed)}")
    return list(listed)


def _kind(value: Any) -> str:
    return f"an object of type {type(value).__name__}"


@dataclass(frozen=True)
class Curve:
    """A line (`x`, `y`) or, with `z`, a map (`z[row][column]` at `y[row]`, `x[column]`) to draw on the claim's page.

    label: what the legend says. role: "measured", "predicted" (theory) or "reference" (anything else worth seeing).
    low, high: an optional band around `y`, of the same length.
    panel: curves of one panel share axes; its text is the panel's title.
    x_label, y_label, z_label: axis titles, with units where there are any; `$…$` is not rendered there.
    x_scale, y_scale, z_scale: "linear" or "log". Points that are not finite are left out of the drawing.
    Raises ValueError where lengths disagree, and ValueError or TypeError for what cannot be drawn.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    role: Role = "measured"
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    z: Sequence[Sequence[float]] | None = None
    panel: str = ""
    x_label: str = ""
    y_label: str = ""
    z_label: str = ""
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    z_scale: Scale = "linear"

    def __post_init__(self) -> None:
        self._check_words()
        for name in ("x", "y", "low", "high"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _floats(name, getattr(self, name)))
        if self.z is not None:
            object.__setattr__(self, "z", tuple(_floats("z's row", row) for row in _listed("z", self.z)))
            self._check_map()
        else:
            self._check_line()

    def _check_words(self) -> None:
        for name in ("label", "panel", "x_label", "y_label", "z_label"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"a curve's {name} must be text, not {_kind(getattr(self, name))}")
        for name, choices in (("role", Role), *((f"{axis}_scale", Scale) for axis in "xyz")):
            if getattr(self, name) not in get_args(choices):
                one_of = ", ".join(get_args(choices))
                raise ValueError(
                    f"curve '{self.label}': {name} must be one of {one_of}, not {getattr(self, name)!r}"
                )

    def _check_line(self) -> None:
        for name in ("y", "low", "high"):
            other = getattr(self, name)
            if other is not None and len(other) != len(self.x):
                raise ValueError(
                    f"curve '{self.label}': x has {len(self.x)} points and {name} {len(other)}; they must agree"
                )
        if (self.low is None) != (self.high is None):
            raise ValueError(f"curve '{self.label}': a band needs both low and high")

    def _check_map(self) -> None:
        assert self.z is not None
        if len(self.z) != len(self.y) or any(len(row) != len(self.x) for row in self.z):
            raise ValueError(
                f"map '{self.label}': z must have a row for each of the {len(self.y)} y "
                f"and a column for each of the {len(self.x)} x"
            )


@dataclass(frozen=True)
class Measurement:
    """What a checker measured: one number a seed, and what helps a reader see it.

    values: a sequence or one-dimensional tensor, one float for each of `trials.seeds`, in their order.
    in_regime: one bool a seed, False where the seed never reached the regime the claim speaks of; None: all reached it.
    curves: what to draw. notes: short remarks for the record (what was excluded, what did not converge).
    """

    values: Sequence[float]
    in_regime: Sequence[bool] | None = None
    curves: Sequence[Curve] = ()
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _floats("values", self.values))
        if self.in_regime is not None:
            flags = tuple(map(_flag, _listed("in_regime", self.in_regime)))
            object.__setattr__(self, "in_regime", flags)
            if len(self.in_regime) != len(self.values):
                raise ValueError(
                    f"in_regime has {len(self.in_regime)} entries for {len(self.values)} values; give one a seed"
                )
        curves = (self.curves,) if isinstance(self.curves, Curve) else tuple(self.curves)
        for curve in curves:
            if not isinstance(curve, Curve):
                raise TypeError(f"curves must be of lawbook.Curve; here is {_kind(curve)} among them")
        notes = (self.notes,) if isinstance(self.notes, str) else tuple(map(str, self.notes))
        object.__setattr__(self, "curves", curves)
        object.__setattr__(self, "notes", notes)


def _flag(value: Any) -> bool:
    # A share such as 0.5 is true to Python and says nothing of a seed.
    if value not in (True, False):
        raise TypeError(f"in_regime must be true or false for each seed, not {value!r}")
    return bool(value)
