"""What a channel would have collected, and when it would have been told of that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.config import Settings
from bot.core.alerts.alert import Alert
from bot.core.alerts.digest import Heard, digest, said_of, without_muted
from bot.core.alerts.message import BoardChange, Digest
from bot.core.alerts.net.people import tops_of
from bot.core.alerts.watch import lead_lost
from bot.core.events import StoredEvent
from bot.core.timing.window import Hold, Window, sort_out
from bot.views.why.replay import Background, Replay


class Collector:
    """Holds back from one channel what its configuration holds, poll after poll, as jobs do."""

    def __init__(
        self, channel: str, settings: Settings, behind: Background, replay: Replay
    ) -> None:
        self._channel = channel
        self._timing = settings.timing(channel)
        self._reads = channel not in settings.split
        self._tops = tops_of(settings.watches)
        self._behind = behind
        self._replay = replay
        self._lost = lead_lost(settings.watches, behind.former)
        self._windows: dict[Hold, Window] = {}
        self._heard: list[tuple[Hold | None, BoardChange]] = []
        self._rows: dict[str, str] = {}

    def hear(
        self, alert: Alert, change: BoardChange, together: Sequence[StoredEvent]
    ) -> Iterator[BoardChange]:
        """Yield what is told at once of what one poll found; the rest is held."""
        for why, part in sort_out(alert.of(change), self._timing, self._lost):
            if why is None:
                yield part
            elif why not in self._windows:
                window = self._timing.window(self._channel, why, change.snapshot_at)
                assert window is not None
                self._windows[why] = window
            if self._windows:
                self._heard.append((why, part))
        if self._windows:
            self._rows |= {one.event.id: one.row for one in together if one.row is not None}

    def close(self, now: datetime) -> Iterator[Digest]:
        """Yield what is told of windows that have ended by now, each at its time."""
        while ended := [one.closes_at for one in self._windows.values() if one.closes_at <= now]:
            at = min(ended)
            whys = [why for why, one in self._windows.items() if one.closes_at == at]
            quiet = self._timing.quiet_until(at)
            if quiet is not None:
                for why in whys:
                    self._windows[why] = replace(self._windows[why], closes_at=quiet)
            elif (told := self._tell(whys, at)) is not None:
                yield told

    def end(self, until: datetime) -> Iterator[Digest]:
        """Yield what is told of what is open yet, as if it closed now."""
        if self._windows and (told := self._tell([*self._windows], until)) is not None:
            yield told

    def _tell(self, whys: Collection[Hold], at: datetime) -> Digest | None:
        since = min(self._timing.begins(self._windows.pop(why)) for why in whys)
        heard = [Heard(one, why is None) for why, one in self._heard if why is None or why in whys]
        first = next(place for place, one in enumerate(heard) if not one.at_once)
        place, mutes = self._behind.place, self._behind.mutes
        left, _ = without_muted(self._channel, heard[first:], mutes, place, at)
        told = digest(self._channel, left, since, at, reads=self._reads, tops=self._tops)
        held = [one.change for one in heard if not one.at_once]
        for row, event in said_of(self._rows, held, told).items():
            self._replay.remember(self._channel, row, event, at)
        kept = [(why, one) for why, one in self._heard if why is None or why not in whys]
        self._heard = kept if self._windows else []
        self._rows = self._rows if self._windows else {}
        return told
