"""Which of a poll's events each channel is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.watch import Watch, wants
from bot.core.events import Event, Shifted
from bot.core.kinds import Kind


class Alert(Struct, frozen=True, kw_only=True):
    """What one channel is told of one board's poll: the union of what its watches want."""

    channel: str
    watches: tuple[str, ...]
    events: tuple[Event, ...]
    shifted: Shifted


def tell(watches: Iterable[Watch], events: Sequence[Event]) -> tuple[Alert, ...]:
    """Return what each channel is told, by channel name; no channel is told of shifts alone."""
    watching = list(watches)
    channels = sorted({channel for watch in watching for channel in watch.channels})
    alerts = (
        _telling(channel, [w for w in watching if channel in w.channels], events)
        for channel in channels
    )
    return tuple(alert for alert in alerts if alert.events)


def wanted_by(watches: Iterable[Watch], events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events with the names of the watches that want them."""
    watching = list(watches)
    return tuple(
        replace(event, watches=tuple(w.name for w in watching if wants(w, event)))
        for event in events
    )


def _telling(channel: str, watches: list[Watch], events: Sequence[Event]) -> Alert:
    wanted = tuple(event for event in wanted_by(watches, events) if event.watches)
    names = {name for event in wanted for name in event.watches}
    general = any(watch.name in names and not watch.models for watch in watches)
    return Alert(
        channel=channel,
        watches=tuple(watch.name for watch in watches if watch.name in names),
        events=wanted,
        shifted=shifts(events) if general else Shifted(),
    )


def shifts(events: Iterable[Event]) -> Shifted:
    """Count the rows that only moved because others did."""
    moves = [
        (event.rank.after or 0) - (event.rank.before or 0)
        for event in events
        if event.kind is Kind.RANK_SHIFT
    ]
    return Shifted(down=sum(move > 0 for move in moves), up=sum(move < 0 for move in moves))
