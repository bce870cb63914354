"""Closes what channels collect: tells what came of it, once, whoever of several does so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.deliveries import NewDelivery, digest_deliveries
from bot.core.alerts.digest import Heard, digest, said_of, without_muted
from bot.core.alerts.memory import collected
from bot.core.alerts.message import BoardChange, Digest, decode
from bot.core.alerts.mute import Place
from bot.core.alerts.net.people import tops_of
from bot.core.alerts.watch import FormerIds, Known
from bot.core.board import BoardKey
from bot.core.process import Process
from bot.core.render.numbers import plural
from bot.core.timing.window import Hold, Timing, Window
from bot.jobs.commit import commit
from bot.store import Store, Unit

log = logging.getLogger(__name__)


class Held(Struct, frozen=True, kw_only=True):
    """What a channel collects for its next message: how many deliveries, and until when."""

    channel: str
    deliveries: int
    until: datetime


class Digester:
    """Holds what is found in quiet hours, and closes windows, for the channels of a configuration.

    ``known`` returns what is known of the Hub's benchmarks. What is held for other channels waits.
    """

    def __init__(
        self, store: Store, settings: Settings, known: Callable[[], Known], process: Process
    ) -> None:
        self._store = store
        self._settings = settings
        self._known = known
        self._process = process
        self._tops = tops_of(settings.watches)
        self._timings = {name: settings.timing(name) for name in settings.channels}

    @property
    def holds(self) -> bool:
        """Whether anything is ever held for a channel."""
        return any(timing.holds for timing in self._timings.values())

    def begin(self) -> None:
        """Send what the configuration does not hold any more, and tell what has been collected.

        Windows get the times that the configuration says; one that has ended keeps its own.

        Raises:
            StoreError: the database cannot be used.
        """
        now = self._process.clock()
        with self._store.read() as db:
            opened = {(one.channel, one.why): one for one in db.windows.all()}
            groups = {*db.windows.groups(), *opened}
        for channel, why in sorted(groups):
            window = opened.get((channel, why))
            if channel in self._timings and not self._stands(window):
                commit(self._store, partial(self._renew, channel, why, window, now))
        self.close()

    def close(self) -> int:
        """Hold what quiet hours hold, and tell what has been collected; return how many windows.

        Raises:
            StoreError: the database cannot be used.
        """
        now = self._process.clock()
        self._hush(now)
        with self._store.read() as db:
            opened = [one for one in db.windows.all() if one.channel in self._timings]
        for one in opened:
            if one.opened_at > now:  # the clock was set back since
                commit(self._store, partial(self._renew, one.channel, one.why, one, now))
        ended = {one.channel for one in opened if one.closes_at <= now}
        return sum(self._close(name, now) for name in sorted(ended))

    def next_close(self) -> datetime | None:
        """Return when the next window closes; None where nothing is collected.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._store.read() as db:
            opened = db.windows.all()
        return min((one.closes_at for one in opened if one.channel in self._timings), default=None)

    def held(self) -> tuple[Held, ...]:
        """Return what the channels of the configuration collect.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._store.read() as db:
            opened = [one for one in db.windows.all() if one.channel in self._timings]
            return tuple(
                Held(
                    channel=one.channel,
                    deliveries=db.windows.count(one.channel, one.why),
                    until=one.closes_at,
                )
                for one in opened
            )

    # --- what is held ----------------------------------------------------------------------------

    def _stands(self, window: Window | None) -> bool:
        """Whether a window has the times that the configuration gives it."""
        if window is None:
            return False
        timing = self._timings[window.channel]
        return timing.window(window.channel, window.why, window.opened_at) == window

    def _renew(
        self, channel: str, why: Hold, window: Window | None, now: datetime, db: Unit
    ) -> None:
        """Let a window last as long as the configuration says; without one nothing is held."""
        if window is not None and window.opened_at <= now >= window.closes_at:
            return
        opened_at = now if window is None else min(window.opened_at, now)
        renewed = self._timings[channel].window(channel, why, opened_at)
        if window is not None and not db.windows.locked(window):
            return  # somebody has closed it meanwhile
        if renewed is None:
            self._release(channel, why, window, now, db)
        elif window is None:
            db.windows.open(renewed)
        else:
            db.windows.set(renewed)

    def _release(
        self, channel: str, why: Hold, window: Window | None, now: datetime, db: Unit
    ) -> None:
        """Send what is held; in quiet hours it is held for their end, see ``_hush``."""
        if window is not None:
            db.windows.close(window)
        sent = db.windows.release(channel, why, now)
        if sent:
            what = plural(sent, "delivery is", "deliveries are")
            log.info("%s: %s not held any more", channel, what)

    def _hush(self, now: datetime) -> None:
        """Hold what waits for its first attempt on channels whose quiet hours have begun."""
        for channel, timing in self._timings.items():
            window = timing.window(channel, Hold.CATCH_UP, now)
            if window is None:
                continue
            with self._store.read() as db:
                waits = db.windows.waits(channel)
            if waits:
                commit(self._store, partial(_hold, window, now))

    # --- what is told ----------------------------------------------------------------------------

    def _close(self, channel: str, now: datetime) -> int:
        """Tell a channel what it has collected, in one transaction; return how many windows."""
        timing, known = self._timings[channel], self._known()
        with self._store.read() as db:
            former = db.models.former()
        place = partial(_place, known, former)
        return commit(self._store, partial(self._tell, channel, timing, place, now))

    def _tell(
        self,
        channel: str,
        timing: Timing,
        place: Callable[[BoardKey], Place],
        now: datetime,
        db: Unit,
    ) -> int:
        ended = db.windows.due(channel, now)
        if quiet := timing.quiet_until(now):
            for window in ended:  # it joins the catch-up
                db.windows.set(replace(window, closes_at=quiet))
            return 0
        for window in ended:
            db.windows.close(window)
        whys = {window.why for window in ended}
        found = db.windows.collected(channel, whys)
        if not found:
            return len(ended)
        heard = [Heard(change, not one.held) for one in found for change in _changes(one.body)]
        mutes = db.mutes.since(min(one.change.snapshot_at for one in heard))
        left, holding = without_muted(channel, heard, mutes, place, now)
        since = min(timing.begins(window) for window in ended)
        reads = channel not in self._settings.split
        boards = db.boards.load_some(one.change.board.key for one in left)
        told = digest(channel, left, since, now, boards, reads=reads, tops=self._tops)
        counted = db.mutes.count(channel, holding, told=told is not None)
        if told is not None:
            told = replace(told, muted=counted) if counted else told
        made = self._made(channel, told)
        db.outbox.add(made, now)
        into = made[0].id if made else None
        db.windows.merge(channel, whys, into, now)
        _remember(channel, [one.change for one in heard if not one.at_once], told, now, db)
        return len(ended)

    def _made(self, channel: str, told: Digest | None) -> list[NewDelivery]:
        split = channel in self._settings.split
        return digest_deliveries(told, self._process.new_id, split=split) if told else []


def _place(known: Known, former: FormerIds, board: BoardKey) -> Place:
    return Place(board=board, benchmarks=known.former(board.benchmark), models=former)


def _hold(window: Window, now: datetime, db: Unit) -> None:
    if db.windows.hold(window, now):
        log.info("%s: quiet hours until %s UTC", window.channel, f"{window.closes_at:%H:%M}")


def _changes(body: bytes) -> tuple[BoardChange, ...]:
    """Return the changes of a stored body: of one board, or of those of a digest."""
    data = decode(body).data
    if isinstance(data, Digest):
        return data.boards
    return (data,) if isinstance(data, BoardChange) else ()


def _remember(
    channel: str, held: Sequence[BoardChange], told: Digest | None, now: datetime, db: Unit
) -> None:
    """Remember of each row that was held what the digest said of it."""
    rows = db.events.rows([event.id for change in held for event in change.events])
    last = said_of(rows, held, told)
    for board in sorted({board for board, _ in last}, key=lambda board: board.name):
        own = [row for one, row in last if one == board]
        known = db.memory.of(board, own, [channel])
        now_known = {
            row: collected(known.get((channel, row)), last[board, row], now) for row in own
        }
        db.memory.save(board, channel, {row: one for row, one in now_known.items() if one})
