"""A race: where the rows of a board that were ever among its first stood, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.message import BoardInfo, board_info
from bot.core.board import BoardKey
from bot.core.errors import BotError, NotPolledError
from bot.core.names.naming import board_named
from bot.core.render.clean import inert
from bot.drawing import leads as drawn
from bot.drawing.course import Course
from bot.drawing.values import Line, Span, Stand
from bot.store import Store, Unit
from bot.store.boards.boards import BoardView
from bot.store.paging import EVERY, Names
from bot.views.boards import watched_key
from bot.views.history import Point, Timeline, lines
from bot.views.reads.paging import history_of
from bot.views.seen.info import board_infos
from bot.views.seen.leads import Lead, leads, telling
from bot.views.watches import known

TOP = 10
"""How many rows are seen at once where it is not said."""

MOST_POINTS = 20_000
"""Of more, those that follow others soon are left out, so that no history is too long."""

MOST_LED = 200
"""Of more who came to lead, those before are not told."""

_SLOT = timedelta(minutes=1)


class Race(Struct, frozen=True, kw_only=True):
    """A board over time: a line a row that was ever among its first.

    The lines are in the order in which they stood last; ``timelines`` are the same rows as
    ``history`` has them.
    """

    board: BoardInfo
    course: Course
    timelines: tuple[Timeline, ...]


def named_race(
    store: Store,
    settings: Settings,
    written: str,
    *,
    derived: bool,
    since: datetime | None = None,
    top: int = TOP,
    visible: Names = EVERY,
) -> Race:
    """Return the race of a watched board, as people name it, up to the last look at it.

    Of benchmarks that are not ``visible`` there is none.

    Raises:
        NotPolledError: nothing is stored of it yet.
        BotError: nothing is stored of that time, or it never had a row.
        UnwatchedError: no watch looks at it.
        ConfigError: there is no such board.
    """
    named = board_named(written, settings.hub.endpoint)
    with store.read() as db:
        key, _ = watched_key(settings, db, named, derived=derived, visible=visible)
        view = next((one for one in db.boards.list_all() if one.key == key), None)
        about = known(db).about(key)
        led = _led(db, view, settings.hub.endpoint) if view else ()
    if view is None or view.polled_at is None:
        why = inert(view.error) if view and view.error else None
        raise NotPolledError(inert(BoardKey(key.benchmark, key.task).name), why)
    info = board_info(
        key,
        settings.hub.endpoint,
        about,
        higher_is_better=view.higher_is_better,
        rows=view.rows,
    )
    found = race(store, info, since=since, until=view.polled_at, top=top, led=led)
    if found is None:
        raise BotError(f"{inert(key.name)}: nothing is stored of that time.")
    return found


def race(
    store: Store,
    board: BoardInfo,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    top: int = TOP,
    led: Sequence[Lead] = (),
) -> Race | None:
    """Return a board's race from ``since`` on; None where nothing is stored of that time.

    ``until`` is the time of the last look at it, by default that of the last change; ``led`` are
    those who led it, the newest first.

    Raises:
        StoreError: the database cannot be used.
    """
    with store.read() as db:
        models = db.standings.ever_first(board.key, top, since)
    found = bounded(
        line
        for group in history_of(store, board.key, models, since)
        for line in lines([group], since)
        if any(point.rank and point.rank <= top for point in line.points)
    )
    if not found:
        return None
    every = [point.at for line in found for point in line.points]
    span = Span(min(every), max(until or every[0], *every))
    return run(board, found, span, top, led)


def run(
    board: BoardInfo,
    found: Sequence[Timeline],
    span: Span,
    top: int,
    led: Sequence[Lead] = (),
) -> Race:
    """Return the race of some rows of one board, with those who ``led`` it, the newest first."""
    stands: list[list[Stand]] = [[] for _ in found]
    field = _Field([line.name for line in found], top)
    for at, now in _moments(found):
        for key, stand in field.move(at, now):
            if not stands[key] or stand[1:] != stands[key][-1][1:]:
                stands[key].append(stand)
    order = sorted(range(len(found)), key=lambda key: _last(stands[key][-1]))
    course = Course(
        span=span,
        top=top,
        lines=tuple(Line(found[key].name, tuple(stands[key])) for key in order),
        leads=tuple(_within(led, span)),
    )
    return Race(board=board, course=course, timelines=tuple(found[key] for key in order))


class _Field:
    """Who is among the first ``top``, from moment to moment."""

    def __init__(self, names: Sequence[str], top: int) -> None:
        self._names = names
        self._top = top
        self._first: dict[int, Point] = {}
        self._place: dict[int, int] = {}

    def move(self, at: datetime, now: Mapping[int, Point]) -> Iterator[tuple[int, Stand]]:
        """Take in how some rows stand from now on; yield them, and the first with their places."""
        for key, point in now.items():
            self._first.pop(key, None)
            if point.rank is not None and point.rank <= self._top:
                self._first[key] = point
        order = sorted(self._first, key=self._order)
        self._place = {key: number for number, key in enumerate(order, start=1)}
        for key, point in {**self._first, **now}.items():
            yield key, Stand(at, point.rank, point.score, self._place.get(key, point.rank))

    def _order(self, key: int) -> tuple[int, int, str]:
        """Return the order of rows: by rank, level ones as they stood before."""
        before = self._place.get(key, len(self._names) + 1)
        return (self._first[key].rank or 0, before, self._names[key])


def _within(led: Sequence[Lead], span: Span) -> Iterator[drawn.Lead]:
    """Return who led within a span, the first of them at its start, the oldest first."""
    before = [one for one in led if one.since <= span.start][:1]
    for one in reversed([one for one in led if one.since > span.start] + before):
        yield drawn.Lead(
            at=one.since,
            name=one.name,
            why=one.why,
            event=one.event,
            at_least=one.at_least,
        )


def _led(db: Unit, view: BoardView, endpoint: str) -> tuple[Lead, ...]:
    tell = telling(board_infos(db, endpoint, [view.key])[view.key], endpoint)
    return leads(db, view.key, db.models.former(), most=MOST_LED, tell=tell)


def _moments(found: Sequence[Timeline]) -> Iterator[tuple[datetime, dict[int, Point]]]:
    every = [(point.at, key, point) for key, line in enumerate(found) for point in line.points]
    every.sort(key=itemgetter(0, 1))
    for at, some in groupby(every, key=itemgetter(0)):
        yield at, {key: point for _, key, point in some}


def _last(stand: Stand) -> tuple[bool, int]:
    return stand.place is None, stand.place or 0


def bounded(found: Iterable[Timeline], most: int = MOST_POINTS) -> list[Timeline]:
    """Return lines that have no more than ``most`` points together.

    Of those that follow others soon the last ones are kept, and the first of each line.
    """
    kept: list[Timeline] = []
    slot, count = timedelta(), 0
    for line in found:
        kept.append(_thinned(line, slot))
        count += len(kept[-1].points)
        while count > most and count > len(kept):
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
