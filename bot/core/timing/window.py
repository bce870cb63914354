"""When a channel is told: at once, with a digest, or when its quiet hours are over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange
from bot.core.alerts.net.top import without
from bot.core.events import Event, RowName, Shifted
from bot.core.kinds import Kind
from bot.core.timing.cron import Cron, in_zone

AT_ONCE = frozenset({Kind.NEW_LEADER})
"""What does not wait for a digest where a channel says nothing else."""

_A_DAY = timedelta(days=1)


class Hold(StrEnum):
    """What a delivery is held for."""

    DIGEST = "digest"
    CATCH_UP = "catch_up"
    """The end of quiet hours."""


class Window(Struct, frozen=True, kw_only=True):
    """What a channel collects for one reason, from when until when."""

    channel: str
    why: Hold
    opened_at: datetime
    closes_at: datetime


class QuietHours(Struct, frozen=True):
    """A part of each day, in local time, from ``start`` on and before ``end``."""

    start: time
    end: time

    def until(self, at: datetime, zone: tzinfo) -> datetime | None:
        """Return when those quiet hours end in which a time lies, in UTC; None outside of them.

        They last from a start to the first end after it, also where clocks are turned between.
        """
        span = self._around(at, zone)
        return span[1] if span else None

    def since(self, at: datetime, zone: tzinfo) -> datetime | None:
        """Return when those quiet hours began in which a time lies; None outside of them."""
        span = self._around(at, zone)
        return span[0] if span else None

    def _around(self, at: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
        today = at.astimezone(zone).date()
        for day in (today, today - _A_DAY):
            ends = day if self.start < self.end else day + _A_DAY
            start = in_zone(datetime.combine(day, self.start), zone)
            end = in_zone(datetime.combine(ends, self.end), zone)
            if start <= at < end:
                return start, end
        return None


class Timing(Struct, frozen=True, kw_only=True):
    """When one channel is told, as the configuration has it; by default at once.

    ``digest`` says when what was collected is sent: at the times of a line, or so long after the
    first of it was found. ``at_once`` are kinds that do not wait for that.
    """

    digest: Cron | timedelta | None = None
    at_once: frozenset[Kind] = AT_ONCE
    quiet_hours: QuietHours | None = None
    zone: tzinfo = UTC

    @property
    def holds(self) -> bool:
        """Whether anything is ever held."""
        return self.digest is not None or self.quiet_hours is not None

    def quiet_until(self, at: datetime) -> datetime | None:
        """Return when the quiet hours end in which a time lies; None outside of them."""
        return self.quiet_hours.until(at, self.zone) if self.quiet_hours else None

    def window(self, channel: str, why: Hold, opened_at: datetime) -> Window | None:
        """Return the window that opens at a time; None where nothing is held for that reason."""
        closes_at = self.closes(why, opened_at)
        if closes_at is None:
            return None
        return Window(channel=channel, why=why, opened_at=opened_at, closes_at=closes_at)

    def closes(self, why: Hold, opened_at: datetime) -> datetime | None:
        """Return when a window closes that opened then; None where nothing is held for it."""
        if why is Hold.CATCH_UP:
            return self.quiet_until(opened_at)
        if isinstance(self.digest, timedelta):
            return opened_at + self.digest
        return self.digest.after(opened_at, self.zone) if self.digest else None

    def begins(self, window: Window) -> datetime:
        """Return since when news has gone into a window: the time of the one before, by a line.

        What quiet hours hold is collected since they began.
        """
        at = window.opened_at
        if window.why is Hold.CATCH_UP:
            began = self.quiet_hours.since(at, self.zone) if self.quiet_hours else None
            return began or at
        return self.digest.before(at, self.zone) if isinstance(self.digest, Cron) else at

    def hold(self, event: Event, at: datetime, *, lead_lost: bool) -> Hold | None:
        """Return what an event that is found ``at`` a time is held for; None: it is told at once.

        ``lead_lost`` says that it is told for a watched model that has lost the lead.
        """
        urgent = not self.at_once.isdisjoint(event.contains) or (lead_lost and bool(self.at_once))
        if self.digest is not None and not urgent:
            return Hold.DIGEST
        return Hold.CATCH_UP if self.quiet_until(at) else None


NOW = Timing()
"""How a channel is told that collects nothing."""


Part = tuple[Hold | None, BoardChange]
"""What of a change is held for a reason; None: it is told at once."""


def sort_out(change: BoardChange, timing: Timing, lead_lost: Callable[[Event], bool]) -> list[Part]:
    """Return what of a change is told at once, and what is held for what, each as a change.

    Rows that only moved are counted with what is told first.
    """
    if not timing.holds:
        return [(None, change)]
    at = change.snapshot_at
    holds = {e.id: timing.hold(e, at, lead_lost=lead_lost(e)) for e in change.events}
    found = [(why, _only(change, holds, why)) for why in (None, Hold.CATCH_UP, Hold.DIGEST)]
    told = [(why, part) for why, part in found if part.events]
    return [*_told_once(told)]


def _told_once(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield parts of a change of which each says what the others do not.

    Who crossed a top is said where a line tells of the row, else with what is told last.
    """
    said = [_rows(part) for _, part in parts]
    for place, (why, part) in enumerate(parts):
        last = place == len(parts) - 1
        others = set().union(*said[:place]) if last else None
        crossed = without(part.crossed, partial(_is_said_elsewhere, said[place], others))
        shifted = Shifted() if place else part.shifted
        yield why, replace(part, shifted=shifted, crossed=crossed)


def _is_said_elsewhere(own: set[RowName], others: set[RowName] | None, row: RowName) -> bool:
    """Tell whether another part says it of a row; without ``others``: any that is not told here."""
    return row not in own and (others is None or row in others)


def _rows(part: BoardChange) -> set[RowName]:
    """Return the rows of which the lines of a change tell that they are in a top, or out of it."""
    rows = {RowName(event.model or "", event.variant) for event in part.events}
    return rows.union(*(event.out_of_top.rows for event in part.events if event.out_of_top))


def _only(change: BoardChange, holds: dict[str, Hold | None], why: Hold | None) -> BoardChange:
    events = tuple(event for event in change.events if holds[event.id] is why)
    wanting = {name for event in events for name in event.watches}
    names = tuple(name for name in change.watches if name in wanting)
    return replace(change, events=events, watches=names)
