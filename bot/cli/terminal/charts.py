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

AROUND = 4
"""Lines of a drawing that are none of its values: the title, the frame, the dates."""
LEAST_LINES, MOST_LINES = 8, 24
MOST_COLUMNS = 100
MOST_SCORE = 1e300
"""The size of a score from which on plotext cannot reckon with it."""
LEAST_SPAN = timedelta(minutes=1)
_TICKS = 5
_SHAPES = (
    (timedelta(days=3), "%d %b"),
    (timedelta(minutes=5), "%d %b %H:%M"),
    (timedelta.min, "%H:%M:%S"),
)
"""How moments are written where the time drawn is longer than this."""


Series = Sequence[list[tuple[float, float]]]
"""The corners of each line: a time, a value."""


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
    _draw_ranks(ranks, start, now)
    if scores:
        _draw_scores([_steps(line, "score", now) for line in lines], start, now)
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


def _draw_ranks(series: Series, start: datetime, end: datetime) -> None:
    """Draw ranks, the best on top; each that was held has a line of its own."""
    found = sorted({value for corners in series for _, value in corners})
    places = {rank: float(place) for place, rank in enumerate(found)}
    placed = [[(at, places[rank]) for at, rank in corners] for corners in series]
    apart = max(1, round((LEAST_LINES - 1) / max(1, len(found) - 1)))
    lines = min(max(apart * (len(found) - 1) + 1, 1), MOST_LINES)
    figure = _figure("Rank", placed, start, end, lines)
    named = _some(found)
    figure.ruler("y").ticks([places[rank] for rank in named], [f"{rank:.0f}" for rank in named])
    figure.ruler("y").direction(-1)
    _write(figure)


def _draw_scores(series: Series, start: datetime, end: datetime) -> None:
    if any(abs(value) > MOST_SCORE for corners in series for _, value in corners):
        write("Score: too large to be drawn; the table has it.\n")
    else:
        _write(_figure("Score", series, start, end, LEAST_LINES))


def _figure(title: str, series: Series, start: datetime, end: datetime, lines: int) -> Any:
    """Return a drawing that has so many lines for values."""
    import plotext

    figure: Any = plotext.figure
    figure.clear()
    figure.plot_size(min(console().width, MOST_COLUMNS), lines + AROUND)
    figure.title(title)
    for mark, corners in zip(MARKS, series, strict=False):
        if corners:
            signal = figure.signal(*map(list, zip(*corners, strict=True)), marker=mark)
            signal.lines()
            figure.draw(signal)
    figure.ruler("x").ticks(*_times(start, end))
    return figure


def _write(figure: Any) -> None:
    # plotext paints its own background, on light and dark terminals alike: letters do without.
    drawn: str = figure.build().string(colorless=True)
    write("".join(f"{line.rstrip()}\n" for line in drawn.splitlines()))


def _some(ranks: Sequence[float]) -> list[float]:
    """Return at most as many ranks as there are lines to write them on, the ends included."""
    if len(ranks) <= MOST_LINES:
        return [*ranks]
    step = -(-len(ranks) // (MOST_LINES // 2))
    return sorted({*ranks[::step], ranks[-1]})


def _times(start: datetime, end: datetime) -> tuple[list[float], list[str]]:
    step = (end - start) / (_TICKS - 1)
    shape = next(shape for least, shape in _SHAPES if end - start > least)
    moments = [start + step * number for number in range(_TICKS)]
    return (
        [moment.timestamp() for moment in moments],
        [moment.astimezone(UTC).strftime(shape) for moment in moments],
    )
