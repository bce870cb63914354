"""The one way from events to alerts: what each channel is told, and why or why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from bot.core.alerts.alert import Alert, Listener, Recall, Verdict, named
from bot.core.alerts.net.top import crosses, crossing, stand, with_those_out
from bot.core.alerts.reason import FOR, Reason
from bot.core.alerts.watch import NO_FORMER, FormerIds, Watch, judge
from bot.core.events import CAUSE_LIMIT, Event, Found, Shifted
from bot.core.kinds import Kind

Unseen = Callable[[Watch], Reason | None]
"""Returns why a watch does not look at what the events are about; None where it does."""

_STILL_WANTED = FOR | {
    Reason.MUTED,
    Reason.LOOKS_THE_SAME,
    Reason.KNOWN_ALREADY,
    Reason.UNSTABLE,
    Reason.TOLD_TODAY,
}
"""A watch wants it, whether or not a channel is told."""

_UNSEEN = frozenset({Reason.OTHER_MODEL, Reason.EXCLUDED_MODEL, Reason.NOT_VERIFIED})
"""A watch does not look at the row."""

_NOTHING = Recall()
"""Nobody knows anything, and nothing is muted."""


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
    found: Sequence[Found],
    watches: Iterable[Watch],
    unseen: Unseen,
    former: FormerIds = NO_FORMER,
    programs: Collection[str] = (),
    recall: Recall = _NOTHING,
    silent: Sequence[Found] = (),
) -> Routed:
    """Decide who is told of the events of one board, each watch asked once of each event.

    ``former`` are the ids that models had. ``programs`` are the channels that are told of what
    people could not see, too. ``recall`` is what channels know already, and what is muted.
    ``silent`` are rows that others moved into a top, or out of it, though nothing happened to them.
    """
    watching = tuple(watches)
    blind = {watch.name: unseen(watch) for watch in watching}

    def asked(one: Found) -> Verdict:
        return {
            watch.name: blind[watch.name] or judge(watch, one.event, former) for watch in watching
        }

    verdicts = [asked(one) for one in found]
    # Each is written once, where all who are told are told for the same watches' sake.
    pairs = zip(found, verdicts, strict=True)
    found = [replace(one, event=named(one.event, verdict)) for one, verdict in pairs]
    moved = [*zip(found, verdicts, strict=True), *((one, asked(one)) for one in silent)]
    moved.sort(key=lambda pair: pair[0].event.rank.after or 0)
    shifted = shifts(one.event for one in found)
    alerts = []
    for channel in sorted({channel for watch in watching for channel in watch.channels}):
        reads = channel not in programs
        listener = Listener(channel, watching, recall, reads=reads)
        listener.expect(found)
        for one, verdict in zip(found, verdicts, strict=True):
            listener.hear(one, verdict)
        alert = listener.alert(shifted)
        alerts.append(_with_those_out(alert, moved, watching, recall) if reads else alert)
    pairs = zip(found, verdicts, strict=True)
    events = tuple(_with_watches(one.event, verdict, alerts) for one, verdict in pairs)
    return Routed(events=events, alerts=tuple(alerts))


def _with_those_out(
    alert: Alert,
    moved: Iterable[tuple[Found, Verdict]],
    watches: Iterable[Watch],
    recall: Recall,
) -> Alert:
    """Return an alert that says who came among the first rows of its watches, and who left them.

    ``moved`` are the rows that may have, in the order of their ranks, with what watches say.
    """
    tops = {w.name: w.top for w in watches if w.name in alert.watches and w.top and not w.models}
    if not tops:
        return alert
    crossed, placed = [], []
    for top in sorted({*tops.values()}):
        moves = [
            one.event
            for one, verdict in moved
            if crosses(top, one.event.rank)
            and any(verdict[name] not in _UNSEEN for name in tops if tops[name] == top)
            and not _is_quiet(one, alert.channel, recall)
        ]
        crossed += [crossing(top, moves)] if moves else []
        placed += moves
    return replace(
        alert,
        events=with_those_out(alert.events, crossed),
        crossed=tuple(crossed),
        placed=tuple(stand(event) for event in placed[:CAUSE_LIMIT]),
    )


def _is_quiet(found: Found, channel: str, recall: Recall) -> bool:
    """Tell whether a channel is not to hear of a row, which is muted or unstable."""
    known = recall.memories.get((channel, found.row_id)) if found.row_id else None
    restless = known is not None and recall.at is not None and known.restless(recall.at)
    return restless or bool(recall.muted(channel, found.event))


def shifts(events: Iterable[Event]) -> Shifted:
    """Count the rows that only moved because others did."""
    moves = [
        (event.rank.after or 0) - (event.rank.before or 0)
        for event in events
        if event.kind is Kind.RANK_SHIFT
    ]
    return Shifted(down=sum(move > 0 for move in moves), up=sum(move < 0 for move in moves))


def _with_watches(event: Event, verdict: Verdict, alerts: Sequence[Alert]) -> Event:
    """Return an event with the watches that want it, of whatever channel, and of none."""
    heard = [alert.reasons[event.id] for alert in alerts]
    wanting = {
        name: Reason.WANTED
        for name, reason in verdict.items()
        if any(one[name] in _STILL_WANTED for one in heard)
        or (reason in FOR and all(one[name] is Reason.OTHER_CHANNEL for one in heard))
    }
    return named(event, wanting)
