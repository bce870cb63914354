"""What one channel is told of a change, why or why not, and what it remembers of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from bot.core.alerts.memory import (
    Memories,
    Memory,
    as_known,
    as_read,
    known_already,
    moved,
    takes_back,
    told,
    troubled,
    withheld,
)
from bot.core.alerts.message import BoardChange, Crossing
from bot.core.alerts.mute import HeldBack, Muted, nothing_muted
from bot.core.alerts.reason import FOR, THRESHOLDS, Reason
from bot.core.alerts.unrest.aspects import is_own
from bot.core.alerts.unrest.held import follows
from bot.core.alerts.watch import Watch, weigh
from bot.core.board import Source
from bot.core.events import Event, Found, Provenance, Related, RowName, Shifted
from bot.core.kinds import Kind
from bot.core.render.clean import seen

Verdict = Mapping[str, Reason]
"""What each watch has to say of an event, by the watch's name."""

_WEIGHED = THRESHOLDS | {Reason.WANTED}
"""What depends on how much happened since the channel was told."""

_OVERRULED = THRESHOLDS | {Reason.BELOW_TOP, Reason.OTHER_KIND}
"""What is no reason against taking back what was told."""

_UNLEARNED = frozenset({Reason.KNOWN_ALREADY, Reason.UNSTABLE})
"""What is not told for these reasons leaves what is known as it is."""


class Recall(Struct, frozen=True, kw_only=True):
    """What channels know when a change is found ``at`` a time, and what is held back from them.

    ``anew`` are the channels that were told within a day that the board was scored anew.
    """

    at: datetime | None = None
    memories: Memories = {}
    anew: Collection[str] = ()
    muted: Muted = nothing_muted


class Alert(Struct, frozen=True, kw_only=True):
    """What one channel is told of one board's change: the union of what its watches want.

    ``events`` name the channel's watches that want them; people's begin with what the channel knew
    of the row. ``reasons`` hold a verdict for each event of the change, by its id, told or not.
    ``muted`` says of each event that is wanted and muted which mutes hold it back. ``memory`` is
    what the channel remembers of rows from now on, where that is another than before. ``crossed``
    says to people who came among the first rows of the watches, and who left, ``placed`` where
    these stand.
    """

    channel: str
    watches: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    shifted: Shifted = Shifted()
    reasons: Mapping[str, Verdict] = {}
    muted: HeldBack = ()
    memory: Mapping[str, Memory] = {}
    crossed: tuple[Crossing, ...] = ()
    placed: tuple[Related, ...] = ()

    def of(self, change: BoardChange) -> BoardChange:
        """Return a change as the channel is told of it."""
        return replace(
            change,
            watches=self.watches,
            events=self.events,
            shifted=self.shifted,
            crossed=self.crossed or UNSET,
            placed=self.placed or UNSET,
        )


