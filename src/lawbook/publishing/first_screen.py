"""What the first screen of a claim says: how precisely its main check measured, what that excludes, and one figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lawbook.book import CheckState
from lawbook.evidence.record import Record, RivalResult
from lawbook.publishing.curves import panel_figure
from lawbook.publishing.escaping import markup
from lawbook.publishing.figures import svg
from lawbook.publishing.figures.panels import Panel, panels
from lawbook.publishing.figures.strip import strip
from lawbook.publishing.numbers import number

NOTHING = markup("")
FIGURE_ID = "first-figure"


@dataclass(frozen=True)
class FirstScreen:
    """The main check of a claim in short.

    precision: half of the interval in words, "" where there is none. offset: how far the estimate lies from what the
    law gives. figure: a panel, whose title is the caption, or the strip where there is none; again: the same to be
    shown further down. excluded: the rivals that the measurement rules out; open: those it does not.
    """

    state: CheckState
    record: Record | None
    precision: str = ""
    offset: str = ""
    figure: Markup = NOTHING
    again: Markup = NOTHING
    caption: str | None = None
    excluded: Sequence[RivalResult] = ()
    open: Sequence[RivalResult] = ()


def first_screen(state: CheckState, record: Record | None) -> FirstScreen:
    """The first screen from the check's state; record: its newest, with the curves."""
    if record is None:
        return FirstScreen(state, None)
    drawn, caption = _figure(record)
    figure, again = svg.twice(drawn, FIGURE_ID) if drawn else ("", "")
    return FirstScreen(
        state,
        record,
        _precision(record),
        _offset(record),
        markup(figure),
        markup(again),
        caption,
        [rival for rival in state.rivals if rival.excluded],
        [rival for rival in state.rivals if not rival.excluded],
    )


def _figure(record: Record) -> tuple[str, str | None]:
    """The panel that shows theory beside the measurement, else the first with lines, else the verdict to scale."""
    drawn = sorted((panel for panel in panels(record) if panel.lines), key=_tells_less)
    for panel in drawn:
        if figure := panel_figure(record, panel, f"first-{record.check}-{record.tier}"):
            return figure, panel.title
    return strip(record), None


def _tells_less(panel: Panel) -> bool:
    roles = {line.shape.role for line in panel.lines if not line.control}
    return not ("measured" in roles and len(roles) > 1)


def _precision(record: Record) -> str:
    interval, value = record.interval, record.estimate
    if interval is None or value is None or interval[0] is None or interval[1] is None:
        return ""
    half = (interval[1] - interval[0]) / 2
    if not math.isfinite(half) or half <= 0:
        return ""
    relative = value and half < abs(value)
    return f"to {_percent(half / abs(value))}" if relative else f"to ± {number(half, 2)}"


def _offset(record: Record) -> str:
    """How far the estimate lies from the value that the region is set around."""
    law, value = record.predicted, record.estimate
    if law is None or value is None or not math.isfinite(value - law):
        return ""
    if value == law:
        return f"exactly the {number(law, 4)} that the law gives"
    apart = _percent(abs(value - law) / abs(law)) if law else number(abs(value - law), 2)
    return f"{apart} {'above' if value > law else 'below'} the {number(law, 4)} that the law gives"


def _percent(share: float) -> str:
    return f"{number(100 * share, 2)} %"
