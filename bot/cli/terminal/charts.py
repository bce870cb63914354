"""Charts of rank and score over time, drawn with characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.cli.terminal.output import write
from bot.cli.terminal.tables import console

if TYPE_CHECKING:
    from bot.views.history import Timeline

MARKS = "ABCDEF"
"""Each line is drawn with a letter, so that it can be told from others without colours."""

HEIGHT = 12
MOST_COLUMNS = 100
LEAST_SPAN = timedelta(minutes=1)
_TICKS = 5
_SHAPES = (
    (timedelta(days=3), "%d %b"),
    (timedelta(minutes=5), "%d %b %H:%M"),
    (timedelta.min, "%H:%M:%S"),
)
"""How moments are written where the time drawn is longer than this."""


def charts(lines: Sequence[Timeline], now: datetime, *, scores: bool) -> list[str]:
    """Draw at most ``len(MARKS)`` lines: their ranks, and their scores where they compare.

    Returns the letter of each line, "" for one that was not drawn. Of one moment, just before
    ``now``, nothing can be drawn.
    """
    moments = {point.at for line in lines for point in line.points}
    start = min(moments, default=now)
    ranks = [_steps(line, "rank", now) for line in lines]
    if not any(ranks) or (len(moments) == 1 and now - start < LEAST_SPAN):
        return [""] * len(lines)
    _draw("Rank", ranks, start, now, best_is_low=True)
    if scores:
        _draw("Score", [_steps(line, "score", now) for line in lines], start, now)
    return [mark if corners else "" for mark, corners in zip(MARKS, ranks, strict=False)]


def _steps(line: Timeline, field: str, now: datetime) -> list[tuple[float, float]]:
    """Return the corners of a line that keeps each value until the next."""
    corners: list[tuple[float, float]] = []
    ends = [point.at for point in line.points[1:]] + [now]
    for point, end in zip(line.points, ends, strict=True):
        value = getattr(point, field)
        if value is not None:
            corners += [(point.at.timestamp(), float(value)), (end.timestamp(), float(value))]
    return corners


def _draw(
    title: str,
    series: Sequence[list[tuple[float, float]]],
    start: datetime,
    end: datetime,
    *,
    best_is_low: bool = False,
) -> None:
    import plotext

    figure: Any = plotext.figure
    figure.clear()
    figure.plot_size(min(console().width, MOST_COLUMNS), HEIGHT)
    figure.title(title)
    for mark, corners in zip(MARKS, series, strict=False):
        if corners:
            signal = figure.signal(*map(list, zip(*corners, strict=True)), marker=mark)
            signal.lines()
            figure.draw(signal)
    figure.ruler("x").ticks(*_times(start, end))
    if best_is_low:
        ranks = sorted({int(value) for corners in series for _, value in corners})
        figure.ruler("y").ticks(_some(ranks), [str(rank) for rank in _some(ranks)])
        figure.ruler("y").direction(-1)
    # plotext paints its own background, on light and dark terminals alike: letters do without.
    drawn: str = figure.build().string(colorless=True)
    write("".join(f"{line.rstrip()}\n" for line in drawn.splitlines()))


def _some(ranks: Sequence[int]) -> list[int]:
    """Return at most as many ranks as there are lines to write them on, the ends included."""
    step = max(1, -(-len(ranks) // (HEIGHT // 2)))
    return sorted({*ranks[::step], ranks[-1]}) if ranks else []


def _times(start: datetime, end: datetime) -> tuple[list[float], list[str]]:
    step = (end - start) / (_TICKS - 1)
    shape = next(shape for least, shape in _SHAPES if end - start > least)
    moments = [start + step * number for number in range(_TICKS)]
    return (
        [moment.timestamp() for moment in moments],
        [moment.astimezone(UTC).strftime(shape) for moment in moments],
    )
