"""Lines without the points that a straight stroke passes anyway: most of a smooth curve's hundreds."""

from __future__ import annotations

from collections.abc import Sequence

# In units of a drawing, about a pixel each on a page.
UNSEEN = 0.15
# A step to the right that is no step, over which no slope can be told.
NO_STEP = 1e-9
Place = tuple[float, float]


def straightened(points: Sequence[Place | None], unseen: float = UNSEEN) -> list[Place | None]:
    """The points that are needed for no place of the line to move up or down by more than `unseen`.

    Of each stroke to the right, as far as all points that it leaves out lie that near to it; points to the left or
    straight above are kept. None, where the line breaks, stays.
    """
    kept: list[Place | None] = []
    start: Place | None = None
    last: Place | None = None
    low, high = 0.0, 0.0
    for point in points:
        if point is None or start is None:
            kept += [last] * (last is not start) + [point]
            start = last = point
            low, high = float("-inf"), float("inf")
            continue
        assert last is not None
        width = point[0] - start[0]
        if width <= NO_STEP or not low <= (point[1] - start[1]) / width <= high:
            if last is not start:
                kept.append(last)
                start = last
            width = point[0] - start[0]
            low, high = float("-inf"), float("inf")
        if width > NO_STEP:
            low = max(low, (point[1] - unseen - start[1]) / width)
            high = min(high, (point[1] + unseen - start[1]) / width)
            last = point
        else:
            kept.append(point)
            start = last = point
    return kept + [last] * (last is not start)
