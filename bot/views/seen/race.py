"""A race: where the rows of a board that were ever among its first stood, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardInfo
from bot.core.render.numbers import usual_decimals
from bot.drawing.values import Bar, Line, Span, Stand
from bot.store import Store
from bot.views.history import Point, Timeline, lines
from bot.views.paging import history_groups

TOP = 10
"""How many rows are seen at once where it is not said."""

MOST_POINTS = 20_000
"""Of more, those that follow others soon are left out, so that no history is too long."""

_SLOT = timedelta(minutes=1)


class Lead(Struct, frozen=True):
    """From when on which line led; None while none did."""

    at: datetime
    line: int | None


class Race(Struct, frozen=True, kw_only=True):
    """A board over time: a line a row that was ever among its first ``top``.

    The lines are in the order in which they stood last; ``timelines`` are the same rows as
    ``history`` has them. A row that is level with the leader does not take the lead.
    """

    board: BoardInfo
    span: Span
    top: int
    lines: tuple[Line, ...]
    timelines: tuple[Timeline, ...]
    leads: tuple[Lead, ...]

    @property
    def decimals(self) -> int:
        """How many decimals the scores usually have."""
        return decimals(self.lines)

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The times at which something changed, the first of all included."""
        return tuple(sorted({stand.at for line in self.lines for stand in line.stands}))

    def bars(self, at: datetime) -> list[Bar]:
        """Return the first rows as they stood at a time."""
        there = [(_at(line, at), key) for key, line in enumerate(self.lines)]
        found = [
            (stand.place, Bar(self.lines[key].name, stand.rank, stand.score, key))
            for stand, key in there
            if stand and stand.place and stand.rank and stand.score is not None
        ]
        return [bar for _, bar in sorted(found, key=itemgetter(0))][: self.top]

    def leads_at(self, at: datetime) -> Lead | None:
        """Return who led at a time, and since when."""
        found = [lead for lead in self.leads if lead.at <= at]
        return found[-1] if found and found[-1].line is not None else None


def race(
    store: Store,
    board: BoardInfo,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    top: int = TOP,
) -> Race | None:
    """Return a board's race from ``since`` on; None where nothing is stored of that time.

    ``until`` is the time of the last look at it, by default that of the last change.

    Raises:
        StoreError: the database cannot be used.
    """
    key = board.key
    groups = history_groups(store, benchmark=key.benchmark, task=key.task, since=since)
    found = _bounded(
        line
        for group in groups
        if group[0].board == key
        for line in lines([group], since)
        if any(point.rank and point.rank <= top for point in line.points)
    )
    if not found:
        return None
    every = [point.at for line in found for point in line.points]
    span = Span(min(every), max(until or every[0], *every))
    return run(board, found, span, top)


def run(board: BoardInfo, found: Sequence[Timeline], span: Span, top: int) -> Race:
    """Return the race of some rows of one board."""
    stands: list[list[Stand]] = [[] for _ in found]
    leads: list[Lead] = []
    held: dict[int, Stand] = {}
    for at, now in _moments(found):
        standing = {key: held[key] for key in held if key not in now}
        standing |= {key: _stand(at, point) for key, point in now.items()}
        held = _placed(standing, held, at, found)
        for key, stand in held.items():
            if not stands[key] or stand[1:] != stands[key][-1][1:]:
                stands[key].append(stand)
        leader = _leader(held, leads[-1].line if leads else None)
        if not leads or leads[-1].line != leader:
            leads.append(Lead(at, leader))
    order = sorted(range(len(found)), key=lambda key: _last(stands[key][-1]))
    place = {key: number for number, key in enumerate(order)}
    return Race(
        board=board,
        span=span,
        top=top,
        lines=tuple(Line(found[key].name, tuple(stands[key])) for key in order),
        timelines=tuple(found[key] for key in order),
        leads=tuple(
            replace(lead, line=None if lead.line is None else place[lead.line]) for lead in leads
        ),
    )


def decimals(lines: Sequence[Line]) -> int:
    """Return how many decimals the scores of some lines usually have."""
    found = (stand.score for line in lines for stand in line.stands)
    return usual_decimals(score for score in found if score is not None)


def _moments(found: Sequence[Timeline]) -> Iterator[tuple[datetime, dict[int, Point]]]:
    every = [(point.at, key, point) for key, line in enumerate(found) for point in line.points]
    every.sort(key=itemgetter(0, 1))
    for at, some in groupby(every, key=itemgetter(0)):
        yield at, {key: point for _, key, point in some}


def _stand(at: datetime, point: Point) -> Stand:
    return Stand(at, point.rank, point.score, None)


def _placed(
    standing: dict[int, Stand], before: dict[int, Stand], at: datetime, found: Sequence[Timeline]
) -> dict[int, Stand]:
    """Return the rows with a place each: by rank, level ones as they stood before."""

    def order(key: int) -> tuple[int, int, str]:
        was = before[key].place if key in before else None
        return (standing[key].rank or 0, was or len(found) + 1, found[key].name)

    there = sorted((key for key, stand in standing.items() if stand.rank is not None), key=order)
    place = {key: number for number, key in enumerate(there, start=1)}
    return {key: stand._replace(at=at, place=place.get(key)) for key, stand in standing.items()}


def _leader(held: dict[int, Stand], leader: int | None) -> int | None:
    """Return who leads: the first, unless the leader of before is level with it."""
    first = next((key for key, stand in held.items() if stand.place == 1), None)
    if first is None or leader is None:
        return first
    return leader if held[leader].score == held[first].score else first


def _last(stand: Stand) -> tuple[bool, int]:
    return stand.place is None, stand.place or 0


def _at(line: Line, at: datetime) -> Stand | None:
    found = [stand for stand in line.stands if stand.at <= at]
    return found[-1] if found else None


def _bounded(found: Iterable[Timeline]) -> list[Timeline]:
    """Return lines that have no more than ``MOST_POINTS`` together."""
    kept: list[Timeline] = []
    slot, count = timedelta(), 0
    for line in found:
        kept.append(_thinned(line, slot))
        count += len(kept[-1].points)
        while count > MOST_POINTS and count > len(kept):
            slot = slot * 2 or _SLOT
            kept = [_thinned(one, slot) for one in kept]
            count = sum(len(one.points) for one in kept)
    return kept


def _thinned(line: Timeline, slot: timedelta) -> Timeline:
    """Return a line with the last point of each ``slot`` of time, and its first one."""
    if not slot or len(line.points) == 1:
        return line
    first = line.points[0]
    last = {(point.at - first.at) // slot: point for point in line.points[1:]}
    return replace(line, points=(first, *last.values()))
