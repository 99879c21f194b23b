"""What a checker is given and what it gives back; nothing else passes between engine and checker."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

Role = Literal["measured", "predicted", "reference"]
Middle = Literal["mean", "geometric mean", "median"]


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
            raise TypeError(f"{name} must be real numbers, one dimension of them; here is {_kind(value)} in it")
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
class Line:
    """What `Panel.line` drew: x, y and, as a band, low and high are of one length.

    seeds: of what `Panel.over_seeds` drew, each seed's heights; middle: which of them was taken. Neither is drawn.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    role: Role
    low: tuple[float, ...] | None = None
    high: tuple[float, ...] | None = None
    seeds: tuple[tuple[float, ...], ...] = field(default=(), compare=False, repr=False)
    middle: Middle = field(default="mean", compare=False, repr=False)


@dataclass(frozen=True)
class Map:
    """What `Panel.map` drew: z has a row for each y and a column for each x."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    z: tuple[tuple[float, ...], ...]
    role: Role


@dataclass(frozen=True)
class Panel:
    """Shared axes on the claim's page and what is drawn on them.

    title: also what a control's panel is matched by, so that the control is drawn beside the measurement.
    x, y, z: axis titles, with units where there are any; `$…$` is not rendered there. z is that of maps.
    log: the axes that are logarithmic, such as "x" or "xy"; the others are linear.
    lines, maps: what is drawn, made by the methods.

    `line`, `over_seeds` and `map` leave the panel as it is and return one with more on it:

        Panel("Loss", x="step", y="loss", log="y").over_seeds("measured", steps, losses).line("theory", steps, law)

    In all of them role is "measured", "predicted" (theory) or "reference" (anything else worth seeing). Points that
    are not finite are left out of the drawing. Raises ValueError where lengths disagree, and ValueError or TypeError
    for what cannot be drawn.
    """

    title: str
    x: str = ""
    y: str = ""
    z: str = ""
    log: str = ""
    lines: tuple[Line, ...] = field(default=(), kw_only=True)
    maps: tuple[Map, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        for name in ("title", "x", "y", "z", "log"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"a panel's {name} must be text, not {_kind(getattr(self, name))}")
        if not set(self.log) <= set("xyz"):
            raise ValueError(
                f"panel '{self.title}': log must name axes among x, y and z, such as \"xy\", not {self.log!r}"
            )

    def line(self, label: str, x: Any, y: Any, *, role: Role = "measured", low: Any = None, high: Any = None) -> Panel:
        """With one more line. y: as many as x, or one number for a level line. low, high: a band around it."""
        where = self._place("line", label, role)
        places = _floats(f"{where}: x", x)
        band = {
            name: _floats(f"{where}: {name}", ends) for name, ends in (("low", low), ("high", high)) if ends is not None
        }
        height = _number(y)
        heights = _floats(f"{where}: y", y) if height is None else (height,) * len(places)
        for name, others in {"y": heights, **band}.items():
            if len(others) != len(places):
                raise ValueError(f"{where}: x has {len(places)} points and {name} {len(others)}; they must agree")
        if len(band) == 1:
            raise ValueError(f"{where}: a band needs both low and high")
        return replace(self, lines=(*self.lines, Line(label, places, heights, role, band.get("low"), band.get("high"))))

    def over_seeds(self, label: str, x: Any, values: Any, *, role: Role = "measured", middle: Middle = "mean") -> Panel:
        """With one more line, the middle over seeds of values (seeds, points), and their range as its band."""
        where = self._place("line", label, role)
        if middle not in get_args(Middle):
            raise ValueError(f"{where}: middle must be one of {', '.join(get_args(Middle))}, not {middle!r}")
        rows = [_floats(f"{where}: a seed's values", row) for row in _listed(f"{where}: values", values)]
        if not rows or len(set(map(len, rows))) > 1:
            raise ValueError(
                f"{where}: values must be (seeds, points), as many points for every seed, at least one seed"
            )
        points = list(zip(*rows, strict=True))
        drawn = self.line(
            label,
            x,
            [_middle(point, middle) for point in points],
            role=role,
            low=[_end(min, point) for point in points],
            high=[_end(max, point) for point in points],
        )
        line = replace(drawn.lines[-1], seeds=tuple(rows), middle=middle)
        return replace(drawn, lines=(*self.lines, line))

    def map(self, label: str, x: Any, y: Any, z: Any, *, role: Role = "measured") -> Panel:
        """With one more map, `z[row][column]` at `y[row]`, `x[column]`; maps are drawn side by side."""
        where = self._place("map", label, role)
        columns, rows = _floats(f"{where}: x", x), _floats(f"{where}: y", y)
        cells = tuple(_floats(f"{where}: a row of z", row) for row in _listed(f"{where}: z", z))
        if len(cells) != len(rows) or any(len(row) != len(columns) for row in cells):
            raise ValueError(
                f"{where}: z must have a row for each of the {len(rows)} y "
                f"and a column for each of the {len(columns)} x"
            )
        return replace(self, maps=(*self.maps, Map(label, columns, rows, cells, role)))

    def _place(self, shape: str, label: str, role: Role) -> str:
        """The panel and the line or map in words, once its label and its role are found right."""
        if not isinstance(label, str):
            raise TypeError(f"panel '{self.title}': a {shape}'s label must be text, not {_kind(label)}")
        where = f"panel '{self.title}', {shape} '{label}'"
        if role not in get_args(Role):
            raise ValueError(f"{where}: role must be one of {', '.join(get_args(Role))}, not {role!r}")
        return where


def over_more_seeds(line: Line, others: Sequence[Line]) -> Line | None:
    """The line over its own seeds and those of others at the same places; None where they do not go together.

    A line that shows no seeds, such as theory's, goes together with its equals alone.
    """
    # Told apart by their texts, in which NaN is like NaN.
    if not line.seeds and all(repr(other) == repr(line) for other in others):
        return line
    if not all(other.seeds and other.x == line.x and other.middle == line.middle for other in (line, *others)):
        return None
    panel = Panel("").over_seeds(
        line.label,
        line.x,
        [row for one in (line, *others) for row in one.seeds],
        role=line.role,
        middle=line.middle,
    )
    return panel.lines[0]


def _number(y: Any) -> float | None:
    """A number, also one in an array or tensor of no dimension; None for anything else."""
    plain = y.tolist() if hasattr(y, "tolist") else y
    return float(plain) if isinstance(plain, int | float) else None


def _middle(point: Sequence[float], middle: Middle) -> float:
    # The middle of the seeds that are left would hide the one that blew up.
    if not all(map(math.isfinite, point)):
        return math.nan
    if middle == "median":
        return statistics.median(point)
    if middle == "mean":
        return sum(point) / len(point)
    return math.exp(sum(map(math.log, point)) / len(point)) if min(point) > 0 else math.nan


def _end(which: Callable[[Sequence[float]], float], point: Sequence[float]) -> float:
    return math.nan if any(map(math.isnan, point)) else which(point)


@dataclass(frozen=True)
class Measurement:
    """What a checker measured: one number a seed, and what helps a reader see it.

    values: a sequence or one-dimensional tensor, one float for each of `trials.seeds`, in their order.
    in_regime: one bool a seed, False where the seed never reached the regime the claim speaks of; None: all reached it.
    panels: what to draw, one panel or several of different titles.
    notes: short remarks for the record (what was excluded, what did not converge).
    """

    values: Sequence[float]
    in_regime: Sequence[bool] | None = None
    panels: Sequence[Panel] = ()
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
        panels = (self.panels,) if isinstance(self.panels, Panel) else tuple(self.panels)
        _check_panels(panels)
        notes = (self.notes,) if isinstance(self.notes, str) else tuple(map(str, self.notes))
        object.__setattr__(self, "panels", panels)
        object.__setattr__(self, "notes", notes)


def _check_panels(panels: Sequence[Panel]) -> None:
    titles = set()
    for panel in panels:
        if not isinstance(panel, Panel):
            raise TypeError(f"panels must be of lawbook.Panel; here is {_kind(panel)} among them")
        if not panel.lines and not panel.maps:
            # A panel does not change: `panel.line(…)` alone is the likely slip.
            raise ValueError(
                f"panel '{panel.title}' has nothing on it; keep what its methods return: panel = panel.line(…)"
            )
        if panel.title in titles:
            raise ValueError(f"two panels have the title '{panel.title}'; put what shares axes on one panel")
        titles.add(panel.title)


def _flag(value: Any) -> bool:
    # A share such as 0.5 is true to Python and says nothing of a seed.
    if value not in (True, False):
        raise TypeError(f"in_regime must be true or false for each seed, not {value!r}")
    return bool(value)