class Listener:
    """Goes through the events of a change for one channel.

    ``reads`` says that people read it: they are told from what they know, and of nothing that they
    could not see.
    """

    def __init__(
        self, channel: str, watches: Sequence[Watch], recall: Recall, *, reads: bool
    ) -> None:
        self._channel = channel
        self._watches = {watch.name: watch for watch in watches if channel in watch.channels}
        self._others = {w.name: Reason.OTHER_CHANNEL for w in watches if channel not in w.channels}
        self._recall = recall
        self._reads = reads
        self._memory: dict[str, Memory] = {}
        self._reasons: dict[str, Verdict] = {}
        self._events: list[Event] = []
        self._muted: list[tuple[str, ...]] = []
        self._restless: frozenset[RowName] = frozenset()

    def expect(self, found: Iterable[Found]) -> None:
        """Look through what is found for rows of which people are told that they are unstable."""
        at = self._recall.at
        if self._reads and at is not None:
            self._restless = frozenset(
                RowName(one.event.model, one.event.variant)
                for one in found
                if one.event.model is not None and self._is_restless(one, at)
            )

    def hear(self, found: Found, verdict: Verdict) -> None:
        """Decide on one event; ``verdict`` is what watches say of it, whoever is told."""
        event, known = found.event, self._known(found)
        verdict = self._weighed(verdict, found, known)
        ids = self._recall.muted(self._channel, event) if _wanted(verdict) else ()
        if ids:
            self._muted.append(ids)
            verdict = against(verdict, Reason.MUTED)
        elif self._reads and self._is_held(event, known):
            verdict = against(verdict, Reason.UNSTABLE)
        elif self._reads and event.kind is Kind.RECOMPUTED and self._channel in self._recall.anew:
            verdict = against(verdict, Reason.TOLD_TODAY)
        self._reasons[event.id] = verdict
        if _wanted(verdict):
            shown = as_read(event, known) if self._reads else event
            self._events.append(named(shown, verdict))
        if found.row_id is not None:
            now = known if ids else self._learned(event, known, verdict)
            if now is not None and self._recall.at is not None and self._reads:
                now = _unrest(now, event, self._recall.at, told=_wanted(verdict))
            if now is not None and now != known:
                self._memory[found.row_id] = now

    def alert(self, shifted: Shifted) -> Alert:
        """Return what came of all events; ``shifted`` counts the rows that only moved."""
        wanting = {name for event in self._events for name in event.watches}
        names = tuple(name for name in self._watches if name in wanting)
        general = any(not self._watches[name].models for name in names)
        return Alert(
            channel=self._channel,
            watches=names,
            events=tuple(self._events),
            shifted=shifted if general else Shifted(),
            reasons=self._reasons,
            muted=tuple(self._muted),
            memory=self._memory,
        )

    def _known(self, found: Found) -> Memory | None:
        row = found.row_id
        if row is None:
            return None
        return self._memory.get(row) or self._recall.memories.get((self._channel, row))

    def _weighed(self, verdict: Verdict, found: Found, known: Memory | None) -> Verdict:
        """Return what watches say, by what the channel knows; nothing that people cannot see.

        What they know already, they knew before the poll.
        """
        event, row = found.event, found.row_id
        verdict = {**verdict, **self._others}
        if self._reads and _looks_the_same(event):
            return against(verdict, Reason.LOOKS_THE_SAME)
        if event.kind is Kind.UNSTABLE:
            return self._of_unrest(verdict, known)
        if known is None:
            return verdict
        since = as_known(event, known)
        for name, watch in self._watches.items():
            if verdict[name] in _WEIGHED:
                verdict[name] = weigh(watch, since)
        if not _wanted(verdict) and self._recall.at:
            if takes_back(known, event, self._recall.at):
                verdict = _in_spite(verdict, Reason.REVERSAL)
            elif known.rested(self._recall.at) and is_own(event):
                verdict = _in_spite(verdict, Reason.RESTED)
        first = self._recall.memories.get((self._channel, row)) if row else None
        if self._reads and known_already(event, first):
            return against(verdict, Reason.KNOWN_ALREADY)
        return verdict

    def _of_unrest(self, verdict: Verdict, known: Memory | None) -> Verdict:
        """Return what watches say of a row that is unstable: it is told to who heard of the row."""
        at = self._recall.at
        if at is None or known is None or known.at is None:
            return against(verdict, Reason.NOT_HEARD) if self._reads else verdict
        if self._reads and known.restless(at):
            return against(verdict, Reason.UNSTABLE)
        return _in_spite(verdict, Reason.WANTED)

    def _is_restless(self, found: Found, at: datetime) -> bool:
        """Whether people were, or are now, told that a row is unstable that has news."""
        known, event = self._known(found), found.event
        if known is None or event.kind is not Kind.UNSTABLE:
            return known is not None and known.restless(at)
        return known.at is not None and not self._recall.muted(self._channel, event)

    def _is_held(self, event: Event, known: Memory | None) -> bool:
        """Whether people are not told of an event, of an unstable row or due to such rows alone."""
        at = self._recall.at
        if at is None or event.kind is Kind.UNSTABLE:
            return False
        return (known is not None and known.restless(at)) or follows(event, self._restless)

    def _learned(self, event: Event, known: Memory | None, verdict: Verdict) -> Memory | None:
        """Return what the channel knows of a row after an event, told or not."""
        reasons = set(verdict.values())
        if event.kind is Kind.UNSTABLE or reasons & _UNLEARNED:
            return known
        if self._recall.at is not None and _wanted(verdict):
            return told(known, event, self._recall.at)
        if THRESHOLDS & reasons:
            return withheld(known, event)
        return None if known is None else moved(known, event)


def against(verdict: Verdict, why: Reason) -> dict[str, Reason]:
    """Return a verdict of which nothing is left that was wanted, and why."""
    return {name: why if reason in FOR else reason for name, reason in verdict.items()}


def _in_spite(verdict: Verdict, why: Reason) -> dict[str, Reason]:
    """Return a verdict in which kinds, ``top`` and thresholds are no reasons against."""
    return {name: why if reason in _OVERRULED else reason for name, reason in verdict.items()}


def _unrest(memory: Memory, event: Event, at: datetime, *, told: bool) -> Memory:
    """Return what people remember of a row that is unstable, or has rested, after an event."""
    if event.kind is Kind.UNSTABLE:
        return troubled(memory, at) if told else memory
    if memory.unstable is None or not is_own(event):
        return memory
    return troubled(memory, at) if memory.restless(at) else replace(memory, unstable=None)


def named(event: Event, verdict: Verdict) -> Event:
    """Return the event with the names of the watches that want it."""
    names = tuple(name for name, reason in verdict.items() if reason in FOR)
    return event if names == event.watches else replace(event, watches=names)


def _wanted(verdict: Verdict) -> bool:
    return not FOR.isdisjoint(verdict.values())


def _looks_the_same(event: Event) -> bool:
    """Whether what changed of where the result comes from is nothing that people see."""
    pair = event.provenance
    return pair is not None and _provenance_seen(pair.before) == _provenance_seen(pair.after)


def _provenance_seen(provenance: Provenance) -> tuple[str | int | None, ...]:
    """Return what people see of where a result comes from."""
    source = provenance.source or Source()
    texts = (source.name, source.url, provenance.filename, provenance.notes)
    return (provenance.pull_request, *map(seen, texts))
