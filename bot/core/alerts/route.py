"""The one way from events to alerts: what each channel is told, and why or why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.message import BoardChange
from bot.core.alerts.mute import HeldBack, Muted, nothing_muted
from bot.core.alerts.reason import Reason
from bot.core.alerts.watch import NO_FORMER, FormerIds, Watch, judge
from bot.core.board import Source
from bot.core.events import Event, Provenance, Shifted
from bot.core.kinds import Kind
from bot.core.render.clean import seen

Unseen = Callable[[Watch], Reason | None]
"""Returns why a watch does not look at what the events are about; None where it does."""

Verdict = Mapping[str, Reason]
"""What each watch has to say of an event, by the watch's name."""


class Alert(Struct, frozen=True, kw_only=True):
    """What one channel is told of one board's change: the union of what its watches want.

    ``events`` name the channel's watches that want them. ``reasons`` hold a verdict for each event
    of the change, by its id, told or not. ``muted`` says of each event that is wanted and muted
    which mutes hold it back.
    """

    channel: str
    watches: tuple[str, ...]
    events: tuple[Event, ...]
    shifted: Shifted
    reasons: Mapping[str, Verdict]
    muted: HeldBack = ()

    def of(self, change: BoardChange) -> BoardChange:
        """Return a change as the channel is told of it."""
        return replace(change, watches=self.watches, events=self.events, shifted=self.shifted)


class Routed(Struct, frozen=True, kw_only=True):
    """Where a change goes: an alert a channel, of which those without events are not told.

    ``events`` are all of the change, each with the names of the watches that want it.
    """

    events: tuple[Event, ...] = ()
    alerts: tuple[Alert, ...] = ()

    @property
    def told(self) -> tuple[Alert, ...]:
        """The alerts of the channels that are told anything; none is told of shifts alone."""
        return tuple(alert for alert in self.alerts if alert.events)

    @property
    def muted(self) -> tuple[Alert, ...]:
        """The alerts of the channels from which a mute holds anything back."""
        return tuple(alert for alert in self.alerts if alert.muted)


def route(
    events: Sequence[Event],
    watches: Iterable[Watch],
    unseen: Unseen,
    former: FormerIds = NO_FORMER,
    programs: Collection[str] = (),
    muted: Muted = nothing_muted,
) -> Routed:
    """Decide who is told of the events of one board, each watch asked once of each event.

    ``former`` are the ids that models had. ``programs`` are the channels that are told of what
    people could not see, too. ``muted`` says what is held back from a channel.
    """
    watching = tuple(watches)
    blind = {watch.name: unseen(watch) for watch in watching}
    verdicts = [
        {watch.name: blind[watch.name] or judge(watch, event, former) for watch in watching}
        for event in events
    ]
    named = tuple(map(_named, events, verdicts))
    moved = shifts(events)
    channels = sorted({channel for watch in watching for channel in watch.channels})
    shown = [_for_people(event, verdict) for event, verdict in zip(events, verdicts, strict=True)]
    alerts = (
        _alert(channel, watching, named, verdicts if channel in programs else shown, moved, muted)
        for channel in channels
    )
    return Routed(events=named, alerts=tuple(alerts))


def shifts(events: Iterable[Event]) -> Shifted:
    """Count the rows that only moved because others did."""
    moves = [
        (event.rank.after or 0) - (event.rank.before or 0)
        for event in events
        if event.kind is Kind.RANK_SHIFT
    ]
    return Shifted(down=sum(move > 0 for move in moves), up=sum(move < 0 for move in moves))


def _alert(
    channel: str,
    watches: Sequence[Watch],
    events: Sequence[Event],
    verdicts: Sequence[Verdict],
    moved: Shifted,
    muted: Muted,
) -> Alert:
    others = {
        watch.name: Reason.OTHER_CHANNEL for watch in watches if channel not in watch.channels
    }
    wanted = [{**verdict, **others} for verdict in verdicts]
    holding = [
        muted(channel, event) if Reason.WANTED in verdict.values() else ()
        for event, verdict in zip(events, wanted, strict=True)
    ]
    of_channel = [
        _against(verdict, Reason.MUTED) if ids else verdict
        for verdict, ids in zip(wanted, holding, strict=True)
    ]
    told = tuple(event for event in map(_named, events, of_channel) if event.watches)
    wanting = {name for event in told for name in event.watches}
    general = any(watch.name in wanting and not watch.models for watch in watches)
    return Alert(
        channel=channel,
        watches=tuple(watch.name for watch in watches if watch.name in wanting),
        events=told,
        shifted=moved if general else Shifted(),
        reasons={event.id: verdict for event, verdict in zip(events, of_channel, strict=True)},
        muted=tuple(ids for ids in holding if ids),
    )


def _for_people(event: Event, verdict: Verdict) -> Verdict:
    """Return a verdict as it is for channels that people read."""
    pair = event.provenance
    if pair is None or _provenance_seen(pair.before) != _provenance_seen(pair.after):
        return verdict
    return _against(verdict, Reason.LOOKS_THE_SAME)


def _against(verdict: Verdict, why: Reason) -> Verdict:
    """Return a verdict of which nothing is left that was wanted, and why."""
    return {n: why if reason is Reason.WANTED else reason for n, reason in verdict.items()}


def _provenance_seen(provenance: Provenance) -> tuple[str | int | None, ...]:
    """Return what people see of where a result comes from."""
    source = provenance.source or Source()
    texts = (source.name, source.url, provenance.filename, provenance.notes)
    return (provenance.pull_request, *map(seen, texts))


def _named(event: Event, verdict: Verdict) -> Event:
    """Return the event with the names of the watches that want it."""
    names = tuple(name for name, reason in verdict.items() if reason is Reason.WANTED)
    return event if names == event.watches else replace(event, watches=names)
